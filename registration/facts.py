"""What is kept warm of the policy beside each organization, since every page of somebody signed in asks for it."""

from dataclasses import dataclass
from typing import cast

from django.utils import timezone

from registration import lifetime
from registration.lifetime import State
from registration.models import Policy, User
from tenants import hosts
from tenants.context import current
from tenants.models import Organization

_NAME = "interrupts"


@dataclass(frozen=True)
class Rules:
    """How long a password lives, and whether people register at sign-in."""

    lifetime_days: int | None
    require_registration: bool
    reconfirm_days: int
    provider_may_enter: bool = True


def rules(organization: Organization | None = None) -> Rules:
    """Return those of this organization, or of the entered one; no query while warm."""
    return cast(Rules, hosts.fact(organization or current(), _NAME))


def password_state(user: User) -> State:
    """Return where a person's password is in its life; a directory's passwords live as the directory says."""
    return lifetime.state(
        changed_at=user.password_since,
        days=rules().lifetime_days if user.source == User.Source.CLOUD else None,
        must_change=user.must_change,
        now=timezone.now(),
    )


def _load(organization: Organization) -> Rules:
    row = Policy.objects.get()
    return Rules(
        row.password_lifetime_days, row.require_registration, row.reconfirm_days, row.provider_may_enter
    )


hosts.contribute(_NAME, _load)
