"""Bring the directory's people to the portal: everybody once a day or when asked, and in between what has changed."""

import json
import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from rekey_agent.directories.directory import Directory, PeoplePage, Refused, Row, Unreachable, Unsure
from rekey_agent.portal import PortalDown
from rekey_agent.portal import Refused as PortalRefused

logger = logging.getLogger(__name__)
FULL_EVERY, SWEEP_EVERY, DELTA_EVERY = 24 * 60 * 60.0, 60 * 60.0, 300.0
#: Seconds after which a run that failed is tried again.
AGAIN = 60.0
#: The most characters of rows in one message, of which the portal takes 1 MB, and the most groups of somebody.
_MOST, _GROUPS = 700_000, 200
#: More than so many who are gone on one page of what has changed are a move or a mistake.
_MANY_GONE = 20


class Bringer:
    """Knows when it is time, and brings."""

    def __init__(self, ask: Callable[[dict[str, Any]], dict[str, Any]], directory: Directory) -> None:
        self._ask, self._directory = ask, directory
        self._full_at = self._delta_at = self._swept_at = self._not_before = float("-inf")
        #: Who was there when one last looked.
        self._known: set[str] = set()
        self.position: dict[str, Any] = {}
        self.asked = False
        #: Whether this agent is the one of its domain that brings people.
        self.is_mine = True
        #: Why the last run came to nothing; nothing where it went well.
        self.problem = ""

    def hear(self, told: dict[str, Any]) -> None:
        """Take from a heartbeat's answer whether this agent brings, whether everybody is asked for, and from where on."""
        self.is_mine = told.get("brings") is not False
        self.asked = self.asked or told.get("bring") is True
        position = told.get("position")
        if isinstance(position, dict) and position:
            self.position = position

    def bring_if_due(self) -> None:
        """Bring what it is time for; what goes wrong is tried again a while later."""
        now = time.monotonic()
        full = self.asked or now - self._full_at >= FULL_EVERY
        if not self.is_mine or now < self._not_before or not (full or now - self._delta_at >= DELTA_EVERY):
            return
        self._not_before = now + AGAIN
        try:
            self._bring(full=full)
        except (Refused, Unreachable, Unsure) as problem:
            self.problem = problem.code
            logger.warning("people not brought: %s", problem.code)
            return
        except PortalRefused as problem:
            self.problem = problem.code
            self._not_before = now + max(AGAIN, problem.retry_after)
            logger.warning("people not brought: %s", problem)
            return
        except PortalDown as problem:
            logger.warning("people not brought: %s", problem)
            return
        self._not_before, self._delta_at, self.problem = float("-inf"), now, ""
        if full:
            self._full_at = self._swept_at = now
            self.asked = False

    def _bring(self, *, full: bool) -> None:
        run, first, count = uuid.uuid4().hex, True, 0
        there, gone = set[str](), set[str]()
        flaws: Counter[str] = Counter()
        for whole in chain(() if full else self._gone(), self._directory.people(self.position, full)):
            for page in _fitting(whole if full else self._doubted(whole)):
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
                flaws.update(str(flaw.get("code", "")) for flaw in told.get("flaws", []))
            there.update(str(row["guid"]) for row in whole.rows if not row.get("gone"))
            gone.update(str(row["guid"]) for row in whole.rows if row.get("gone"))
            if whole.last:
                self.position = whole.position
        self._known = there if full else self._known - gone | there
        if full or count:
            logger.info("people brought: %d, %s", count, "everybody" if full else "what changed")
        if flaws:
            why = ", ".join(f"{code} {number}" for code, number in sorted(flaws.items()))
            logger.warning("people not taken by the portal: %s", why)

    def _gone(self) -> Iterator[PeoplePage]:
        """Yield, once an hour, who is not there any more: what is deleted leaves no change behind that one could see."""
        now = time.monotonic()
        if now - self._swept_at < SWEEP_EVERY:
            return
        gone = self._known.difference(self._directory.present())
        self._swept_at = now
        if gone:
            yield PeoplePage([{"guid": guid, "gone": True} for guid in sorted(gone)], {}, last=False)

    def _doubted(self, page: PeoplePage) -> PeoplePage:
        """Leave out who is gone where they are many at once: everybody is looked at then, and the portal judges the whole."""
        staying = [row for row in page.rows if not row.get("gone")]
        if len(page.rows) - len(staying) <= _MANY_GONE:
            return page
        self.asked = True
        return PeoplePage(staying, page.position, page.last)


def _fitting(page: PeoplePage) -> Iterator[PeoplePage]:
    """Yield a page in as many parts as the portal's longest message asks for."""
    rows: list[Row] = []
    size = 0
    for each in page.rows:
        row = {**each, "groups": each.get("groups", [])[:_GROUPS]}
        length = len(json.dumps(row))
        if rows and size + length > _MOST:
            yield PeoplePage(rows, {}, last=False)
            rows, size = [], 0
        rows.append(row)
        size += length
    yield PeoplePage(rows, page.position, page.last)
