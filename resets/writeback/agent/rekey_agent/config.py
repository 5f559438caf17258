"""The agent's configuration: one TOML file, read whole, and refused whole where anything in it is not understood."""

import ipaddress
import platform
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from rekey_agent.directories.directory import DirectorySettings

_TOP = {"portal", "name", "state", "portal_ca_file", "proxy", "directory"}
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
    proxy: str
    directory: DirectorySettings


def read(path: Path) -> Config:
    """Read a file. Raises `ConfigProblem`."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ConfigProblem(
            f"{path} cannot be read: {problem.strerror}. --config names another file."
        ) from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigProblem(f"{path} is not TOML: {problem}.") from problem
    _refuse_unknown(said, _TOP, "")
    directory = said.get("directory")
    if not isinstance(directory, dict):
        raise ConfigProblem("[directory] is missing: it says which directory the agent acts in.")
    _refuse_unknown(directory, _DIRECTORY, "directory.")
    return Config(
        portal=_portal(_text(said, "portal")),
        name=_text(said, "name", platform.node() or "agent")[:100],
        state=_folder(_text(said, "state", "/var/lib/rekey-agent")),
        portal_ca_file=_file(said, "portal_ca_file"),
        proxy=_proxy(_text(said, "proxy", "")),
        directory=_settings(directory),
    )


def secret(path: str, setting: str) -> str:
    """Return the password that stands in a file which nobody but its owner can read. Raises `ConfigProblem`."""
    file = Path(path)
    try:
        if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigProblem(f"{setting}: others can read {path}. Take that away: chmod 600 {path}")
        text = file.read_text(encoding="utf-8")
    except OSError as problem:
        raise ConfigProblem(f"{setting}: {path} cannot be read: {problem.strerror}.") from problem
    except UnicodeDecodeError:
        raise ConfigProblem(f"{setting}: {path} is not UTF-8. Write the password into it as UTF-8.") from None
    if not (found := text.rstrip("\r\n")):
        raise ConfigProblem(f"{setting}: {path} is empty. Write the bind account's password into it.")
    return found


def _settings(said: Mapping[str, Any]) -> DirectorySettings:
    ous = said.get("ous", [])
    if not isinstance(ous, list) or not ous or not all(isinstance(one, str) and one for one in ous):
        raise ConfigProblem(
            'directory.ous is a list of the places whose people are served: ["OU=People,DC=corp,DC=example"].'
        )
    url = _text(said, "url", where="directory.")
    parts = _parts(url)
    if parts is None or parts.scheme not in {"ldaps", "ldap"} or parts.path.strip("/"):
        raise ConfigProblem(
            "directory.url is ldaps://dc1.corp.example:636, or ldap://… which is then encrypted by StartTLS."
        )
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


def is_safe(url: str) -> bool:
    """Say whether one may speak with a portal at an address: by TLS, or on this machine, where nobody listens in.

    >>> is_safe("https://sspr.example.com"), is_safe("http://sspr.example.com"), is_safe("http://127.0.0.2:8000")
    (True, False, True)
    >>> is_safe("http://northwind.localhost:8000"), is_safe("http://localhost.example.com"), is_safe("ftp://localhost")
    (True, False, False)
    """
    parts = _parts(url)
    if parts is None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname or ""))


def _portal(url: str) -> str:
    parts = _parts(url)
    if (
        parts is None
        or parts.scheme not in {"https", "http"}
        or parts.path.strip("/")
        or parts.query
        or parts.fragment
    ):
        raise ConfigProblem(
            "portal is the address of your organization's Rekey, such as https://sspr.example.com."
        )
    if not is_safe(url):
        raise ConfigProblem(
            "portal must begin with https://: sealed passwords and signed requests go there. Only this machine may be asked by http://."
        )
    return url.rstrip("/")


def _proxy(url: str) -> str:
    if not url:
        return ""
    parts = _parts(url)
    is_whole = parts is not None and parts.scheme == "http" and parts.port and not parts.path.strip("/")
    if not is_whole:
        raise ConfigProblem(
            "proxy is the address of an HTTP proxy with its port and no password, such as http://proxy.corp.example:3128."
        )
    return url.rstrip("/")


def _parts(url: str) -> SplitResult | None:
    """Return an address's parts; None for what is none, or says a name and a password."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.hostname and "@" not in parts.netloc else None


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse_unknown(said: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := sorted(set(said) - known):
        raise ConfigProblem(
            f"{where}{unknown[0]} is no setting. The settings here are {', '.join(sorted(known))}."
        )


def _text(said: Mapping[str, Any], name: str, default: str | None = None, where: str = "") -> str:
    found = said.get(name, default)
    if found is None:
        raise ConfigProblem(f"{where}{name} is missing. docs/agent.md says what it is.")
    if not isinstance(found, str) or (not found and default is None) or not found.isprintable():
        raise ConfigProblem(f'{where}{name} has to be a text on one line: {name} = "…".')
    return found


def _folder(path: str) -> Path:
    if not path.startswith("/"):
        raise ConfigProblem('state is the whole path of a folder, such as "/var/lib/rekey-agent".')
    return Path(path)


def _file(said: Mapping[str, Any], name: str, where: str = "") -> str:
    found = _text(said, name, "", where)
    try:
        is_there = not found or Path(found).is_file()
    except OSError:
        is_there = False
    if not is_there:
        raise ConfigProblem(f"{where}{name}: there is no file {found}, or the agent's user cannot see it.")
    return found
