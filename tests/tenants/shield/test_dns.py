"""Texts beside a name, asked of a real server on this machine."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dns.resolver
import pytest

from tenants.shield import dns as asking
from tenants.shield.dns import Server, Unanswered, lookup
from tests.nameserver import REFUSED, SERVFAIL, NameServer, name_server

NAME = "_rekey.contoso.example"
TEXT = "rekey-verification=1"


@pytest.fixture
def knows(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    with name_server() as (server, port):
        monkeypatch.setattr(asking, "servers", lambda: [Server("127.0.0.1", port)])
        yield server


def outcome() -> str:
    """Return why nobody has answered."""
    with pytest.raises(Unanswered) as refused:
        lookup(NAME)
    return refused.value.code


def test_texts_are_found_behind_an_alias(knows: NameServer) -> None:
    knows.texts[NAME] = [TEXT, "v=spf1 -all", ""]
    assert sorted(lookup(NAME)) == ["", TEXT, "v=spf1 -all"]
    assert knows.asked == [("udp", NAME)]


def test_what_is_too_long_for_a_packet_is_asked_for_by_a_line(knows: NameServer) -> None:
    knows.texts[NAME] = [TEXT, "ä" * 300]
    assert sorted(lookup(NAME)) == [TEXT, "ä" * 300]
    assert knows.asked == [("udp", NAME), ("tcp", NAME)]


def test_a_name_that_nobody_has_or_without_texts_has_none(knows: NameServer) -> None:
    assert lookup(NAME) == []
    knows.texts[NAME] = []
    assert lookup(NAME) == []


@pytest.mark.parametrize("name", [f"{'a.' * 125}example", f"{'a' * 64}.example", "a..example"])
def test_a_name_that_cannot_be_has_no_texts(knows: NameServer, name: str) -> None:
    assert lookup(f"_rekey.{name}") == []
    assert knows.asked == []


@pytest.mark.parametrize(
    "broken", [b"", b"\0", b"\0" * 12, b"\xff" * 500], ids=["nothing", "a byte", "zeros", "ones"]
)
def test_what_is_no_answer_is_none(knows: NameServer, broken: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 0.2)
    knows.texts[NAME], knows.broken = [TEXT], {"udp": broken}
    assert outcome() == "unreachable"
    knows.texts[NAME], knows.broken = ["ä" * 300], {"tcp": broken}
    assert outcome() == "unreachable"
    assert knows.asked[-1] == ("tcp", NAME)


def test_an_answer_to_another_question_is_none(knows: NameServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 0.2)
    knows.texts[NAME], knows.wrong_number = [TEXT], True
    assert outcome() == "unreachable"


@pytest.mark.parametrize("code", [REFUSED, SERVFAIL])
def test_a_server_that_refuses(knows: NameServer, code: int) -> None:
    knows.texts[NAME], knows.code = [TEXT], code
    assert outcome() == "refused"


def test_the_next_server_is_asked_when_one_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 1.5)
    with name_server() as (server, port), _silent() as silent:
        server.texts[NAME] = ["yes"]
        monkeypatch.setattr(
            asking,
            "servers",
            lambda: [Server("127.0.0.1", _closed()), Server("127.0.0.1", silent), Server("127.0.0.1", port)],
        )
        assert lookup(NAME) == ["yes"]


def test_none_that_answers_is_told_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 0.3)
    with _silent() as silent:
        monkeypatch.setattr(asking, "servers", lambda: [Server("127.0.0.1", silent)])
        begun = time.monotonic()
        assert outcome() == "unreachable"
    assert time.monotonic() - begun < 1.5


def test_a_machine_that_names_no_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The file is missing, says nothing, or what is no address."""
    named = tmp_path / "resolv.conf"
    read = dns.resolver.Resolver.read_resolv_conf
    monkeypatch.setattr(dns.resolver.Resolver, "read_resolv_conf", lambda self, _file: read(self, str(named)))
    assert outcome() == "no_server"
    for text in ("# nameserver 9.9.9.9\nsearch a.b\n", "nameserver nobody\n"):
        named.write_text(text)
        assert outcome() == "no_server"
    named.write_text("# nameserver 9.9.9.9\nnameserver 10.0.0.1\nsearch a.b\nnameserver ::1\n")
    assert list(asking.servers()) == ["10.0.0.1", "::1"]


@contextmanager
def _silent() -> Iterator[int]:
    """Take packets within the block, and say nothing; yield the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        yield int(silent.getsockname()[1])


def _closed() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as once:
        once.bind(("127.0.0.1", 0))
        return int(once.getsockname()[1])
