"""config/env.py: every reader takes what it should, and names the variable when it cannot."""

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from config import env
from config.env import EnvironmentProblem

KEY = base64.b64encode(b"k" * 32).decode()


def problem(read: Callable[..., Any], environ: Mapping[str, str], *args: Any, **named: Any) -> str:
    """Return what is said about a value that cannot be read."""
    with pytest.raises(EnvironmentProblem) as found:
        read(*args, environ=environ, **named)
    return str(found.value)


def test_text() -> None:
    assert env.text("REKEY_MAIL_FROM", "a@b", environ={}) == "a@b"
    assert env.text("REKEY_MAIL_FROM", "a@b", environ={"REKEY_MAIL_FROM": ""}) == "a@b"
    assert env.text("REKEY_MAIL_FROM", environ={"REKEY_MAIL_FROM": "x"}) == "x"
    assert problem(env.text, {}, "REKEY_MAIL_FROM").startswith("REKEY_MAIL_FROM is not set: it is ")


@pytest.mark.parametrize(
    ("value", "read"), [("1", True), ("TRUE", True), ("yes", True), ("0", False), ("no", False), ("", False)]
)
def test_flag(value: str, read: bool) -> None:
    assert env.flag("REKEY_DEMO", environ={"REKEY_DEMO": value}) is read


@pytest.mark.parametrize("value", ["on", "2", "ja", " "])
def test_flag_refuses(value: str) -> None:
    assert problem(env.flag, {"REKEY_DEMO": value}, "REKEY_DEMO") == "REKEY_DEMO is not 1 or 0."


def test_number() -> None:
    assert env.number("REKEY_PROXY_DEPTH", 0, low=0, high=10, environ={"REKEY_PROXY_DEPTH": "10"}) == 10
    for value in ("-1", "11", "1.5", "x"):
        said = problem(env.number, {"REKEY_PROXY_DEPTH": value}, "REKEY_PROXY_DEPTH", 0, low=0, high=10)
        assert said == "REKEY_PROXY_DEPTH is not a whole number from 0 to 10."


@pytest.mark.parametrize(
    "value",
    [
        "https://{host}/agent/v1/wait",
        "http://{host}:8001/agent/v1/wait",
        "https://waits.example/agent/v1/wait",
    ],
)
def test_where_agents_wait(value: str) -> None:
    assert env.wait_address("REKEY_AGENT_WAIT_URL", environ={"REKEY_AGENT_WAIT_URL": value}) == value


def test_agents_wait_at_the_pages_address() -> None:
    assert env.wait_address("REKEY_AGENT_WAIT_URL", environ={}) == ""


@pytest.mark.parametrize(
    "value",
    [
        "{host}/agent/v1/wait",
        "https://{host}",
        "https://{host}/agent/v1/wait/",
        "https://{host}/waits/agent/v1/wait",
        "https:///agent/v1/wait",
        "https://a:b@waits.example/agent/v1/wait",
        "https://{host}:x/agent/v1/wait",
        "https://{host}/agent/v1/wait?a=b",
        "wss://{host}/agent/v1/wait",
    ],
)
def test_where_agents_cannot_wait(value: str) -> None:
    said = problem(env.wait_address, {"REKEY_AGENT_WAIT_URL": value}, "REKEY_AGENT_WAIT_URL")
    assert said == "REKEY_AGENT_WAIT_URL is not an address like https://{host}/agent/v1/wait."


def test_a_secret_is_long_and_never_shown() -> None:
    said = problem(env.secret, {"REKEY_SECRET_KEY": "short-secret"}, "REKEY_SECRET_KEY", at_least=50)
    assert "50 characters" in said
    assert "short-secret" not in said
    assert "is not set" in problem(env.secret, {}, "REKEY_SECRET_KEY", at_least=50)


def test_sealing_keys() -> None:
    read = env.sealing_keys("REKEY_SEALING_KEYS", environ={"REKEY_SEALING_KEYS": f"{KEY}, {KEY}"})
    assert read == [b"k" * 32] * 2


@pytest.mark.parametrize("value", ["x", KEY[:-4], f"{KEY},", "🙂", base64.b64encode(b"k" * 31).decode()])
def test_sealing_keys_refuse(value: str) -> None:
    said = problem(env.sealing_keys, {"REKEY_SEALING_KEYS": value}, "REKEY_SEALING_KEYS")
    assert said == "REKEY_SEALING_KEYS is not a list of base64 keys of 32 bytes each."


def test_database() -> None:
    read = env.database(
        "DATABASE_URL",
        environ={"DATABASE_URL": "postgresql://a:p%40ss@db.example:5433/rekey?sslmode=require"},
    )
    assert read == {
        "NAME": "rekey",
        "USER": "a",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }
    socket = env.database("DATABASE_URL", environ={"DATABASE_URL": "postgresql://a@/rekey?host=/run/pg"})
    assert (socket["HOST"], socket["OPTIONS"]) == ("/run/pg", {})


@pytest.mark.parametrize(
    "value", ["mysql://a/b", "postgresql://a", "rekey", "postgresql://a:x@h:port/b", "postgresql://[/b"]
)
def test_database_refuses(value: str) -> None:
    assert problem(env.database, {"DATABASE_URL": value}, "DATABASE_URL").startswith(
        "DATABASE_URL is not an address like"
    )


@pytest.mark.parametrize(
    ("tls", "port", "flags"),
    [("starttls", 587, (True, False)), ("ssl", 465, (False, True)), ("none", 25, (False, False))],
)
def test_mail_server(tls: str, port: int, flags: tuple[bool, bool]) -> None:
    read = env.mail_server(
        "REKEY_EMAIL_URL", environ={"REKEY_EMAIL_URL": f"smtp://a:b%2Fc@mail.example?tls={tls}"}
    )
    assert (read["EMAIL_HOST"], read["EMAIL_PORT"], read["EMAIL_HOST_PASSWORD"]) == (
        "mail.example",
        port,
        "b/c",
    )
    assert (read["EMAIL_USE_TLS"], read["EMAIL_USE_SSL"]) == flags


@pytest.mark.parametrize(
    "value", ["http://mail.example", "smtp://", "smtp://m?tls=maybe", "smtp://m?tsl=none", "smtp://m:x"]
)
def test_mail_server_refuses(value: str) -> None:
    said = problem(env.mail_server, {"REKEY_EMAIL_URL": value}, "REKEY_EMAIL_URL")
    assert said.startswith("REKEY_EMAIL_URL is not an address like")


def test_a_secret_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("s" * 50 + "\n")
    assert (
        env.secret("REKEY_SECRET_KEY", at_least=50, environ={"REKEY_SECRET_KEY_FILE": str(file)}) == "s" * 50
    )
    both = {"REKEY_SECRET_KEY": "x", "REKEY_SECRET_KEY_FILE": str(file)}
    assert "are both set" in problem(env.secret, both, "REKEY_SECRET_KEY", at_least=1)
    gone = {"REKEY_SECRET_KEY_FILE": str(tmp_path / "gone")}
    assert problem(env.secret, gone, "REKEY_SECRET_KEY", at_least=1).startswith(
        "REKEY_SECRET_KEY_FILE cannot be read:"
    )
    file.write_bytes(b"\xff\xfe")
    read = {"REKEY_SECRET_KEY_FILE": str(file)}
    assert problem(env.secret, read, "REKEY_SECRET_KEY", at_least=1).startswith(
        "REKEY_SECRET_KEY_FILE cannot be read:"
    )


@pytest.mark.parametrize("name", ["REKEY_DMEO", "REKEY_", "REKEY_DEMO_FILE", "REKEY_BASE_DOMAIN_FILE"])
def test_a_misspelling_is_refused(name: str) -> None:
    said = problem(env.refuse_unknown, {name: "1"})
    assert said.startswith(f"{name}: no such setting.")


def test_what_is_known_is_taken() -> None:
    env.refuse_unknown({**dict.fromkeys(env.KNOWN, "x"), "REKEY_SECRET_KEY_FILE": "x", "PATH": "x"})
