"""What the rules say of people: the policy, the edition and the methods, read once for a page of many."""

from licensing.editions import Feature
from licensing.guards import decision
from registration import policy, standing
from registration.licences import lacking
from registration.method import traits
from registration.models import Policy
from registration.policy import Person, ResetPolicy


class Standings:
    """The rules as they stand now, or as a policy's row asks, of any number of people."""

    def __init__(self, row: Policy | None = None) -> None:
        self.row = row or standing.policy_row()
        self.policy: ResetPolicy = standing.policy(self.row)
        self.traits, self.lacking = traits(), lacking()
        self.edition_allows = decision(Feature.RESET_PASSWORD).allowed

    def registered(self, person: Person) -> bool:
        """Say whether somebody has registered as many methods as a reset asks of them."""
        return policy.is_registered(self.policy, person, self.traits, self.lacking)

    def enabled(self, person: Person) -> bool:
        """Say whether the organization lets somebody reset."""
        return policy.is_enabled(self.policy, person, edition_allows=self.edition_allows)

    def capable(self, person: Person) -> bool:
        """Say whether somebody is both."""
        return self.enabled(person) and self.registered(person)
