"""What an agent's signature proves, and what it is refused for."""

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from resets.writeback import signed
from resets.writeback.base64url import encoded
from resets.writeback.signed import Header, parse, verify

AGENT, AT, PATH, BODY = "4be0643f-1d98-473b-97cd-ca98a65347dd", 1_764_000_000, "/agent/v1/claim", b"{}"
SIGNING = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = SIGNING.public_key().public_bytes_raw()
#: Reckoned once, and unchanged since: agents that are out there sign so.
SIGNATURE = "EYWfC9pqbxQSlQ0E0L28C7U6OB8JFG_Ar92FLyRqAtJeMSwX2qiOQvOOXfrTAje-8hdTJyf7cFyN5LuzIlmWCw"


def header(*, agent: str = AGENT, at: int = AT, path: str = PATH, body: bytes = BODY) -> Header:
    """Sign as an agent does."""
    text = f"rekey-agent-v1\n{path}\n{agent}\n{at}\n{sha256(body).hexdigest()}"
    return parse(f"{agent};{at};{encoded(SIGNING.sign(text.encode()))}")


def refusal(found: Header, *, path: str = PATH, body: bytes = BODY, key: bytes = KEY, now: float = AT) -> str:
    """Return for what a request is refused; nothing when it is heard."""
    try:
        verify(found, path, body, key, now)
    except signed.Refusal as refused:
        return refused.code
    return ""


def test_a_request_is_known_by_its_signature() -> None:
    assert refusal(parse(f"{AGENT};{AT};{SIGNATURE}")) == ""
    assert refusal(header()) == ""


@pytest.mark.parametrize("other", [{"path": "/agent/v1/intent"}, {"body": b"{ }"}, {"key": bytes(32)}])
def test_a_signature_is_of_one_request_by_one_key(other: dict[str, object]) -> None:
    assert refusal(header(), **other) == "signature"  # type: ignore[arg-type]  # one of them at a time


def test_nothing_of_a_header_can_be_exchanged() -> None:
    whole = header()
    assert refusal(Header("enrol", whole.at, whole.signature)) == "signature"
    assert refusal(Header(whole.agent, whole.at + 1, whole.signature)) == "signature"
    assert refusal(Header(whole.agent, whole.at, bytes(64))) == "signature"
    assert refusal(Header(whole.agent, whole.at, whole.signature[:-1])) == "signature"
    assert refusal(Header(f"{whole.agent}\n{whole.at}", whole.at, whole.signature)) == "signature"


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33)])
def test_what_is_no_key_knows_nobody(key: bytes) -> None:
    assert refusal(header(), key=key) == "signature"


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (AT, ""),
        (AT + 60, ""),
        (AT - 60, ""),
        (AT + 60.01, "clock"),
        (AT - 60.01, "clock"),
        (AT + 1e9, "clock"),
    ],
)
def test_the_clock_may_be_off_by_a_minute(now: float, code: str) -> None:
    assert refusal(header(), now=now) == code


def test_a_stranger_is_not_told_of_the_clock() -> None:
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    assert refusal(header(), key=stranger, now=AT + 1e9) == "signature"


def test_what_a_header_says() -> None:
    assert parse(f"{AGENT};{AT};AAECAw") == Header(AGENT, AT, b"\0\1\2\3")
    assert parse("enrol;0;") == Header("enrol", 0, b"")


@pytest.mark.parametrize(
    "text",
    [
        "",
        ";",
        ";;;",
        f"{AGENT};{AT}",
        f"{AGENT};{AT};AAAA;",
        f"{AGENT};-1;AAAA",
        f"{AGENT};1.5;AAAA",
        f"{AGENT}; 1;AAAA",
        f"{AGENT};1_0;AAAA",
        f"{AGENT};;AAAA",
        f"{AGENT};\u0661\u0662;AAAA",
        f"{AGENT};\u00b2;AAAA",
        f"{AGENT};{AT};A",
        f"{AGENT};{AT};A A A",
        f"{AGENT};{AT};\u00e4\u00e4\u00e4\u00e4",
        f"{AGENT};{'9' * 5000};AAAA",
        f"{'a' * 300};{AT};AAAA",
    ],
)
def test_what_is_no_header(text: str) -> None:
    with pytest.raises(signed.Refusal) as refused:
        parse(text)
    assert refused.value.code == "signature"


def test_a_moment_that_no_clock_shows_is_refused() -> None:
    far = int("9" * 150)
    assert refusal(header(at=far)) == "clock"
