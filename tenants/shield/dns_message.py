"""What is asked of a name server and what it answers (RFC 1035), as far as texts that stand beside a name.

Bytes in, texts out. An answer is taken only when it is to this very question.
"""

import struct

TXT = 16
_IN = 1
_HEADER = struct.Struct("!6H")
_RECORD = struct.Struct("!HHIH")
_ANSWER, _CUT, _WANTED, _KIND = 0x8000, 0x0200, 0x0100, 0x7800
NO_SUCH_NAME = 3


class Malformed(Exception):
    """This is no answer to the question: it is broken, or another's."""


def question(number: int, name: str) -> bytes:
    r"""Return the bytes that ask a server for the texts of a name, and to find them by itself.

    >>> question(7, "a.example")
    b'\x00\x07\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x07example\x00\x00\x10\x00\x01'
    """
    return _HEADER.pack(number, _WANTED, 1, 0, 0, 0) + _asked(name)


def texts(message: bytes, *, number: int, name: str) -> tuple[int, list[str]]:
    r"""Return the answer's code, which is 0 where all is well, and the texts in it.

    >>> asked = question(7, "a.example")
    >>> said = asked[:2] + b"\x81\x80" + asked[4:6] + b"\x00\x01" + asked[8:]
    >>> texts(said + b"\xc0\x0c\x00\x10\x00\x01\x00\x00\x00\x05\x00\x06\x02hi\x02yo", number=7, name="a.example")
    (0, ['hiyo'])
    >>> texts(said, number=8, name="a.example")
    Traceback (most recent call last):
    tenants.shield.dns_message.Malformed: another's
    """
    try:
        return _read(message, number, name)
    except (struct.error, IndexError) as problem:
        raise Malformed("cut") from problem


def _read(message: bytes, number: int, name: str) -> tuple[int, list[str]]:
    which, flags, questions, answers, _authorities, _more = _HEADER.unpack_from(message)
    asked, at = _asked(name), _HEADER.size
    echoed = message[at : at + len(asked)]
    if which != number or not flags & _ANSWER or flags & _KIND or questions != 1 or echoed.lower() != asked:
        raise Malformed("another's")
    if flags & _CUT:
        raise Malformed("cut")
    at, found = at + len(asked), list[str]()
    for _record in range(answers):
        at = _after_name(message, at)
        kind, family, _life, length = _RECORD.unpack_from(message, at)
        at += _RECORD.size
        content = message[at : at + length]
        if len(content) != length:
            raise Malformed("cut")
        if (kind, family) == (TXT, _IN):
            found.append(_joined(content))
        at += length
    return flags & 0xF, found


def _asked(name: str) -> bytes:
    labels = [label.encode("ascii") for label in name.lower().rstrip(".").split(".")]
    if not all(1 <= len(label) <= 63 for label in labels) or sum(len(label) + 1 for label in labels) > 254:
        raise ValueError(name)
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0" + struct.pack("!HH", TXT, _IN)


def _after_name(message: bytes, at: int) -> int:
    """Return where a name ends: after its labels, or after the pointer to them."""
    for _label in range(128):
        length = message[at]
        if length >= 0xC0:
            return at + 2
        at += length + 1
        if length == 0:
            return at
    raise Malformed("name")


def _joined(content: bytes) -> str:
    """Return one text, which stands in pieces of at most 255 bytes."""
    pieces, at = [], 0
    while at < len(content):
        length = content[at]
        pieces.append(content[at + 1 : at + 1 + length])
        at += length + 1
    return b"".join(pieces).decode("utf-8", "replace")
