"""What `rekey-agent check` looks at: the state folder, the portal, the directory, and what to do about each."""

import time
from dataclasses import dataclass

from rekey_agent import remedies
from rekey_agent.config import Config
from rekey_agent.directories import made
from rekey_agent.keys import Identity, Store
from rekey_agent.portal import Portal, PortalDown, Refused
from rekey_agent.session import Session

#: Worth knowing, and no reason not to run.
_WARNINGS = frozenset({"controls", "enrolled", "clock"})
#: By how many seconds this machine's clock may be off before one says so.
_SKEW = 60.0


@dataclass(frozen=True)
class Found:
    """One thing that was looked at."""

    code: str
    ok: bool
    detail: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether the agent cannot work so."""
        return not self.ok and self.code not in _WARNINGS

    @property
    def mark(self) -> str:
        """How it begins its line."""
        return "ok  " if self.ok else "BAD " if self.is_bad else "note"

    @property
    def remedy(self) -> str:
        """What to do about it; nothing where all is well."""
        return "" if self.ok else remedies.WORDS.get(self.code, "")


def found(config: Config, identity: Identity | None, store: Store, portal: Portal) -> list[Found]:
    """Look at everything. Changes nothing, here or there."""
    if identity is None:
        first = [Found("enrolled", False, "not yet")]
    else:
        first = [Found("enrolled", True, identity.domain_name), *_of_portal(portal, Session(identity, store))]
    directory = made(config.directory)
    try:
        return first + [Found(one.code, one.ok, one.detail) for one in directory.check()]
    finally:
        directory.close()


def _of_portal(portal: Portal, session: Session) -> list[Found]:
    """Ask the portal something that has no effect, and counts as no sign of life."""
    try:
        session.ask(portal, "check", {})
    except (PortalDown, Refused) as problem:
        return [Found("portal", False, str(problem))]
    off = time.time() - portal.clock.now()
    detail = f"this machine's clock is {abs(off):.0f} seconds {'ahead' if off > 0 else 'behind'}"
    return [
        Found("portal", True, portal.url),
        Found("clock", abs(off) < _SKEW, detail if abs(off) >= _SKEW else ""),
    ]
