"""Take people from a directory, page by page, in few statements however many rows a page has.

The directory keeps current what it knows of somebody: sign-in name, name, mail, groups, whether the account is enabled. Nobody
is taken over: a name that somebody of the cloud has is a flaw that an administrator looks at. Roles are given here and nowhere
else. Who is gone from the directory can no longer sign in, and is deleted only after a while.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from registration import audit, notices, people
from registration.audit import SYSTEM, Activity
from registration.copying import copy_in
from registration.models import AuditEvent, Group, User
from registration.people import PersonProblem
from resets.writeback import accounts, brought_rows
from resets.writeback.brought_rows import Page, Row, RowFlaw
from resets.writeback.models import Account, Agent, OnPremisesDomain
from tenants.context import current
from tenants.models import SignInName

#: For how long somebody who is gone from the directory is kept, unable to sign in.
GRACE = timedelta(days=30)
#: A full run that misses more than this many people, and more than half of them, is a mistake until somebody says otherwise.
MANY = 20
_MOST_CONFLICTS = 100
_THROUGH = User.groups.through
_LEAVE = """
delete from registration_user_groups using unnest(%s::uuid[], %s::uuid[]) as gone(person, of)
where user_id = gone.person and group_id = gone.of
"""
_FACTS = ("disabled", "locked", "must_change", "expired", "protected", "rules")


@dataclass(frozen=True)
class Flaw:
    """A row that was not taken, and why."""

    guid: str
    code: RowFlaw
    sign_in_name: str = ""


@dataclass
class Taken:
    """What a page came to."""

    taken: int = 0
    flaws: list[Flaw] = field(default_factory=list)


@dataclass
class _Work:
    """What is to be written of a page."""

    domain: OnPremisesDomain
    actor: str
    now: datetime
    granting: set[UUID]
    new_users: list[User] = field(default_factory=list)
    new_accounts: list[Account] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    joined: list[tuple[UUID, str]] = field(default_factory=list)
    left: list[tuple[UUID, str]] = field(default_factory=list)
    drafts: list[AuditEvent] = field(default_factory=list)


def heard(agent: Agent, said: dict[str, Any]) -> Taken:
    """Take a page as an agent says it. Raises `messages.Malformed`."""
    return take(agent.domain, brought_rows.page(said), actor=str(agent))


@transaction.atomic
def take(domain: OnPremisesDomain, page: Page, *, actor: str) -> Taken:
    """Write a page, and end its run where it is the last one."""
    locked = OnPremisesDomain.objects.select_for_update(no_key=True).get(pk=domain.pk)
    now = timezone.now()
    if page.full and page.first:
        locked.run, locked.bring_asked = page.run, False
        locked.facts = {**locked.facts, "run_began": now.isoformat()}
        locked.facts.pop("conflicts", None)
    taken = _rows(locked, page, actor, now)
    _keep_conflicts(locked, taken.flaws)
    if page.last:
        _end_of_run(locked, page, actor, now)
    locked.save()
    return taken


@transaction.atomic
def release_held(domain: OnPremisesDomain, *, actor: User | str) -> int:
    """Let those go whom a full run missed, at an administrator's word; return how many."""
    locked = OnPremisesDomain.objects.select_for_update(no_key=True).get(pk=domain.pk)
    held = locked.facts.pop("held", None)
    began = parse_datetime(held["began"]) if held else None
    if began is None:
        return 0
    count = _let_go(_missed(locked, began), str(actor), timezone.now())
    locked.save()
    return count


@transaction.atomic
def delete_gone(before: datetime) -> int:
    """Delete people who were gone from their directory before a moment; who has a role stays, unable to sign in."""
    found = User.objects.filter(account__gone_at__lt=before, roles=[]).order_by("pk")[:500]
    users = list(found.select_for_update(of=("self",)))
    audit.write(
        audit.draft(Activity.USER_DELETED, actor=SYSTEM, subject=str(user), data={"gone": True})
        for user in users
    )
    User.objects.filter(pk__in=[user.pk for user in users]).delete()
    return len(users)


def _rows(domain: OnPremisesDomain, page: Page, actor: str, now: datetime) -> Taken:
    taken = Taken()
    # Locked before anybody else, in the order of `people.keep_one_administrator`.
    disables = any(row.disabled or row.gone for row in page.rows)
    work = _Work(domain, actor, now, people.granting(lock=True) if disables else set())
    known = _known(domain, page.rows)
    named = _named(page.rows)
    ours = _ours()
    seen: set[str] = set()
    for row in page.rows:
        account = known.get(row.guid)
        flaw = _flaw(row, account, named, ours, seen)
        seen |= {row.guid, row.sign_in_name}
        if flaw is None and account is None and not row.gone:
            _add(row, work)
        elif flaw is None and account is not None:
            flaw = _update(row, account, work)
        if flaw is not None:
            taken.flaws.append(Flaw(row.guid, flaw, row.sign_in_name or row.name or row.guid))
        else:
            taken.taken += 1
    _write(work)
    return taken


def _known(domain: OnPremisesDomain, rows: Iterable[Row]) -> dict[str, Account]:
    guids = [row.guid for row in rows]
    found = Account.objects.filter(domain=domain, guid__in=guids).select_related("user").order_by("user_id")
    return {account.guid: account for account in found.select_for_update(no_key=True, of=("self", "user"))}


def _named(rows: Iterable[Row]) -> dict[str, UUID]:
    names = [row.sign_in_name for row in rows]
    return dict(User.objects.filter(sign_in_name__in=names).values_list("sign_in_name", "pk"))


def _ours() -> set[str]:
    mine = SignInName.objects.filter(organization=current(), verified_at__isnull=False)
    return set(mine.values_list("name", flat=True))


def _flaw(
    row: Row, account: Account | None, named: dict[str, UUID], ours: set[str], seen: set[str]
) -> RowFlaw | None:
    if row.gone:
        return None
    if row.guid in seen or (row.sign_in_name and row.sign_in_name in seen):
        return RowFlaw.DUPLICATE
    if not row.sign_in_name:
        return RowFlaw.NAME_MISSING
    if (flaw := _misnamed(row.sign_in_name, ours)) is not None:
        return flaw
    holder = named.get(row.sign_in_name)
    taken = holder is not None and (account is None or account.user_id != holder)
    return RowFlaw.NAME_TAKEN if taken else None


def _misnamed(sign_in_name: str, ours: set[str]) -> RowFlaw | None:
    try:
        _name, domain = people.shaped_sign_in_name(sign_in_name)
    except PersonProblem:
        return RowFlaw.NAME_MALFORMED
    return None if domain in ours else RowFlaw.NAME_FOREIGN


def _add(row: Row, work: _Work) -> None:
    user = User(
        sign_in_name=row.sign_in_name,
        name=row.name,
        primary_address=row.mail,
        source=User.Source.DIRECTORY,
        is_active=not row.disabled,
    )
    user.set_unusable_password()
    account = Account(user=user, domain=work.domain, guid=row.guid, seen_at=work.now)
    account.proof = accounts.proof(user.pk, work.domain.pk, row.guid)
    _describe(account, row, work)
    work.new_users.append(user)
    work.new_accounts.append(account)
    data = {"roles": [], "domain": work.domain.name}
    work.drafts.append(audit.draft(Activity.USER_ADDED, actor=work.actor, subject=user, data=data))


def _update(row: Row, account: Account, work: _Work) -> RowFlaw | None:
    user = account.user
    active = _active(row, account)
    if user.is_active and not active and user.pk in work.granting:
        if len(work.granting) == 1:
            return RowFlaw.LAST_ADMINISTRATOR
        work.granting.discard(user.pk)
    account.seen_at = work.now
    if row.gone:
        _leave(account, work.now)
    else:
        account.gone_at = None
        _describe(account, row, work)
    work.accounts.append(account)
    wanted: dict[str, object] = {"is_active": active}
    if not row.gone:
        wanted |= {"sign_in_name": row.sign_in_name, "name": row.name, "primary_address": row.mail}
    data = {}
    for name, value in wanted.items():
        if (before := getattr(user, name)) != value:
            data[name] = {"before": before, "after": value}
            setattr(user, name, value)
    if data:
        if "is_active" in data:
            user.sessions_since += 1
        work.users.append(user)
        notices.address_changed(user, data, work.actor)
        work.drafts.append(audit.draft(Activity.USER_CHANGED, actor=work.actor, subject=user, data=data))
    return None


def _active(row: Row, account: Account) -> bool:
    """Say whether somebody is enabled from now on: as the directory says where that has changed there, else as it was here."""
    if row.gone:
        return False
    if account.gone_at is not None:
        return not row.disabled and bool(account.facts.get("was_active", True))
    if row.disabled != bool(account.facts.get("disabled")):
        return not row.disabled
    return account.user.is_active


def _describe(account: Account, row: Row, work: _Work) -> None:
    before = set(account.facts.get("groups", ()))
    account.place, account.contact = row.place, {"mobile": row.mobile, "telephone": row.telephone}
    account.facts = {**{name: getattr(row, name) for name in _FACTS}, "groups": list(row.groups)}
    work.joined += [(account.user_id, name) for name in set(row.groups) - before]
    work.left += [(account.user_id, name) for name in before - set(row.groups)]


def _leave(account: Account, now: datetime) -> None:
    if account.gone_at is None:
        account.gone_at = now
        account.facts = {**account.facts, "was_active": account.user.is_active}


def _write(work: _Work) -> None:
    copy_in(work.new_users)
    copy_in(work.new_accounts)
    if work.users:
        fields = ["sign_in_name", "name", "primary_address", "is_active", "sessions_since"]
        User.objects.bulk_create(
            work.users, update_conflicts=True, unique_fields=["id"], update_fields=fields
        )
    if work.accounts:
        fields = ["place", "contact", "facts", "seen_at", "gone_at"]
        Account.objects.bulk_create(
            work.accounts, update_conflicts=True, unique_fields=["id"], update_fields=fields
        )
    _regroup(work)
    audit.write(work.drafts)


def _regroup(work: _Work) -> None:
    names = {name for _pk, name in [*work.joined, *work.left]}
    if not names:
        return
    Group.objects.bulk_create([Group(name=name) for name in sorted(names)], ignore_conflicts=True)
    ids = dict(Group.objects.filter(name__in=names).values_list("name", "pk"))
    joined = [_THROUGH(user_id=pk, group_id=ids[name]) for pk, name in work.joined]
    _THROUGH.objects.bulk_create(joined, ignore_conflicts=True)
    if work.left:
        with connection.cursor() as cursor:
            cursor.execute(_LEAVE, [[pk for pk, _name in work.left], [ids[name] for _pk, name in work.left]])


def _keep_conflicts(domain: OnPremisesDomain, flaws: list[Flaw]) -> None:
    """Keep who was not brought and why, for an administrator to look at."""
    found = {one["guid"]: one for one in domain.facts.get("conflicts", [])}
    found |= {
        flaw.guid: {"guid": flaw.guid, "sign_in_name": flaw.sign_in_name, "code": flaw.code}
        for flaw in flaws
        if flaw.code is not RowFlaw.DUPLICATE
    }
    domain.facts = {**domain.facts, "conflicts": list(found.values())[:_MOST_CONFLICTS]}


def _end_of_run(domain: OnPremisesDomain, page: Page, actor: str, now: datetime) -> None:
    domain.position = page.position
    if not page.full:
        return
    if page.run != domain.run:  # another run began meanwhile: this one has not seen all that it saw
        return
    began = parse_datetime(domain.facts["run_began"])
    assert began is not None
    missed = _missed(domain, began)
    here = Account.objects.filter(domain=domain, gone_at=None).count()
    domain.facts.pop("held", None)
    domain.run, domain.brought_at = "", now
    data = {"domain": domain.name, "people": here - len(missed), "gone": len(missed)}
    if len(missed) > MANY and 2 * len(missed) > here:
        domain.facts = {
            **domain.facts,
            "held": {"gone": len(missed), "of": here, "began": began.isoformat()},
        }
        audit.record(
            Activity.PEOPLE_HELD, actor=actor, subject=domain.name, data=data, failed=True, reason="held"
        )
        return
    _let_go(missed, actor, now)
    audit.record(Activity.PEOPLE_BROUGHT, actor=actor, subject=domain.name, data=data)


def _missed(domain: OnPremisesDomain, began: datetime) -> list[Account]:
    found = Account.objects.filter(domain=domain, gone_at=None, seen_at__lt=began).select_related("user")
    return list(found.order_by("user_id"))


def _let_go(missed: list[Account], actor: str, now: datetime) -> int:
    """Have people who are gone from the directory no longer sign in; the last who can grant roles stays."""
    granting = people.granting(lock=True) if missed else set()
    drafts, users = [], []
    for account in missed:
        user = account.user
        if user.pk in granting:
            if len(granting) == 1:
                continue
            granting.discard(user.pk)
        _leave(account, now)
        if user.is_active:
            user.is_active, user.sessions_since = False, user.sessions_since + 1
            users.append(user)
            data = {"is_active": {"before": True, "after": False}, "gone": True}
            drafts.append(audit.draft(Activity.USER_CHANGED, actor=actor, subject=user, data=data))
    Account.objects.bulk_update(missed, ["gone_at", "facts"], batch_size=1000)
    User.objects.bulk_update(users, ["is_active", "sessions_since"], batch_size=1000)
    audit.write(drafts)
    return len(users)
