"""Lists as files, written while they are read: tables for whoever opens them in a spreadsheet, JSON for programs.

A file goes out when the request has left its organization again. So its lines are asked for a page at a time, and each page
enters the organization anew, in the language that was asked in: between pages no organization stays entered, whoever reads
slowly. What yields the lines may read rows as it goes, and holds no more of them than it must.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice

from django.http import StreamingHttpResponse
from django.utils import translation
from django.utils.http import content_disposition_header

from tenants.cells import guarded
from tenants.context import current, entered
from tenants.models import Organization

Line = Sequence[object]
#: What Excel tells UTF-8 by.
_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
#: How many lines are read, and go out, at once.
PAGE = 500


def as_csv(name: str, headings: Line, lines: Iterable[Line]) -> StreamingHttpResponse:
    """Answer with a table of the entered organization; nothing in it is reckoned by what opens it."""
    return _file(name, "text/csv", chain([_MARK + _row(headings)], map(_row, lines)))


def as_json_lines(name: str, objects: Iterable[Mapping[str, object]]) -> StreamingHttpResponse:
    """Answer with one object a line."""
    written = (json.dumps(one, ensure_ascii=False, default=str) + "\n" for one in objects)
    return _file(name, "application/x-ndjson", written)


def _row(line: Line) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerow([guarded(cell) for cell in line])
    return text.getvalue()


def _file(name: str, kind: str, lines: Iterator[str]) -> StreamingHttpResponse:
    pages = _pages(lines, current(), translation.get_language() or "en")
    response = StreamingHttpResponse(pages, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "no-store"
    return response


def _pages(lines: Iterator[str], organization: Organization, language: str) -> Iterator[str]:
    more = True
    # Erased meanwhile, its tables would be answered for by the provider's.
    while more and Organization.objects.filter(pk=organization.pk, state=organization.state).exists():
        with entered(organization), translation.override(language):
            page = list(islice(lines, PAGE))
        more = len(page) == PAGE
        yield "".join(page)
