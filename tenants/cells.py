"""Cells of a table that somebody opens in a spreadsheet [pure]: none of them is taken for a formula, and each is read back.

What writes tables and what reads them share the characters, so that an exported list can be imported again.
"""

#: What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), full width included.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def guarded(value: object) -> str:
    """Return what stands in a cell; what a spreadsheet would reckon begins with an apostrophe.

    >>> guarded("=HYPERLINK(1)"), guarded("adele@contoso.example"), guarded(None), guarded(7)
    ("'=HYPERLINK(1)", 'adele@contoso.example', '', '7')
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def unguarded(cell: str) -> str:
    """Return what was meant by a cell, without that apostrophe.

    >>> unguarded("'+49 151 23456789"), unguarded(" 'quoted' ")
    ('+49 151 23456789', "'quoted'")
    """
    text = cell.strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text
