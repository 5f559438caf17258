"""What runs: one thread waits for jobs and does them, one says each minute how the agent is, one brings people.

Each has its own connections, so that none waits for another.
"""

import logging
import random
import threading
import time
from collections.abc import Callable
from typing import Any

from rekey_agent import VERSION, dying
from rekey_agent.bringing import Bringer
from rekey_agent.config import Config
from rekey_agent.directories import made
from rekey_agent.directories.directory import Directory, Refused, Unreachable, Unsure
from rekey_agent.journal import Journal
from rekey_agent.keys import Store
from rekey_agent.portal import WAIT, Clock, Portal, PortalDown
from rekey_agent.portal import Refused as PortalRefused
from rekey_agent.session import Session
from rekey_agent.working import Worker

logger = logging.getLogger(__name__)
BEAT = 60.0
#: What the directory's rules and rights are looked at anew after, in seconds; whether it answers, at each beat.
CHECK_EVERY = 600.0
_SHORTEST, _LONGEST = 0.5, 30.0
_FOR_GOOD = frozenset({"revoked", "unknown_agent"})


class Service:
    """The agent while it runs."""

    def __init__(self, config: Config, session: Session, store: Store) -> None:
        self._config, self._session = config, session
        self._clock, self._journal = Clock(), Journal(store.folder)
        self._stop, self._busy = threading.Event(), threading.Lock()
        self._status = 0
        self._latency: int | None = None
        self._bringer: Bringer | None = None

    def run(self) -> int:
        """Run until `stop`, or until the portal says that this agent is none; return the exit status."""
        threads = [
            threading.Thread(target=self._kept_going, args=(loop,), name=loop.__name__, daemon=True)
            for loop in (self._beats, self._works, self._brings)
        ]
        for thread in threads:
            thread.start()
        self._stop.wait()
        with self._busy:  # a job that is being done is done
            return self._status

    def stop(self, status: int = 0) -> None:
        """End, after the job that is being done."""
        self._status = status
        self._stop.set()

    def _kept_going(self, loop: Callable[[], None]) -> None:
        """Run a loop again after trouble, a little later each time."""
        wait = _SHORTEST
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                loop()
            except PortalRefused as refused:
                if refused.code in _FOR_GOOD:
                    logger.error("the portal says that this agent is none: %s. Enrol it anew.", refused.code)
                    self.stop(3)
                    return
                logger.warning("the portal refuses: %s", refused)
                wait = max(wait, refused.retry_after)
            except PortalDown as down:
                logger.warning("%s", down)
            except Exception:
                logger.exception("unexpected")
            if time.monotonic() - began > _LONGEST:
                wait = _SHORTEST
            self._stop.wait(wait * random.uniform(0.5, 1.5))  # noqa: S311  # nothing is guessed by it
            wait = min(2 * wait, _LONGEST)

    # --- jobs

    def _works(self) -> None:
        portal, directory = self._portal(), self._directory()

        def ask(act: str, said: dict[str, Any]) -> dict[str, Any]:
            return self._session.ask(portal, act, said)

        worker = Worker(ask, directory, self._journal, self._clock.now)
        try:
            while not self._stop.is_set():
                told = self._waited(portal)
                if not told.get("job"):
                    self._stop.wait(float(told.get("retry_after", 0)))
                    continue
                while not self._stop.is_set():
                    dying.here("before_claim")
                    said = ask("claim", {}).get("job")
                    if not isinstance(said, dict):
                        break
                    dying.here("after_claim")
                    with self._busy:
                        worker.work(said, self._session.identity)
                    self._latency = worker.latency_ms
        finally:
            portal.close()
            directory.close()

    def _waited(self, portal: Portal) -> dict[str, Any]:
        """Wait for a job at the address of the waits, or at the pages' where that one does not answer."""
        url = self._session.identity.wait_url
        try:
            return self._session.ask(portal, "wait", {}, url=url, read=WAIT)
        except PortalDown:
            if not url:
                raise
            logger.warning("the waits do not answer at %s; asking the pages", url)
            return self._session.ask(portal, "wait", {}, read=WAIT)

    # --- heartbeats

    def _beats(self) -> None:
        portal, directory = self._portal(), self._directory()
        checked, told_of = float("-inf"), {}
        try:
            while not self._stop.is_set():
                if time.monotonic() - checked > CHECK_EVERY or not told_of.get("reachable"):
                    told_of = described(directory)
                    checked = time.monotonic()
                else:
                    told_of = {**told_of, **_reached(directory)}
                said = {"version": VERSION, "latency_ms": self._latency, **told_of}
                told = self._session.ask(portal, "heartbeat", said)
                self._session.heed(told)
                if self._bringer is not None:
                    self._bringer.hear(told)
                if told.get("roll") is True:
                    self._session.roll(portal)
                # Sooner while the directory is away, so that people are served again as soon as it is back.
                self._stop.wait(BEAT if told_of["reachable"] else BEAT / 12)
        finally:
            portal.close()
            directory.close()

    # --- people

    def _brings(self) -> None:
        portal, directory = self._portal(), self._directory()

        def ask(said: dict[str, Any]) -> dict[str, Any]:
            return self._session.ask(portal, "people", said)

        self._bringer = bringer = Bringer(ask, directory)
        try:
            self._stop.wait(1)  # the first heartbeat says how far it has come
            while not self._stop.is_set():
                bringer.bring_if_due()
                self._stop.wait(2)
        finally:
            portal.close()
            directory.close()

    def _portal(self) -> Portal:
        return Portal(self._config.portal, ca_file=self._config.portal_ca_file, clock=self._clock)

    def _directory(self) -> Directory:
        return made(self._config.directory)


def described(directory: Directory) -> dict[str, Any]:
    """Return what a heartbeat says of the directory: what was checked there, its rules, and what can be done."""
    checks = directory.check()
    said: dict[str, Any] = {
        "kind": directory.kind,
        "checks": [{"check": one.code, "ok": one.ok, "detail": one.detail[:500]} for one in checks],
        "ous": list(directory.settings.ous),
        **_reached(directory),
    }
    if said["reachable"]:
        try:
            said |= {"policies": directory.policies(), "capabilities": directory.capabilities()}
        except (Refused, Unreachable, Unsure) as problem:
            said |= {"reachable": False, "code": problem.code}
    return said


def _reached(directory: Directory) -> dict[str, Any]:
    try:
        directory.reach()
    except (Refused, Unreachable, Unsure) as problem:
        return {"reachable": False, "code": problem.code}
    return {"reachable": True, "code": ""}
