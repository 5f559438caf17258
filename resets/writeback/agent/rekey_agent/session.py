"""Who the agent is while it runs: its identity, shared by its threads, and the keys that it asks by."""

import logging
import threading
from dataclasses import replace
from typing import Any

from rekey_agent import trust
from rekey_agent.base64url import encoded
from rekey_agent.config import is_safe
from rekey_agent.keys import Identity, Pair, Store
from rekey_agent.portal import Portal, Refused

logger = logging.getLogger(__name__)


class Session:
    """The identity in force, kept on disk as it changes."""

    def __init__(self, identity: Identity, store: Store) -> None:
        self._identity, self._store, self._lock = identity, store, threading.Lock()

    @property
    def identity(self) -> Identity:
        """Who the agent is now."""
        return self._identity

    def ask(self, portal: Portal, act: str, said: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Ask as this agent, by the current keys, or by the next where the portal knows those only.

        It does when its answer to them was lost, or when another thread has renewed them just now.
        """
        tried: list[Pair] = []
        pair = self._identity.current
        while True:
            try:
                told = portal.ask(act, said, agent=self._identity.agent, pair=pair, **more)
            except Refused as refused:
                if refused.code != "signature":
                    raise
                tried.append(pair)
                known = self._identity
                left = [each for each in (known.current, known.next) if each and each not in tried]
                if not left:
                    raise
                pair = left[0]
            else:
                self._took(pair, portal.clock.now())
                return told

    def roll(self, portal: Portal) -> None:
        """Take new keys: written down first, then told, then used."""
        with self._lock:
            if self._identity.next is None:
                self._take(replace(self._identity, next=Pair.new()))
            identity = self._identity
        upcoming = identity.next
        assert upcoming is not None
        message = f"rekey-roll-v1\n{identity.agent}\n".encode()
        message += upcoming.sealing.public_key().public_bytes_raw()
        message += upcoming.signing.public_key().public_bytes_raw()
        said = {**upcoming.public, "signature": encoded(upcoming.signing.sign(message))}
        self.ask(portal, "roll", said)
        self._took(upcoming, portal.clock.now())
        logger.info("keys renewed")

    def heed(self, told: dict[str, Any], now: float) -> None:
        """Take from a heartbeat's answer where to wait and whose keys to trust; forget keys of ours that are old."""
        known = self._identity
        keys = trust.followed(known.portal_keys, told.get("portal_keys") or ())
        new = replace(
            known,
            portal_keys=keys,
            portal_since=known.portal_since if keys == known.portal_keys else now,
            wait_url=safe_wait_url(told),
            former=None if known.is_former_old(now) else known.former,
        )
        with self._lock:
            if new != known and self._identity is known:  # else at the next heartbeat
                self._take(new)

    def _took(self, pair: Pair, now: float) -> None:
        """Note that the portal knows a pair: the next becomes the current one by it.

        Both are on the disk already: where that cannot be written, the agent goes on, and learns it anew at its start.
        """
        with self._lock:
            if pair is self._identity.next:
                rolled = self._identity.rolled(now)
                try:
                    self._store.save(rolled)
                except OSError as problem:
                    logger.error("the new keys cannot be written down: %s", problem.strerror)
                self._identity = rolled

    def _take(self, identity: Identity) -> None:
        self._store.save(identity)
        self._identity = identity


def safe_wait_url(told: dict[str, Any]) -> str:
    """Return the address of the waits that the portal names; nothing where that is no address to go to."""
    url = str(told.get("wait_url") or "")
    return url if url and is_safe(url) else ""
