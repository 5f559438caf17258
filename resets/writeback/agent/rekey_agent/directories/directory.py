"""What a directory is to the agent: the contract that every kind of it fulfils, shown by one test for all."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, ClassVar

#: What is known of somebody's account, as the protocol says it.
Row = dict[str, Any]
Rules = dict[str, int | bool]
#: The most people on one page.
PAGE = 500


@dataclass(frozen=True)
class DirectorySettings:
    """Where a directory is, and as whom the agent acts there."""

    kind: str
    url: str
    bind_dn: str
    password: str = field(repr=False)
    base: str = ""
    ous: tuple[str, ...] = ()
    ca_file: str = ""
    valid_name: str = ""
    policy_dn: str = ""
    protected_group: str = ""
    sign_in_attribute: str = ""
    connect_timeout: float = 2.0
    receive_timeout: float = 3.0


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; `detail` is a line without secrets."""

    code: str
    ok: bool
    detail: str = ""


@dataclass(frozen=True)
class Entry:
    """An account as it stands. `before` changes whenever its password is set, and counts on its `server` alone."""

    guid: str
    sign_in_name: str
    before: str
    disabled: bool = False
    locked: bool = False
    must_change: bool = False
    expired: bool = False
    protected: bool = False
    rules: str = ""
    server: str = ""

    @property
    def mark(self) -> str:
        """What is written down of it ahead of a change: how it stood, and on which server of the directory."""
        return f"{self.before}@{self.server}" if self.server else self.before


@dataclass(frozen=True)
class PeoplePage:
    """Some people, and how far one has come with the last of them."""

    rows: list[Row]
    position: dict[str, Any]
    last: bool


class Refused(Exception):
    """The directory refuses, and nothing is changed; `code` is one of docs/agent-protocol.md."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unreachable(Exception):
    """The directory cannot be asked, and nothing was sent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unsure(Exception):
    """It was sent, and no answer came: nobody knows yet whether it was done."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def short(server: str) -> str:
    """Return a server's name as short as a mark has it.

    >>> short("CN=NTDS Settings,CN=DC1,CN=Servers")
    '4a105e4e'
    """
    return sha256(server.encode()).hexdigest()[:8]


class Directory(ABC):
    """A directory, by one connection that stays open. Not for two threads at once."""

    kind: ClassVar[str]

    def __init__(self, settings: DirectorySettings) -> None:
        self.settings = settings

    @property
    def longest(self) -> float:
        """For how many seconds one act may last, at most."""
        return self.settings.receive_timeout

    @abstractmethod
    def reach(self) -> None:
        """Ask for something small; raise `Unreachable` or `Refused` where the directory does not serve us."""

    @abstractmethod
    def check(self) -> list[Check]:
        """Look whether all that is needed is there. Raises nothing."""

    @abstractmethod
    def policies(self) -> dict[str, Rules]:
        """Return the rules for passwords: the domain's own under "", and others by what `Entry.rules` names."""

    @abstractmethod
    def capabilities(self) -> dict[str, bool]:
        """Return what can be done here: history_on_reset, change, unlock, expire."""

    @abstractmethod
    def read(self, guid: str) -> Entry:
        """Return an account as it stands."""

    @abstractmethod
    def reset(self, guid: str, password: str) -> None:
        """Set a forgotten password, and unlock the account: both or nothing."""

    @abstractmethod
    def change(self, guid: str, old: str, new: str) -> None:
        """Change a password that is known."""

    @abstractmethod
    def unlock(self, guid: str) -> None:
        """Unlock an account; one that is not locked stays as it is."""

    @abstractmethod
    def expire(self, guid: str) -> None:
        """Have the password changed at the next sign-in."""

    @abstractmethod
    def opens(self, guid: str, password: str) -> bool | None:
        """Say whether a password is the account's, also where it has to be changed; None where it cannot be told."""

    @abstractmethod
    def people(self, position: dict[str, Any], full: bool) -> Iterator[PeoplePage]:
        """Yield everybody of the places that are served, or who has changed since a position; the last page says so."""

    @abstractmethod
    def present(self) -> Iterator[str]:
        """Yield the ids of everybody who is in the places that are served: who is missing was deleted or moved."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the connection."""
