"""The queue: one agent at a time, fenced by number, and nothing left in it afterwards."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from registration.models import User
from resets.writeback import accounts, agents, queue, reach
from resets.writeback.codes import Outcome, Refusal
from resets.writeback.models import Account, Agent, Job
from tests.building import Org
from tests.resets.writeback.speaking import Speaker, domain_of, enrolled

SECRET = {"password": "Correct-Horse-Battery-9", "old": ""}


@pytest.fixture
def settled() -> Any:
    """Collect what is told when a job ends."""
    told: list[tuple[str, str, dict[str, Any]]] = []

    def hear(job: Job, after: dict[str, Any], **_kwargs: Any) -> None:
        told.append((job.state, job.code, after))

    queue.settled.connect(hear)
    yield told
    queue.settled.disconnect(hear)


def account_in(speaker: Speaker, org: Org, name: str = "adele") -> Account:
    """Tie somebody to an account in the speaker's domain."""
    return accounts.tie(org.user(name), speaker.row.domain, f"guid-{name}", actor="tests")


def submitted(account: Account, **more: Any) -> Job:
    """Put a reset in."""
    return queue.submit(
        account, "unlock" if more.pop("unlock", False) else "reset", secret=SECRET, after={"x": 1}, **more
    )


def older(job: Job, **columns: Any) -> None:
    """Make some of a job's moments earlier."""
    Job.objects.filter(pk=job.pk).update(**columns)


def test_a_job_is_sealed_to_its_agent_and_erased_when_it_ends(contoso: Org, settled: Any) -> None:
    speaker = enrolled("contoso", domain_of("contoso"))
    job = submitted(account_in(speaker, contoso))
    got = speaker.claim()
    assert speaker.opened(got) == SECRET
    assert json.loads(got["context"])["guid"] == "guid-adele"
    assert got["before"] is None and got["attempt"] == 1
    assert speaker.answer(got, "done").status_code == 200
    job.refresh_from_db()
    assert (job.state, job.code, job.envelopes, job.after, job.is_over) == ("done", "", {}, None, True)
    assert settled == [("done", "", {"x": 1})]


def test_no_password_stands_in_the_database(contoso: Org) -> None:
    speaker = enrolled("contoso", domain_of("contoso"))
    submitted(account_in(speaker, contoso))
    with connection.cursor() as cursor:
        cursor.execute("select writeback_job::text from writeback_job")
        rows = [row[0] for row in cursor.fetchall()]
    assert rows and not any(SECRET["password"] in row for row in rows)
    assert not any(SECRET["password"].encode().hex() in row for row in rows)


def test_two_agents_get_a_job_once(contoso: Org) -> None:
    domain = domain_of("contoso", deployment="cloud_sync")
    one, two = enrolled("contoso", domain), enrolled("contoso", domain)
    submitted(account_in(one, contoso))
    assert one.told("claim")["job"] and two.told("claim")["job"] is None


def test_another_agent_takes_over_after_the_lease_and_the_first_is_refused(contoso: Org) -> None:
    domain = domain_of("contoso", deployment="cloud_sync")
    one, two = enrolled("contoso", domain), enrolled("contoso", domain)
    job = submitted(account_in(one, contoso))
    first = one.claim()
    assert one.ask("intent", {"job": first["id"], "attempt": 1, "before": "131"}).status_code == 200
    older(job, lease_until=timezone.now() - timedelta(milliseconds=1))
    second = two.claim()
    assert (second["attempt"], second["before"]) == (2, "131")
    late = one.ask("result", {"job": first["id"], "attempt": 1, "outcome": "done", "code": ""})
    assert (late.status_code, late.json()["error"]) == (409, "stale")
    assert two.ask("intent", {"job": job.pk.hex, "attempt": 2, "before": "999"}).status_code == 200
    job.refresh_from_db()
    assert (job.intent, job.intent_attempt, job.attempt) == ("131", 1, 2)


def test_an_intent_after_the_lease_is_refused(contoso: Org) -> None:
    speaker = enrolled("contoso", domain_of("contoso"))
    job = submitted(account_in(speaker, contoso))
    got = speaker.claim()
    older(job, lease_until=timezone.now() - timedelta(milliseconds=1))
    assert speaker.answer(got, "done").status_code == 409


def test_nobody_answered_is_a_refusal_that_changed_nothing(contoso: Org, settled: Any) -> None:
    speaker = enrolled("contoso", domain_of("contoso"))
    job = submitted(account_in(speaker, contoso))
    got = speaker.claim()
    older(job, created_at=timezone.now() - queue.PATIENCE)
    ended = queue.look(job.pk)
    assert (ended.state, ended.code, ended.envelopes) == ("refused", Refusal.NO_ANSWER, {})
    assert speaker.answer(got, "done").status_code == 409  # it may not begin any more
    assert settled == [("refused", "timeout", {"x": 1})]


def test_an_agent_that_began_and_fell_silent_leaves_the_outcome_unknown(contoso: Org) -> None:
    speaker = enrolled("contoso", domain_of("contoso"))
    job = submitted(account_in(speaker, contoso))
    got = speaker.claim()
    said = {"job": got["id"], "attempt": 1}
    assert speaker.ask("intent", {**said, "before": "1"}).status_code == 200
    older(job, created_at=timezone.now() - queue.PATIENCE)
    assert queue.look(job.pk).state == "claimed"  # as long as it may still answer
    older(job, lease_until=timezone.now())
    assert queue.look(job.pk).state == "unknown"
    assert speaker.ask("result", {**said, "outcome": "done"}).status_code == 200
    job.refresh_from_db()
    assert (job.state, job.code) == ("unknown", "late/done")


def test_what_one_agent_cannot_another_tries_once(contoso: Org, settled: Any) -> None:
    domain = domain_of("contoso", deployment="cloud_sync")
    one, two = enrolled("contoso", domain), enrolled("contoso", domain)
    job = submitted(account_in(one, contoso))
    for speaker in (one, two):
        got = speaker.claim()
        said = {"job": got["id"], "attempt": got["attempt"], "outcome": "put_back", "code": "dc_unreachable"}
        assert speaker.ask("result", said).status_code == 200
        assert speaker.told("claim")["job"] is None
    job.refresh_from_db()
    assert (job.state, job.code) == ("refused", "dc_unreachable")
    assert settled == [("refused", "dc_unreachable", {"x": 1})]


def test_a_listener_that_fails_leaves_the_job_for_the_answer_to_come_again(contoso: Org) -> None:
    speaker = enrolled("contoso", domain_of("contoso"))
    job = submitted(account_in(speaker, contoso))
    got = speaker.claim()
    queue.intend(speaker.row, job.pk, 1, "1")

    def fail(**_kwargs: Any) -> None:
        raise RuntimeError("the disk is full")

    queue.settled.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            queue.settle(speaker.row, job.pk, got["attempt"], Outcome.DONE)
    finally:
        queue.settled.disconnect(fail)
    job.refresh_from_db()
    assert job.state == "claimed" and job.envelopes
    assert queue.settle(speaker.row, job.pk, got["attempt"], Outcome.DONE)


def test_nobody_is_asked_where_nobody_is_heard_of(contoso: Org) -> None:
    speaker = enrolled("contoso", domain_of("contoso"))
    account = account_in(speaker, contoso)
    Agent.objects.update(seen_at=timezone.now() - reach.FRESH)
    assert reach.why_not(account.domain) == reach.NO_AGENT
    with pytest.raises(queue.Away):
        submitted(account)
    assert Job.objects.count() == 0


def test_whoever_writes_the_database_gets_no_password_sealed_to_a_key_of_theirs(contoso: Org) -> None:
    speaker = enrolled("contoso", domain_of("contoso"))
    account = account_in(speaker, contoso)
    thief = Speaker("contoso")
    Agent.objects.update(sealing_key=thief.sealing.public_key().public_bytes_raw())
    with pytest.raises(queue.Away):
        submitted(account)


def test_whoever_writes_the_database_cannot_aim_a_reset_at_another_account(contoso: Org) -> None:
    speaker = enrolled("contoso", domain_of("contoso"))
    account = account_in(speaker, contoso)
    account_in(speaker, contoso, "bo")
    Account.objects.filter(user=contoso.user("bo")).update(guid="guid-elsewhere")
    Account.objects.filter(pk=account.pk).update(guid="guid-bo")
    with pytest.raises(queue.Away):
        submitted(Account.objects.get(pk=account.pk))


def test_a_revoked_agent_gets_nothing_more(contoso: Org) -> None:
    speaker = enrolled("contoso", domain_of("contoso"))
    account = account_in(speaker, contoso)
    submitted(account)
    agents.revoke(speaker.row, actor="tests")
    answer = speaker.ask("claim")
    assert (answer.status_code, answer.json()["error"]) == (403, "revoked")
    with pytest.raises(queue.Away):
        submitted(account)


def test_jobs_of_one_domain_are_not_for_agents_of_another(contoso: Org) -> None:
    one = enrolled("contoso", domain_of("contoso"))
    two = enrolled("contoso", domain_of("contoso", "other.contoso.example"))
    submitted(account_in(one, contoso))
    assert two.told("claim")["job"] is None
    assert one.told("claim")["job"]


def test_old_jobs_are_forgotten(contoso: Org) -> None:
    speaker = enrolled("contoso", domain_of("contoso"))
    job = submitted(account_in(speaker, contoso))
    assert queue.forget(timezone.now()) == 0  # it is not over
    speaker.answer(speaker.claim(), "done")
    older(job, finished_at=timezone.now() - queue.KEPT)
    assert queue.forget(timezone.now() - queue.KEPT + timedelta(seconds=1)) == 1


def test_claiming_costs_the_same_however_many_jobs_wait(contoso: Org, django_assert_num_queries: Any) -> None:
    speaker = enrolled("contoso", domain_of("contoso"))
    account = account_in(speaker, contoso)
    submitted(account)
    agent = speaker.row
    with django_assert_num_queries(4):  # a savepoint around a look and an update
        assert queue.claim(agent)
    for _more in range(5):
        submitted(account)
    with django_assert_num_queries(4):
        assert queue.claim(agent)
    assert User.objects.count() == 3
