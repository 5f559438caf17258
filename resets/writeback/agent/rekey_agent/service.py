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
from rekey_agent.directories.directory import Directory
from rekey_agent.health import Watch
from rekey_agent.journal import Journal
from rekey_agent.keys import Store
from rekey_agent.portal import WAIT, Clock, Portal, PortalDown, Refused
from rekey_agent.session import Session
from rekey_agent.working import Worker

logger = logging.getLogger(__name__)
BEAT = 60.0
#: Between heartbeats while the directory is away, so that people are served again as soon as it is back.
BEAT_AWAY = 5.0
#: Trouble is waited out from one second to half a minute.
SHORTEST, LONGEST = 1.0, 30.0
#: How often one looks whether something else is to be done than to wait.
_GLANCE = 1.0
#: Another agent was faster; what rang may ring for a job of ours next.
_BREATH = 0.05
_FOR_GOOD = frozenset({"revoked", "unknown_agent"})


class Service:
    """The agent while it runs."""

    def __init__(self, config: Config, session: Session, store: Store) -> None:
        self._config, self._session, self._store = config, session, store
        self._clock, self._journal = Clock(), Journal(store.folder)
        self._stop, self._busy, self._doubt = threading.Event(), threading.Lock(), threading.Event()
        self._status = 0
        self._latency: int | None = None
        self._bringer: Bringer | None = None
        # Kept over trouble with the portal, and with it when a bind was refused: each try more would help to lock the account.
        self._watch = Watch(self._directory())
        self._waits_again = float("-inf")

    def run(self) -> int:
        """Run until `stop`, or until the portal says that this agent is none; return the exit status."""
        for name, loop in (("heartbeat", self._beats), ("jobs", self._works), ("people", self._brings)):
            threading.Thread(target=self._kept_going, args=(loop,), name=name, daemon=True).start()
        self._stop.wait()
        with self._busy:  # a job that was claimed is done
            logger.info("ended")
            return self._status

    def stop(self, status: int = 0) -> None:
        """End, after the job that is being done."""
        self._status = status
        self._stop.set()

    def _kept_going(self, loop: Callable[[], None]) -> None:
        """Run a loop again after trouble, a little later each time."""
        most = SHORTEST
        while not self._stop.is_set():
            began, least = time.monotonic(), 0.0
            try:
                loop()
            except Refused as refused:
                if refused.code in _FOR_GOOD:
                    logger.error("the portal says that this agent is none: %s. Enrol it anew.", refused.code)
                    self.stop(3)
                    return
                logger.warning("the portal refuses: %s", refused)
                least = refused.retry_after
            except PortalDown as down:
                logger.warning("%s", down)
            except Exception:
                logger.exception("unexpected")
            if time.monotonic() - began > 2 * WAIT:  # it went well for a while
                most = SHORTEST
            most = min(2 * most, LONGEST)
            self._stop.wait(max(least, random.uniform(SHORTEST, most)))  # noqa: S311  # nothing is guessed by it

    # --- jobs

    def _works(self) -> None:
        portal, directory = self._portal(), self._directory()

        def ask(act: str, said: dict[str, Any]) -> dict[str, Any]:
            return self._session.ask(portal, act, said)

        worker = Worker(ask, directory, self._journal, self._clock.now, self._stop.wait)
        try:
            while not self._stop.is_set():
                told = self._waited(portal)
                if not told.get("job"):
                    self._stop.wait(float(told.get("retry_after", 0)))
                elif not self._worked(ask, worker):
                    self._stop.wait(_BREATH)
        finally:
            portal.close()
            directory.close()

    def _worked(self, ask: Callable[[str, dict[str, Any]], dict[str, Any]], worker: Worker) -> bool:
        """Do every job that is there; say whether there was one."""
        found = False
        while True:
            # Held from the claim on: whoever ends the agent waits for the answer.
            with self._busy:
                if self._stop.is_set():
                    return found
                dying.here("before_claim")
                asked = time.monotonic()
                said = ask("claim", {}).get("job")
                if not isinstance(said, dict):
                    return found
                dying.here("after_claim")
                worker.work(said, self._session.identity, asked)
                if worker.is_unreached:  # told at once: until the portal knows, people type passwords in vain
                    self._doubt.set()
            found, self._latency = True, worker.latency_ms

    def _waited(self, portal: Portal) -> dict[str, Any]:
        """Wait for a job at the address of the waits, or at the pages' while that one does not answer."""
        url = self._session.identity.wait_url
        if url and time.monotonic() >= self._waits_again:
            try:
                return self._session.ask(portal, "wait", {}, url=url, read=WAIT)
            except PortalDown as down:
                logger.warning("%s; asking the pages each second meanwhile", down)
                self._waits_again = time.monotonic() + LONGEST
        return self._session.ask(portal, "wait", {}, read=WAIT)

    # --- heartbeats

    def _beats(self) -> None:
        portal, watch = self._portal(), self._watch
        try:
            while not self._stop.is_set():
                self._doubt.clear()
                self._beat(portal, watch)
                is_soon = not watch.is_reachable and not watch.is_locked_out
                ends = time.monotonic() + (BEAT_AWAY if is_soon else BEAT)
                while (
                    time.monotonic() < ends
                    and not self._store.is_asked_to_roll()
                    and not (self._doubt.is_set() and watch.is_reachable)
                ):
                    if self._stop.wait(_GLANCE):
                        return
        finally:
            portal.close()

    def _beat(self, portal: Portal, watch: Watch) -> None:
        said = {"version": VERSION, "latency_ms": self._latency, **watch.look()}
        if self._bringer is not None and self._bringer.is_mine and said["reachable"]:
            problem = self._bringer.problem
            said["checks"] = [*said["checks"], {"check": "people", "ok": not problem, "detail": problem}]
        told = self._session.ask(portal, "heartbeat", said)
        self._session.heed(told, self._clock.now())
        if self._bringer is not None:
            self._bringer.hear(told)
        if told.get("roll") is True or self._store.is_asked_to_roll():
            self._session.roll(portal)
            self._store.rolled()

    # --- people

    def _brings(self) -> None:
        portal, directory = self._portal(), self._directory()

        def ask(said: dict[str, Any]) -> dict[str, Any]:
            return self._session.ask(portal, "people", said)

        self._bringer = bringer = Bringer(ask, directory)
        try:
            # The first heartbeat says whether the directory is there, and how far it was brought.
            while not self._stop.wait(_GLANCE):
                if self._watch.is_reachable:
                    bringer.bring_if_due()
        finally:
            portal.close()
            directory.close()

    def _portal(self) -> Portal:
        told = self._config
        return Portal(told.portal, ca_file=told.portal_ca_file, proxy=told.proxy, clock=self._clock)

    def _directory(self) -> Directory:
        return made(self._config.directory)
