"""What a change would do to who may reset, before it is made: everybody's standing, by the database, judged by `impact`.

A change is two sides: how things are, and how they would be. How many people turn is one statement however many there are; who
they are is another, read as it is needed.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Self
from uuid import UUID

from django.db import connection
from django.db.models import Count, QuerySet
from django.utils import timezone

from licensing import editions, guards
from licensing.editions import Feature, Snapshot
from registration import census, configuring, impact, standing
from registration.impact import Impact, Terms, Turned
from registration.method import traits
from registration.models import Group, Policy, User
from registration.policy import Person as Standing

#: What the groups are called beside the policy's fields.
GROUPS = "groups"
#: How many people are shown on a page; all of them are in the file.
SHOWN = 100
#: How many people are read at once where all are.
_CHUNK = 2000
_ARRAYS = frozenset({"registered", "would_have_registered"})


@dataclass(frozen=True)
class Side:
    """How an organization is, or would be: its policy, the groups whose people are selected, and what it has bought."""

    row: Policy
    groups: frozenset[UUID]
    bought: Snapshot | None
    today: date

    @classmethod
    def as_saved(cls, row: Policy | None = None) -> Self:
        """Return how the entered organization is."""
        chosen = Group.objects.filter(may_reset=True).values_list("pk", flat=True)
        return cls(row or standing.policy_row(), counted(chosen), guards.snapshot(), timezone.now().date())

    @property
    def terms(self) -> Terms:
        """What the rules judge by."""
        return Terms(
            standing.policy(self.row),
            edition_allows=editions.decide(self.bought, Feature.RESET_PASSWORD, self.today).allowed,
            lacking=editions.lacking(self.bought, self.today),
        )

    def as_values(self) -> dict[str, Any]:
        """Return the policy and the groups as JSON holds them."""
        fields = {field: getattr(self.row, field) for field in (*configuring.RESET, *configuring.QUESTIONS)}
        return {**fields, GROUPS: sorted(map(str, self.groups))}

    def with_values(self, values: Mapping[str, Any]) -> Self:
        """Return the same with some of these as they would be, or as they were."""
        row, groups = copy(self.row), self.groups
        for field, value in values.items():
            if field == GROUPS:
                groups = frozenset(UUID(str(one)) for one in value)
            else:
                setattr(row, field, value)
        return replace(self, row=row, groups=groups)


@dataclass(frozen=True)
class Person:
    """Somebody of whom something becomes."""

    pk: UUID
    sign_in_name: str
    name: str
    turned: Turned


@dataclass(frozen=True)
class Change:
    """Two sides of an organization that is entered."""

    before: Side
    after: Side

    @cached_property
    def impact(self) -> Impact:
        """How many people lose or gain the ability to reset, by cause: one statement."""
        return self.impact_on(None)

    def impact_on(self, among: QuerySet[User] | None) -> Impact:
        """Return the same of some people alone."""
        counts = self._everybody if among is None else self._count(among)
        return impact.judged(counts, self.before.terms, self.after.terms, traits())

    def people(self, among: QuerySet[User] | None = None) -> Iterator[Person]:
        """Yield those of whom something becomes, by name: one statement beside that of the numbers, read as far as needed."""
        terms, offered = (self.before.terms, self.after.terms), traits()
        known = {stands: impact.turned(*stands, *terms, offered) for stands in self._everybody}
        wanted = [stands for stands, found in known.items() if found is not None]
        if not wanted:
            return
        for pk, sign_in_name, name, *columns in self._read(among, wanted):
            if (found := known[self._stands(columns)]) is not None:
                yield Person(pk, sign_in_name, name, found)

    def _read(
        self, among: QuerySet[User] | None, wanted: Collection[tuple[Standing, Standing]]
    ) -> Iterator[Sequence[Any]]:
        """Yield the rows of those who stand in one of these ways.

        Each person's standing is read once and compared then: within a condition it would be read for each way.
        """
        columns = ("pk", "sign_in_name", "name", *self._columns)
        inner, params = self._placed(among).order_by().values_list(*columns).query.sql_with_params()
        row = ", ".join(f"{column}::text[]" if column in _ARRAYS else column for column in self._columns)
        one = ", ".join("%s::text[]" if column in _ARRAYS else "%s" for column in self._columns)
        ways = ", ".join([f"({one})"] * len(wanted))
        query = (  # names of columns, and what Django wrote
            f"select * from ({inner} offset 0) stood where ({row}) in ({ways}) order by name, sign_in_name"  # noqa: S608
        )
        values = [value for stands in wanted for value in self._values(*stands)]
        with connection.chunked_cursor() as cursor:
            cursor.execute(query, [*params, *values])
            while rows := cursor.fetchmany(_CHUNK):
                yield from rows

    def _values(self, stands: Standing, would_stand: Standing) -> list[Any]:
        """Return what these standings are in the columns."""
        extra = {
            "would_be_selected": would_stand.in_selected_group,
            "would_have_registered": sorted(would_stand.registered),
        }
        return [
            stands.administrator,
            stands.in_selected_group,
            sorted(stands.registered),
            stands.disabled,
            stands.blocked,
            *(extra[column] for column in self._extra),
        ]

    @cached_property
    def _everybody(self) -> Mapping[tuple[Standing, Standing], int]:
        return self._count(None)

    def _count(self, among: QuerySet[User] | None) -> Mapping[tuple[Standing, Standing], int]:
        """Return how many stand in each way, before and after."""
        rows = self._placed(among).order_by().values_list(*self._columns).annotate(Count("pk"))
        counts: dict[tuple[Standing, Standing], int] = {}
        for *columns, count in rows:
            stands = self._stands(columns)
            counts[stands] = counts.get(stands, 0) + count
        return counts

    @cached_property
    def _extra(self) -> Mapping[str, Any]:
        """What is read of each person a second time, since it is not the same on both sides."""
        extra: dict[str, Any] = {}
        if self.before.groups != self.after.groups:
            extra["would_be_selected"] = census.among(self.after.groups)
        if census.enough(self.before.row) != census.enough(self.after.row):
            extra["would_have_registered"] = census.registered(self.after.row)
        return extra

    @cached_property
    def _columns(self) -> tuple[str, ...]:
        return (*census.STANDING, *self._extra)

    def _placed(self, among: QuerySet[User] | None = None) -> QuerySet[User]:
        return census.placed(among, self.before.row, self.before.groups).annotate(**self._extra)

    def _stands(self, columns: list[Any]) -> tuple[Standing, Standing]:
        """Return the standings before and after that these columns are."""
        plain = len(census.STANDING)
        stands, more = census.standing(columns[:plain]), dict(zip(self._extra, columns[plain:], strict=True))
        return stands, replace(
            stands,
            in_selected_group=more.get("would_be_selected", stands.in_selected_group),
            registered=frozenset(more.get("would_have_registered", stands.registered)),
        )


def counted(chosen: Iterable[UUID]) -> frozenset[UUID]:
    """Return the groups that were chosen with all that are in them."""
    return impact.reached(chosen, nesting())


def nesting() -> list[tuple[UUID, UUID]]:
    """Return which group is in which: pairs of the outer one and the one in it."""
    return list(Group.groups.through.objects.values_list("from_group_id", "to_group_id"))
