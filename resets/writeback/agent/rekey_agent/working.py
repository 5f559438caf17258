"""One job, from its claim to its answer: judged, looked at, begun by the portal's leave, done once, written down, answered."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rekey_agent import dying
from rekey_agent.directories.directory import Directory, Entry, Refused, Unreachable, Unsure
from rekey_agent.journal import Journal
from rekey_agent.judging import Job, NotDone, judged
from rekey_agent.keys import Identity, moment
from rekey_agent.portal import PortalDown
from rekey_agent.portal import Refused as PortalRefused

logger = logging.getLogger(__name__)
Ask = Callable[[str, dict[str, Any]], dict[str, Any]]
_OF_PASSWORDS = frozenset({"reset", "change"})
#: Seconds between tries to give an answer that the portal did not take.
_AGAIN = 1.0
#: Seconds after which one looks at what became of a change whose answer was lost.
_SETTLE = 0.5


@dataclass(frozen=True)
class Answer:
    """How a job came out."""

    outcome: str
    code: str = ""


class Stale(Exception):
    """Another agent has the job by now, or it is over."""


class Worker:
    """Does jobs, one after the other."""

    def __init__(self, ask: Ask, directory: Directory, journal: Journal, now: Callable[[], float]) -> None:
        self._ask, self._directory, self._journal, self._now = ask, directory, journal, now
        self.latency_ms: int | None = None

    def work(self, said: dict[str, Any], identity: Identity) -> None:
        """Do what a claim gave."""
        try:
            job = judged(said, identity, now=self._now(), moment=moment(), is_done=self._journal.is_done)
        except NotDone as refused:
            logger.warning("job %s refused: %s", said.get("id"), refused.code)
            self._tell(said, Answer("refused", refused.code), self._now() + 5)
            return
        try:
            answer = self._done(job, float(said.get("lease_seconds", 0)))
        except Stale:
            logger.info("job %s is somebody else's by now", job.id)
            return
        if answer.outcome in {"done", "superseded", "unknown"}:
            self._journal.note(job.id, job.expires, self._now())
        dying.here("before_answer")
        logger.info("job %s %s: %s %s", job.id, job.operation, answer.outcome, answer.code)
        self._tell(said, answer, job.expires)

    def _done(self, job: Job, lease: float) -> Answer:
        try:
            entry = self._directory.read(job.guid)
        except Refused as refused:
            return Answer("refused", refused.code)
        except (Unreachable, Unsure) as problem:
            return Answer("put_back", problem.code)
        if job.operation in _OF_PASSWORDS and job.before is not None and entry.before != job.before:
            return self._by_opening(job)
        if why := _hindrance(entry):
            return Answer("refused", why)
        asked = time.monotonic()
        self._begin(job, entry)
        dying.here("after_intent")
        # What is sent now is over before the lease is, or another agent would act at the same time.
        if time.monotonic() + self._directory.longest > asked + lease:
            raise Stale
        began = time.monotonic()
        try:
            self._act(job)
        except Refused as refused:
            return Answer("refused", refused.code)
        except Unreachable as problem:
            return Answer("put_back", problem.code)
        except Unsure as problem:
            return self._look_again(job, entry, problem.code)
        self.latency_ms = round((time.monotonic() - began) * 1000)
        dying.here("after_effect")
        return Answer("done")

    def _begin(self, job: Job, entry: Entry) -> None:
        """Ask the portal's leave to begin; the lease is counted anew from then. Raises `Stale`."""
        try:
            self._ask("intent", {"job": job.id, "attempt": job.attempt, "before": entry.before})
        except PortalRefused as refused:
            raise Stale from refused
        except PortalDown as down:  # without leave nothing is done; another agent, or nobody, does it
            raise Stale from down

    def _act(self, job: Job) -> None:
        if job.operation == "reset":
            self._directory.reset(job.guid, job.password)
        elif job.operation == "change":
            self._directory.change(job.guid, job.old, job.password)
        elif job.operation == "unlock":
            self._directory.unlock(job.guid)
        else:
            self._directory.expire(job.guid)

    def _by_opening(self, job: Job) -> Answer:
        """Try whether the new password opens the account: it does when the job was done, and does not when somebody set another."""
        try:
            opens = self._directory.opens(job.guid, job.password)
        except (Refused, Unreachable, Unsure):
            opens = None
        return {True: Answer("done"), False: Answer("superseded"), None: Answer("unknown")}[opens]

    def _look_again(self, job: Job, before: Entry, code: str) -> Answer:
        """Find out what became of a change that was sent and whose answer never came."""
        time.sleep(_SETTLE)
        try:
            entry = self._directory.read(job.guid)
        except (Refused, Unreachable, Unsure):
            return Answer("unknown", code)
        if job.operation not in _OF_PASSWORDS:
            return Answer("put_back", code)  # doing it twice does no harm
        # Not there now, it may still arrive where the server was only slow: nobody may say that it did not.
        return Answer("unknown", code) if entry.before == before.before else self._by_opening(job)

    def _tell(self, said: dict[str, Any], answer: Answer, until: float) -> None:
        """Answer, again and again until the portal has it or nobody waits for it any longer."""
        words = {
            "job": said.get("id", ""),
            "attempt": said.get("attempt", 0),
            "outcome": answer.outcome,
            "code": answer.code,
        }
        while True:
            try:
                self._ask("result", words)
            except PortalRefused as refused:
                logger.warning("answer to job %s not taken: %s", said.get("id"), refused.code)
            except PortalDown as down:
                if self._now() < until:
                    time.sleep(_AGAIN)
                    continue
                logger.error("answer to job %s lost: %s", said.get("id"), down)
            return


def _hindrance(entry: Entry) -> str:
    """Return why nobody's password or lock is touched here, whatever rights the agent has: the account is not one for it."""
    if entry.protected:
        return "protected_account"
    if entry.disabled:
        return "account_disabled"
    return "account_expired" if entry.expired else ""
