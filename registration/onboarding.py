"""Take on an organization: its schema, its subscription and its first administrator, in one transaction."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from licensing import subscribing
from registration import activation, people
from registration.models import User
from registration.roles import Role
from tenants import provisioning
from tenants.context import entered
from tenants.models import Organization


@dataclass(frozen=True)
class Onboarded:
    """A new organization, its first administrator, and the one-time link by which they choose a password."""

    organization: Organization
    administrator: User
    link: str


@transaction.atomic
def onboard(
    slug: str,
    *,
    name: str,
    sign_in_name: str,
    edition: str,
    administrator: str,
    actor: str,
    host: str = "",
    address: str = "",
    trial_ends: date | None = None,
) -> Onboarded:
    """Make all of it or nothing. Raises what `provisioning`, `subscribing` and `people` raise; each names the field."""
    organization = provisioning.create(slug, name=name, sign_in_name=sign_in_name, actor=actor, host=host)
    subscribing.assign(organization, edition=edition, trial_ends=trial_ends, actor=actor)
    with entered(organization):
        user = people.add(
            administrator, actor=actor, primary_address=address, granted=(Role.GLOBAL_ADMINISTRATOR,)
        )
        link = activation.invite(user, actor=actor)
    return Onboarded(organization, user, link)
