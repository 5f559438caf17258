"""A reset of somebody whose account lives in a domain: what the directory answers is what they are told."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from registration import configuring
from registration.models import User
from resets import writing_back
from resets.journey import Written
from resets.writeback import accounts, agents, queue, standing_words
from resets.writeback.codes import OF_THE_ACCOUNT, Outcome, Refusal
from resets.writeback.models import Account, Agent, Job
from tests.building import Org
from tests.journeys.people import choose_password
from tests.resets.steps import NEW, begun, newest, prove_email, where, why_stopped
from tests.resets.writeback.portal import Hybrid

LONGER = "Quite-Another-9"
assert LONGER == NEW


def has(user: User, password: str) -> bool:
    """Say whether a password signs somebody in here."""
    return User.objects.get(pk=user.pk).check_password(password)


def test_the_directory_is_asked_and_then_it_is_set_here(hybrid: Hybrid, jobs: Any) -> None:
    browser = hybrid.at_password()
    assert choose_password(browser, NEW).headers["location"] == "/reset/wait/"
    assert where(browser) == "/reset/wait/"
    page = browser.get("/reset/wait/")
    assert "on its way to your organization" in page.content.decode()
    assert not has(hybrid.user, NEW)
    job = hybrid.speaker.claim()
    assert hybrid.speaker.opened(job) == {"password": NEW, "old": ""}
    hybrid.speaker.answer(job, "done")
    assert browser.get("/reset/wait/").headers["location"] == "/reset/done/"
    assert "Your password is changed" in browser.get("/reset/done/").content.decode()
    assert has(hybrid.user, NEW)
    event = hybrid.last("password_reset")
    assert event.status == "success" and event.method == "email"
    assert event.data["on_premises_agent"] == "Connect" and event.data["domain"] == "corp.contoso.example"
    assert event.data["reference"] == newest().reference
    mail.outbox.clear()
    jobs()
    assert {message.subject for message in mail.outbox} == {"Your Contoso password was reset"}


def test_an_answer_within_the_moment_needs_no_waiting(
    hybrid: Hybrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = hybrid.at_password()

    def answered(_job: Any) -> None:
        hybrid.answered("done")

    monkeypatch.setattr(writing_back, "await_answer", answered)
    assert choose_password(browser, NEW).headers["location"] == "/reset/done/"


@pytest.mark.parametrize(
    "code", sorted(set(standing_words.REFUSED) - {Outcome.SUPERSEDED, Refusal.WRONG_CURRENT})
)
def test_each_refusal_reaches_the_page_as_its_own_message(hybrid: Hybrid, code: str) -> None:
    browser = hybrid.at_password()
    choose_password(browser, NEW)
    hybrid.answered("refused", code)
    assert browser.get("/reset/wait/").headers["location"] == "/reset/password/"
    page = browser.get("/reset/password/")
    assert page.context["refused_words"] == standing_words.refused(code)
    assert not has(hybrid.user, NEW)
    event = hybrid.last("reset_password_refused")
    assert (event.reason, event.status) == (code, "failure")
    choose_password(browser, NEW + "x")
    hybrid.answered("done")
    assert browser.get("/reset/wait/").headers["location"] == "/reset/done/"
    assert has(hybrid.user, NEW + "x")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("policy_violation", "breaks one of its rules"),
        ("policy_violation/length", "it is too short"),
        ("policy_violation/complexity", "it has too few kinds of characters"),
        ("policy_violation/history", "you have used it before"),
        ("policy_violation/min_age", "was changed too short a time ago"),
        ("dc_unreachable", "could not be asked. Nothing was changed."),
        ("agent_fault", "could not set it. Nothing was changed."),
    ],
)
def test_the_page_names_the_rule(hybrid: Hybrid, code: str, words: str) -> None:
    browser = hybrid.at_password()
    choose_password(browser, NEW)
    hybrid.answered("refused", code)
    browser.get("/reset/wait/")
    assert words in browser.get("/reset/password/").content.decode()


def test_rules_are_told_apart() -> None:
    texts = [standing_words.refused(code) for code in standing_words.REFUSED if code.startswith("policy")]
    assert len(set(texts)) == len(texts) == 5


def test_the_page_that_waits_goes_on_by_itself_without_a_script_too(hybrid: Hybrid) -> None:
    browser = hybrid.at_password()
    choose_password(browser, NEW)
    page = browser.get("/reset/wait/").content.decode()
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page
    assert 'role="status" data-waiting="1"' in page


def test_a_page_looks_for_an_answer_no_longer_than_a_moment(
    hybrid: Hybrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose_password(hybrid.at_password(), NEW)
    now, naps = [0.0], list[float]()

    def nap(seconds: float) -> None:
        naps.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(writing_back, "PATIENCE", 1.5)
    monkeypatch.setattr(time, "sleep", nap)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    assert not writing_back.await_answer(Job.objects.get().pk).is_over
    assert 1.5 <= sum(naps) < 1.7 and len(naps) < 20


@pytest.mark.parametrize("code", sorted(OF_THE_ACCOUNT))
def test_what_only_an_administrator_mends_ends_the_reset(hybrid: Hybrid, code: str) -> None:
    browser = hybrid.at_password()
    choose_password(browser, NEW)
    hybrid.answered("refused", code)
    assert why_stopped(browser) == "on_premises_admin_action"
    event = hybrid.last("reset_stopped")
    assert event.reason == "on_premises_admin_action" and event.data["answer"] == code
    assert event.data["code"] == "RK-RESET-029"


def test_superseded_and_unknown_are_never_success(hybrid: Hybrid) -> None:
    browser = hybrid.at_password()
    choose_password(browser, NEW)
    hybrid.answered("superseded")
    page = browser.get("/reset/password/")
    assert page.context["refused_words"] == standing_words.refused("superseded")
    choose_password(browser, NEW)
    hybrid.answered("unknown")
    assert where(browser) == "/reset/stopped/"
    assert browser.get("/reset/stopped/").context["code"] == "outcome_unknown"
    assert not has(hybrid.user, NEW) and newest().written == Written.UNKNOWN


def test_nobody_answers_in_time(hybrid: Hybrid) -> None:
    browser = hybrid.at_password()
    choose_password(browser, NEW)
    assert browser.get("/reset/wait/").status_code == 200
    Job.objects.update(created_at=timezone.now() - queue.PATIENCE)
    assert browser.get("/reset/wait/").headers["location"] == "/reset/password/"
    assert browser.get("/reset/password/").context["refused_words"] == standing_words.refused("timeout")


def test_nobody_is_there_to_act_and_no_password_is_asked_for(hybrid: Hybrid) -> None:
    browser = hybrid.at_password()
    Agent.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
    page = browser.get("/reset/password/")
    assert page.status_code == 503 and "new_password" not in page.content.decode()
    assert "RK-RESET-030" in page.content.decode()
    hybrid.speaker.told("heartbeat", {"version": "1", "kind": "openldap", "reachable": True})
    assert browser.get("/reset/password/").status_code == 200  # the reset stayed where it was


def test_nobody_is_told_earlier_where_an_account_lives(hybrid: Hybrid) -> None:
    Agent.objects.update(seen_at=None)
    configuring.configure({"write_back": False}, actor="tests")
    browser = begun(hybrid.org, hybrid.user.sign_in_name)
    assert where(browser) == "/reset/verify/"
    prove_email(browser)
    assert why_stopped(browser) == "writeback_not_enabled"


def test_who_is_gone_protected_or_altered_needs_an_administrator(hybrid: Hybrid) -> None:
    for change in ({"gone_at": timezone.now()}, {"facts": {"protected": True}}, {"guid": "guid-of-another"}):
        before = Account.objects.values(*change).get()
        browser = hybrid.at_password()
        Account.objects.update(**change)
        assert why_stopped(browser) == "on_premises_admin_action"
        Account.objects.update(**before)


def test_the_domains_rules_are_told_before_typing_and_judged_at_once(hybrid: Hybrid) -> None:
    browser = hybrid.at_password()
    page = browser.get("/reset/password/").content.decode()
    assert "refuses the last 24 passwords" in page and "after 1 day" in page
    assert 'data-rule="too_short" data-number="10"' in page
    refused = choose_password(browser, "Sh0rt-One")
    assert refused.context["form"].errors.as_data()["new_password"][0].code == "too_short"
    assert Job.objects.count() == 0


def test_rules_that_cannot_be_read_are_said_to_be_there(hybrid: Hybrid) -> None:
    Account.objects.update(facts={"rules": "CN=Hidden,CN=Password Settings Container"})
    assert "asks for more of your account" in hybrid.at_password().get("/reset/password/").content.decode()


def test_only_unlocking_leaves_the_password(hybrid: Hybrid, jobs: Any) -> None:
    browser = hybrid.at_password()
    assert "Only unlock" not in browser.get("/reset/password/").content.decode()
    browser.post("/reset/password/", {"action": "unlock"})
    assert Job.objects.count() == 0
    configuring.configure({"unlock_without_reset": True}, actor="tests")
    assert "Only unlock" in browser.get("/reset/password/").content.decode()
    before = User.objects.get(pk=hybrid.user.pk).password
    assert browser.post("/reset/password/", {"action": "unlock"}).headers["location"] == "/reset/wait/"
    job = hybrid.speaker.claim()
    assert '"operation":"unlock"' in job["context"]
    assert hybrid.speaker.opened(job) == {"password": "", "old": ""}
    hybrid.speaker.answer(job, "done")
    page = browser.get("/reset/done/").content.decode()
    assert "Your account is unlocked" in page and "Your password is as it was" in page
    assert User.objects.get(pk=hybrid.user.pk).password == before
    assert hybrid.last("account_unlocked").status == "success"
    mail.outbox.clear()
    jobs()
    assert {message.subject for message in mail.outbox} == {"Your Contoso account was unlocked"}


def test_an_owner_who_ends_it_meanwhile_gets_no_password_here(hybrid: Hybrid) -> None:
    from resets import flow

    browser = hybrid.at_password()
    choose_password(browser, NEW)
    flow.end_all(hybrid.user)
    hybrid.answered("done")
    assert not has(hybrid.user, NEW)
    assert hybrid.last("password_reset").data["here"] is False


def test_an_answer_that_comes_twice_is_acted_on_once(hybrid: Hybrid) -> None:
    browser = hybrid.at_password()
    choose_password(browser, NEW)
    job = hybrid.answered("done")
    again = {"job": job["id"], "attempt": job["attempt"], "outcome": "done", "code": ""}
    assert hybrid.speaker.ask("result", again).status_code == 409
    assert User.objects.get(pk=hybrid.user.pk).sessions_since == 1


def test_whose_account_is_in_the_cloud_waits_for_nobody(hybrid: Hybrid, contoso: Org) -> None:
    from tests.building import give_email

    give_email(contoso.user("bo"), "bo@home.example")
    browser = begun(contoso, contoso.user("bo").sign_in_name)
    prove_email(browser, "bo@home.example")
    assert choose_password(browser, NEW).headers["location"] == "/reset/done/"
    assert Job.objects.count() == 0


def test_an_outsider_sees_nothing_of_it(hybrid: Hybrid, fabrikam: Org) -> None:
    assert Job.objects.count() == Account.objects.count() == Agent.objects.count() == 0
    assert accounts.of(fabrikam.user("adele")) is None


def test_a_revoked_agent_leaves_its_domain_away(hybrid: Hybrid) -> None:
    browser = hybrid.at_password()
    agents.revoke(hybrid.speaker.row, actor="tests")
    assert browser.get("/reset/password/").status_code == 503
