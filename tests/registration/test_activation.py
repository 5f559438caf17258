"""One-time links: opened by anybody, spent by a password, worth nothing afterwards."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from registration import activation, configuring, people
from registration.models import AuditEvent, Challenge, Device, User
from registration.roles import Role
from tenants.shield.sealing import unseal
from tests.building import Browser, Org, give_email, run_jobs, sign_in
from tests.registration.test_people_desk import desk

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
    assert token.encode() in unseal(bytes(asked.sealed or b""), context=asked.context)
    assert token.encode() not in bytes(asked.sealed or b"")
    mail.outbox = []
    run_jobs()
    activation.send_link.work(challenge=str(asked.pk))
    (one,) = mail.outbox
    assert (one.to, link in one.body) == (["new@post.example"], True)
    asked.refresh_from_db()
    assert unseal(bytes(asked.sealed or b""), context=asked.context) == b'{"by": "tests"}'
    assert token not in asked.digest


def test_who_has_no_address_is_mailed_nothing(contoso: Org) -> None:
    activation.invite(people.add("new@contoso.example", actor="tests"), actor="tests")
    assert run_jobs() == []


def test_whoever_chooses_by_a_link_is_told_and_the_trail_says_who_made_it(contoso: Org) -> None:
    adele = contoso.user("adele")
    Device.objects.filter(pk=give_email(adele).pk).update(created_at=timezone.now() - timedelta(days=8))
    User.objects.filter(pk=adele.pk).update(password="!")
    desk(contoso, "bo", Role.HELPDESK_ADMINISTRATOR).post(f"/admin/registration/user/{adele.pk}/invite/")
    run_jobs()
    link = re.findall(r"http://[^/]+(/activate/\S+)", str(mail.outbox[-1].body))[0]
    mail.outbox = []
    browser = contoso.browser()
    browser.get(link)
    assert choose(browser, "short") == 200
    assert run_jobs() == []  # nothing was set
    assert choose(browser) == 302
    run_jobs()
    assert sorted(one.to[0] for one in mail.outbox) == ["adele@home.example", "adele@post.example"]
    objections = [re.findall(r"/object/\S+", str(one.body)) for one in mail.outbox]
    event = AuditEvent.objects.get(activity="account_activated", subject_id=adele.pk, status="success")
    assert (event.actor, event.data) == (adele.sign_in_name, {"link_made_by": "bo@contoso.example"})
    other = contoso.browser()
    other.get(objections[0][0])
    other.post("/object/")
    assert not contoso.user("adele").has_usable_password()


def test_nobody_is_told_where_nobody_is_to_be(contoso: Org, link: str) -> None:
    configuring.configure({"notify_user": False}, actor="tests")
    run_jobs()
    mail.outbox = []
    browser = contoso.browser()
    browser.get(link)
    assert (choose(browser), run_jobs()) == (302, [])


def test_a_link_goes_to_the_oldest_address_of_ones_own_and_is_not_shown(contoso: Org) -> None:
    adele = contoso.user("adele")
    Device.objects.filter(pk=give_email(adele).pk).update(created_at=timezone.now() - timedelta(days=8))
    give_email(adele, "second@home.example")
    User.objects.filter(pk=adele.pk).update(password="!", primary_address="")
    helper = desk(contoso, "bo", Role.HELPDESK_ADMINISTRATOR)
    mail.outbox = []
    page = helper.post(f"/admin/registration/user/{adele.pk}/invite/", follow=True).content.decode()
    assert "/activate/" not in page
    assert "adele@home.example" not in page
    assert "ad•••@home.example" in page
    run_jobs()
    assert [one.to for one in mail.outbox] == [["adele@home.example"]]
    assert "/activate/" in str(mail.outbox[0].body)


def test_without_any_address_it_is_shown(contoso: Org) -> None:
    adele = contoso.user("adele")
    User.objects.filter(pk=adele.pk).update(password="!", primary_address="")
    helper = desk(contoso, "bo", Role.HELPDESK_ADMINISTRATOR)
    page = helper.post(f"/admin/registration/user/{adele.pk}/invite/", follow=True)
    assert "/activate/" in page.content.decode()
