"""Jobs of one organization: written in the transaction that causes them, run inside the organization that wrote them.

A job carries the schema's name, and the worker looks the organization up by it before it enters. It never enters a bare name:
a schema that is gone would answer with the provider's rows (reference/integrations.md 0). A job of an organization that has
been erased ends without doing anything.
"""

import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, ParamSpec

from procrastinate import BaseRetryStrategy, RetryStrategy
from procrastinate.contrib.django import app

from tenants.context import current_schema, entered
from tenants.models import Organization

P = ParamSpec("P")
logger = logging.getLogger(__name__)

#: Waits 4, 16, 64, 256, 1024, 4096 … s: a mail server may be down for a day, and nothing is lost.
PATIENT = RetryStrategy(max_attempts=10, exponential_wait=4)


class OrganizationJob(Generic[P]):
    """A function that a worker runs later, inside the organization that asked for it."""

    def __init__(
        self, work: Callable[P, None], name: str, retry: BaseRetryStrategy | bool, queue: str, lanes: int
    ) -> None:
        self.work, self.lanes = work, lanes
        self.__doc__ = work.__doc__
        self.task = app.task(name=name, retry=retry, queue=queue)(self._run)

    def enqueue(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Write the job in the current transaction; arguments are JSON and hold no secret."""
        assert not args, "a job takes keyword arguments only"
        schema = current_schema()
        lane = f"{self.task.name}/{schema}/{secrets.randbelow(self.lanes)}" if self.lanes else None
        self.task.configure(lock=lane).defer(schema=schema, **kwargs)  # type: ignore[arg-type]  # they are JSON

    def enqueue_later(self, seconds: int, **kwargs: Any) -> None:
        """Write the job in the current transaction, to be run so many seconds from now."""
        self.task.configure(schedule_in={"seconds": seconds}).defer(schema=current_schema(), **kwargs)

    def enqueue_all(self, each: Iterable[Mapping[str, Any]]) -> None:
        """Write a job for each of these arguments, in one statement."""
        if wanted := [{"schema": current_schema(), **arguments} for arguments in each]:
            self.task.batch_defer(*wanted)

    def enqueue_everywhere(self) -> None:
        """Write the job for every organization, in one statement; each then runs, or fails, for itself."""
        schemas = Organization.objects.values_list("schema_name", flat=True)
        if wanted := [{"schema": schema} for schema in schemas]:
            self.task.batch_defer(*wanted)

    def enqueue_where(self, **conditions: Any) -> None:
        """Write the job for every organization that is so, in one statement beside the one that finds them."""
        schemas = Organization.objects.filter(**conditions).values_list("schema_name", flat=True)
        if wanted := [{"schema": schema} for schema in schemas]:
            self.task.batch_defer(*wanted)

    def enqueue_in(self, each: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Write a job in each of these organizations, by its schema, with its arguments: one statement."""
        if wanted := [{"schema": schema, **arguments} for schema, arguments in each]:
            self.task.batch_defer(*wanted)

    def _run(self, *, schema: str, **kwargs: Any) -> None:
        organization = Organization.objects.filter(schema_name=schema).first()
        if organization is None:
            logger.warning("job %s of an organization that is gone", self.task.name)
            return
        with entered(organization):
            self.work(**kwargs)  # type: ignore[call-arg]  # the arguments that `enqueue` was given


def organization_job(
    *, name: str, retry: BaseRetryStrategy | bool = PATIENT, queue: str = "default", lanes: int = 0
) -> Callable[[Callable[P, None]], OrganizationJob[P]]:
    """Make a function a job; `name` is stored with each waiting job, so it does not change when code moves.

    `lanes` is how many of these an organization runs at once, where something outside may be slow to answer: its own are
    behind each other then, and those of the others are not behind them. 0 is as many as there are workers.
    """

    def decorate(work: Callable[P, None]) -> OrganizationJob[P]:
        return OrganizationJob(work, name, retry, queue, lanes)

    return decorate
