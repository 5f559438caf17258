"""Take a file of people, check it, import it, cancel it: the only writer of `PeopleImport`.

Its lines wait sealed in parts. A job goes from part to part, each in a transaction of its own that also says that the part is
done: killed anywhere, the next one goes on with the first part that is not, and nothing is done twice or left out. The row of
the import is locked meanwhile, so that cancelling waits for the part under way, and two jobs wait for each other.
"""

import json
import time
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction

from registration import activation, audit
from registration.audit import Activity
from registration.importing import writing
from registration.importing.judging import Flaw, Problem, name_of
from registration.importing.parsing import Column, Fault, Row, Unreadable, read
from registration.importing.writing import Outcome
from registration.models import NOBODY, PeopleImport, User
from registration.origin import Origin
from tenants.jobs import organization_job
from tenants.shield.sealing import seal, unseal

#: Lines that are judged and written at once.
PART = 1000
#: How long a file and what is wrong with it are kept, and for how long one job goes on before others have their turn: seconds.
KEPT = 48 * 60 * 60
#: Files of an organization that may wait at once, each of up to 50 MB.
MOST_UNFINISHED = 3
TURN = 20
MAY = "registration.add_peopleimport"
_State = PeopleImport.State
_UNDER_WAY = frozenset({_State.CHECKING, _State.CHECKED, _State.RUNNING})
#: A line, the line before it that says the same name, if any.
_Line = tuple[Row, int]


class ImportProblem(Exception):
    """An import is not to be begun or cancelled now."""


@transaction.atomic
def take(file: BinaryIO, *, actor: User, origin: Origin) -> PeopleImport:
    """Keep a file's lines, sealed, and have them checked. Raises `parsing.Unreadable`, and keeps nothing then.

    One that comes while as many wait as may is refused unread.
    """
    locking = PeopleImport.objects.select_for_update(of=("self",))
    if len(locking.filter(whole=None, state__in=_UNDER_WAY).only("pk")) >= MOST_UNFINISHED:
        raise Unreadable(Fault.UNFINISHED)
    sheet = read(file)
    whole = PeopleImport(
        state=_State.CHECKING, by=actor.pk, by_name=str(actor), address=origin.address or None
    )
    whole.data = {"columns": [column.value for column in sheet.columns], "unknown": [*sheet.unknown]}
    whole.save(force_insert=True)
    rows = parts = 0
    for parts, lines in enumerate(_batches(_with_twice(sheet.rows)), 1):
        part = PeopleImport(whole=whole, number=parts, data={"rows": len(lines)})
        part.sealed = _sealed(part, [_written(*line) for line in lines])
        part.save(force_insert=True)
        rows += len(lines)
    whole.data |= {"rows": rows, "parts": parts}
    whole.save(update_fields=["data"])
    work.enqueue(pk=str(whole.pk))
    forget.enqueue_later(KEPT, pk=str(whole.pk))
    return whole


@transaction.atomic
def begin(pk: UUID, *, links: bool, actor: User) -> None:
    """Import what was checked, by whoever had it checked; `links` sends each new person their one-time link."""
    whole = _locked(pk)
    if whole is None or whole.state != _State.CHECKED or whole.by != actor.pk:
        raise ImportProblem
    whole.parts.update(state=_State.WAITING, found=None)
    whole.state, whole.data = _State.RUNNING, {**whole.data, "links": links}
    whole.save(update_fields=["state", "data"])
    work.enqueue(pk=str(whole.pk))


@transaction.atomic
def cancel(pk: UUID, *, actor: User, origin: Origin) -> None:
    """Stop after the part under way, and throw away what is left of the file; what was imported stays."""
    whole = _locked(pk)
    if whole is None or whole.state not in _UNDER_WAY:
        raise ImportProblem
    _end(whole, _State.CANCELLED, actor=actor, origin=origin)


@organization_job(name="registration.import_people", queue="housekeeping")
def work(*, pk: str) -> None:
    """Check or import the parts of a file that are not done yet."""
    until, more = time.monotonic() + TURN, True
    while more and time.monotonic() < until:
        more = _step(UUID(pk))
    if more:
        work.enqueue(pk=pk)


@organization_job(name="registration.import_link", queue="notices")
def send_link(*, user: str, by: str) -> None:
    """Send a person who came by an import their one-time link, if they have no password yet."""
    found = User.objects.filter(pk=UUID(user), is_active=True).first()
    actor = User.objects.filter(pk=UUID(by)).first()
    if found and actor and not found.has_usable_password():
        activation.invite(found, actor=actor)


@organization_job(name="registration.import_forget", queue="housekeeping")
def forget(*, pk: str) -> None:
    """Delete an import with its file, which somebody may have left unfinished, and with what was wrong."""
    PeopleImport.objects.filter(pk=UUID(pk)).delete()


def problems(whole: PeopleImport, most: int | None = None) -> Iterator[tuple[int, str, Problem]]:
    """Yield what is wrong: line, sign-in name and problem, in the order of the file, a part at a time."""
    yielded = 0
    for part in whole.parts.exclude(found=None).order_by("number").iterator(chunk_size=1):
        for line, name, flaw, column, value in _opened(part, part.found):
            if most is not None and yielded >= most:
                return
            yielded += 1
            yield line, name, Problem(Flaw(flaw), Column(column), value)


@transaction.atomic
def _step(pk: UUID) -> bool:
    """Check or import one part, and say whether there may be more."""
    whole = _locked(pk)
    if whole is None or whole.state not in {_State.CHECKING, _State.RUNNING}:
        return False
    writes = whole.state == _State.RUNNING
    actor = User.objects.filter(pk=whole.by or NOBODY).first()
    here = Origin(address=whole.address or "")
    if actor is None or not actor.has_perm(MAY):
        _end(whole, _State.STOPPED, actor=whole.by_name, origin=here)
        return False
    part = whole.parts.filter(state=_State.WAITING).order_by("number").first()
    if part is None:
        _finish(whole, actor, here)
        return False
    lines = [_read(*each) for each in _opened(part, part.sealed)]
    twice = {row.line: first for row, first in lines if first}
    outcome = writing.batch([row for row, _first in lines], twice, actor=actor, origin=here, writes=writes)
    part.found = _sealed(part, [_told(*each) for each in outcome.wrong]) if outcome.wrong else None
    part.state, part.sealed = (_State.DONE, None) if writes else (_State.CHECKED, part.sealed)
    part.save(update_fields=["found", "state", "sealed"])
    _count(whole, "imported" if writes else "checked", outcome)
    if writes and whole.data.get("links"):
        _send_links(whole, actor, outcome)
    whole.save(update_fields=["data"])
    return True


def _finish(whole: PeopleImport, actor: User, origin: Origin) -> None:
    if whole.state == _State.RUNNING:
        _end(whole, _State.DONE, actor=actor, origin=origin)
    else:
        whole.state = _State.CHECKED
        whole.save(update_fields=["state"])


def _end(whole: PeopleImport, state: str, *, actor: User | str, origin: Origin) -> None:
    """End an import: no line of the file is left. What was written is written down."""
    if whole.state == _State.RUNNING:
        counts = {name: number for name, number in whole.data.get("imported", {}).items() if name != "parts"}
        audit.record(
            Activity.PEOPLE_IMPORTED,
            actor=actor,
            origin=origin,
            reason="" if state == _State.DONE else str(state),
            failed=state != _State.DONE,
            data={"lines": whole.data["rows"], **counts},
        )
    whole.parts.update(sealed=None)
    whole.state = state
    whole.save(update_fields=["state"])


def _count(whole: PeopleImport, what: str, outcome: Outcome) -> None:
    counted: dict[str, int] = whole.data.setdefault(what, {})
    for name, number in (
        ("parts", 1),
        ("added", len(outcome.added)),
        ("changed", outcome.changed),
        ("unchanged", outcome.unchanged),
        ("wrong", len(outcome.wrong)),
    ):
        counted[name] = counted.get(name, 0) + number


def _send_links(whole: PeopleImport, actor: User, outcome: Outcome) -> None:
    """Have a link sent to each new person who has an address; what has none is counted."""
    mailed = [user for user in outcome.added if user.primary_address and user.is_active]
    send_link.enqueue_all({"user": str(user.pk), "by": str(actor.pk)} for user in mailed)
    counted = whole.data["imported"]
    counted["links"] = counted.get("links", 0) + len(mailed)


def _locked(pk: UUID) -> PeopleImport | None:
    return PeopleImport.objects.select_for_update(of=("self",)).filter(pk=pk, whole=None).first()


def _with_twice(rows: Iterable[Row]) -> Iterator[_Line]:
    """Say beside each line which one before it has the same sign-in name."""
    seen: dict[str, int] = {}
    for row in rows:
        name = name_of(row)
        first = seen.setdefault(name, row.line) if name else row.line
        yield row, first if first != row.line else 0


def _batches(lines: Iterable[_Line]) -> Iterator[list[_Line]]:
    found: list[_Line] = []
    for line in lines:
        found.append(line)
        if len(found) == PART:
            yield found
            found = []
    if found:
        yield found


def _written(row: Row, first: int) -> list[Any]:
    return [row.line, {column.value: cell for column, cell in row.cells.items()}, row.extra, first]


def _read(line: int, cells: dict[str, str], extra: bool, first: int) -> _Line:
    return Row(line, {Column(name): cell for name, cell in cells.items()}, extra), first


def _told(line: int, name: str, problem: Problem) -> list[Any]:
    return [line, name[:120], problem.flaw, problem.column, problem.value]


def _sealed(part: PeopleImport, content: object) -> bytes:
    return seal(zlib.compress(json.dumps(content).encode()), context=part.context)


def _opened(part: PeopleImport, sealed: bytes | memoryview | None) -> Any:
    return json.loads(zlib.decompress(unseal(sealed or b"", context=part.context)))
