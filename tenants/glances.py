"""How each organization stands at a glance, for the provider's list: read inside each organization by a job, never by a page.

What there is to tell is known by a higher room, which contributes the one reader.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from tenants.context import current
from tenants.jobs import organization_job
from tenants.models import Glance, Organization


@dataclass(frozen=True)
class Standing:
    """For whom reset is enabled, how many people there are and have registered, and what has happened."""

    scope: str = ""
    people: int = 0
    registered: int = 0
    failed: int = 0
    last_reset_at: datetime | None = None

    @property
    def percent(self) -> int | None:
        """How many of a hundred have registered, rounded down, so that 100 means all; None where there is nobody.

        >>> Standing(people=3, registered=2).percent, Standing().percent
        (66, None)
        """
        return 100 * self.registered // self.people if self.people else None


_readers: list[Callable[[], Standing]] = []
_parts: list[Callable[[], Mapping[str, object]]] = []


def contribute(reader: Callable[[], Standing]) -> None:
    """Let a higher room read how the organization that has been entered stands."""
    _readers[:] = [reader]


def contribute_part(part: Callable[[], Mapping[str, object]]) -> None:
    """Let another room add to it: columns of `Glance`, read inside the organization too."""
    _parts.append(part)


@organization_job(name="tenants.glance", queue="housekeeping", retry=False)
def look(*, organization: str) -> None:
    """Look at one organization, and keep what is seen; a suspended one stays as it was seen last."""
    here = current()
    if str(here.pk) != organization or here.state != Organization.State.ACTIVE:
        return
    for reader in _readers:
        seen = reader()
        values: dict[str, object] = {
            "as_of": timezone.now(),
            "scope": seen.scope,
            "people": seen.people,
            "registered": seen.registered,
            "percent": seen.percent,
            "failed": seen.failed,
            "last_reset_at": seen.last_reset_at,
        }
        for part in _parts:
            values |= part()
        Glance.objects.update_or_create(organization=here, defaults=values)


def look_soon(organization: Organization) -> None:
    """Have one organization looked at, in a job of the current transaction."""
    look.task.defer(schema=organization.schema_name, organization=str(organization.pk))


@app.task(name="tenants.glance_all", queue="housekeeping")
def look_at_all() -> None:
    """Write the job for each organization that is served, in one statement; the provider's own among them."""
    served = Organization.objects.filter(state=Organization.State.ACTIVE).values_list("schema_name", "pk")
    if wanted := [{"schema": schema, "organization": str(pk)} for schema, pk in served]:
        look.task.batch_defer(*wanted)


@app.periodic(cron="23 * * * *")
@app.task(name="tenants.glance_hourly", queue="housekeeping")
def look_hourly(timestamp: int) -> None:
    """Look at all of them every hour."""
    look_at_all.defer()
