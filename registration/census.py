"""Where all people stand, for pages about many: what `standing.person` reads of one, read of everybody by the database.

People are told apart by what the rules ask of them and nothing else. There are few such standings however many people there
are, so the rules judge each standing once: one statement counts how many people share it, another finds them again.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils import timezone

from registration import roles
from registration.method import registry
from registration.models import Device, Policy, User
from registration.policy import Person
from registration.standing import policy_row
from tenants.context import is_provider

_SELECTED = """
with recursive selected(id) as (
    select id from registration_group where may_reset
    union
    select within.to_group_id from registration_group_groups within join selected on within.from_group_id = selected.id
)
select id from selected
"""
#: The columns of a standing, in its order.
STANDING = ("administrator", "in_selected_group", "registered", "disabled", "blocked")


def placed(
    people: QuerySet[User] | None = None, row: Policy | None = None, groups: Collection[UUID] | None = None
) -> QuerySet[User]:
    """Return people with what the rules ask of each beside them: `administrator`, `in_selected_group`, `registered` (kinds, in
    their order), `disabled`, `blocked`. `row` is the policy that says which methods are enough, and `groups` are those whose
    people are selected, if not the saved ones.
    """
    administrators = [str(role) for role in roles.valid_roles(is_provider()) if roles.opens_desk([role])]
    return (people if people is not None else User.objects.all()).annotate(
        administrator=_said(Q(roles__overlap=administrators)),
        in_selected_group=among(selected_groups() if groups is None else groups),
        registered=registered(row or policy_row()),
        disabled=_said(Q(is_active=False)),
        blocked=_said(Q(reset_blocked_until__isnull=False, reset_blocked_until__gt=timezone.now())),
    )


def counted(people: QuerySet[User]) -> Mapping[Person, int]:
    """Return how many of these people, who were `placed`, share each standing: one statement."""
    rows = people.order_by().values_list(*STANDING).annotate(Count("pk"))
    return {standing(each): count for *each, count in rows}


def each(people: QuerySet[User]) -> Iterator[tuple[UUID, Person]]:
    """Yield each of these people, who were `placed`, with their standing: one statement."""
    for pk, *row in people.order_by().values_list("pk", *STANDING):
        yield pk, standing(row)


def standing_as(people: QuerySet[User], standings: Collection[Person]) -> QuerySet[User]:
    """Narrow people, who were `placed`, to those who stand in one of these ways."""
    return people.filter(reduce(or_, map(_as, standings), Q(pk__in=[])))


def who(people: QuerySet[User], test: Callable[[Person], bool]) -> QuerySet[User]:
    """Narrow people, who were `placed`, to those of whom a rule is true: two statements, of which the first runs now."""
    return standing_as(people, [person for person in counted(people) if test(person)])


def among(groups: Collection[UUID]) -> Exists:
    """Return what says of each person whether they are in one of these groups."""
    return Exists(User.groups.through.objects.filter(user_id=OuterRef("pk"), group_id__in=groups))


def in_selected_group() -> Q:
    """Return whether somebody is in a selected group, as a condition that is asked once for all: one statement runs now."""
    members = User.groups.through.objects.filter(group_id__in=selected_groups())
    return Q(pk__in=members.values("user_id"))


def registered(row: Policy) -> ArraySubquery:
    """Return what names of each person the kinds that they have, and that are enough as this policy asks."""
    return ArraySubquery(_enough(enough(row)))


def kinds_of_each(row: Policy) -> Any:
    """Return the kinds that each person has, who has any: `user_id` and `kinds`, in their order. All devices are read once."""
    theirs = Device.objects.filter(enough(row), confirmed=True).order_by().values("user_id")
    return theirs.annotate(kinds=ArrayAgg("kind", distinct=True, order_by="kind"))


def enough(row: Policy) -> Q:
    """Return the condition on devices that are enough as this policy asks."""
    return reduce(or_, (Q(kind=kind) & method.enough_of(row) for kind, method in registry().items()))


def _enough(kinds: Q) -> QuerySet[Device, str]:
    mine = Device.objects.filter(kinds, user_id=OuterRef("pk"), confirmed=True)
    return mine.order_by("kind").values_list("kind", flat=True).distinct()


def _as(person: Person) -> Q:
    return Q(
        administrator=person.administrator,
        in_selected_group=person.in_selected_group,
        registered=sorted(person.registered),
        disabled=person.disabled,
        blocked=person.blocked,
    )


def standing(row: Collection[Any]) -> Person:
    """Return the standing that these values of `STANDING` are."""
    administrator, in_selected_group, registered, disabled, blocked = row
    return Person(administrator, in_selected_group, frozenset(registered), disabled, blocked)


def _said(condition: Q) -> Any:
    """Make a condition a column."""
    return ExpressionWrapper(condition, output_field=BooleanField())


def selected_groups() -> list[UUID]:
    """Return the groups that are selected for reset, and those within them."""
    with connection.cursor() as cursor:
        cursor.execute(_SELECTED)
        return [row[0] for row in cursor.fetchall()]
