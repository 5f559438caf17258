"""One job, from its claim to its answer: judged, looked at, begun by the portal's leave, done once, written down, answered."""

import logging
import sqlite3
import time
from collections.abc import Callable
from typing import Any

from rekey_agent import dying, logs
from rekey_agent.directories.directory import Directory, Entry, Refused, Unreachable, Unsure
from rekey_agent.journal import Answer, Journal
from rekey_agent.judging import Job, NotDone, judged
from rekey_agent.keys import Identity
from rekey_agent.portal import PortalDown, PortalFault
from rekey_agent.portal import Refused as PortalRefused

logger = logging.getLogger(__name__)
Ask = Callable[[str, dict[str, Any]], dict[str, Any]]
#: Seconds between tries to give an answer that the portal did not take.
_AGAIN = 1.0
#: How often a portal that fails at this very answer (500) is told it: others wait for their jobs.
_FAULTS = 5
#: Seconds after which one looks at what became of a change whose answer was lost.
_SETTLE = 0.5
#: Seconds for which one tries to say that a job is none for us: it says itself for how long, but who knows whose word that is.
_BRIEFLY = 5.0


class Stale(Exception):
    """Another agent has the job by now, or it is over."""


def _slept(seconds: float) -> bool:
    time.sleep(seconds)
    return False


class Worker:
    """Does jobs, one after the other. `now` is the portal's time; `pause` sleeps, and says whether the agent is to end."""

    def __init__(
        self,
        ask: Ask,
        directory: Directory,
        journal: Journal,
        now: Callable[[], float],
        pause: Callable[[float], bool] = _slept,
    ) -> None:
        self._ask, self._directory, self._journal = ask, directory, journal
        self._now, self._pause = now, pause
        self.latency_ms: int | None = None
        #: Whether the directory could not be reached for the last job.
        self.is_unreached = False

    def work(self, said: dict[str, Any], identity: Identity, asked: float | None = None) -> None:
        """Do what a claim gave that was asked for at a moment of `time.monotonic()`."""
        try:
            job = judged(said, identity, now=self._now(), is_over=self._journal.is_over)
        except NotDone as refused:
            logger.warning("job %s refused: %s", said.get("id"), refused.code)
            self._tell(said, _unlooked(said.get("before"), refused.code), self._now() + _BRIEFLY)
            return
        except sqlite3.Error as problem:  # who cannot know whether it was done before does it not
            logger.error("the journal cannot be read (%s)", type(problem).__name__)
            self._tell(said, Answer("put_back", "agent_fault"), self._now() + _BRIEFLY)
            return
        lease = float(said.get("lease_seconds", 0))
        try:
            answer = self._answer(job, lease, (time.monotonic() if asked is None else asked) + lease)
        except Stale:
            logger.info("job %s is somebody else's by now", job.id)
            return
        except Exception as fault:  # noqa: BLE001  # ours, ahead of the effect; those in it are held there
            logger.error("job %s: %s", job.id, logs.place(fault))
            answer = _unlooked(job.before, "agent_fault")
        self.is_unreached = answer.outcome == "put_back"
        if answer.outcome != "put_back":
            self._note(job, answer)
        dying.here("before_answer")
        logger.info("job %s %s: %s %s", job.id, job.operation, answer.outcome, answer.code)
        if self._tell(said, answer, job.expires) and answer.outcome != "put_back":
            self._note_told(job)

    def _answer(self, job: Job, lease: float, ends: float) -> Answer:
        if kept := self._journal.untold(job.id):
            return self._as_kept(job, kept)
        try:
            entry = self._directory.read(job.guid)
        except Refused as refused:
            return _unlooked(job.before, refused.code)
        except (Unreachable, Unsure) as problem:
            return Answer("put_back", problem.code)
        if time.monotonic() > ends:
            raise Stale
        if job.is_of_password and job.before is not None and entry.mark != job.before:
            return self._by_opening(job, entry)
        if why := _hindrance(entry):
            return Answer("refused", why)
        return self._acted(job, entry, lease)

    def _acted(self, job: Job, entry: Entry, lease: float) -> Answer:
        """Begin by the portal's leave, and act while the lease lasts."""
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
            return self._refused(job, refused.code)
        except Unreachable as problem:
            return Answer("put_back", problem.code)
        except Unsure as problem:
            return self._look_again(job, entry, problem.code)
        except Exception as fault:  # noqa: BLE001  # whatever it was, something may have been sent
            logger.error("job %s: %s", job.id, logs.place(fault))
            return self._look_again(job, entry, "agent_fault")
        self.latency_ms = round((time.monotonic() - began) * 1000)
        dying.here("after_effect")
        return Answer("done")

    def _begin(self, job: Job, entry: Entry) -> None:
        """Ask the portal's leave to begin; the lease is counted anew from then. Raises `Stale`."""
        try:
            self._ask("intent", {"job": job.id, "attempt": job.attempt, "before": entry.mark})
        except (PortalRefused, PortalDown) as problem:
            # Without leave nothing is done; another agent, or nobody, does it.
            raise Stale from problem

    def _act(self, job: Job) -> None:
        if job.operation == "reset":
            self._directory.reset(job.guid, job.password)
        elif job.operation == "change":
            self._directory.change(job.guid, job.old, job.password)
        elif job.operation == "unlock":
            self._directory.unlock(job.guid)
        else:
            self._directory.expire(job.guid)

    def _refused(self, job: Job, code: str) -> Answer:
        """Answer that the directory refuses, unless an earlier attempt, whose answer was lost, came in just ahead of this."""
        of_password = code.startswith(("policy_violation", "wrong_current_password"))
        if job.is_of_password and job.before is not None and of_password and self._opens(job):
            return Answer("done")
        return Answer("refused", code)

    def _as_kept(self, job: Job, kept: Answer) -> Answer:
        """Answer what was done before and not told, unless somebody has set another password since."""
        if kept.outcome == "done" and job.is_of_password and self._opens(job) is False:
            return Answer("superseded")
        return kept

    def _by_opening(self, job: Job, entry: Entry) -> Answer:
        """Try the new password: it opens when the job was done, and does not when somebody set another since.

        On another server than the one on which somebody began, it may not open because the change has not come there yet.
        """
        is_elsewhere = job.before is not None and job.before.partition("@")[2] != entry.server
        no = Answer("unknown") if is_elsewhere else Answer("superseded")
        return {True: Answer("done"), False: no, None: Answer("unknown")}[self._opens(job)]

    def _opens(self, job: Job) -> bool | None:
        try:
            return self._directory.opens(job.guid, job.password)
        except (Refused, Unreachable, Unsure):
            return None

    def _look_again(self, job: Job, before: Entry, code: str) -> Answer:
        """Find out what became of a change that was sent and whose answer never came.

        What is not there now may still arrive, where the server was only slow: nobody says that it did not.
        """
        time.sleep(_SETTLE)
        try:
            entry = self._directory.read(job.guid)
        except (Refused, Unreachable, Unsure):
            return Answer("unknown", code)
        if job.is_of_password:
            return Answer("unknown", code) if entry.mark == before.mark else self._by_opening(job, entry)
        is_done = not entry.locked if job.operation == "unlock" else entry.must_change
        return Answer("done") if is_done else Answer("unknown", code)

    def _note(self, job: Job, answer: Answer) -> None:
        try:
            self._journal.note(job.id, job.expires, answer)
        except sqlite3.Error as problem:  # what was done is told all the same
            logger.error("the journal cannot be written (%s): is the disk full?", type(problem).__name__)

    def _note_told(self, job: Job) -> None:
        try:
            self._journal.tell(job.id)
        except sqlite3.Error as problem:
            logger.error("the journal cannot be written (%s): is the disk full?", type(problem).__name__)

    def _tell(self, said: dict[str, Any], answer: Answer, until: float) -> bool:
        """Answer, again and again until the portal has it or nobody waits for it any longer; say whether it has."""
        words = {
            "job": said.get("id", ""),
            "attempt": said.get("attempt", 0),
            "outcome": answer.outcome,
            "code": answer.code,
        }
        faults = 0
        while True:
            try:
                self._ask("result", words)
            except PortalRefused as refused:
                logger.warning("answer to job %s not taken: %s", said.get("id"), refused.code)
                return False
            except PortalDown as down:
                faults += isinstance(down, PortalFault)
                if self._now() < until and faults < _FAULTS and not self._pause(_AGAIN):
                    continue
                logger.error("answer to job %s not told: %s", said.get("id"), down)
                return False
            return True


def _unlooked(before: object, code: str) -> Answer:
    """Answer for a job whose account was not looked at: where somebody had begun on it, nobody knows what came of that."""
    return Answer("refused" if before is None else "unknown", code)


def _hindrance(entry: Entry) -> str:
    """Return why nobody's password or lock is touched here, whatever rights the agent has: the account is not one for it."""
    if entry.protected:
        return "protected_account"
    if entry.disabled:
        return "account_disabled"
    return "account_expired" if entry.expired else ""
