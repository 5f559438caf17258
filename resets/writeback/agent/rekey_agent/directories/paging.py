"""Many entries by pages, and what is read off their names."""

from collections.abc import Iterator
from typing import Any

from ldap3 import Connection
from ldap3.utils.dn import parse_dn

from rekey_agent.directories.directory import PAGE, PeoplePage, Row

_PAGED = "1.2.840.113556.1.4.319"


def pages(rows: Iterator[Row], reached: dict[str, Any]) -> Iterator[PeoplePage]:
    """Yield rows by pages, of which the last says so; there is one even where nobody is.

    >>> [(len(page.rows), page.last) for page in pages(iter([{}] * 501), {})]
    [(500, False), (1, True)]
    >>> [(len(page.rows), page.last) for page in pages(iter([]), {})]
    [(0, True)]
    """
    page: list[Row] = []
    for row in rows:
        if len(page) == PAGE:
            yield PeoplePage(page, {}, last=False)
            page = []
        page.append(row)
    yield PeoplePage(page, reached, last=True)


def cookie_of(connection: Connection) -> bytes | None:
    """Return where the next page of the search begins; None after the last."""
    control = (connection.result.get("controls") or {}).get(_PAGED) or {}
    return (control.get("value") or {}).get("cookie") or None


def common_name(dn: str) -> str:
    """Return the first part of a name.

    >>> common_name("CN=Sales,OU=Groups,DC=corp,DC=example")
    'Sales'
    """
    return str(parse_dn(dn, escape=False)[0][1])


def parent(dn: str) -> str:
    r"""Return where an entry is.

    >>> parent("CN=Vance\\, Adele,OU=People,DC=corp")
    'OU=People,DC=corp'
    """
    return ",".join(f"{name}={value}" for name, value, _comma in parse_dn(dn, escape=False)[1:])
