"""Take on an organization: its schema, its subscription and its first administrator, in one transaction."""

from collections.abc import Callable
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
def onboard(  # noqa: PLR0913  # it is all that an organization is made of
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
    seats: int | None = None,
    tell: Callable[[str], None] = provisioning.not_told,
) -> Onboarded:
    """Make all of it or nothing; `tell` is told of each step as it begins.

    Raises what `provisioning`, `subscribing` and `people` raise; each names the field.
    """
    organization = provisioning.create(
        slug, name=name, sign_in_name=sign_in_name, actor=actor, host=host, tell=tell
    )
    tell("subscription")
    subscribing.assign(organization, edition=edition, trial_ends=trial_ends, seats=seats, actor=actor)
    tell("administrator")
    with entered(organization):
        user = people.add(
            administrator, actor=actor, primary_address=address, granted=(Role.GLOBAL_ADMINISTRATOR,)
        )
        tell("invited")
        link = activation.invite(user, actor=actor)
    return Onboarded(organization, user, link)
