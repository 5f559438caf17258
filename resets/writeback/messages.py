"""What agents say, read from JSON [pure]: each message as a dataclass, or the name of what is wrong with it."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from resets.writeback.base64url import decoded

#: The longest body in bytes, and the most rows of people in one.
LONGEST, MOST_ROWS = 1024 * 1024, 500
_KEY = 32
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Malformed(Exception):
    """A message cannot be read; `field` names what to mend."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True)
class Enrolment:
    """Who wants to be an agent."""

    code: str
    name: str
    version: str
    kind: str
    sealing_key: bytes
    signing_key: bytes


@dataclass(frozen=True)
class Beat:
    """How an agent and its directory are."""

    version: str
    kind: str
    reachable: bool
    code: str
    latency_ms: int | None
    checks: list[dict[str, Any]] = field(default_factory=list)
    policies: dict[str, dict[str, int]] = field(default_factory=dict)
    capabilities: dict[str, bool] = field(default_factory=dict)
    ous: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Word:
    """What an agent says of a job: that it begins, or how it came out."""

    job: UUID
    attempt: int
    before: str = ""
    outcome: str = ""
    code: str = ""


@dataclass(frozen=True)
class NewKeys:
    """Keys that take the place of an agent's."""

    sealing_key: bytes
    signing_key: bytes
    signature: bytes


def parsed(body: bytes) -> dict[str, Any]:
    """Return a body's object; an empty body is an empty one. Raises `Malformed`."""
    if len(body) > LONGEST:
        raise Malformed("body")
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise Malformed("body") from None
    if not isinstance(found, dict):
        raise Malformed("body")
    return found


def enrolment(said: dict[str, Any]) -> Enrolment:
    """Read an enrolment.

    >>> enrolment({"code": "A", "name": "dc1", "version": "1", "kind": "openldap", "sealing_key": "", "signing_key": ""})
    Traceback (most recent call last):
    resets.writeback.messages.Malformed: sealing_key
    """
    return Enrolment(
        code=text(said, "code", 100),
        name=text(said, "name", 100),
        version=text(said, "version", 32),
        kind=text(said, "kind", 32),
        sealing_key=_bytes(said, "sealing_key", _KEY),
        signing_key=_bytes(said, "signing_key", _KEY),
    )


def beat(said: dict[str, Any]) -> Beat:
    """Read a heartbeat; what it holds beyond what we know is left out."""
    latency = said.get("latency_ms")
    if latency is not None and not _is_number(latency, 0, 10**7):
        raise Malformed("latency_ms")
    return Beat(
        version=text(said, "version", 32),
        kind=text(said, "kind", 32),
        reachable=_flag(said, "reachable"),
        code=text(said, "code", 64, empty=True),
        latency_ms=latency,
        checks=[_check(one) for one in _list(said, "checks", 100)],
        policies={
            _short(key, "policies", 1000): _rules(one) for key, one in _object(said, "policies").items()
        },
        capabilities={
            _short(key, "capabilities", 32): one is True for key, one in _object(said, "capabilities").items()
        },
        ous=[_short(one, "ous", 1000) for one in _list(said, "ous", 100)],
    )


def word(said: dict[str, Any]) -> Word:
    """Read what is said of a job."""
    try:
        job = UUID(text(said, "job", 36))
    except ValueError:
        raise Malformed("job") from None
    attempt = said.get("attempt")
    if not _is_number(attempt, 1, 32767):
        raise Malformed("attempt")
    return Word(
        job=job,
        attempt=int(attempt),  # type: ignore[arg-type]  # it was looked at
        before=text(said, "before", 64, empty=True),
        outcome=text(said, "outcome", 16, empty=True),
        code=text(said, "code", 64, empty=True),
    )


def new_keys(said: dict[str, Any]) -> NewKeys:
    """Read new keys and what the new one signed."""
    return NewKeys(
        _bytes(said, "sealing_key", _KEY), _bytes(said, "signing_key", _KEY), _bytes(said, "signature", 64)
    )


def text(said: dict[str, Any], name: str, longest: int, *, empty: bool = False) -> str:
    """Return a text of one line of the message."""
    found = said.get(name, "" if empty else None)
    if not isinstance(found, str) or len(found) > longest or _CONTROL.search(found):
        raise Malformed(name)
    if not found and not empty:
        raise Malformed(name)
    return found


def _bytes(said: dict[str, Any], name: str, size: int) -> bytes:
    try:
        found = decoded(text(said, name, 2 * size))
    except ValueError:
        raise Malformed(name) from None
    if len(found) != size:
        raise Malformed(name)
    return found


def _flag(said: dict[str, Any], name: str) -> bool:
    found = said.get(name)
    if not isinstance(found, bool):
        raise Malformed(name)
    return found


def _list(said: dict[str, Any], name: str, most: int) -> list[Any]:
    found = said.get(name, [])
    if not isinstance(found, list) or len(found) > most:
        raise Malformed(name)
    return found


def _object(said: dict[str, Any], name: str) -> dict[str, Any]:
    found = said.get(name, {})
    if not isinstance(found, dict) or len(found) > 200:
        raise Malformed(name)
    return found


def _check(found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise Malformed("checks")
    return {
        "check": text(found, "check", 32),
        "ok": _flag(found, "ok"),
        "detail": text(found, "detail", 500, empty=True),
    }


def _rules(found: object) -> dict[str, int]:
    if not isinstance(found, dict) or len(found) > 20:
        raise Malformed("policies")
    rules = {}
    for key, value in found.items():
        if not isinstance(value, bool) and not _is_number(value, 0, 2**53):
            raise Malformed("policies")
        rules[_short(key, "policies", 32)] = value
    return rules


def _short(found: object, name: str, longest: int) -> str:
    if not isinstance(found, str) or len(found) > longest or _CONTROL.search(found):
        raise Malformed(name)
    return found


def _is_number(found: object, least: int, most: int) -> bool:
    return isinstance(found, int) and not isinstance(found, bool) and least <= found <= most
