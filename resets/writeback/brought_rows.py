"""A page of a directory's people, as an agent says it [pure]: parsed whole, or the field that cannot be read.

A row that cannot be taken is a flaw of its own and keeps no other from being taken.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from resets.writeback.messages import MOST_ROWS, Malformed, text

#: Characters, as the columns that they go to have.
_NAME, _MAIL, _PHONE, _PLACE, _GROUP, _GUID = 150, 254, 40, 1000, 100, 64
_MOST_GROUPS = 200
_MAIL_SHAPE = re.compile(r"[^\s@]{1,64}@[^\s@]+\.[^\s@]+\Z")
_FLAGS = ("disabled", "locked", "must_change", "expired", "protected", "gone")


class RowFlaw(StrEnum):
    """Why a row of a directory is not taken."""

    NAME_MISSING = "sign_in_name_missing"
    NAME_MALFORMED = "sign_in_name_malformed"
    NAME_FOREIGN = "sign_in_name_foreign"
    NAME_TAKEN = "sign_in_name_taken"
    DUPLICATE = "duplicate"
    LAST_ADMINISTRATOR = "last_administrator"


@dataclass(frozen=True)
class Row:
    """Somebody as the directory has them."""

    guid: str
    sign_in_name: str
    name: str = ""
    mail: str = ""
    mobile: str = ""
    telephone: str = ""
    groups: tuple[str, ...] = ()
    place: str = ""
    rules: str = ""
    disabled: bool = False
    locked: bool = False
    must_change: bool = False
    expired: bool = False
    protected: bool = False
    gone: bool = False


@dataclass(frozen=True)
class Page:
    """Some rows of a run, and how far it has come."""

    run: str
    first: bool
    full: bool
    last: bool
    rows: tuple[Row, ...]
    position: dict[str, Any]


def page(said: dict[str, Any]) -> Page:
    """Read a page.

    >>> page({"run": "1", "kind": "full", "rows": [{"guid": "a"}], "position": {}, "last": True}).rows[0].guid
    'a'
    >>> page({"run": "1", "kind": "some", "rows": [], "position": {}, "last": True})
    Traceback (most recent call last):
    resets.writeback.messages.Malformed: kind
    """
    rows, position = said.get("rows"), said.get("position", {})
    if not isinstance(rows, list) or len(rows) > MOST_ROWS:
        raise Malformed("rows")
    if not isinstance(position, dict) or len(str(position)) > 2000:
        raise Malformed("position")
    kind = text(said, "kind", 8)
    if kind not in {"full", "delta"}:
        raise Malformed("kind")
    return Page(
        run=text(said, "run", 64),
        first=said.get("first") is True,
        full=kind == "full",
        last=said.get("last") is True,
        rows=tuple(_row(one) for one in rows),
        position=position,
    )


def _row(said: object) -> Row:
    if not isinstance(said, dict):
        raise Malformed("rows")
    groups = said.get("groups", [])
    if not isinstance(groups, list) or len(groups) > _MOST_GROUPS:
        raise Malformed("groups")
    mail = _cut(said, "mail", _MAIL)
    return Row(
        guid=text(said, "guid", _GUID),
        sign_in_name=_cut(said, "sign_in_name", 200).lower(),
        name=_cut(said, "name", _NAME),
        mail=mail if _MAIL_SHAPE.match(mail) else "",
        mobile=_cut(said, "mobile", _PHONE),
        telephone=_cut(said, "telephone", _PHONE),
        groups=tuple(
            sorted({_plain(one)[:_GROUP] for one in groups if isinstance(one, str) and _plain(one)})
        ),
        place=_cut(said, "place", _PLACE),
        rules=_cut(said, "rules", _PLACE),
        **{flag: said.get(flag) is True for flag in _FLAGS},
    )


def _cut(said: dict[str, Any], name: str, most: int) -> str:
    """Return a text as far as it fits, on one line: a directory's display names hold whatever somebody once typed."""
    found = said.get(name) or ""
    if not isinstance(found, str):
        raise Malformed(name)
    return _plain(found)[:most]


def _plain(found: str) -> str:
    r"""Return a text with no control characters.

    >>> _plain(" Adele\nVance ")
    'Adele Vance'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in found).split())
