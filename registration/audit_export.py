"""The audit log as a file: as many events as there are, from the moment it was asked for backwards."""

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from itertools import chain
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registration import audit_query, audit_wording
from registration.audit_wording import CATEGORIES, SERVICES
from registration.models import AuditEvent
from tenants import downloads


class Format(StrEnum):
    """What the file is."""

    CSV = "csv"
    JSON_LINES = "jsonl"


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
    events = chain.from_iterable(audit_query.pages(audit_query.narrow(dict(wanted))))
    if kind is Format.JSON_LINES:
        return downloads.as_json_lines(f"{name}.{kind}", map(_record, events))
    lines = ([cell(event) for _title, cell in COLUMNS] for event in events)
    return downloads.as_csv(f"{name}.{kind}", [title for title, _cell in COLUMNS], lines)


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
