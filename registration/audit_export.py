"""The audit log as a file: as many events as there are, a few thousand in memory at a time.

It goes backwards from the moment it was asked for, a page at a time by place in the log, instead of by one cursor of the
server's: nothing is held open between pages, so whoever reads slowly keeps no transaction and no connection, and each page
enters the organization anew, since the request's own time in it is over when a response streams.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registration import audit_query, audit_wording
from registration.audit_wording import CATEGORIES, SERVICES
from registration.comma_separated import MARK, line
from registration.models import AuditEvent
from tenants.context import current, entered
from tenants.models import Organization

#: How many events are read at once.
PIECE = 2000


class Format(StrEnum):
    """What the file is."""

    CSV = "csv"
    JSON_LINES = "jsonl"


_TYPES = {Format.CSV: "text/csv; charset=utf-8", Format.JSON_LINES: "application/x-ndjson"}
#: Takes the place where the last piece ended, and returns the next one with its end: nothing when it was the last.
Piece = Callable[[str], tuple[str, str]]
Cell = Callable[[AuditEvent], object]
#: The columns, under Entra's names where it has one.
COLUMNS: tuple[tuple[Promise, Cell], ...] = (
    (_("Date (UTC)"), lambda event: event.at.isoformat(timespec="milliseconds")),
    (_("Service"), lambda event: SERVICES[audit_wording.place(event.activity)[0]]),
    (_("Category"), lambda event: CATEGORIES[audit_wording.place(event.activity)[1]]),
    (_("Activity"), audit_wording.named),
    (_("Status"), lambda event: event.get_status_display()),
    (_("Status reason"), lambda event: audit_wording.reason(event.reason) if event.reason else ""),
    (_("Target"), lambda event: event.subject),
    (_("Initiated by"), lambda event: event.actor),
    (_("IP address"), lambda event: event.address),
    (_("Method"), lambda event: audit_wording.methods(event.method)),
    (_("Reference"), lambda event: event.data.get("reference")),
    (_("Activity code"), lambda event: event.activity),
    (_("Reason code"), lambda event: event.reason),
    (_("Details"), lambda event: json.dumps(event.data, ensure_ascii=False, sort_keys=True)),
    (_("Id"), lambda event: event.pk),
)


def response(wanted: Mapping[str, Any], kind: Format, name: str) -> StreamingHttpResponse:
    """Answer with a file of the events that the filters, which were found valid, leave."""
    head = MARK + line(title for title, _cell in COLUMNS) if kind is Format.CSV else ""
    write = _csv if kind is Format.CSV else _json
    return download(
        head,
        lambda before: _piece(wanted, before, write),
        f"{name}.{kind}",
        start=newest(),
        content_type=_TYPES[kind],
    )


def download(
    head: str, piece: Piece, name: str, *, start: str = "", content_type: str = _TYPES[Format.CSV]
) -> StreamingHttpResponse:
    """Answer with a file in pieces; each is made in the organization and the language that it was asked for in."""
    body = _pieces(head, piece, start, current(), translation.get_language() or "en")
    answer = StreamingHttpResponse((text.encode() for text in body), content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def newest() -> str:
    """Return the place in the log where what happens from now on is left out."""
    return f"{timezone.now().isoformat()}~{_LAST}"


def _pieces(head: str, piece: Piece, place: str, organization: Organization, language: str) -> Iterator[str]:
    yield head
    while True:
        # Erased meanwhile, its tables would be answered for by the provider's.
        if not Organization.objects.filter(pk=organization.pk, state=organization.state).exists():
            return
        with entered(organization), translation.override(language):
            text, place = piece(place)
        yield text
        if not place:
            return


#: After every id that there is, so that what happened at this very moment is in it, too.
_LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"


def _piece(
    wanted: Mapping[str, Any], before: str, write: Callable[[Iterable[AuditEvent]], str]
) -> tuple[str, str]:
    found = audit_query.page(audit_query.narrow(dict(wanted)), before, PIECE)
    return write(found.events), found.older


def _csv(events: Iterable[AuditEvent]) -> str:
    return "".join(line(cell(event) for _title, cell in COLUMNS) for event in events)


def _json(events: Iterable[AuditEvent]) -> str:
    return "".join(json.dumps(_record(event), ensure_ascii=False) + "\n" for event in events)


def _record(event: AuditEvent) -> dict[str, object]:
    service, category = audit_wording.place(event.activity)
    return {
        "id": str(event.pk),
        "at": event.at.isoformat(),
        "service": service,
        "category": category,
        "activity": event.activity,
        "activity_name": audit_wording.named(event),
        "status": event.status,
        "reason": event.reason,
        "reason_words": audit_wording.reason(event.reason) if event.reason else "",
        "target": event.subject,
        "target_id": str(event.subject_id) if event.subject_id else None,
        "initiated_by": event.actor,
        "ip_address": event.address,
        "methods": [kind for kind in event.method.split("+") if kind],
        "reference": event.data.get("reference"),
        "details": event.data,
    }
