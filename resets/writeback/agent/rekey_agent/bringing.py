"""Bring the directory's people to the portal: everybody once a day or when asked, and in between what has changed."""

import logging
import time
import uuid
from collections.abc import Callable
from typing import Any

from rekey_agent.directories.directory import Directory, Refused, Unreachable, Unsure
from rekey_agent.portal import PortalDown
from rekey_agent.portal import Refused as PortalRefused

logger = logging.getLogger(__name__)
FULL_EVERY, DELTA_EVERY = 24 * 60 * 60.0, 300.0


class Bringer:
    """Knows when it is time, and brings."""

    def __init__(self, ask: Callable[[dict[str, Any]], dict[str, Any]], directory: Directory) -> None:
        self._ask, self._directory = ask, directory
        self._full_at = self._delta_at = float("-inf")
        self.position: dict[str, Any] = {}
        self.asked = False

    def hear(self, told: dict[str, Any]) -> None:
        """Take from a heartbeat's answer whether everybody is asked for, and how far people have been brought."""
        self.asked = self.asked or told.get("bring") is True
        position = told.get("position")
        if isinstance(position, dict) and position:
            self.position = position

    def bring_if_due(self) -> None:
        """Bring what it is time for; what goes wrong is tried again at the next time."""
        now = time.monotonic()
        full = self.asked or not self.position or now - self._full_at >= FULL_EVERY
        if not full and now - self._delta_at < DELTA_EVERY:
            return
        self._delta_at = now
        try:
            self._bring(full=full)
        except (Refused, Unreachable, Unsure) as problem:
            logger.warning("people not brought: %s", problem.code)
        except (PortalDown, PortalRefused) as problem:
            logger.warning("people not brought: %s", problem)
        else:
            if full:
                self._full_at, self.asked = now, False

    def _bring(self, *, full: bool) -> None:
        run, first, count = uuid.uuid4().hex, True, 0
        for page in self._directory.people(self.position, full):
            said = {
                "run": run,
                "first": first,
                "kind": "full" if full else "delta",
                "rows": page.rows,
                "position": page.position,
                "last": page.last,
            }
            told = self._ask(said)
            first, count = False, count + int(told.get("taken", 0))
            if page.last:
                self.position = page.position
        if full or count:
            logger.info("people brought: %d, %s", count, "everybody" if full else "what changed")
