"""What a directory is searched for, whole or by pages, and what is read off what is found."""

from collections.abc import Iterator, Sequence
from typing import Any

from ldap3 import SUBTREE, Connection

from rekey_agent.directories.directory import PAGE
from rekey_agent.directories.line import Line

Raw = dict[str, list[bytes]]
_PAGED = "1.2.840.113556.1.4.319"


def search(
    line: Line,
    base: str,
    wanted: str,
    scope: str,
    names: Sequence[str],
    *,
    limit: int = 0,
    controls: list[Any] | None = None,
) -> list[tuple[str, Raw]]:
    """Return what is found, each with its name; with a limit, so many of it. Raises ldap3's `LDAPOperationResult`."""

    def ask(connection: Connection) -> list[tuple[str, Raw]]:
        connection.search(base, wanted, scope, attributes=list(names), size_limit=limit, controls=controls)
        return _found(connection)

    return line.ask(ask, may_be_cut=limit > 0)


def everybody(line: Line, place: str, wanted: str, names: Sequence[str]) -> Iterator[tuple[str, Raw]]:
    """Yield all that is found below a place, page by page, or raise ldap3's `LDAPOperationResult`: never a part of it."""
    cookie: bytes | None = None
    while True:

        def ask(
            connection: Connection, cookie: bytes | None = cookie
        ) -> tuple[list[tuple[str, Raw]], bytes | None]:
            connection.search(
                *(place, wanted, SUBTREE), attributes=list(names), paged_size=PAGE, paged_cookie=cookie
            )
            return _found(connection), _cookie_of(connection)

        found, cookie = line.ask(ask)
        yield from found
        if not cookie:
            return


def text(raw: Raw, name: str) -> str:
    """Return an attribute's first value; nothing where it has none."""
    values = raw.get(name) or [b""]
    return values[0].decode("utf-8", "replace")


def words(raw: Raw, name: str) -> set[str]:
    """Return an attribute's values."""
    return {value.decode("ascii", "replace") for value in raw.get(name, [])}


def _cookie_of(connection: Connection) -> bytes | None:
    """Return where the next page begins; None after the last."""
    control = (connection.result.get("controls") or {}).get(_PAGED) or {}
    return (control.get("value") or {}).get("cookie") or None


def _found(connection: Connection) -> list[tuple[str, Raw]]:
    return [
        (str(one["dn"]), {str(name): list(values or ()) for name, values in one["raw_attributes"].items()})
        for one in connection.response or []
        if one.get("type") == "searchResEntry"
    ]
