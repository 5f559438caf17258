"""What is read of the database for Usage & insights: one pass over the audit trail, and one over everybody."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db.models import Count, DateTimeField, DurationField, F, Func, QuerySet, Value

from licensing.editions import Feature
from licensing.guards import decision
from registration import census, standing, usage
from registration import policy as rules
from registration.licences import lacking
from registration.method import traits
from registration.models import AuditEvent, Policy, User
from registration.policy import Person
from registration.usage import Counted, Range, Summary


class Standing(StrEnum):
    """Of which people a page is. Entra's words, and who is still missing."""

    REGISTERED = "registered"
    ENABLED = "enabled"
    CAPABLE = "capable"
    MISSING = "missing"


@dataclass(frozen=True)
class Rules:
    """The organization's rules, asked of a standing."""

    row: Policy

    def of(self, person: Person) -> frozenset[Standing]:
        """Return where somebody stands; who is disabled stands nowhere."""
        if person.disabled:
            return frozenset()
        asked = standing.policy(self.row)
        enabled = rules.is_enabled(asked, person, edition_allows=decision(Feature.RESET_PASSWORD).allowed)
        registered = rules.is_registered(asked, person, traits(), lacking())
        found = {
            Standing.REGISTERED: registered,
            Standing.ENABLED: enabled,
            Standing.CAPABLE: registered and enabled,
            Standing.MISSING: enabled and not registered,
        }
        return frozenset(one for one, true in found.items() if true)

    def has(self, wanted: Standing) -> Callable[[Person], bool]:
        """Return the test of whether somebody stands there."""
        return lambda person: wanted in self.of(person)


@dataclass(frozen=True)
class People:
    """How many people have an account that is not disabled, and how many of them stand where."""

    total: int
    standing: Mapping[Standing, int]


def people(row: Policy) -> People:
    """Count everybody: two statements, however many they are."""
    asked, counted = Rules(row), census.counted(census.placed(row=row))
    numbers = {
        one: sum(number for person, number in counted.items() if one in asked.of(person)) for one in Standing
    }
    return People(sum(number for person, number in counted.items() if not person.disabled), numbers)


def standing_there(row: Policy, wanted: Standing | None) -> QuerySet[User]:
    """Return the people who stand there, or all whose account is not disabled, with where each of them stands."""
    test = Rules(row).has(wanted) if wanted else (lambda person: not person.disabled)
    return census.who(census.placed(row=row), test).order_by("sign_in_name")


def person_of(user: User) -> Person:
    """Return where somebody stands who was read by `standing_there`."""
    placed: dict[str, object] = vars(user)
    registered = placed["registered"]
    assert isinstance(registered, list)
    return Person(
        administrator=bool(placed["administrator"]),
        in_selected_group=bool(placed["in_selected_group"]),
        registered=frozenset(registered),
        disabled=bool(placed["disabled"]),
        blocked=bool(placed["blocked"]),
    )


def counted(over: Range) -> Summary:
    """Count what happened in a range: one statement, of which as many rows come as there are kinds of events."""
    piece = Func(
        Value(over.piece, output_field=DurationField()),
        F("at"),
        Value(over.since, output_field=DateTimeField()),
        function="date_bin",
        output_field=DateTimeField(),
    )
    rows = (
        AuditEvent.objects.filter(activity__in=usage.COUNTED, at__gte=over.since, at__lt=over.until)
        .order_by()
        .annotate(piece=piece)
        .values_list("piece", "activity", "method", "status", "reason")
        .annotate(Count("pk"))
    )
    return usage.summed((Counted(*row) for row in rows), over)


def details(over: Range, feature: str) -> QuerySet[AuditEvent]:
    """Return how each registration and each reset of a range ended."""
    activities = {
        "registration": [usage.REGISTERED],
        "reset": [usage.RESET, usage.STOPPED],
    }
    wanted = activities.get(feature) or [one for each in activities.values() for one in each]
    found = AuditEvent.objects.filter(activity__in=wanted, at__gte=over.since, at__lt=over.until)
    return found.order_by("-at", "-pk")


def feature_of(event: AuditEvent) -> str:
    """Return what an event of the details was about."""
    return "registration" if event.activity == usage.REGISTERED else "reset"


def span(text: timedelta) -> tuple[int, int]:
    """Return whole hours and minutes.

    >>> span(timedelta(hours=30, minutes=5))
    (30, 5)
    """
    minutes = int(text.total_seconds()) // 60
    return minutes // 60, minutes % 60
