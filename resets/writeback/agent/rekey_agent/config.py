"""The agent's configuration: one TOML file, read whole, and refused whole where anything in it is not understood."""

import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rekey_agent.directories.directory import DirectorySettings

_TOP = {"portal", "name", "state", "portal_ca_file", "directory"}
_DIRECTORY = {
    "kind",
    "url",
    "bind_dn",
    "password_file",
    "ca_file",
    "base",
    "ous",
    "valid_name",
    "policy_dn",
    "protected_group",
    "sign_in_attribute",
}


class ConfigProblem(Exception):
    """The configuration cannot be used; the text names the setting and the remedy."""


@dataclass(frozen=True)
class Config:
    """What the agent runs by."""

    portal: str
    name: str
    state: Path
    portal_ca_file: str
    directory: DirectorySettings


def read(path: Path) -> Config:
    """Read a file. Raises `ConfigProblem`."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ConfigProblem(f"{path} cannot be read: {problem.strerror}.") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigProblem(f"{path} is not TOML: {problem}.") from problem
    _refuse_unknown(said, _TOP, "")
    directory = said.get("directory")
    if not isinstance(directory, dict):
        raise ConfigProblem("[directory] is missing: it says which directory the agent acts in.")
    _refuse_unknown(directory, _DIRECTORY, "directory.")
    return Config(
        portal=_portal(_text(said, "portal")),
        name=_text(said, "name", os.uname().nodename)[:100],
        state=Path(_text(said, "state", "/var/lib/rekey-agent")),
        portal_ca_file=_file(said, "portal_ca_file"),
        directory=_settings(directory),
    )


def secret(path: str, setting: str) -> str:
    """Return the password that stands in a file which nobody but its owner can read. Raises `ConfigProblem`."""
    file = Path(path)
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="utf-8")
    except OSError as problem:
        raise ConfigProblem(f"{setting}: {path} cannot be read: {problem.strerror}.") from problem
    except UnicodeDecodeError:
        raise ConfigProblem(f"{setting}: {path} is not UTF-8.") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigProblem(f"{setting}: others can read {path}. Take that away: chmod 600 {path}")
    if not (found := text.rstrip("\r\n")):
        raise ConfigProblem(f"{setting}: {path} is empty. Write the bind account's password into it.")
    return found


def _settings(said: Mapping[str, Any]) -> DirectorySettings:
    ous = said.get("ous", [])
    if not isinstance(ous, list) or not ous or not all(isinstance(one, str) and one for one in ous):
        raise ConfigProblem("directory.ous is a list of the places whose people are served: [\"OU=People,DC=corp,DC=example\"].")
    url = _text(said, "url", where="directory.")
    if urlsplit(url).scheme not in {"ldaps", "ldap"} or not urlsplit(url).hostname:
        raise ConfigProblem("directory.url is ldaps://dc1.corp.example:636, or ldap://… which is then encrypted by StartTLS.")
    return DirectorySettings(
        kind=_text(said, "kind", where="directory."),
        url=url,
        bind_dn=_text(said, "bind_dn", where="directory."),
        password=secret(_text(said, "password_file", where="directory."), "directory.password_file"),
        ca_file=_file(said, "ca_file", "directory."),
        base=_text(said, "base", where="directory."),
        ous=tuple(ous),
        valid_name=_text(said, "valid_name", "", "directory."),
        policy_dn=_text(said, "policy_dn", "", "directory."),
        protected_group=_text(said, "protected_group", "", "directory."),
        sign_in_attribute=_text(said, "sign_in_attribute", "", "directory."),
    )


def _portal(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in {"https", "http"} or not host or parts.path.strip("/") or parts.query:
        raise ConfigProblem("portal is the address of your organization's Rekey, such as https://sspr.example.com.")
    if parts.scheme == "http" and not _is_here(host):
        raise ConfigProblem("portal must begin with https://: passwords' envelopes and your keys' signatures go there.")
    return url.rstrip("/")


def _is_here(host: str) -> bool:
    """Say whether a host is this machine, where nobody listens in.

    >>> _is_here("northwind.localhost"), _is_here("127.0.0.1"), _is_here("localhost.example.com")
    (True, True, False)
    """
    return host in {"localhost", "127.0.0.1", "::1"} or host.endswith(".localhost")


def _refuse_unknown(said: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := sorted(set(said) - known):
        raise ConfigProblem(f"{where}{unknown[0]} is no setting. The settings here are {', '.join(sorted(known))}.")


def _text(said: Mapping[str, Any], name: str, default: str | None = None, where: str = "") -> str:
    found = said.get(name, default)
    if found is None:
        raise ConfigProblem(f"{where}{name} is missing.")
    if not isinstance(found, str) or (not found and default is None) or not found.isprintable():
        raise ConfigProblem(f"{where}{name} has to be a text on one line.")
    return found


def _file(said: Mapping[str, Any], name: str, where: str = "") -> str:
    found = _text(said, name, "", where)
    if found and not Path(found).is_file():
        raise ConfigProblem(f"{where}{name}: there is no file {found}.")
    return found
