"""What lower rooms announce, acted on in directories."""

from typing import Any

from django.dispatch import receiver

from registration.models import User
from registration.objecting import objected
from registration.passwords import exposed
from resets.writeback import health
from resets.writeback.jobs import expire
from resets.writeback.models import Account
from tenants import glances

glances.contribute_part(health.glance)


@receiver([objected, exposed])
def expire_in_the_directory(user: User, **_kwargs: Any) -> None:
    """Have the password changed in the domain too, which somebody else may know or have set."""
    if Account.objects.filter(user=user).exists():
        expire.enqueue(user=str(user.pk))
