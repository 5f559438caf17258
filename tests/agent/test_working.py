"""A job from its claim to its answer: what is asked in which order, what is done, and what is never claimed."""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rekey_agent.directories.directory import Refused, Unreachable, Unsure
from rekey_agent.journal import Answer, Journal
from rekey_agent.keys import Identity, Pair, Store
from rekey_agent.portal import Clock, Portal
from rekey_agent.session import Session
from rekey_agent.working import Worker
from tests.agent.fakes import FakeDirectory
from tests.agent.portals import CUT_AFTER, CUT_BEFORE, Desk, Said

NEW, OLD = "Neu-und-9-lang", "Alt-und-9-lang"
Work = Callable[[Said], Said]


@pytest.fixture
def journal(store: Store) -> Journal:
    return Journal(store.folder)


@pytest.fixture
def worker(desk: Desk, session: Session, directory: FakeDirectory, journal: Journal) -> Worker:
    portal = Portal(desk.url, clock=Clock())

    def ask(act: str, said: Said) -> Said:
        return session.ask(portal, act, said)

    return Worker(ask, directory, journal, portal.clock.now, lambda seconds: bool(time.sleep(0.01)))


@pytest.fixture
def work(desk: Desk, worker: Worker, identity: Identity) -> Work:
    """Do a job, and return the last answer that the portal heard."""

    def done(said: Said) -> Said:
        worker.work(said, identity)
        told = desk.acts("result")
        return {name: told[-1][name] for name in ("outcome", "code")} if told else {}

    return done


def test_a_reset_is_read_begun_done_and_told_in_this_order(
    desk: Desk, work: Work, directory: FakeDirectory
) -> None:
    job = desk.job()
    assert work(job) == {"outcome": "done", "code": ""}
    assert directory.acts == ["read", "reset"]
    assert directory.password == NEW
    assert desk.acts("intent") == [{"job": job["id"], "attempt": 1, "before": "1000"}]
    assert desk.order() == ["intent", "result"]


@pytest.mark.parametrize("operation", ["change", "unlock", "expire"])
def test_each_operation_does_its_own(
    desk: Desk, work: Work, directory: FakeDirectory, operation: str
) -> None:
    secret = {"password": NEW, "old": OLD} if operation == "change" else {"password": "", "old": ""}
    assert work(desk.job(operation, secret=secret)) == {"outcome": "done", "code": ""}
    assert directory.effects() == [operation]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"protected": True}, "protected_account"),
        ({"disabled": True}, "account_disabled"),
        ({"expired": True}, "account_expired"),
    ],
)
@pytest.mark.parametrize("operation", ["reset", "unlock", "expire"])
def test_an_account_that_is_none_for_it_is_left_alone(
    desk: Desk, work: Work, directory: FakeDirectory, changes: dict[str, Any], code: str, operation: str
) -> None:
    directory.entry = replace(directory.entry, locked=True, **changes)
    assert work(desk.job(operation)) == {"outcome": "refused", "code": code}
    assert (directory.effects(), desk.acts("intent")) == ([], [])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"by": Ed25519PrivateKey.generate()}, "job_signature"),
        ({"agent": "another"}, "job_address"),
        ({"domain": "another"}, "job_address"),
        ({"organization": "another"}, "job_address"),
        ({"id": "another"}, "job_address"),
        ({"expires": int(time.time()) - 1}, "job_expired"),
        ({"sealed_to": Pair.new().sealing.public_key().public_bytes_raw()}, "job_sealed"),
        ({"operation": "delete"}, "capability_missing"),
        ({"v": 2}, "capability_missing"),
        ({"secret": {"password": "", "old": ""}}, "agent_fault"),
    ],
)
def test_a_job_that_is_none_for_it_is_refused_untouched(
    desk: Desk, work: Work, directory: FakeDirectory, changes: dict[str, Any], code: str
) -> None:
    assert work(desk.job(**changes)) == {"outcome": "refused", "code": code}
    assert (directory.acts, desk.acts("intent")) == ([], [])


@pytest.mark.parametrize(
    "altered",
    [
        lambda job, other: {"context": job["context"].replace("reset", "unlock")},
        lambda job, other: {"context": re.sub('"guid":"[^"]*"', '"guid":"of-the-chief"', job["context"])},
        lambda job, other: {"context": re.sub('"expires":[0-9]+', '"expires":9999999999', job["context"])},
        lambda job, other: {"envelope": other["envelope"]},
        lambda job, other: {"context": other["context"], "envelope": other["envelope"]},
        lambda job, other: {"signature": other["signature"]},
    ],
)
def test_a_job_that_was_altered_under_its_own_signature_is_refused(
    desk: Desk, work: Work, directory: FakeDirectory, altered: Callable[[Said, Said], Said]
) -> None:
    job, other = desk.job(), desk.job(secret={"password": "Of-An-Attacker-1", "old": ""})
    changed = altered(job, other)
    assert all(changed[name] != job[name] for name in changed)
    assert work({**job, **changed}) == {"outcome": "refused", "code": "job_signature"}
    assert (directory.acts, desk.acts("intent")) == ([], [])


def test_a_job_whose_answer_was_heard_is_not_done_again(
    desk: Desk, work: Work, directory: FakeDirectory
) -> None:
    job = desk.job()
    work(job)
    directory.set(OLD)
    assert work({**job, "attempt": 2}) == {"outcome": "refused", "code": "job_replayed"}
    assert directory.password == OLD


def test_nor_is_an_old_one_when_the_clock_is_set_back(
    desk: Desk, work: Work, directory: FakeDirectory
) -> None:
    old = desk.job(expires=int(desk.now) + 30)
    work(desk.job(expires=int(desk.now) + 700))
    assert work(old) == {"outcome": "refused", "code": "job_replayed"}
    assert directory.effects() == ["reset"]


def test_a_journal_that_cannot_be_read_leaves_a_job_to_another_agent(
    desk: Desk, work: Work, directory: FakeDirectory, journal: Journal
) -> None:
    journal.close()
    assert work(desk.job()) == {"outcome": "put_back", "code": "agent_fault"}
    assert directory.effects() == []


def test_also_one_that_was_refused(desk: Desk, work: Work, directory: FakeDirectory) -> None:
    directory.problems["reset"] = [Refused("policy_violation/length")]
    job = desk.job()
    assert work(job) == {"outcome": "refused", "code": "policy_violation/length"}
    assert work({**job, "attempt": 2}) == {"outcome": "refused", "code": "job_replayed"}


def test_another_agents_job_is_left_alone(
    desk: Desk, work: Work, directory: FakeDirectory, journal: Journal
) -> None:
    desk.next["intent"] = [(409, {"error": "stale", "text": ""})]
    job = desk.job()
    assert work(job) == {}
    assert (directory.effects(), journal.untold(job["id"])) == ([], None)


def test_without_leave_nothing_is_done(desk: Desk, work: Work, directory: FakeDirectory) -> None:
    desk.next["intent"] = [CUT_BEFORE, CUT_BEFORE]
    assert work(desk.job()) == {}
    assert directory.effects() == []


def test_nothing_is_begun_that_would_outlast_the_lease(
    desk: Desk, work: Work, directory: FakeDirectory
) -> None:
    directory.took = 4.1
    assert work(desk.job()) == {}
    assert (directory.effects(), len(desk.acts("intent"))) == ([], 1)


def test_a_claim_that_came_late_is_not_begun(
    desk: Desk, worker: Worker, identity: Identity, directory: FakeDirectory
) -> None:
    worker.work(desk.job(), identity, time.monotonic() - 4.1)
    assert (directory.effects(), desk.order()) == ([], [])


@pytest.mark.parametrize(
    "problem", [Unreachable("dc_unreachable"), Unreachable("dc_tls"), Unsure("dc_timeout")]
)
def test_a_directory_that_cannot_be_read_is_left_to_another_agent(
    desk: Desk, work: Work, directory: FakeDirectory, journal: Journal, problem: Exception
) -> None:
    directory.problems["read"] = [problem]
    job = desk.job()
    assert work(job) == {"outcome": "put_back", "code": str(problem)}
    assert work({**job, "attempt": 2}) == {"outcome": "done", "code": ""}


def test_a_modify_that_was_not_sent_is_left_to_another_agent(
    desk: Desk, work: Work, directory: FakeDirectory
) -> None:
    directory.problems["reset"] = [Unreachable("dc_unreachable")]
    assert work(desk.job()) == {"outcome": "put_back", "code": "dc_unreachable"}


def test_somebody_who_is_gone_is_said_to_be(desk: Desk, work: Work, directory: FakeDirectory) -> None:
    directory.problems["read"] = [Refused("user_not_found")]
    assert work(desk.job()) == {"outcome": "refused", "code": "user_not_found"}


class TestNoAnswerFromTheDirectory:
    def test_it_was_done(self, desk: Desk, work: Work, directory: FakeDirectory) -> None:
        directory.later["reset"] = [Unsure("dc_timeout")]
        assert work(desk.job()) == {"outcome": "done", "code": ""}
        assert directory.acts == ["read", "reset", "read", "opens"]

    def test_it_may_still_come(self, desk: Desk, work: Work, directory: FakeDirectory) -> None:
        directory.problems["reset"] = [Unsure("dc_timeout")]
        assert work(desk.job()) == {"outcome": "unknown", "code": "dc_timeout"}

    def test_somebody_else_set_another(self, desk: Desk, work: Work, directory: FakeDirectory) -> None:
        directory.later["reset"] = [Unsure("dc_timeout")]
        given = directory.reset

        def reset(guid: str, password: str) -> None:
            try:
                given(guid, password)
            finally:
                directory.set("Of-the-helpdesk-1")

        directory.reset = reset  # type: ignore[method-assign]
        assert work(desk.job()) == {"outcome": "superseded", "code": ""}

    def test_nobody_can_tell(self, desk: Desk, work: Work, directory: FakeDirectory) -> None:
        directory.later["reset"] = [Unsure("dc_timeout")]
        directory.locked_to_binds = True
        assert work(desk.job()) == {"outcome": "unknown", "code": ""}

    def test_the_directory_is_gone(self, desk: Desk, work: Work, directory: FakeDirectory) -> None:
        directory.problems["reset"] = [Unsure("dc_unreachable")]
        given = directory.reset

        def reset(guid: str, password: str) -> None:
            directory.problems["read"] = [Unreachable("dc_unreachable")]
            given(guid, password)

        directory.reset = reset  # type: ignore[method-assign]
        assert work(desk.job()) == {"outcome": "unknown", "code": "dc_unreachable"}

    @pytest.mark.parametrize("operation", ["unlock", "expire"])
    @pytest.mark.parametrize("was_done", [True, False])
    def test_a_lock_or_a_mark_is_looked_at(
        self, desk: Desk, work: Work, directory: FakeDirectory, operation: str, was_done: bool
    ) -> None:
        directory.entry = replace(directory.entry, locked=True)
        accidents = directory.later if was_done else directory.problems
        accidents[operation] = [Unsure("dc_timeout")]
        told = {"outcome": "done", "code": ""} if was_done else {"outcome": "unknown", "code": "dc_timeout"}
        assert work(desk.job(operation)) == told


class TestAnEarlierAttempt:
    """Another agent began, and was heard of no more; `before` is how the account stood then."""

    def test_had_done_nothing(self, desk: Desk, work: Work, directory: FakeDirectory) -> None:
        assert work(desk.job(attempt=2, before="1000")) == {"outcome": "done", "code": ""}
        assert directory.effects() == ["reset"]

    def test_had_done_it(self, desk: Desk, work: Work, directory: FakeDirectory) -> None:
        directory.set(NEW)
        assert work(desk.job(attempt=2, before="1000")) == {"outcome": "done", "code": ""}
        assert (directory.effects(), desk.acts("intent")) == ([], [])

    def test_and_the_helpdesk_set_another_since(
        self, desk: Desk, work: Work, directory: FakeDirectory
    ) -> None:
        directory.set("Of-the-helpdesk-1")
        assert work(desk.job(attempt=2, before="1000")) == {"outcome": "superseded", "code": ""}
        assert directory.password == "Of-the-helpdesk-1"

    @pytest.mark.parametrize(("before", "outcome"), [("1000@aaaa", "unknown"), ("999@bbbb", "superseded")])
    def test_began_on_another_server_that_may_be_ahead(
        self, desk: Desk, work: Work, directory: FakeDirectory, before: str, outcome: str
    ) -> None:
        directory.entry = replace(directory.entry, before="1000", server="bbbb")
        assert work(desk.job(attempt=2, before=before)) == {"outcome": outcome, "code": ""}
        assert directory.effects() == []
        directory.set(NEW)
        assert work(desk.job(attempt=2, before=before)) == {"outcome": "done", "code": ""}

    @pytest.mark.parametrize("problem", [Refused("user_not_found"), ZeroDivisionError()])
    def test_and_this_one_cannot_look(
        self, desk: Desk, work: Work, directory: FakeDirectory, problem: Exception
    ) -> None:
        directory.problems["read"] = [problem]
        assert work(desk.job(attempt=2, before="1000"))["outcome"] == "unknown"
        assert work(desk.job(attempt=2, before="1000", v=2))["outcome"] == "unknown"

    def test_and_nobody_can_tell(self, desk: Desk, work: Work, directory: FakeDirectory) -> None:
        directory.set(NEW)
        directory.locked_to_binds = True
        assert work(desk.job(attempt=2, before="1000")) == {"outcome": "unknown", "code": ""}
        assert directory.effects() == []

    def test_came_in_just_ahead_of_this_one(self, desk: Desk, work: Work, directory: FakeDirectory) -> None:
        directory.problems["reset"] = [Refused("policy_violation/history")]
        directory.password = NEW  # it arrived after the read
        assert work(desk.job(attempt=2, before="1000")) == {"outcome": "done", "code": ""}

    def test_or_did_not_and_the_rules_refuse(self, desk: Desk, work: Work, directory: FakeDirectory) -> None:
        directory.problems["reset"] = [Refused("policy_violation/history")]
        told = {"outcome": "refused", "code": "policy_violation/history"}
        assert work(desk.job(attempt=2, before="1000")) == told

    def test_unlocking_twice_does_no_harm(self, desk: Desk, work: Work, directory: FakeDirectory) -> None:
        directory.set(OLD)
        assert work(desk.job("unlock", attempt=2, before="1000")) == {"outcome": "done", "code": ""}


class TestAnAnswerThatTheAgentTookToItsGrave:
    """It was written down, and the process ended before the portal heard it."""

    @pytest.fixture
    def job(self, desk: Desk, journal: Journal, directory: FakeDirectory) -> Said:
        job = desk.job(attempt=2, before="1000")
        directory.set(NEW)
        journal.note(job["id"], int(desk.now) + 60, Answer("done"))
        return job

    def test_is_told_and_nothing_is_done_again(self, work: Work, directory: FakeDirectory, job: Said) -> None:
        assert work(job) == {"outcome": "done", "code": ""}
        assert directory.effects() == []
        assert work({**job, "attempt": 3}) == {"outcome": "unknown", "code": "job_replayed"}

    def test_unless_somebody_set_another_since(self, work: Work, directory: FakeDirectory, job: Said) -> None:
        directory.set("Of-the-helpdesk-1")
        assert work(job) == {"outcome": "superseded", "code": ""}

    def test_and_a_refusal_is_told_as_it_was(
        self, desk: Desk, work: Work, directory: FakeDirectory, journal: Journal
    ) -> None:
        job = desk.job(attempt=2, before="1000")
        journal.note(job["id"], int(desk.now) + 60, Answer("refused", "access_denied"))
        assert work(job) == {"outcome": "refused", "code": "access_denied"}
        assert directory.acts == []


class TestAnAnswerThatThePortalDoesNotTake:
    def test_is_told_again_until_it_does(self, desk: Desk, work: Work, directory: FakeDirectory) -> None:
        desk.next["result"] = [CUT_BEFORE, CUT_BEFORE, CUT_BEFORE, CUT_BEFORE, (503, {})]
        assert work(desk.job()) == {"outcome": "done", "code": ""}
        assert (len(desk.acts("result")), directory.effects()) == (6, ["reset"])

    def test_not_for_long_when_it_fails_at_this_very_one(
        self, desk: Desk, work: Work, journal: Journal
    ) -> None:
        desk.next["result"] = [(500, {})] * 10
        job = desk.job()
        work(job)
        assert (len(desk.acts("result")), journal.untold(job["id"])) == (5, Answer("done"))

    def test_not_when_it_is_stale(self, desk: Desk, work: Work, journal: Journal) -> None:
        desk.next["result"] = [(409, {"error": "stale", "text": ""})]
        job = desk.job()
        work(job)
        assert len(desk.acts("result")) == 1
        assert journal.untold(job["id"]) == Answer("done")

    def test_nor_when_the_job_is_over(self, desk: Desk, work: Work) -> None:
        desk.next["result"] = [(503, {})] * 1000
        job = desk.job(expires=int(desk.now) + 2)
        work(job)
        assert 1 < len(desk.acts("result")) < 1000

    def test_nor_when_the_agent_is_to_end(
        self, desk: Desk, session: Session, directory: FakeDirectory, journal: Journal, identity: Identity
    ) -> None:
        portal = Portal(desk.url)
        desk.next["result"] = [(503, {})] * 1000
        worker = Worker(
            lambda act, said: session.ask(portal, act, said),
            directory,
            journal,
            portal.clock.now,
            lambda _: True,
        )
        job = desk.job()
        worker.work(job, identity)
        assert len(desk.acts("result")) == 1
        assert journal.untold(job["id"]) == Answer("done")

    def test_nor_twice_where_only_the_word_of_it_was_lost(
        self, desk: Desk, work: Work, directory: FakeDirectory
    ) -> None:
        desk.next["result"] = [CUT_AFTER, (409, {"error": "stale", "text": ""})]
        work(desk.job())
        assert (len(desk.acts("result")), directory.effects()) == (2, ["reset"])


class TestAFaultOfOurs:
    def test_ahead_of_the_effect_is_a_refusal(
        self, desk: Desk, work: Work, directory: FakeDirectory, caplog: pytest.LogCaptureFixture
    ) -> None:
        directory.problems["read"] = [ValueError(f"cannot encode {NEW}")]
        assert work(desk.job()) == {"outcome": "refused", "code": "agent_fault"}
        assert "ValueError at fakes.py" in caplog.text
        assert NEW not in caplog.text

    def test_in_the_effect_claims_nothing(
        self, desk: Desk, work: Work, directory: FakeDirectory, caplog: pytest.LogCaptureFixture
    ) -> None:
        directory.problems["reset"] = [ValueError(f"cannot encode {NEW}")]
        assert work(desk.job()) == {"outcome": "unknown", "code": "agent_fault"}
        assert NEW not in caplog.text

    def test_a_full_disk_keeps_nobody_from_hearing(
        self, desk: Desk, work: Work, journal: Journal, caplog: pytest.LogCaptureFixture
    ) -> None:
        journal._open.execute("pragma query_only = on")
        assert work(desk.job()) == {"outcome": "done", "code": ""}
        assert "journal cannot be written" in caplog.text


def test_no_password_is_logged(
    desk: Desk, work: Work, directory: FakeDirectory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    job = desk.job("change", secret={"password": NEW, "old": OLD})
    work(job)
    assert f"job {job['id']} change: done" in caplog.text
    assert NEW not in caplog.text
    assert OLD not in caplog.text
