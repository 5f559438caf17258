"""Rows as files, written as they are read, however many there are."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

#: A table's program would compute what begins with one of these (OWASP, CSV injection).
_COMPUTED = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(cell: object) -> str:
    """Return a cell as text that no program computes.

    >>> harmless("=1+1"), harmless("Contoso"), harmless(None)
    ("'=1+1", 'Contoso', '')
    """
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_COMPUTED) else text


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """Hand it back."""
        return text


def csv_lines(header: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the lines of a table; the mark at its beginning tells spreadsheets that it is UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    yield writer.writerow([harmless(cell) for cell in header])
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def json_lines(rows: Iterable[object]) -> Iterator[str]:
    """Yield one object a line."""
    for row in rows:
        yield json.dumps(row, ensure_ascii=False, default=str) + "\n"


def as_file(lines: Iterator[str], name: str, kind: str) -> StreamingHttpResponse:
    """Answer with a file that is saved and not shown."""
    answer = StreamingHttpResponse(lines, content_type=f"{kind}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "no-store"
    return answer
