"""What the organization's edition leaves out, in the form that the policy's rules take."""

from licensing.editions import Feature
from licensing.guards import decision


def lacking() -> frozenset[str]:
    """Return the features that the entered organization has not; no query while warm."""
    return frozenset(feature for feature in Feature if not decision(feature).allowed)
