"""Tables as CSV, for whoever opens them in a spreadsheet: nothing in them is reckoned, and none is held in memory whole."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from django.http import StreamingHttpResponse

from tenants.context import current, entered
from tenants.models import Organization

Line = Sequence[object]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: What Excel tells UTF-8 by.
_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
#: Lines that are read, and sent, at once.
_PAGE = 500


def safe(cell: object) -> str:
    """Return a cell that no spreadsheet takes for a formula.

    >>> safe("=1+1"), safe("Adele"), safe(7)
    ("'=1+1", 'Adele', '7')
    """
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text


def written(lines: Iterable[Line]) -> str:
    """Return lines as CSV."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([safe(cell) for cell in line] for line in lines)
    return text.getvalue()


def download(name: str, headings: Line, lines: Iterable[Line]) -> StreamingHttpResponse:
    """Answer with a file of this name; `lines` may read the entered organization's rows as they are sent."""
    pages = _pages(current(), iter(lines))
    response = StreamingHttpResponse(_all(written([headings]), pages), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _all(head: str, pages: Iterator[str]) -> Iterator[str]:
    yield _MARK + head
    yield from pages


def _pages(organization: Organization, lines: Iterator[Line]) -> Iterator[str]:
    """Yield lines as text. What is sent is read after the request has left its organization: each page enters it anew."""
    more = True
    while more:
        with entered(organization):
            page = list(islice(lines, _PAGE))
        more = len(page) == _PAGE
        if page:
            yield written(page)
