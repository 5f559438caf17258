"""Notices before a password expires: each person once at each of `lifetime.NOTICES`, however often the clock calls."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import DateTimeField, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from procrastinate.contrib.django import app

from registration import lifetime, notices
from registration.facts import rules
from registration.models import User
from tenants.context import current
from tenants.jobs import organization_job
from tenants.links import absolute
from tenants.models import Organization

#: How many people are looked at, and written jobs for, at once.
PAGE = 500


@organization_job(name="registration.expiry_notice", queue="notices")
def tell(*, user: str) -> None:
    """Write to one person, at every address, unless a new password has been chosen meanwhile."""
    now, found = timezone.now(), User.objects.filter(pk=UUID(user), is_active=True).first()
    end = lifetime.expires_at(found.password_since, rules().lifetime_days) if found else None
    if found is None or end is None or found.must_change or not now < end <= now + _first_notice():
        return
    with transaction.atomic():
        left = str(lifetime.days_left(end, now))
        notices.tell(
            "password_expires", found, notices.addresses(found), days=left, link=absolute("password")
        )


@organization_job(name="registration.expiring", queue="housekeeping")
def look() -> None:
    """Write a job for each person to be told today: for a page of people one look, one note and one statement of jobs."""
    days, now = rules().lifetime_days, timezone.now()
    if days is None or current().state != Organization.State.ACTIVE:
        return
    for page in _pages(_expiring(days, now)):
        due = [user for user in page if _is_due(user, days, now)]
        with transaction.atomic():
            User.objects.filter(pk__in=[user.pk for user in due]).update(expiry_told_at=now)
            tell.enqueue_all({"user": str(user.pk)} for user in due)


@app.periodic(cron="37 5 * * *")
@app.task(name="registration.expiring_all")
def look_everywhere(timestamp: int) -> None:
    """Write the job for each organization."""
    look.enqueue_everywhere()


def _expiring(days: int, now: datetime) -> QuerySet[User]:
    """Return whose password ends within the first notice; not that of a directory, and of nobody who has none."""
    end = now - timedelta(days=days)
    return (
        User.objects.filter(is_active=True, must_change=False, source=User.Source.CLOUD)
        .exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        .annotate(since=Coalesce("password_changed_at", "created_at", output_field=DateTimeField()))
        .filter(since__gt=end, since__lte=end + _first_notice())
        .order_by("pk")
        .only("pk", "password_changed_at", "created_at", "expiry_told_at")
    )


def _pages(people: QuerySet[User]) -> Iterator[list[User]]:
    page = list(people[:PAGE])
    while page:
        yield page
        page = list(people.filter(pk__gt=page[-1].pk)[:PAGE]) if len(page) == PAGE else []


def _is_due(user: User, days: int, now: datetime) -> bool:
    end = lifetime.expires_at(user.password_since, days)
    return end is not None and lifetime.notice_due(end, user.expiry_told_at, now)


def _first_notice() -> timedelta:
    return timedelta(days=max(lifetime.NOTICES))
