"""Who may reset a password, by what an account's security descriptor says."""

import pytest

from rekey_agent.directories.descriptors import EVERYBODY, RESET_PASSWORD, may_reset

ME = bytes.fromhex("010500000000000515000000010000000200000003000000" + "e8030000")
OTHER = ME[:-4] + bytes.fromhex("e9030000")
ANOTHER_RIGHT = bytes(16)
ALLOW, DENY, ALLOW_OBJECT, DENY_OBJECT = 0, 1, 5, 6
CONTROL, WRITE = 0x100, 0x20


def entry(kind: int, sid: bytes, mask: int = CONTROL, right: bytes | None = None, flags: int = 0) -> bytes:
    """Return one entry as a directory writes it."""
    body = mask.to_bytes(4, "little")
    if kind in {ALLOW_OBJECT, DENY_OBJECT}:
        kind_of_object = bytes(16)  # inherited by such objects
        body += (3 if right else 2).to_bytes(4, "little") + (right or b"") + kind_of_object
    body += sid
    return bytes([kind, flags]) + (len(body) + 4).to_bytes(2, "little") + body


def descriptor(*entries: bytes) -> bytes:
    """Return a descriptor with these entries."""
    whole = b"".join(entries)
    head = bytes([1, 0, 4, 0x80]) + bytes(12) + (20).to_bytes(4, "little")
    return (
        head
        + bytes([4, 0])
        + (len(whole) + 8).to_bytes(2, "little")
        + len(entries).to_bytes(2, "little")
        + bytes(2)
        + whole
    )


RIGHT = RESET_PASSWORD.bytes_le


@pytest.mark.parametrize(
    ("entries", "may"),
    [
        ([], False),
        ([entry(ALLOW_OBJECT, ME, right=RIGHT)], True),
        ([entry(ALLOW_OBJECT, OTHER, right=RIGHT)], False),
        ([entry(ALLOW_OBJECT, ME, right=ANOTHER_RIGHT)], False),
        ([entry(ALLOW_OBJECT, ME)], True),  # every extended right
        ([entry(ALLOW_OBJECT, ME, WRITE, right=RIGHT)], False),
        ([entry(ALLOW_OBJECT, ME, right=RIGHT, flags=0x08)], False),  # for what is below it alone
        ([entry(ALLOW, ME)], True),
        ([entry(ALLOW, ME, 0x10000000)], True),
        ([entry(ALLOW, ME, WRITE)], False),
        ([entry(ALLOW, min(EVERYBODY))], True),
        ([entry(DENY_OBJECT, ME, right=RIGHT), entry(ALLOW, ME)], False),
        ([entry(DENY, OTHER), entry(ALLOW_OBJECT, ME, right=RIGHT)], True),
        ([entry(0x02, ME), entry(ALLOW_OBJECT, ME, right=RIGHT)], True),  # one of an audit, passed over
    ],
)
def test_who_may_reset(entries: list[bytes], may: bool) -> None:
    assert may_reset(descriptor(*entries), frozenset({ME})) is may


def test_no_list_lets_nobody() -> None:
    assert may_reset(bytes(20), frozenset({ME})) is False
