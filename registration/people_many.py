"""What is done to many people at once, each of them weighed for itself: with `registration.people` their only writer."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from registration import audit, operators, reminding, roles
from registration.audit import Activity
from registration.models import AuditEvent, Group, User
from registration.origin import Origin
from registration.people import granting
from registration.roles import in_force
from tenants.context import is_provider

#: How many at once, so that a page answers in seconds; and in one transaction.
MOST, BATCH = 5000, 500
_THROUGH = User.groups.through


class Act(StrEnum):
    """What can be done."""

    ENABLE = "enable"
    DISABLE = "disable"
    JOIN = "add_to_group"
    LEAVE = "remove_from_group"
    REMIND = "remind"


#: What each needs.
ACTIONS: Mapping[Act, str] = {
    Act.ENABLE: "registration.change_user",
    Act.DISABLE: "registration.change_user",
    Act.JOIN: "registration.change_user",
    Act.LEAVE: "registration.change_user",
    Act.REMIND: roles.REMIND,
}


class TooMany(Exception):
    """More people than are done at once."""


@dataclass(frozen=True)
class Many:
    """Those to whom it may be done, and the names of those to whom it may not."""

    able: Sequence[UUID]
    refused: Sequence[str]


def weigh(people: QuerySet[User], act: Act, *, actor: User) -> Many:
    """Weigh each of these people, in one query. Raises `TooMany`."""
    rows = list(people.order_by("sign_in_name").values_list("pk", "sign_in_name", "roles")[: MOST + 1])
    if len(rows) > MOST:
        raise TooMany
    provider, held = is_provider(), actor.roles_in_force
    able, refused = [], []
    for pk, name, theirs in rows:
        may = roles.may_for(held, ACTIONS[act], in_force(theirs, provider=provider))
        oneself = act is Act.DISABLE and pk == actor.pk
        if may and not oneself:
            able.append(pk)
        else:
            refused.append(name)
    return Many(able, refused)


def do(act: Act, ids: Sequence[UUID], *, group: Group | None, actor: User, origin: Origin) -> int:
    """Do it to these people, each weighed once more as they are now, and return to how many it made a difference."""
    if act is Act.REMIND:
        return reminding.remind_these(ids, actor=actor, origin=origin) if actor.has_perm(roles.REMIND) else 0
    return sum(_batch(act, part, group, actor, origin) for part in _parts(ids))


@transaction.atomic
def _batch(act: Act, ids: Sequence[UUID], group: Group | None, actor: User, origin: Origin) -> int:
    # Locked first, in the order of `people.keep_one_administrator`: two who disable each other at once wait here.
    able_to_grant = granting(lock=True) if act is Act.DISABLE else set()
    last = able_to_grant if able_to_grant <= set(ids) else set()
    locked = User.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True, of=("self",))
    held = actor.roles_in_force
    people = [
        user
        for user in locked
        if roles.may_for(held, ACTIONS[act], user.roles_in_force)
        and not (act is Act.DISABLE and (user.pk == actor.pk or user.pk in last))
    ]
    if act in {Act.ENABLE, Act.DISABLE}:
        drafts = _switched(people, act is Act.ENABLE, _drafting(actor, origin), actor)
    else:
        assert group is not None
        drafts = _regrouped(people, group, act is Act.JOIN, _drafting(actor, origin))
    audit.write(drafts)
    return len(drafts)


Drafting = Callable[[User, dict[str, object]], AuditEvent]


def _drafting(actor: User, origin: Origin) -> Drafting:
    def drafted(user: User, data: dict[str, object]) -> AuditEvent:
        return audit.draft(Activity.USER_CHANGED, actor=actor, subject=user, origin=origin, data=data)

    return drafted


def _switched(people: Sequence[User], active: bool, drafted: Drafting, actor: User) -> list[AuditEvent]:
    """Enable or disable; to disable somebody ends their sessions (ASVS 7.4.2)."""
    changed = [user for user in people if user.is_active != active]
    for user in changed:
        user.is_active, user.sessions_since = active, user.sessions_since + 1
    User.objects.bulk_update(changed, ["is_active", "sessions_since"], batch_size=BATCH)
    told = {"is_active": {"before": not active, "after": active}}
    for user in changed:
        operators.note_change(user, actor, told)
    return [drafted(user, {**told}) for user in changed]


def _regrouped(people: Sequence[User], group: Group, joins: bool, drafted: Drafting) -> list[AuditEvent]:
    before: dict[UUID, list[str]] = {user.pk: [] for user in people}
    theirs = _THROUGH.objects.filter(user_id__in=before).order_by("group__name")
    for pk, name in theirs.values_list("user_id", "group__name"):
        before[pk].append(name)
    changed = [user for user in people if (group.name in before[user.pk]) is not joins]
    if joins:
        _THROUGH.objects.bulk_create([_THROUGH(user=user, group=group) for user in changed])
    else:
        _THROUGH.objects.filter(group=group, user__in=changed).delete()
    drafts = []
    for user in changed:
        was = before[user.pk]
        now = sorted({*was, group.name} if joins else set(was) - {group.name})
        drafts.append(drafted(user, {"groups": {"before": was, "after": now}}))
    return drafts


def _parts(ids: Sequence[UUID]) -> Iterator[list[UUID]]:
    rest = iter(ids)
    while part := list(islice(rest, BATCH)):
        yield part
