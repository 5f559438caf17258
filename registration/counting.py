"""What is read of the database for Usage & insights: one pass over the audit trail, and one over everybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db.models import Count, DateTimeField, DurationField, F, Func, QuerySet, Value

from registration import census, usage
from registration.judged import Standings
from registration.models import AuditEvent, Policy, User
from registration.policy import Person
from registration.usage import Counted, Range, Summary


class Standing(StrEnum):
    """Of which people a page is. Entra's words, and who is still missing."""

    REGISTERED = "registered"
    ENABLED = "enabled"
    CAPABLE = "capable"
    MISSING = "missing"


def where(judged: Standings, person: Person) -> frozenset[Standing]:
    """Return where somebody stands; who is disabled stands nowhere."""
    if person.disabled:
        return frozenset()
    enabled, registered = judged.enabled(person), judged.registered(person)
    found = {
        Standing.REGISTERED: registered,
        Standing.ENABLED: enabled,
        Standing.CAPABLE: registered and enabled,
        Standing.MISSING: enabled and not registered,
    }
    return frozenset(one for one, true in found.items() if true)


@dataclass(frozen=True)
class People:
    """How many people have an account that is not disabled, and how many of them stand where."""

    total: int
    standing: Mapping[Standing, int]


def people(row: Policy) -> People:
    """Count everybody: two statements, however many they are."""
    counted = census.counted(census.placed(row=row))
    judged = Standings(row)
    stand = {person: where(judged, person) for person in counted}
    numbers = {
        one: sum(number for person, number in counted.items() if one in stand[person]) for one in Standing
    }
    return People(sum(number for person, number in counted.items() if not person.disabled), numbers)


def standing_there(row: Policy, wanted: Standing | None) -> QuerySet[User]:
    """Return the people who stand there, or all whose account is not disabled, with where each of them stands."""
    judged = Standings(row)

    def there(person: Person) -> bool:
        return not person.disabled if wanted is None else wanted in where(judged, person)

    return census.who(census.placed(row=row), there).order_by("sign_in_name")


def person_of(user: User) -> Person:
    """Return where somebody stands who was read by `standing_there`."""
    placed: dict[str, object] = vars(user)
    return census.standing([placed[column] for column in census.STANDING])


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
