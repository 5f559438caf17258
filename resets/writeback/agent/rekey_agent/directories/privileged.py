"""Which accounts only administrators may touch, by mark or by membership [pure]."""

from collections.abc import Iterable

#: Privileged groups by the last part of their SID: of a domain, and of BUILTIN.
_DOMAIN_RIDS = frozenset({512, 516, 518, 519, 520, 521, 526, 527})
_BUILTIN_RIDS = frozenset({544, 548, 549, 550, 551})
_BY_NAME = frozenset(
    {
        "domain admins",
        "enterprise admins",
        "schema admins",
        "administrators",
        "account operators",
        "server operators",
        "print operators",
        "backup operators",
    }
)


def is_protected(admin_count: str, token_groups: Iterable[bytes]) -> bool:
    """Say whether an account is privileged: by `adminCount`, or by a group that it is in, directly or not."""
    return admin_count == "1" or any(map(is_privileged, token_groups))


def is_named(groups: Iterable[str]) -> bool:
    """Say whether one of these groups has the name of a privileged one: for lists, where it is said and not judged."""
    return bool(_BY_NAME.intersection(name.lower() for name in groups))


def is_privileged(sid: bytes) -> bool:
    """Say whether a binary SID names a privileged group.

    >>> is_privileged(bytes.fromhex("01020000000000052000000020020000"))  # S-1-5-32-544
    True
    """
    if len(sid) < 12:
        return False
    parts = [int.from_bytes(sid[at : at + 4], "little") for at in range(8, len(sid), 4)]
    if parts[0] == 32:
        return parts[-1] in _BUILTIN_RIDS
    return parts[0] == 21 and len(parts) == 5 and parts[-1] in _DOMAIN_RIDS
