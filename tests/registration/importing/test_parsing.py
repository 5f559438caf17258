"""A file is read as Excel writes it; what cannot be read says where."""

import io

import pytest

from registration.importing import parsing
from registration.importing.parsing import Column, Fault, Unreadable, read

HEAD = "User name [userPrincipalName] Required;DISPLAYNAME;Must_Change;Salary;;Office-Phone"


def rows(text: bytes) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a file: the line, and the cells by heading."""
    return [
        (row.line, {str(key): cell for key, cell in row.cells.items()}) for row in read(io.BytesIO(text)).rows
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_as_excel_writes_it(encoding: str, separator: str, end: str) -> None:
    lines = [
        ("Sign-in name", "Name"),
        ("bärbel@contoso.example", '"Bärbel, née Ünal; x"'),
        ("", ""),
        ("b@c.example", ""),
    ]
    text = end.join(separator.join(line) for line in lines)
    assert rows(text.encode(encoding)) == [
        (2, {"sign-in name": "bärbel@contoso.example", "name": "Bärbel, née Ünal; x"}),
        (4, {"sign-in name": "b@c.example"}),
    ]


@pytest.mark.parametrize(
    ("text", "fault", "line"),
    [
        (b"", Fault.EMPTY, 0),
        (b"  \n \n", Fault.EMPTY, 0),
        (b"name,groups\nAdele,Pilot\n", Fault.NO_SIGN_IN_NAME, 1),
        (b"sign-in name,userPrincipalName\na@b.c,a@b.c\n", Fault.COLUMN_TWICE, 1),
        (b"sign-in name\n", Fault.NO_ROWS, 0),
        (b'sign-in name,name\na@b.c,"Adele\nb@b.c,Bo\n', Fault.BROKEN, 2),
        (b'sign-in name,name\na@b.c,"Ade"le\n', Fault.BROKEN, 2),
        (b"sign-in name,name\na@b.c,Adele\nb@b.c,J\xfcrgen\n", Fault.NOT_TEXT, 3),
        (b"\xff\xfes\x00i\xd8", Fault.NOT_TEXT, 1),
        (b"\x89PNG\r\n\x1a\n\x00\x00", Fault.NOT_TEXT, 1),
    ],
)
def test_what_cannot_be_read(text: bytes, fault: Fault, line: int) -> None:
    with pytest.raises(Unreadable) as found:
        rows(text)
    assert (found.value.fault, found.value.line) == (fault, line)


def test_too_many_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MOST_ROWS", 2)
    with pytest.raises(Unreadable) as found:
        rows(b"sign-in name\na@b.c\nb@b.c\nc@b.c\n")
    assert (found.value.fault, found.value.line) == (Fault.TOO_MANY_ROWS, 4)


def test_headings() -> None:
    """As the template has them, as Entra has them, in any case; what is unknown is named."""
    sheet = read(
        io.BytesIO(
            b"sep=;\nUser name [userPrincipalName] Required;DISPLAYNAME;Must_Change;Salary;;Office-Phone\na;b;c;d;e;f;g\n"
        )
    )
    assert sheet.columns == [Column.SIGN_IN_NAME, Column.NAME, Column.MUST_CHANGE, Column.OFFICE_PHONE]
    assert sheet.unknown == ("Salary",)
    (row,) = sheet.rows
    assert (row.line, row.cells[Column.OFFICE_PHONE], row.extra) == (3, "f", True)


def test_what_is_quoted_over_lines_counts_each_of_them() -> None:
    assert [line for line, _cells in rows(b'sign-in name,name\na@b.c,"A\nb"\nc@b.c,C\n')] == [2, 4]
