"""Add, change, nest and delete groups: the only writer of them. Who is in a person's groups, `registration.people` writes."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from registration import audit
from registration.audit import Activity
from registration.models import Group, User
from registration.origin import NOWHERE, Origin

FIELDS = ("name", "may_reset")


@transaction.atomic
def save(
    pk: UUID | None, values: Mapping[str, object], *, actor: User | str, origin: Origin = NOWHERE
) -> Group:
    """Add a group, or change the one with this id, and write down what each field was and is."""
    group = Group.objects.select_for_update().get(pk=pk) if pk else Group()
    changed = {}
    for field, value in values.items():
        assert field in FIELDS, field
        if (before := getattr(group, field)) != value:
            changed[field] = {"before": before, "after": value}
            setattr(group, field, value)
    group.save()
    if changed:
        _write(group, actor, origin, changed)
    return group


@transaction.atomic
def select(chosen: Collection[UUID], *, actor: User | str, origin: Origin = NOWHERE) -> None:
    """Make these the groups that are selected for password reset, and no others; write down of each what it was and is."""
    wanted = set(chosen)
    for group in Group.objects.select_for_update().filter(Q(may_reset=True) | Q(pk__in=wanted)):
        if group.may_reset != (group.pk in wanted):
            save(group.pk, {"may_reset": group.pk in wanted}, actor=actor, origin=origin)


@transaction.atomic
def nest(pk: UUID, inner: Sequence[Group], *, actor: User | str, origin: Origin = NOWHERE) -> None:
    """Make these the groups within a group."""
    group = Group.objects.select_for_update().get(pk=pk)
    before = sorted(group.groups.values_list("name", flat=True))
    group.groups.set(inner)
    if (after := sorted(one.name for one in inner)) != before:
        _write(group, actor, origin, {"groups": {"before": before, "after": after}})


@transaction.atomic
def remove(group: Group, *, actor: User | str, origin: Origin = NOWHERE) -> None:
    """Delete a group; its people stay."""
    _write(group, actor, origin, {"deleted": True})
    group.delete()


def _write(group: Group, actor: User | str, origin: Origin, changed: Mapping[str, object]) -> None:
    audit.record(
        Activity.GROUP_CHANGED,
        actor=actor,
        subject=group.name,
        origin=origin,
        data={"group": group.name, **changed},
    )
