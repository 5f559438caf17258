"""Who the agent is while it runs: its identity, shared by its threads, and the keys that it asks by."""

import logging
import threading
from dataclasses import replace
from typing import Any

from rekey_agent import trust
from rekey_agent.base64url import encoded
from rekey_agent.keys import Identity, Pair, Store, moment
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
        """Ask as this agent. Where the portal knows the next keys only, because its answer to them was lost, take those."""
        identity = self._identity
        try:
            return portal.ask(act, said, agent=identity.agent, pair=identity.current, **more)
        except Refused as refused:
            if refused.code != "signature" or identity.next is None:
                raise
        told = portal.ask(act, said, agent=identity.agent, pair=identity.next, **more)
        with self._lock:
            if self._identity.next is not None:
                self._take(self._identity.rolled(moment()))
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
        message += upcoming.sealing.public_key().public_bytes_raw() + upcoming.signing.public_key().public_bytes_raw()
        said = {**upcoming.public, "signature": encoded(upcoming.signing.sign(message))}
        self.ask(portal, "roll", said)
        with self._lock:
            if self._identity.next is upcoming:
                self._take(self._identity.rolled(moment()))
        logger.info("keys renewed")

    def heed(self, told: dict[str, Any]) -> None:
        """Take from a heartbeat's answer where to wait, and which keys of the portal to trust."""
        keys = trust.followed(self._identity.portal_keys, told.get("portal_keys") or ())
        wait_url = str(told.get("wait_url", ""))
        with self._lock:
            if (keys, wait_url) != (self._identity.portal_keys, self._identity.wait_url):
                self._take(replace(self._identity, portal_keys=keys, wait_url=wait_url))

    def _take(self, identity: Identity) -> None:
        self._store.save(identity)
        self._identity = identity
