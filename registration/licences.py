"""What the organization's edition leaves out, in the form that the policy's rules take."""

from licensing.editions import Feature
from licensing.guards import decision
from licensing.labels import REASONS
from registration.method import Method, Words


def lacking() -> frozenset[str]:
    """Return the features that the entered organization has not; no query while warm."""
    return frozenset(feature for feature in Feature if not decision(feature).allowed)


def why_not(method: Method) -> Words:
    """Return why a method cannot be used in the entered organization, or nothing: its edition first, then what is set up."""
    needs = method.traits.needs
    if needs is not None and not (decided := decision(Feature(needs))).allowed:
        return REASONS[decided.reason]
    return method.hindrance()
