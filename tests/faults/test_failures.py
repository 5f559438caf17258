"""When a mail server, the captcha's memory or the database fails: nothing is lost, sent late or half-done."""

import smtplib
from typing import Any

import pytest
from django.core import mail
from django.core.cache import caches
from django.db import DatabaseError
from django.utils import timezone

from registration import audit, delivery, notices
from registration.models import AuditEvent, Challenge
from resets.models import Reset
from tests.building import PASSWORD, Org, app_code, give_app, give_email, run_jobs
from tests.journeys.people import answer, ask_email, begin_reset, choose_password, code_in_mail, prove_app
from tests.resets.steps import HOME, NEW, begun, where
from tests.tenants.shield.solving import fetched


@pytest.fixture
def down(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let the mail server answer nothing, until it is undone."""

    def refuse(self: Any, messages: Any) -> int:
        raise smtplib.SMTPServerDisconnected("down")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    return monkeypatch


def test_a_code_waits_for_the_mail_server(contoso: Org, down: pytest.MonkeyPatch) -> None:
    give_email(contoso.user("adele"))
    browser = begun(contoso, "adele@contoso.example")
    ask_email(browser, HOME)
    pk = str(Challenge.objects.get(purpose="reset").pk)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        delivery.deliver.work(challenge=pk)
    waiting = Challenge.objects.get(pk=pk)
    assert (waiting.sent_at, waiting.sealed is not None) == (None, True)
    down.undo()
    answer(browser, code_in_mail())  # the job was tried again
    assert where(browser) == "/reset/password/"


def test_a_code_is_not_sent_late(contoso: Org) -> None:
    give_email(contoso.user("adele"))
    ask_email(begun(contoso, "adele@contoso.example"), HOME)
    Challenge.objects.filter(purpose="reset").update(expires_at=timezone.now())
    assert run_jobs() == ["registration.deliver"]
    assert mail.outbox == []


def test_a_code_that_was_answered_is_not_sent_again(contoso: Org) -> None:
    give_email(contoso.user("adele"))
    browser = begun(contoso, "adele@contoso.example")
    ask_email(browser, HOME)
    answer(browser, code_in_mail())
    delivery.deliver.work(challenge=str(Challenge.objects.get(purpose="reset").pk))
    assert len(mail.outbox) == 1


def test_jobs_are_tried_again_while_it_makes_sense() -> None:
    for job, most in ((delivery.deliver, 12), (notices.send_notice, 10)):
        strategy = job.task.retry_strategy
        assert strategy is not None
        assert getattr(strategy, "max_attempts", None) == most


def test_a_reset_is_done_though_no_notice_can_be_sent(contoso: Org, down: pytest.MonkeyPatch) -> None:
    give_app(contoso.user("adele"))
    browser = begun(contoso, "adele@contoso.example")
    prove_app(browser, app_code())
    choose_password(browser, NEW)
    assert (where(browser), contoso.user("adele").check_password(NEW)) == ("/reset/done/", True)
    down.undo()
    mail.outbox = []
    run_jobs()
    assert [one.to for one in mail.outbox] == [["adele@post.example"]]


def test_without_the_captchas_memory_nobody_passes(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = contoso.browser()
    solution = fetched(browser)

    def refuse(*_args: Any, **_named: Any) -> bool:
        raise ConnectionError("down")

    monkeypatch.setattr(type(caches["shared"]), "add", refuse)
    page = browser.post("/reset/", {"sign_in_name": "adele@contoso.example", "captcha": solution})
    assert (page.status_code, Reset.objects.exists()) == (200, False)
    (problem,) = page.context["form"].errors.as_data()["captcha"]
    assert problem.code == "unavailable"
    monkeypatch.undo()
    assert begin_reset(browser, "adele@contoso.example").status_code == 302


@pytest.mark.parametrize("broken", ["registration.passwords.audit.record", "resets.notices.tell_of_password"])
def test_a_failure_in_the_last_step_leaves_the_old_password(
    contoso: Org, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    give_app(contoso.user("adele"))
    browser = begun(contoso, "adele@contoso.example")
    prove_app(browser, app_code())
    events = AuditEvent.objects.count()
    real = audit.record

    def refuse(*args: Any, **named: Any) -> Any:
        if args and args[0] == audit.Activity.RESET_STARTED:
            return real(*args, **named)
        raise DatabaseError("down")

    monkeypatch.setattr(broken, refuse)
    with pytest.raises(DatabaseError):
        choose_password(browser, NEW)
    monkeypatch.undo()
    assert contoso.user("adele").check_password(PASSWORD)
    assert (Reset.objects.get().written, AuditEvent.objects.count()) == ("not_yet", events)
    assert choose_password(browser, NEW).headers["location"] == "/reset/done/"
