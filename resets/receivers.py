"""What lower rooms announce, acted on here."""

from typing import Any

from django.dispatch import receiver

from registration.models import User
from registration.objecting import objected
from registration.passwords import password_set
from resets import flow


@receiver([password_set, objected])
def end_resets(user: User, **_kwargs: Any) -> None:
    """End every reset that is under way: whoever passed its gates must not set the password once more."""
    flow.end_all(user)
