"""Files that are written while they are read: as CSV, with nothing in them that a spreadsheet would run."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from django.http import StreamingHttpResponse

from tenants.context import current, entered
from tenants.models import Organization

#: What a spreadsheet takes for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: How many lines go out at once.
_LINES = 500


def streamed_csv(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> StreamingHttpResponse:
    """Return a file of the entered organization; its rows may be read from the database as they go out."""
    return StreamingHttpResponse(
        _written(current(), chain([head], rows)),
        content_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )


def cell(text: str) -> str:
    """Return a text so that no spreadsheet takes it for a formula.

    >>> cell("=1+1"), cell("Adele"), cell("")
    ("'=1+1", 'Adele', '')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def _written(organization: Organization, rows: Iterator[Sequence[str]]) -> Iterator[str]:
    """Yield lines. They are asked for when the request has left its organization again, so it is entered."""
    buffer = io.StringIO(newline="")
    buffer.write("\ufeff")  # by which Excel knows that it is UTF-8
    writer = csv.writer(buffer)
    with entered(organization):
        for number, row in enumerate(rows, 1):
            writer.writerow([cell(text) for text in row])
            if number % _LINES == 0:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
        yield buffer.getvalue()
