"""Where a person stands, read from the database afresh: what `registration.policy` decides on.

Read at each gate, so that a role granted, a method removed or a policy changed in the middle of a reset counts.
"""

from uuid import UUID

from django.db import connection
from django.utils import timezone

from registration.method import registry
from registration.models import NOBODY, Device, Policy, User
from registration.policy import Person, ResetPolicy, Scope

_IN_SELECTED = """
with recursive of_person(id) as (
    select group_id from registration_user_groups where user_id = %s
    union
    select within.from_group_id from registration_group_groups within join of_person on within.to_group_id = of_person.id
)
select exists (select 1 from registration_group g join of_person on g.id = of_person.id where g.may_reset)
"""


def policy_row() -> Policy:
    """Return the organization's one policy."""
    return Policy.objects.get()


def policy(row: Policy | None = None) -> ResetPolicy:
    """Return what the organization asks for, as the rules take it."""
    row = row or policy_row()
    return ResetPolicy(
        scope=Scope(row.scope),
        methods=frozenset(row.methods),
        required=row.required,
        administrators_may_reset=row.administrators_may_reset,
        weak_alone_acknowledged=row.weak_alone_acknowledged,
    )


def person(user: User | None, row: Policy | None = None) -> Person:
    """Return what a person is and has; for nobody, what somebody without anything has, by the same queries and work.

    What they have is enough for what the organization asks now: `row` is its policy, where the caller has it already.
    """
    pk, somebody = user.pk if user else NOBODY, user or User()
    asked = row or policy_row()
    enough = {kind: method.enough(asked) for kind, method in registry().items()}
    kept = Device.objects.filter(user_id=pk, confirmed=True).values_list("kind", "marks")
    return Person(
        administrator=somebody.opens_desk,
        in_selected_group=_in_selected_group(pk),
        registered=frozenset(kind for kind, marks in kept if kind in enough and enough[kind](marks)),
        disabled=not (user and user.is_active),
        blocked=bool(user and user.reset_blocked_until and user.reset_blocked_until > timezone.now()),
    )


def _in_selected_group(pk: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_IN_SELECTED, [pk])
        found: bool = cursor.fetchone()[0]
    return found
