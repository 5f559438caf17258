"""Reminders by mail to who may reset and has not registered: by the clock where the policy says so, or at a desk's word.

Where everybody stands is read in one statement for a page of people; `reminders.lacks` decides. Each gets one mail, to one
address, at most once in so many days.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from procrastinate.contrib.django import app

from licensing.editions import Feature
from licensing.guards import decision
from registration import audit, notices, people, reminders, roles, standing
from registration import policy as rules
from registration.audit import SYSTEM, Activity
from registration.foreseeing import Change, Side
from registration.interrupts import Asked
from registration.licences import lacking
from registration.method import traits
from registration.models import Device, User
from registration.origin import Origin
from registration.policy import Code, Person
from tenants.context import current, is_provider
from tenants.jobs import organization_job
from tenants.links import absolute
from tenants.models import Organization

#: How many people are looked at, and written jobs for, at once.
PAGE = 500
#: Who can be written to and can sign in, with what the rules ask of each: one statement for all of them.
_EACH = """
with recursive selected(id) as (
    select id from registration_group where may_reset
    union
    select within.to_group_id from registration_group_groups within join selected on within.from_group_id = selected.id
)
select u.roles && %(administrators)s::varchar[] as administrator,
    exists (
        select 1 from registration_user_groups mine join selected on selected.id = mine.group_id where mine.user_id = u.id
    ) as in_selected_group,
    array(
        select distinct d.kind from registration_device d where d.user_id = u.id and d.confirmed order by d.kind
    ) as kinds,
    u.id
from registration_user u
where u.is_active and (u.source <> 'cloud' or not starts_with(u.password, %(unusable)s))
    and (
        u.primary_address <> ''
        or exists (select 1 from registration_device d where d.user_id = u.id and d.confirmed and d.kind = 'email')
    )
    and (u.reminded_at is null or u.reminded_at <= %(not_since)s)
"""
_COUNTED = f"select administrator, in_selected_group, kinds, count(*) from ({_EACH}) who group by 1, 2, 3"  # noqa: S608  # both are constants
_THESE = f"{_EACH} and u.id = any(%(ids)s)"
_PAGE = f"{_EACH} and (%(after)s::uuid is null or u.id > %(after)s::uuid) order by u.id limit %(page)s"


def refusal() -> Code | None:
    """Return why nobody here is to be reminded, if that is so: a fact about the organization."""
    offer = rules.organization_offers(
        standing.policy(), edition_allows=decision(Feature.RESET_PASSWORD).allowed
    )
    return None if offer.allowed else offer.code


def waiting() -> int:
    """Return how many people a desk would remind now, in one query however many there are."""
    asked, now = _asked(), timezone.now()
    rows = _rows(_COUNTED, not_since=reminders.not_since(reminders.BETWEEN, now))
    return sum(row[3] for row in rows if reminders.lacks(asked, _person(row)))


@transaction.atomic
def remind(*, actor: User, origin: Origin) -> int:
    """Have everybody reminded who lacks methods and was not a short while ago; write down who asked, and return how many."""
    count = 0 if refusal() else waiting()
    if count:
        audit.record(Activity.REMINDED, actor=actor, origin=origin, data={"people": count})
        remind_all.enqueue(by=str(actor.pk))
    return count


@transaction.atomic
def remind_these(ids: Sequence[UUID], *, actor: User, origin: Origin) -> int:
    """Do the same to those among these people who lack methods and were not reminded a short while ago; return to how many."""
    if refusal():
        return 0
    asked, now = _asked(), timezone.now()
    rows = _rows(_THESE, not_since=reminders.not_since(reminders.BETWEEN, now), ids=list(ids))
    due = [row[3] for row in rows if reminders.lacks(asked, _person(row))]
    if due:
        people.note_reminder(due, now)
        tell.enqueue_all({"user": str(pk)} for pk in due)
        audit.record(Activity.REMINDED, actor=actor, origin=origin, data={"people": len(due)})
    return len(due)


@organization_job(name="registration.remind_all", queue="housekeeping")
def remind_all(*, by: str) -> None:
    """Write a job for each person who lacks methods and was not reminded a short while ago, where this person asked for it."""
    if User.objects.filter(pk=UUID(by)).exists():
        _remind(reminders.BETWEEN)


def reachable(now: datetime) -> QuerySet[User]:
    """Return those who can be written to and can sign in, and were not reminded a short while ago."""
    mailbox = Device.objects.filter(user_id=OuterRef("pk"), confirmed=True, kind="email")
    not_since = reminders.not_since(reminders.BETWEEN, now)
    return (
        User.objects.filter(is_active=True)
        .exclude(source=User.Source.CLOUD, password__startswith=UNUSABLE_PASSWORD_PREFIX)
        .filter(~Q(primary_address="") | Exists(mailbox))
        .filter(Q(reminded_at=None) | Q(reminded_at__lte=not_since))
    )


@transaction.atomic
def remind_changed(change: Change, *, actor: User, origin: Origin) -> int:
    """Have those reminded whom a change, made in this transaction, leaves without enough methods; return how many."""
    count = change.impact_on(reachable(timezone.now())).may_register
    if count:
        audit.record(
            Activity.REMINDED, actor=actor, origin=origin, data={"people": count, "because": "policy_changed"}
        )
        before, after = change.before.as_values(), change.after.as_values()
        was = {name: value for name, value in before.items() if value != after[name]}
        remind_those.enqueue(by=str(actor.pk), was=was)
    return count


@organization_job(name="registration.remind_those", queue="housekeeping")
def remind_those(*, by: str, was: Mapping[str, Any]) -> None:
    """Write a job for each whom a change left without enough methods: `was` is what it changed, as it was before."""
    if refusal() or current().state != Organization.State.ACTIVE or not User.objects.filter(pk=by).exists():
        return
    now, saved = timezone.now(), Side.as_saved()
    change = Change(saved.with_values(was), saved)
    due = [one.pk for one in change.people(reachable(now)) if one.turned.may_register]
    for start in range(0, len(due), PAGE):
        page = due[start : start + PAGE]
        with transaction.atomic():
            people.note_reminder(page, now)
            tell.enqueue_all({"user": str(pk)} for pk in page)


@organization_job(name="registration.reminding", queue="housekeeping")
def look() -> None:
    """Do the same where the policy asks for it, and write down of how many."""
    days = standing.policy_row().remind_days
    if days != reminders.NEVER and (count := _remind(days)):
        audit.record(Activity.REMINDED, actor=SYSTEM, data={"people": count, "days": days})


@app.periodic(cron="11 6 * * *")
@app.task(name="registration.reminding_all")
def look_everywhere(timestamp: int) -> None:
    """Write the job for each organization."""
    look.enqueue_everywhere()


@organization_job(name="registration.reminder", queue="notices")
def tell(*, user: str) -> None:
    """Write to one person, unless they have registered meanwhile: to the primary address, or else to a registered one."""
    found = User.objects.filter(pk=UUID(user), is_active=True).first()
    if found is None or refusal() or not reminders.lacks(_asked(), standing.person(found)):
        return
    addressed = notices.addresses(found)[:1]
    with transaction.atomic():
        notices.tell("reminder", found, addressed, link=absolute("security-info"))


def _remind(days: int) -> int:
    """Note and write jobs for a page of people at a time; return for how many."""
    if refusal() or current().state != Organization.State.ACTIVE:
        return 0
    asked, now, count = _asked(), timezone.now(), 0
    for page in _pages(reminders.not_since(days, now)):
        due = [row[3] for row in page if reminders.lacks(asked, _person(row))]
        with transaction.atomic():
            people.note_reminder(due, now)
            tell.enqueue_all({"user": str(pk)} for pk in due)
        count += len(due)
    return count


def _asked() -> Asked:
    return Asked(
        standing.policy(),
        traits(),
        lacking(),
        edition_allows=decision(Feature.RESET_PASSWORD).allowed,
    )


def _person(row: Sequence[Any]) -> Person:
    """Return what the rules ask of somebody: the first three columns."""
    administrator, in_selected_group, kinds, _whose = row
    return Person(administrator, in_selected_group, frozenset(kinds))


def _pages(not_since: datetime) -> Iterator[list[Sequence[Any]]]:
    page = _rows(_PAGE, not_since=not_since, after=None, page=PAGE)
    while page:
        yield page
        after = page[-1][3]
        page = _rows(_PAGE, not_since=not_since, after=after, page=PAGE) if len(page) == PAGE else []


def _rows(query: str, **values: Any) -> list[Sequence[Any]]:
    administrators = [str(role) for role in roles.valid_roles(is_provider()) if roles.opens_desk([role])]
    with connection.cursor() as cursor:
        cursor.execute(
            query, {"administrators": administrators, "unusable": UNUSABLE_PASSWORD_PREFIX, **values}
        )
        return list(cursor.fetchall())
