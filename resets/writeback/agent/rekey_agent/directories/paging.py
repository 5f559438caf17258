"""Many entries by pages, and what is read off their names."""

import re
from collections.abc import Iterator
from typing import Any

from ldap3.core.exceptions import LDAPInvalidDnError
from ldap3.utils.dn import parse_dn

from rekey_agent.directories.directory import PAGE, PeoplePage, Row

#: A character of a name by its number, or as it is (RFC 4514, 2.4).
_ESCAPED = re.compile(r"\\(?:([0-9A-Fa-f]{2})|(.))")


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


def same(one: str, other: str) -> bool:
    r"""Say whether two names are of one entry, however they are written.

    >>> same("CN=Admins, ou=Groups,DC=corp", "cn=admins,OU=groups,dc=corp"), same("cn=a\\2cb,dc=c", r"cn=a\,b,dc=c")
    (True, True)
    >>> same("cn=admins,dc=corp", "cn=admins,dc=corpus"), same("admins", "admins")
    (False, False)
    """
    try:
        return _parts(one) == _parts(other)
    except LDAPInvalidDnError:
        return False


def written(dn: str) -> str:
    """Return a name as servers take it, without blanks between its parts. Raises ldap3's `LDAPInvalidDnError`.

    >>> written("CN=Admins, ou=Groups,DC=corp")
    'CN=Admins,ou=Groups,DC=corp'
    """
    return ",".join(f"{name}={value}" for name, value, _comma in parse_dn(dn, escape=False, strip=True))


def _parts(dn: str) -> list[tuple[str, str]]:
    return [
        (name.strip().lower(), _ESCAPED.sub(_plain, value.strip()).lower())
        for name, value, _comma in parse_dn(dn, escape=False, strip=True)
    ]


def _plain(found: re.Match[str]) -> str:
    digits, letter = found.groups()
    return bytes.fromhex(digits).decode("latin-1") if digits else str(letter)


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
