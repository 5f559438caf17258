"""The signed-in change of somebody whose account lives in a domain: the directory judges the current password."""

from typing import Any

from django.core import mail
from django.utils import timezone

from registration import configuring, reregistering
from registration.models import User
from registration.origin import NOWHERE
from resets.writeback import queue, standing_words
from resets.writeback.models import Agent, Job
from tests.building import PASSWORD, Browser, Org
from tests.registration.steps import signed_in
from tests.resets.steps import NEW
from tests.resets.writeback.portal import Hybrid


def change(browser: Browser, current: str = PASSWORD, new: str = NEW) -> Any:
    """Post a change."""
    return browser.post("/password/", {"current": current, "new_password": new, "confirm": new})


def test_the_directory_takes_it_and_the_session_goes_on(hybrid: Hybrid, contoso: Org, jobs: Any) -> None:
    browser, elsewhere = signed_in(contoso, hybrid.user), signed_in(contoso, hybrid.user)
    assert change(browser, current="What-The-Domain-Knows-1").headers["location"] == "/password/wait/"
    assert "on its way" in browser.get("/password/wait/").content.decode()
    job = hybrid.speaker.claim()
    assert hybrid.speaker.opened(job) == {"password": NEW, "old": "What-The-Domain-Knows-1"}
    hybrid.speaker.answer(job, "done")
    assert browser.get("/password/wait/").headers["location"] == "/security-info/"
    assert browser.get("/password/").status_code == 200  # still signed in
    assert elsewhere.get("/password/").status_code == 302  # and nowhere else
    assert User.objects.get(pk=hybrid.user.pk).check_password(NEW)
    event = hybrid.last("password_changed")
    assert (event.status, event.data["on_premises_agent"]) == ("success", "Connect")
    mail.outbox.clear()
    jobs()
    assert {message.subject for message in mail.outbox} == {"Your Contoso password was changed"}


def test_who_has_to_change_it_waits_for_the_answer_too(hybrid: Hybrid, contoso: Org) -> None:
    User.objects.filter(pk=hybrid.user.pk).update(must_change=True)
    browser = signed_in(contoso, hybrid.user)
    assert browser.get("/security-info/").headers["location"].startswith("/password/")
    change(browser)
    page = browser.get("/password/wait/")
    assert page.status_code == 200 and 'http-equiv="refresh"' in page.content.decode()
    hybrid.answered("refused", "policy_violation/history")
    assert browser.get("/password/wait/").headers["location"] == "/password/"
    errors = browser.get("/password/").context["form"].errors.as_data()
    assert errors["new_password"][0].code == "policy_violation/history"
    change(browser)
    hybrid.answered("done")
    assert browser.get("/password/wait/").headers["location"] == "/security-info/"
    assert not User.objects.get(pk=hybrid.user.pk).must_change
    assert browser.get("/security-info/").headers["location"].startswith("/verify/")


def test_a_wrong_current_password_is_told_at_its_field(hybrid: Hybrid, contoso: Org) -> None:
    browser = signed_in(contoso, hybrid.user)
    change(browser)
    hybrid.answered("refused", "wrong_current_password")
    assert browser.get("/password/wait/").headers["location"] == "/password/"
    errors = browser.get("/password/").context["form"].errors.as_data()
    assert [(name, one[0].code) for name, one in errors.items()] == [("current", "wrong_current_password")]
    assert not browser.get("/password/").context["form"].errors  # told once
    assert User.objects.get(pk=hybrid.user.pk).check_password(PASSWORD)


def test_wrong_current_passwords_are_few_in_an_hour(hybrid: Hybrid, contoso: Org) -> None:
    browser = signed_in(contoso, hybrid.user)
    for _try in range(5):
        change(browser)
        hybrid.answered("refused", "wrong_current_password")
        browser.get("/password/wait/")
    assert change(browser).context["form"].errors.as_data()["current"][0].code == "too_often"
    assert Job.objects.count() == 5


def test_what_the_directory_refuses_is_told_at_the_new_one(hybrid: Hybrid, contoso: Org) -> None:
    browser = signed_in(contoso, hybrid.user)
    change(browser)
    hybrid.answered("refused", "policy_violation/min_age")
    browser.get("/password/wait/")
    errors = browser.get("/password/").context["form"].errors.as_data()
    assert [(name, one[0].code) for name, one in errors.items()] == [
        ("new_password", "policy_violation/min_age")
    ]
    assert str(errors["new_password"][0].message) == standing_words.refused("policy_violation/min_age")


def test_an_unknown_outcome_is_said_as_such(hybrid: Hybrid, contoso: Org) -> None:
    browser = signed_in(contoso, hybrid.user)
    change(browser)
    hybrid.answered("unknown")
    assert browser.get("/password/wait/").headers["location"] == "/security-info/"
    assert "we don&#x27;t know whether" in browser.get("/security-info/", follow=True).content.decode()
    assert not User.objects.get(pk=hybrid.user.pk).check_password(NEW)


def test_nobody_there_is_said_before_anything_is_typed(hybrid: Hybrid, contoso: Org) -> None:
    browser = signed_in(contoso, hybrid.user)
    Agent.objects.update(seen_at=None)
    page = browser.get("/password/")
    assert page.status_code == 503 and "new_password" not in page.content.decode()


def test_where_nothing_is_written_back_it_is_said(hybrid: Hybrid, contoso: Org) -> None:
    browser = signed_in(contoso, hybrid.user)
    configuring.configure({"write_back": False}, actor="tests")
    assert browser.get("/password/").status_code == 403
    assert change(browser).status_code == 403 and Job.objects.count() == 0


def test_nobody_answers_in_time(hybrid: Hybrid, contoso: Org) -> None:
    browser = signed_in(contoso, hybrid.user)
    change(browser)
    Job.objects.update(created_at=timezone.now() - queue.PATIENCE)
    assert browser.get("/password/wait/").headers["location"] == "/password/"
    errors = browser.get("/password/").context["form"].errors.as_data()
    assert errors["new_password"][0].code == "timeout"


def test_the_job_of_another_person_is_none_of_mine(hybrid: Hybrid, contoso: Org) -> None:
    browser = signed_in(contoso, hybrid.user)
    change(browser)
    other = signed_in(contoso, contoso.user("bo"))
    session = other.session
    session["change.job"] = browser.session["change.job"]
    session.save()
    assert other.get("/password/wait/").headers["location"] == "/password/"
    assert Job.objects.get().state == "waiting"


def test_a_password_that_others_may_know_has_to_be_changed_in_the_domain_too(
    hybrid: Hybrid, contoso: Org, jobs: Any
) -> None:
    hybrid.user.set_unusable_password()  # never set here
    hybrid.user.save()
    for with_password in (False, True):
        reregistering.require(
            hybrid.user, with_password=with_password, actor=contoso.user("chief"), origin=NOWHERE
        )
        jobs()
        assert Job.objects.filter(operation="expire").count() == with_password


def test_an_objection_has_it_changed_in_the_domain_too(hybrid: Hybrid, jobs: Any) -> None:
    from registration.objecting import objected

    objected.send(sender=User, user=hybrid.user)
    jobs()
    job = hybrid.speaker.claim()
    assert '"operation":"expire"' in job["context"]
    assert hybrid.speaker.answer(job, "done").status_code == 200
    assert hybrid.last("account_expired").data == {"domain": "corp.contoso.example"}
