"""What lower rooms announce, acted on here."""

from typing import Any

from django.dispatch import receiver

from registration.enrolling import info_taken_away
from registration.models import User
from registration.objecting import objected
from registration.passwords import password_set
from resets import flow


@receiver([password_set, objected, info_taken_away])
def end_resets(user: User, **_kwargs: Any) -> None:
    """End every reset that is under way: whoever passed its gates, perhaps by what is gone, must not set the password."""
    flow.end_all(user)
