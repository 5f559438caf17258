"""A table of people as a file [pure]: bytes in, rows with the number of their line out.

Read as Excel writes it: UTF-8 with or without a mark at its beginning, or UTF-16; separated by commas, semicolons or tabs. A
file that cannot be read as a whole raises `Unreadable`; what is wrong with one line stands beside it.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO

from tenants.cells import unguarded

#: Lines of people in one file, and bytes.
MOST_ROWS = 200_000
MOST_BYTES = 50 * 1024 * 1024
_SEPARATORS = ",;\t"
_BETWEEN = "|"


class Column(StrEnum):
    """What a file may say of a person: the headings, in the order of the template."""

    SIGN_IN_NAME = "sign-in name"
    NAME = "name"
    PRIMARY_ADDRESS = "primary address"
    LANGUAGE = "language"
    GROUPS = "groups"
    ENABLED = "enabled"
    MUST_CHANGE = "must change"
    MOBILE_PHONE = "mobile phone"
    OFFICE_PHONE = "office phone"
    EMAIL = "email"
    ROLES = "roles"


#: The same headings as Entra's own lists have them.
_ALSO = {
    "username": Column.SIGN_IN_NAME,
    "userprincipalname": Column.SIGN_IN_NAME,
    "displayname": Column.NAME,
    "accountenabled": Column.ENABLED,
}
_COLUMNS = {column.value.replace("-", "").replace(" ", ""): column for column in Column} | _ALSO


class Fault(StrEnum):
    """Why a file cannot be read at all."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_TEXT = "not_text"
    NO_SIGN_IN_NAME = "no_sign_in_name"
    COLUMN_TWICE = "column_twice"
    BROKEN = "broken"
    NO_ROWS = "no_rows"
    TOO_MANY_ROWS = "too_many_rows"
    UNFINISHED = "too_many_unfinished"


class Unreadable(Exception):
    """A file cannot be read; `fault` says why, `line` where, `detail` what."""

    def __init__(self, fault: Fault, line: int = 0, detail: str = "") -> None:
        super().__init__(fault)
        self.fault, self.line, self.detail = fault, line, detail


@dataclass(frozen=True)
class Row:
    """One person's line: the cells that are not empty, by their column; `extra` says that there are more than headings."""

    line: int
    cells: Mapping[Column, str]
    extra: bool = False


@dataclass
class Sheet:
    """A file that is being read: its headings, those among them that mean nothing here, and its rows, once."""

    columns: Sequence[Column]
    unknown: Sequence[str]
    rows: Iterator[Row] = field(repr=False)


def read(file: BinaryIO) -> Sheet:
    r"""Read the headings of a file, and its rows as they are asked for. Raises `Unreadable`, while rows are read as well.

    >>> sheet = read(io.BytesIO("Sign-in name;Name;Cost\nadele@contoso.example;Adele;7\n".encode("utf-16")))
    >>> [column.value for column in sheet.columns], sheet.unknown
    (['sign-in name', 'name'], ('Cost',))
    >>> [(row.line, list(row.cells.values())) for row in sheet.rows]
    [(2, ['adele@contoso.example', 'Adele'])]
    """
    head = file.read(4096)
    file.seek(0)
    if not head.strip():
        raise Unreadable(Fault.EMPTY)
    encoding = _encoding(head)
    errors = "surrogateescape" if encoding.startswith("utf-8") else "strict"  # so that its line can be told
    text = io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")
    try:
        return _headed(text)
    except UnicodeError as problem:
        raise Unreadable(Fault.NOT_TEXT, 1) from problem


def several(text: str) -> tuple[str, ...]:
    """Return what stands between bars, each once.

    >>> several(" Pilot | Sales|| Pilot")
    ('Pilot', 'Sales')
    """
    return tuple(dict.fromkeys(part.strip() for part in text.split(_BETWEEN) if part.strip()))


def joined(parts: Sequence[str]) -> str:
    """Return several things as one cell.

    >>> joined(["Pilot", "Sales"])
    'Pilot|Sales'
    """
    return _BETWEEN.join(parts)


def _encoding(head: bytes) -> str:
    """Return how a file is written, by how it begins."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if head[:1] == b"\0" else "utf-8"


def _headed(text: io.TextIOWrapper) -> Sheet:
    first, before = text.readline(), 0
    if first.strip().lower().startswith("sep=") and len(first.strip()) <= len("sep=") + 1:
        first, before = text.readline(), 1  # what Excel is told, and nobody else
    separator = max(_SEPARATORS, key=first.count)
    try:
        first.encode()
        headings = next(csv.reader([first], delimiter=separator, strict=True), [])
    except csv.Error as problem:
        raise Unreadable(Fault.BROKEN, before + 1) from problem
    known = [_COLUMNS.get(_plain(heading)) for heading in headings]
    found = [column for column in known if column]
    if Column.SIGN_IN_NAME not in found:
        raise Unreadable(Fault.NO_SIGN_IN_NAME, before + 1)
    if twice := next((column for column in found if found.count(column) > 1), None):
        raise Unreadable(Fault.COLUMN_TWICE, before + 1, twice.value)
    unknown = tuple(
        heading.strip()[:60]
        for heading, column in zip(headings, known, strict=True)
        if column is None and heading.strip()
    )
    return Sheet(found, unknown, _rows(text, separator, known, before + 1))


def _rows(
    text: io.TextIOWrapper, separator: str, columns: Sequence[Column | None], before: int
) -> Iterator[Row]:
    reader, number, line = csv.reader(text, delimiter=separator, strict=True), 0, before + 1
    try:
        for cells in reader:
            if row := _row(line, cells, columns):
                number += 1
                if number > MOST_ROWS:
                    raise Unreadable(Fault.TOO_MANY_ROWS, line)
                yield row
            line = before + reader.line_num + 1
    except UnicodeError as problem:
        raise Unreadable(Fault.NOT_TEXT, line) from problem
    except csv.Error as problem:
        raise Unreadable(Fault.BROKEN, line) from problem
    if not number:
        raise Unreadable(Fault.NO_ROWS)


def _row(line: int, cells: Sequence[str], columns: Sequence[Column | None]) -> Row | None:
    """Return a line's row; nothing where all of it is empty. Raises `UnicodeError` for what is no text."""
    given = [unguarded(cell) for cell in cells]
    for cell in given:
        if not cell.isascii():
            cell.encode()
    if not any(given):
        return None
    named = {column: cell for column, cell in zip(columns, given, strict=False) if column and cell}
    return Row(line, named, extra=any(given[len(columns) :]))


def _plain(heading: str) -> str:
    """Return a heading as it is compared.

    >>> _plain("Sign-in_Name [userPrincipalName] Required"), _plain(" sign in name")
    ('signinname', 'signinname')
    """
    return heading.partition("[")[0].replace("-", "").replace("_", "").replace(" ", "").strip().lower()
