"""What is kept warm beside each organization: its subscription."""

from licensing.editions import Snapshot
from licensing.models import Subscription
from tenants import hosts
from tenants.models import Organization

SUBSCRIPTION = "subscription"


def load(organization: Organization) -> Snapshot | None:
    """Read an organization's subscription from the database."""
    found = Subscription.objects.filter(organization_id=organization.pk).first()
    return found.snapshot if found else None


hosts.contribute(SUBSCRIPTION, load)
