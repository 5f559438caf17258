"""Cells of a CSV that somebody opens in a spreadsheet: none of them is taken for a formula."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """What a writer writes to: it hands each line back."""

    def write(self, line: str) -> str:
        """Return the line."""
        return line


def cell(value: object) -> str:
    """Return a value as a cell; what a spreadsheet would run begins with an apostrophe.

    >>> cell("=1+1"), cell("Contoso"), cell(None)
    ("'=1+1", 'Contoso', '')
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Return each row as a line, one at a time, the first with the mark by which spreadsheets know UTF-8."""
    writer: Any = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([cell(one) for one in row])
