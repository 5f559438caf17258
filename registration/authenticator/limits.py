"""How often phones may be rung: nobody is worn down until they approve (ASVS 6.6.4, NIST SP 800-63B-4 3.1.3.2).

What is held back is held back by the job, after the page was answered: it waits as always, so it tells nothing of anybody.
"""

from django.db.models import Q
from django.utils import timezone

from registration.authenticator import KIND
from registration.budgets import DENIED, RING
from registration.models import Challenge, User
from tenants.shield import throttle


def may_ring(asked: Challenge) -> bool:
    """Say whether a person's phones may be asked this; one that may counts."""
    person = str(asked.user_id)
    if not throttle.peek(DENIED, person).allowed or _another_is_open(asked):
        return False
    return throttle.spend(RING, person).allowed


def count_denial(user: User) -> None:
    """Count that a person said no. Not part of a transaction."""
    throttle.spend(DENIED, str(user.pk))


def forgive(user: User, kind: str) -> None:
    """Let the phones be rung again: the person has proved another method, so it is them who asks."""
    if kind != KIND:
        throttle.release(DENIED, str(user.pk))


def _another_is_open(asked: Challenge) -> bool:
    """Say whether an earlier request that rang can still be answered: there is one at a time, and the first counts."""
    others = Challenge.objects.filter(
        user=asked.user,
        sent_at__isnull=False,
        kind=KIND,
        consumed_at=None,
        verdict="",
        failures=0,
        expires_at__gt=timezone.now(),
    )
    earlier = Q(created_at__lt=asked.created_at) | Q(created_at=asked.created_at, pk__lt=asked.pk)
    return others.filter(earlier).exclude(pk=asked.pk).exclude(purpose="enrol").exists()
