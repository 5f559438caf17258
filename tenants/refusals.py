"""The codes that people read out to the help desk [pure]: one for each reason for which somebody is refused.

A rule answers with a member of an enumeration of its own; here each such member has the public code that stands on the page,
in the audit log, and in docs/troubleshooting.md with what to do about it. Every room contributes its own, in its `codes.py`. A
code is never given to another reason, and never taken back. Where Entra has a number for the same reason, ours ends in it:
SSPR_0013 is RK-RESET-013.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

_codes: dict[tuple[type[StrEnum], str], str] = {}
_texts: dict[str, str] = {}


@dataclass(frozen=True)
class Shown:
    """What stands in small print on a page that refuses."""

    code: str
    reference: str = ""


def contribute(*codes: tuple[StrEnum, str]) -> None:
    """Add a room's codes. Several reasons may share one, where there is one thing to do about them.

    In pairs, since a mapping would take members of two enumerations that have one text for the same key.
    """
    for reason, code in codes:
        _codes[type(reason), reason.value] = code


def contribute_texts(codes: Mapping[str, str]) -> None:
    """Add codes of reasons that are plain texts; each must mean one thing wherever it stands."""
    _texts.update(codes)


def code_of(reason: object) -> str:
    """Return the public code of a reason; nothing for what is no reason to refuse.

    >>> class Why(StrEnum):
    ...     LATE = "late"
    >>> contribute((Why.LATE, "RK-TEST-001"))
    >>> code_of(Why.LATE), code_of("late")
    ('RK-TEST-001', '')
    >>> del _codes[Why, "late"]
    """
    if isinstance(reason, StrEnum):
        return _codes.get((type(reason), reason.value), "")
    return _texts.get(reason, "") if isinstance(reason, str) else ""


def every() -> Mapping[tuple[type[StrEnum], str], str]:
    """Return every reason that is a member of an enumeration, with its code."""
    return dict(_codes)


def every_text() -> Mapping[str, str]:
    """Return every reason that is a plain text, with its code."""
    return dict(_texts)
