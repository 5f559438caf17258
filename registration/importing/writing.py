"""Write a batch of lines in few statements: with `registration.people` the only writer of people.

What each line asks for is judged by the same rules, with the rows that are there locked. Without writing, it says what would
be done.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from registration import audit, enrolling, notices, operators, people
from registration.audit import Activity
from registration.copying import copy_in
from registration.enrolling import EnrolmentProblem
from registration.importing.judging import (
    INFO,
    Asked,
    Facts,
    Flaw,
    Known,
    Problem,
    Wrong,
    asked,
    name_of,
    permitted,
)
from registration.importing.parsing import Column, Row, several
from registration.method import State, registry
from registration.models import AuditEvent, Device, Group, User
from registration.origin import Origin
from tenants.context import current, is_provider
from tenants.models import SignInName
from tenants.shield.sealing import macs

_COLUMN_OF = {kind: column for column, (kind, _called) in INFO.items()}
_THROUGH = User.groups.through
#: What an import may set; the number that ends sessions is raised with some of it.
_FIELDS = ("name", "primary_address", "language", "roles", "is_active", "must_change", "sessions_since")


@dataclass
class Outcome:
    """What a batch came to: how many people were, or would be, added and changed, and what is wrong with which line."""

    added: list[User] = field(default_factory=list)
    changed: int = 0
    unchanged: int = 0
    wrong: list[tuple[int, str, Problem]] = field(default_factory=list)


@dataclass
class _Change:
    """One person who is there, and what becomes of them."""

    known: Known
    fields: dict[str, object]
    groups: frozenset[str] | None
    info: dict[str, State]


def facts_of(actor: User, rows: Iterable[Row]) -> Facts:
    """Read what a batch is judged by: the organization's own names, and the groups that the lines name."""
    named = {name for row in rows for name in several(row.cells.get(Column.GROUPS, ""))}
    groups = dict(Group.objects.filter(name__in=named).values_list("name", "pk"))
    domains = frozenset(
        SignInName.objects.filter(organization=current(), verified_at__isnull=False).values_list(
            "name", flat=True
        )
    )
    return Facts(actor, domains, groups, is_provider())


def batch(
    rows: Sequence[Row],
    twice: Mapping[int, int],
    *,
    actor: User,
    origin: Origin,
    writes: bool,
) -> Outcome:
    """Judge these lines and, where it `writes`, write them. `twice` says which line said before what a line says again."""
    left = _granting(rows, lock=writes)
    facts, known, outcome = facts_of(actor, rows), _known(rows, lock=writes), Outcome()
    registered = _registered(rows, known)
    new: list[tuple[User, Asked]] = []
    changes: list[_Change] = []
    for row in rows:
        name = name_of(row)
        try:
            if row.line in twice:
                raise Wrong(Flaw.DUPLICATE, Column.SIGN_IN_NAME, twice[row.line])
            wanted, before = asked(row, facts), known.get(name)
            fields = permitted(wanted, before, facts)
            if before is None:
                new.append((_person(wanted, fields), wanted))
                continue
            _keep_one_administrator(before.user, fields, left)
            change = _change(wanted, before, fields, registered)
        except Wrong as found:
            outcome.wrong.append((row.line, name, found.problem))
            continue
        if change is None:
            outcome.unchanged += 1
        elif not writes or _registers(change, row, outcome, actor, origin):
            changes.append(change)
    outcome.added, outcome.changed = [user for user, _wanted in new], len(changes)
    if writes:
        _write(new, changes, facts, origin)
    return outcome


def _granting(rows: Sequence[Row], *, lock: bool) -> set[UUID]:
    """Return who can grant roles, where a line may take that from somebody; locked before the people whom the lines name."""
    takes = any(column in row.cells for row in rows for column in (Column.ENABLED, Column.ROLES))
    return people.granting(lock=lock) if takes else set()


def _keep_one_administrator(user: User, fields: Mapping[str, object], left: set[UUID]) -> None:
    """Take somebody from those who are left and can grant roles, where the line does. Raises `Wrong` for the last one."""
    if user.pk in left and people.takes_the_highest(user, fields):
        if len(left) == 1:
            column = Column.ROLES if "roles" in fields else Column.ENABLED
            raise Wrong(Flaw.LAST_ADMINISTRATOR, column)
        left.discard(user.pk)


def _known(rows: Sequence[Row], *, lock: bool) -> dict[str, Known]:
    named = User.objects.filter(sign_in_name__in=[name_of(row) for row in rows]).order_by("pk")
    if lock:
        named = named.select_for_update(no_key=True, of=("self",))
    found = {user.pk: user for user in named}
    member: dict[UUID, set[str]] = {}
    for user, group in _THROUGH.objects.filter(user_id__in=found).values_list("user_id", "group__name"):
        member.setdefault(user, set()).add(group)
    return {
        user.sign_in_name: Known(user, frozenset(member.get(pk, frozenset()))) for pk, user in found.items()
    }


def _registered(rows: Sequence[Row], known: Mapping[str, Known]) -> dict[tuple[UUID, str], set[str]]:
    """Return the digests of what people who are there have registered, where a line says something of it."""
    kinds = {kind for column, (kind, _called) in INFO.items() if any(column in row.cells for row in rows)}
    found: dict[tuple[UUID, str], set[str]] = {}
    if kinds:
        mine = Device.objects.filter(user_id__in=[one.user.pk for one in known.values()], kind__in=kinds)
        for user, kind, digest in mine.values_list("user_id", "kind", "digest"):
            found.setdefault((user, kind), set()).add(digest)
    return found


def _person(wanted: Asked, fields: Mapping[str, object]) -> User:
    return User(sign_in_name=wanted.sign_in_name, **fields)


def _change(
    wanted: Asked,
    before: Known,
    fields: dict[str, object],
    registered: Mapping[tuple[UUID, str], set[str]],
) -> _Change | None:
    """Return what changes of somebody, or nothing."""
    groups = frozenset(wanted.groups) if wanted.groups is not None else None
    info = {}
    for kind, state in wanted.info.items():
        mine = registered.get((before.user.pk, kind), set())
        if not mine.intersection(macs("registration.device", kind, registry()[kind].identity(state))):
            info[kind] = state
    regrouped = groups is not None and groups != before.groups
    if not (fields or regrouped or info):
        return None
    return _Change(before, fields, groups if regrouped else None, info)


def _registers(change: _Change, row: Row, outcome: Outcome, actor: User, origin: Origin) -> bool:
    """Register what a line says of somebody who is there, one by one: they are told, and can object. All of it, or nothing."""
    user, trying = change.known.user, ""
    try:
        with transaction.atomic():
            for trying, state in change.info.items():  # the one that failed is named
                enrolling.put_state(user, trying, state, over_own=False, actor=actor, origin=origin)
    except EnrolmentProblem:
        outcome.wrong.append((row.line, user.sign_in_name, Problem(Flaw.TOO_MANY, _COLUMN_OF[trying])))
        return False
    return True


def _write(
    new: Sequence[tuple[User, Asked]], changes: Sequence[_Change], facts: Facts, origin: Origin
) -> None:
    added = [user for user, _wanted in new]
    for user in added:
        user.set_unusable_password()
    copy_in(added)
    for user in added:
        operators.note("operator_added", user, facts.actor, {"after": {"roles": user.roles}})
    drafts = [
        audit.draft(
            Activity.USER_ADDED, actor=facts.actor, subject=user, origin=origin, data={"roles": user.roles}
        )
        for user in added
    ]
    joined = [(user.pk, name) for user, wanted in new for name in wanted.groups or ()]
    left: list[tuple[UUID, str]] = []
    for change in changes:
        drafts += _changed(change, facts, origin)
        if change.groups is not None:
            pk, before = change.known.user.pk, change.known.groups
            joined += [(pk, name) for name in change.groups - before]
            left += [(pk, name) for name in before - change.groups]
    touched = [change.known.user for change in changes if change.fields]
    if touched:
        User.objects.bulk_create(
            touched, update_conflicts=True, unique_fields=["id"], update_fields=[*_FIELDS]
        )
    _regroup(joined, left, facts)
    drafts += enrolling.give(
        ((user, wanted.info) for user, wanted in new if wanted.info), actor=facts.actor, origin=origin
    )
    audit.write(drafts)


def _changed(change: _Change, facts: Facts, origin: Origin) -> list[AuditEvent]:
    """Set the fields of somebody, and return the event that says what each was and is."""
    user, data = change.known.user, {}
    for name, value in change.fields.items():
        data[name] = {"before": getattr(user, name), "after": value}
        setattr(user, name, value)
    if "is_active" in data or "roles" in data:
        user.sessions_since += 1
    operators.note_change(user, facts.actor, data)
    notices.address_changed(user, data, facts.actor)
    if change.groups is not None:
        data["groups"] = {"before": sorted(change.known.groups), "after": sorted(change.groups)}
    if not data:
        return []
    return [audit.draft(Activity.USER_CHANGED, actor=facts.actor, subject=user, origin=origin, data=data)]


def _regroup(joined: Sequence[tuple[UUID, str]], left: Sequence[tuple[UUID, str]], facts: Facts) -> None:
    copy_in([_THROUGH(user_id=pk, group_id=facts.groups[name]) for pk, name in joined])
    by_group: dict[str, list[UUID]] = {}
    for pk, name in left:
        by_group.setdefault(name, []).append(pk)
    for name, gone in by_group.items():
        _THROUGH.objects.filter(group__name=name, user_id__in=gone).delete()
