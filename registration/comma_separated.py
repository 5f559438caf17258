"""Lines of CSV that a spreadsheet opens as text: no cell of somebody else's words begins a formula."""

import csv
import io
from collections.abc import Iterable

#: What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
#: Stands at the head of a file, so that spreadsheets read it as UTF-8.
MARK = "\ufeff"


def cell(value: object) -> str:
    """Return what stands in a cell.

    >>> cell("=HYPERLINK(1)"), cell("adele@contoso.example"), cell(None), cell(7)
    ("'=HYPERLINK(1)", 'adele@contoso.example', '', '7')
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def line(cells: Iterable[object]) -> str:
    """Return one line.

    >>> print(line(["a,b", 1, "@sum"]).strip())
    "a,b",1,'@sum
    """
    text = io.StringIO()
    csv.writer(text).writerow([cell(one) for one in cells])
    return text.getvalue()
