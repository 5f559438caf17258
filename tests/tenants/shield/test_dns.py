"""Texts beside a name, asked of a real server on this machine."""

import socket
from collections.abc import Iterator

import pytest

from tenants.shield import dns
from tenants.shield.dns import Server, Unanswered, lookup
from tests.nameserver import REFUSED, NameServer, name_server

NAME = "_rekey.contoso.example"


@pytest.fixture
def knows(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    with name_server() as (server, port):
        monkeypatch.setattr(dns, "servers", lambda: [Server("127.0.0.1", port)])
        yield server


def test_texts_are_found_in_pieces_and_behind_an_alias(knows: NameServer) -> None:
    knows.texts[NAME] = ["rekey-verification=1", "ä" * 300, ""]
    assert lookup(NAME) == ["rekey-verification=1", "ä" * 300, ""]
    assert knows.asked == [NAME]


def test_a_name_that_nobody_has_has_no_texts(knows: NameServer) -> None:
    assert lookup(NAME) == []


@pytest.mark.parametrize(
    "broken", [b"", b"\0", b"\0" * 12, b"\xff" * 600], ids=["nothing", "a byte", "zeros", "ones"]
)
def test_what_is_no_answer_is_none(knows: NameServer, broken: bytes) -> None:
    knows.texts[NAME], knows.broken = ["rekey-verification=1"], broken
    with pytest.raises(Unanswered) as refused:
        lookup(NAME)
    assert refused.value.code == "unreachable"


def test_an_answer_to_another_question_is_none(knows: NameServer) -> None:
    knows.texts[NAME], knows.wrong_number = ["rekey-verification=1"], True
    with pytest.raises(Unanswered):
        lookup(NAME)


def test_a_server_that_refuses(knows: NameServer) -> None:
    knows.texts[NAME], knows.code = ["rekey-verification=1"], REFUSED
    with pytest.raises(Unanswered) as refused:
        lookup(NAME)
    assert refused.value.code == "refused"


def test_the_next_server_is_asked_when_one_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    with name_server() as (server, port):
        server.texts[NAME] = ["yes"]
        monkeypatch.setattr(
            dns, "servers", lambda: [Server("127.0.0.1", _closed()), Server("127.0.0.1", port)]
        )
        assert lookup(NAME) == ["yes"]


def test_none_that_answers_is_told_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes the line and says nothing."""
    monkeypatch.setattr(dns, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(dns, "servers", lambda: [Server("127.0.0.1", silent.getsockname()[1])])
        with pytest.raises(Unanswered) as refused:
            lookup(NAME)
    assert refused.value.code == "unreachable"
    monkeypatch.setattr(dns, "servers", list)
    with pytest.raises(Unanswered) as refused:
        lookup(NAME)
    assert refused.value.code == "no_server"


def _closed() -> int:
    with socket.create_server(("127.0.0.1", 0)) as once:
        return int(once.getsockname()[1])
