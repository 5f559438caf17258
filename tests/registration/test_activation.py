"""One-time links: opened by anybody, spent by a password, worth nothing afterwards."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from registration import activation, people
from registration.models import AuditEvent, Challenge, User
from tests.building import Browser, Org, run_jobs, sign_in

FIRST = "Quite-A-First-1"


@pytest.fixture
def link(contoso: Org) -> str:
    """Return the path of a new person's link."""
    user = people.add("new@contoso.example", actor="tests", primary_address="new@post.example")
    return activation.invite(user, actor="tests").removeprefix("http://contoso.localhost:8000")


def choose(browser: Browser, password: str = FIRST) -> int:
    """Choose the first password; return the status."""
    return int(browser.post("/activate/", {"new_password": password, "confirm": password}).status_code)


def test_a_first_password(contoso: Org, link: str) -> None:
    browser = contoso.browser()
    opened = browser.get(link)
    assert (opened.headers["location"], opened.headers["referrer-policy"]) == ("/activate/", "no-referrer")
    assert browser.get("/activate/").context["sign_in_name"] == "new@contoso.example"
    assert choose(browser) == 302
    assert sign_in(contoso.browser(), "new@contoso.example", FIRST).status_code == 302
    assert AuditEvent.objects.filter(activity="account_activated", status="success").count() == 1


def test_it_is_spent_once(contoso: Org, link: str) -> None:
    first, second = contoso.browser(), contoso.browser()
    for browser in (first, second):
        browser.get(link)
    assert (choose(first), choose(second, "Yet-Another-77")) == (302, 410)
    assert contoso.browser().get(link, follow=True).status_code == 410
    assert User.objects.get(sign_in_name="new@contoso.example").check_password(FIRST)


def test_looking_spends_nothing(contoso: Org, link: str) -> None:
    for _scanner in range(3):
        assert contoso.browser().get(link, follow=True).status_code == 200
    browser = contoso.browser()
    browser.get(link)
    assert choose(browser, "short") == 200
    assert choose(browser) == 302


def test_after_three_days_it_is_too_late(contoso: Org, link: str) -> None:
    asked = Challenge.objects.get(user__sign_in_name="new@contoso.example")
    assert timedelta(hours=71, minutes=59) < asked.expires_at - asked.created_at <= timedelta(hours=72)
    browser = contoso.browser()
    browser.get(link)
    Challenge.objects.update(expires_at=timezone.now())
    assert choose(browser) == 410
    assert contoso.browser().get(link, follow=True).status_code == 410


@pytest.mark.parametrize("change", ["token", "id"])
def test_a_changed_link_is_none(contoso: Org, link: str, change: str) -> None:
    _empty, activate, pk, token, _end = link.split("/")
    changed = (pk, token[::-1]) if change == "token" else (str(Challenge.objects.exclude(pk=pk)[0].pk), token)
    assert contoso.browser().get(f"/{activate}/{changed[0]}/{changed[1]}/", follow=True).status_code == 410


def test_another_link_voids_the_first(contoso: Org, link: str) -> None:
    user = User.objects.get(sign_in_name="new@contoso.example")
    second = activation.invite(user, actor="tests").removeprefix("http://contoso.localhost:8000")
    assert contoso.browser().get(link, follow=True).status_code == 410
    assert contoso.browser().get(second, follow=True).status_code == 200


def test_a_disabled_person_cannot_use_it(contoso: Org, link: str) -> None:
    user = User.objects.get(sign_in_name="new@contoso.example")
    people.change(user, {"is_active": False}, actor="tests")
    assert contoso.browser().get(link, follow=True).status_code == 410


def test_it_is_mailed_once_and_stands_nowhere(contoso: Org, link: str) -> None:
    token = link.split("/")[3]
    asked = Challenge.objects.get(user__sign_in_name="new@contoso.example")
    assert token.encode() not in bytes(asked.sealed or b"")
    mail.outbox = []
    run_jobs()
    activation.send_link.work(challenge=str(asked.pk))
    (one,) = mail.outbox
    assert (one.to, link in one.body) == (["new@post.example"], True)
    asked.refresh_from_db()
    assert (asked.sealed, token in asked.digest) == (None, False)


def test_who_has_no_address_is_mailed_nothing(contoso: Org) -> None:
    activation.invite(people.add("new@contoso.example", actor="tests"), actor="tests")
    assert run_jobs() == []
