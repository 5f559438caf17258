"""Challenges that a message can be about."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from registration.models import Challenge, User

MOBILE, OTHER, OFFICE = "+4915112345678", "+4915112345679", "+493012345678"


def asked(user: User | None, kind: str = "email", **values: Any) -> Challenge:
    """Ask somebody for a proof."""
    until = timezone.now() + timedelta(minutes=5)
    return Challenge.objects.create(
        purpose="reset", binding="tests", kind=kind, user=user, **{"expires_at": until, **values}
    )
