"""Whether an account's security descriptor lets somebody reset its password [pure] ([MS-DTYP] 2.4, [MS-ADTS] 5.1.3.3.4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

#: "Reset password", as an extended right.
RESET_PASSWORD = UUID("00299570-246d-11d0-a768-00aa006e0529")
_CONTROL_ACCESS, _GENERIC_ALL = 0x100, 0x10000000
_INHERIT_ONLY = 0x08
_ALLOW, _DENY, _ALLOW_OBJECT, _DENY_OBJECT = 0, 1, 5, 6
#: Who everybody is who has signed in: Everyone, Authenticated Users.
EVERYBODY = frozenset({bytes.fromhex("010100000000000100000000"), bytes.fromhex("01010000000000050b000000")})


@dataclass(frozen=True)
class _Entry:
    denies: bool
    mask: int
    right: UUID | None
    sid: bytes


def may_reset(descriptor: bytes, sids: frozenset[bytes]) -> bool:
    """Say whether one of these may reset the password; entries count in their order, the first that fits decides."""
    mine = sids | EVERYBODY
    for entry in _entries(descriptor):
        is_of_it = entry.mask & _GENERIC_ALL or (
            entry.mask & _CONTROL_ACCESS and entry.right in {None, RESET_PASSWORD}
        )
        if is_of_it and entry.sid in mine:
            return not entry.denies
    return False


def _entries(descriptor: bytes) -> Iterator[_Entry]:
    """Yield the entries of a self-relative descriptor that count for the account itself."""
    at = int.from_bytes(descriptor[16:20], "little")
    if not at:
        return
    count = int.from_bytes(descriptor[at + 4 : at + 6], "little")
    at += 8
    for _each in range(count):
        kind, flags = descriptor[at], descriptor[at + 1]
        size = int.from_bytes(descriptor[at + 2 : at + 4], "little")
        body = descriptor[at + 4 : at + size]
        at += size
        if not flags & _INHERIT_ONLY and kind in {_ALLOW, _DENY, _ALLOW_OBJECT, _DENY_OBJECT}:
            yield _entry(kind, body)


def _entry(kind: int, body: bytes) -> _Entry:
    mask, rest, right = int.from_bytes(body[:4], "little"), body[4:], None
    if kind in {_ALLOW_OBJECT, _DENY_OBJECT}:
        present, rest = int.from_bytes(rest[:4], "little"), rest[4:]
        if present & 1:
            right, rest = UUID(bytes_le=rest[:16]), rest[16:]
        if present & 2:
            rest = rest[16:]
    return _Entry(kind in {_DENY, _DENY_OBJECT}, mask, right, rest)
