"""A directory of the tests, in memory: it fulfils the contract, says what was asked of it, and has accidents."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from rekey_agent.directories.directory import (
    Check,
    Directory,
    DirectorySettings,
    Entry,
    PeoplePage,
    Rules,
    Unreachable,
)

ADELE = "guid-of-adele"
SETTINGS = DirectorySettings(
    kind="fake",
    url="ldaps://dc1.corp.contoso.example",
    bind_dn="CN=svc",
    password="Bind-Secret-1",
    ous=("OU=People",),
)
_TIMES = iter(range(1000, 10**9))


class FakeDirectory(Directory):
    """One account, Adele's."""

    kind: ClassVar[str] = "fake"
    #: Those that were made, the newest last.
    made: ClassVar[list["FakeDirectory"]] = []
    #: What one made from now on begins with.
    usual: ClassVar[dict[str, Any]] = {}

    def __init__(self, settings: DirectorySettings = SETTINGS) -> None:
        super().__init__(settings)
        self.entry = Entry(ADELE, "adele@contoso.example", before="1000")
        self.password = "Alt-und-9-lang"
        self.acts: list[str] = []
        self.problems: dict[str, list[BaseException]] = {}
        #: Accidents after the act was done.
        self.later: dict[str, list[BaseException]] = {}
        self.ids: list[str] = []
        self.pages: list[PeoplePage] = [PeoplePage([], {"usn": 1}, last=True)]
        self.away: BaseException | None = None
        self.locked_to_binds = False
        self.took = 0.0
        for name, value in self.usual.items():
            setattr(self, name, value)
        FakeDirectory.made.append(self)

    @property
    def longest(self) -> float:
        """For how many seconds one act may last."""
        return self.took or 3.0

    def reach(self) -> None:
        """Ask for something small."""
        self._asked("reach")

    def check(self) -> list[Check]:
        """Look at the one thing that there is."""
        self.acts.append("check")
        return [Check("connection", self.away is None)]

    def policies(self) -> dict[str, Rules]:
        """Return rules."""
        return {"": {"min_length": 10}}

    def capabilities(self) -> dict[str, bool]:
        """Return what can be done."""
        return {"history_on_reset": True, "change": True, "unlock": True, "expire": True}

    def read(self, guid: str) -> Entry:
        """Return Adele's account."""
        self._asked("read")
        return self.entry

    def reset(self, guid: str, password: str) -> None:
        """Set her password."""
        self._asked("reset")
        self.set(password)
        self._later("reset")

    def change(self, guid: str, old: str, new: str) -> None:
        """Change her password."""
        self._asked("change")
        assert old == self.password
        self.set(new)
        self._later("change")

    def unlock(self, guid: str) -> None:
        """Unlock her account."""
        self._asked("unlock")
        self.entry = replace(self.entry, locked=False)
        self._later("unlock")

    def expire(self, guid: str) -> None:
        """Have her change it."""
        self._asked("expire")
        self.entry = replace(self.entry, must_change=True)
        self._later("expire")

    def opens(self, guid: str, password: str) -> bool | None:
        """Try a password."""
        self._asked("opens")
        return None if self.locked_to_binds else password == self.password

    def people(self, position: dict[str, Any], full: bool) -> Iterator[PeoplePage]:
        """Yield what was laid out."""
        self._asked(f"people {'full' if full else 'delta'} {position}")
        yield from self.pages

    def present(self) -> Iterator[str]:
        """Yield the ids of who was laid out."""
        self.acts.append("present")
        yield from self.ids

    def close(self) -> None:
        """Let go."""
        self.acts.append("close")

    def set(self, password: str) -> None:
        """Set a password, whoever does it."""
        self.password = password
        self.entry = replace(self.entry, before=str(next(_TIMES) + 1), locked=False)

    def effects(self) -> list[str]:
        """Return what was done that changes something."""
        return [act for act in self.acts if act in {"reset", "change", "unlock", "expire"}]

    def _asked(self, act: str) -> None:
        self.acts.append(act)
        if self.away is not None:
            raise self.away
        if queued := self.problems.get(act):
            raise queued.pop(0)

    def _later(self, act: str) -> None:
        if queued := self.later.get(act):
            raise queued.pop(0)


AWAY = Unreachable("dc_unreachable")
