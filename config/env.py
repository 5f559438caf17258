"""The only reader of the environment: typed, and intolerant of surprises.

A value that cannot be read is an error that names the variable and what it should have been, at start, before anything is
served. A variable that begins with `REKEY_` and is not in `KNOWN` is an error too: it is a misspelling that would otherwise be
a setting silently not made. Secrets may be given as `NAME` or, for container platforms, as a path in `NAME_FILE`.
"""

import base64
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

T = TypeVar("T")

KNOWN: dict[str, str] = {
    "DATABASE_URL": "the PostgreSQL server: postgresql://user:password@host:port/name, or ?host=/socket/folder",
    "REDIS_URL": "a Redis for the caches; the database is used when it is not given",
    "PORT": "the port that the demo serves on (8000)",
    "REKEY_DEMO": "1 for the demo: an inbox page, plain http, seeded organizations",
    "REKEY_DATA": "the folder of the demo's data (.rekey)",
    "REKEY_SECRET_KEY": "signs sessions and one-time values; 50 characters or more",
    "REKEY_SEALING_KEYS": "keys for secrets at rest, base64 of 32 bytes each, comma separated, the newest first",
    "REKEY_BASE_DOMAIN": "the provider's host; organizations live below it (localhost)",
    "REKEY_PROVIDER_NAME": "the name of the provider's own organization, taken when it is first made (Rekey)",
    "REKEY_PROXY_DEPTH": "how many proxies in front of the server append to X-Forwarded-For (0)",
    "REKEY_EMAIL_URL": "the mail server: smtp://user:password@host:port?tls=starttls|ssl|none",
    "REKEY_MAIL_FROM": "the address that mail is sent from",
    "REKEY_AGENT_WAIT_URL": "where agents wait for jobs, such as https://{host}:8443/agent/v1/wait (the pages' own address)",
    "REKEY_ALLOW_PRIVATE_ADDRESSES": "1 lets outgoing requests reach private addresses (carriers inside your network)",
}
FILES = frozenset({"REKEY_SECRET_KEY", "REKEY_SEALING_KEYS", "DATABASE_URL", "REDIS_URL", "REKEY_EMAIL_URL"})


class EnvironmentProblem(Exception):
    """A variable of the environment is missing, unknown or cannot be read."""


def _text(environ: Mapping[str, str], name: str) -> str | None:
    assert name in KNOWN, name
    value, path = environ.get(name), environ.get(f"{name}_FILE") if name in FILES else None
    if value and path:
        raise EnvironmentProblem(f"{name} and {name}_FILE are both set: give one of them.")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise EnvironmentProblem(f"{name}_FILE cannot be read: {problem}") from problem
    return value or None


def _read(
    environ: Mapping[str, str], name: str, default: T | None, parse: Callable[[str], T], wanted: str
) -> T:
    value = _text(environ, name)
    if value is None:
        if default is None:
            raise EnvironmentProblem(f"{name} is not set: it is {KNOWN[name]}.")
        return default
    try:
        return parse(value)
    except ValueError as problem:
        raise EnvironmentProblem(f"{name} is not {wanted}.") from problem


def refuse_unknown(environ: Mapping[str, str] = os.environ) -> None:
    """Raise `EnvironmentProblem` for a `REKEY_` variable that nothing reads."""
    known = set(KNOWN) | {f"{name}_FILE" for name in FILES}
    unknown = sorted(name for name in environ if name.startswith("REKEY_") and name not in known)
    if unknown:
        raise EnvironmentProblem(
            f"{', '.join(unknown)}: no such setting. The settings are {', '.join(sorted(KNOWN))}."
        )


def text(name: str, default: str | None = None, *, environ: Mapping[str, str] = os.environ) -> str:
    """Read a text; without a default it is mandatory."""
    return _read(environ, name, default, str, "a text")


def wait_address(name: str, *, environ: Mapping[str, str] = os.environ) -> str:
    """Read where agents wait, with `{host}` for an organization's host; an empty text where they wait at the pages'."""

    def parse(value: str) -> str:
        url = urlsplit(value)
        if (
            url.scheme not in {"http", "https"}
            or not url.hostname
            or url.username
            or url.query
            or url.fragment
        ):
            raise ValueError
        if url.path != "/agent/v1/wait" or url.port == 0:  # agents sign the path
            raise ValueError
        return value

    return _read(environ, name, "", parse, "an address like https://{host}/agent/v1/wait")


def secret(name: str, *, at_least: int, environ: Mapping[str, str] = os.environ) -> str:
    """Read a mandatory secret of at least so many characters; the error never shows it."""

    def parse(value: str) -> str:
        if len(value) < at_least:
            raise ValueError
        return value

    return _read(environ, name, None, parse, f"long enough: {at_least} characters are the least")


def flag(name: str, *, environ: Mapping[str, str] = os.environ) -> bool:
    """Read 1, true, yes or 0, false, no; not set means no."""
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}

    def parse(value: str) -> bool:
        if value.lower() not in words:
            raise ValueError
        return words[value.lower()]

    return _read(environ, name, False, parse, "1 or 0")


def number(name: str, default: int, *, low: int, high: int, environ: Mapping[str, str] = os.environ) -> int:
    """Read a whole number between two bounds, both included."""

    def parse(value: str) -> int:
        result = int(value)
        if not low <= result <= high:
            raise ValueError
        return result

    return _read(environ, name, default, parse, f"a whole number from {low} to {high}")


def sealing_keys(name: str, *, environ: Mapping[str, str] = os.environ) -> list[bytes]:
    """Read the master keys of sealing: base64 of exactly 32 bytes each, the newest first."""

    def parse(value: str) -> list[bytes]:
        keys = [base64.b64decode(part.strip(), validate=True) for part in value.split(",")]
        if any(len(key) != 32 for key in keys):
            raise ValueError
        return keys

    return _read(environ, name, None, parse, "a list of base64 keys of 32 bytes each")


def database(name: str, *, environ: Mapping[str, str] = os.environ) -> dict[str, object]:
    """Read a `postgresql://` address into Django's words for a database."""

    def parse(value: str) -> dict[str, object]:
        url = urlsplit(value)
        options = dict(parse_qsl(url.query))
        if url.scheme not in {"postgres", "postgresql"} or not url.path.strip("/"):
            raise ValueError
        return {
            "NAME": unquote(url.path.strip("/")),
            "USER": unquote(url.username or options.pop("user", "")),
            "PASSWORD": unquote(url.password or ""),
            "HOST": unquote(url.hostname or options.pop("host", "")),
            "PORT": str(url.port or options.pop("port", "")),
            "OPTIONS": options,
        }

    return _read(environ, name, None, parse, "an address like postgresql://user:password@host:5432/name")


def mail_server(name: str, *, environ: Mapping[str, str] = os.environ) -> dict[str, object]:
    """Read an `smtp://` address into Django's words for a mail server."""

    def parse(value: str) -> dict[str, object]:
        url = urlsplit(value)
        options = dict(parse_qsl(url.query, keep_blank_values=True))
        tls = options.pop("tls", "starttls")
        if url.scheme != "smtp" or not url.hostname or tls not in {"starttls", "ssl", "none"} or options:
            raise ValueError
        return {
            "EMAIL_HOST": url.hostname,
            "EMAIL_PORT": url.port or {"starttls": 587, "ssl": 465, "none": 25}[tls],
            "EMAIL_HOST_USER": unquote(url.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
            "EMAIL_USE_TLS": tls == "starttls",
            "EMAIL_USE_SSL": tls == "ssl",
        }

    return _read(environ, name, None, parse, "an address like smtp://user:password@host:587?tls=starttls")
