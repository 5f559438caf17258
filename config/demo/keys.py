"""The demo's own secrets: made at the first start, kept in a file that only its owner can read."""

import base64
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

MAKERS: Mapping[str, Callable[[], str]] = {
    "REKEY_SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "REKEY_SEALING_KEYS": lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
}


def kept(path: Path) -> dict[str, str]:
    """Return the secrets of a file, which is made when absent and completed when a name is missing."""
    found = _read(path)
    missing = {name: make() for name, make in MAKERS.items() if name not in found}
    if missing:
        found |= missing
        _write(path, found)
    return found


def _read(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.partition("=") for line in lines)
    return {name: value for name, _, value in pairs if name in MAKERS and value}


def _write(path: Path, values: Mapping[str, str]) -> None:
    """Replace the file as a whole: an interrupted run leaves the old one."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    new.replace(path)
