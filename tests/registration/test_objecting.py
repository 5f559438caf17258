"""That wasn't me: the link in a notice, what it does, and to whom it is not given."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from registration import activation, configuring, enrolling, objecting, passwords, people
from registration.audit import Activity
from registration.models import AuditEvent, Challenge, Device, User
from registration.origin import NOWHERE
from tenants.context import entered
from tests.building import PASSWORD, Browser, Org, app_code, give_app, give_email, run_jobs, sign_in
from tests.journeys.people import choose_password, code_in_mail, prove_app
from tests.registration.steps import proved, signed_in
from tests.resets.steps import NEW, begun, where, why_stopped
from tests.tenants.branding.queries import asked

HOME, ADELE, POST = "adele@home.example", "adele@contoso.example", "adele@post.example"
DAY = timedelta(days=1)


def links() -> dict[str, str]:
    """Run the jobs, and return the path of the link to object that each address was sent."""
    mail.outbox = []
    run_jobs()
    found = {}
    for one in mail.outbox:
        match = re.search(r"http://[^/]+(/object/\S+)", str(one.body))
        if match:
            assert match[1] in str(one.message())
            found[one.to[0]] = match[1]
    return found


def old(device: Device, days: int = 8) -> Device:
    Device.objects.filter(pk=device.pk).update(created_at=timezone.now() - days * DAY)
    return device


def add_email(browser: Browser, address: str) -> None:
    browser.post("/security-info/add/email/", {"address": address})
    browser.post("/security-info/confirm/", {"action": "confirm", "code": code_in_mail()})


def object_by(browser: Browser, path: str) -> Any:
    """Follow a link and press the button."""
    assert browser.get(path).headers["location"] == "/object/"
    return browser.post("/object/")


def reset(org: Org, new: str = NEW) -> Browser:
    """Reset adele's password by her app."""
    browser = begun(org, ADELE)
    prove_app(browser, app_code())
    choose_password(browser, new)
    assert where(browser) == "/reset/done/"
    return browser


def test_a_method_that_a_thief_added_goes(contoso: Org) -> None:
    adele = contoso.user("adele")
    thief = proved(contoso, adele)
    add_email(thief, "thief@else.example")
    assert Device.objects.count() == 1
    sent = links()
    assert list(sent) == [POST]  # the address that was added gets a notice, and no link
    assert sorted(one.to[0] for one in mail.outbox) == [POST, "thief@else.example"]

    owner = contoso.browser()
    page = owner.get(sent[POST], follow=True)
    assert "That wasn't me" in page.content.decode().replace("&#x27;", "'")
    assert Device.objects.count() == 1  # looking does nothing
    assert "administrators are told" in owner.post("/object/").content.decode()
    assert not Device.objects.exists()
    assert thief.get("/security-info/").headers["location"].startswith("/sign-in/")
    assert contoso.user("adele").check_password(PASSWORD)
    assert contoso.user("adele").reset_blocked_until is None
    links()
    assert ("chief@post.example", f"A change to {ADELE} was not theirs") in [
        (one.to[0], one.subject) for one in mail.outbox
    ]
    event = AuditEvent.objects.get(activity="objected")
    assert (event.subject, event.method, event.reason) == (ADELE, "email", "added")
    assert AuditEvent.objects.filter(activity="security_info_deleted", subject=ADELE).exists()


def test_what_took_anothers_place_goes_and_nothing_comes_back(contoso: Org) -> None:
    adele = contoso.user("adele")
    device = old(give_email(adele))
    thief = proved(contoso, adele)
    thief.post(f"/security-info/{device.pk}/change/", {"address": "thief@else.example"})
    thief.post("/security-info/confirm/", {"action": "confirm", "code": code_in_mail()})
    sent = links()
    assert sorted(sent) == [HOME, POST]  # also the address that was replaced
    object_by(contoso.browser(), sent[HOME])
    assert not Device.objects.exists()


def test_a_removal_is_told_to_who_was_removed(contoso: Org) -> None:
    adele = contoso.user("adele")
    device = old(give_email(adele))
    thief = proved(contoso, adele)
    thief.post(f"/security-info/{device.pk}/remove/")
    sent = links()
    assert sorted(sent) == [HOME, POST]
    page = object_by(contoso.browser(), sent[HOME]).content.decode()
    assert "What was added is removed" not in page
    assert thief.get("/").headers["location"].startswith("/sign-in/")


@pytest.mark.parametrize("age", [0, 6])
def test_a_new_address_cannot_object(contoso: Org, age: int) -> None:
    """A thief's own address does not stop the owner from taking the account back."""
    adele = contoso.user("adele")
    give_app(adele)
    old(give_email(adele, "thief@else.example"), age)
    reset(contoso)
    assert list(links()) == [POST]


def test_an_address_of_a_week_can(contoso: Org) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    old(give_email(adele), 7)
    reset(contoso)
    assert sorted(links()) == [HOME, POST]


@pytest.mark.parametrize("how", ["reset", "change"])
def test_a_password_that_its_owner_disowns_opens_nothing(contoso: Org, how: str) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    if how == "reset":
        reset(contoso)
    else:
        signed_in(contoso, adele).post(
            "/password/", {"current": PASSWORD, "new_password": NEW, "confirm": NEW}
        )
    path = links()[POST]
    thief = contoso.browser()
    assert sign_in(thief, ADELE, NEW).status_code == 302
    under_way = begun(contoso, ADELE)
    page = object_by(contoso.browser(), path).content.decode()
    assert "24 hours" in page
    assert thief.get("/").headers["location"].startswith("/sign-in/")
    assert sign_in(contoso.browser(), ADELE, NEW).status_code == 200
    assert sign_in(contoso.browser(), ADELE, PASSWORD).status_code == 200
    assert where(under_way) == "/reset/stopped/"
    assert AuditEvent.objects.filter(activity="password_disowned", subject=ADELE).exists()


def test_a_password_that_was_disowned_does_not_return(contoso: Org) -> None:
    """Where former ones are refused, it is one of them: whoever set it knows it."""
    configuring.configure({"history": 3}, actor="tests")
    adele = contoso.user("adele")
    passwords.disown(adele, origin=NOWHERE)
    adele.refresh_from_db()
    told = [str(one.rule) for one in passwords.rules(adele, activity=Activity.ACTIVATED)]
    assert "same_as_before" in told
    with pytest.raises(passwords.Refused, match="same_as_before"):
        passwords.set_password(adele, PASSWORD, activity=Activity.ACTIVATED, actor=adele, origin=NOWHERE)
    passwords.set_password(adele, NEW, activity=Activity.ACTIVATED, actor=adele, origin=NOWHERE)
    assert contoso.user("adele").check_password(NEW)


def test_and_nobody_resets_it_for_a_day(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    reset(contoso)
    object_by(contoso.browser(), links()[POST])
    again = begun(contoso, ADELE)
    assert where(again) == "/reset/verify/"  # nothing is told before the gates
    prove_app(again, app_code(steps=1))
    assert why_stopped(again) == "reset_blocked"
    assert choose_password(again, "Yet-Another-77").headers["location"] == "/reset/stopped/"
    later = timezone.now() + objecting.BLOCKED
    monkeypatch.setattr(timezone, "now", lambda: later)
    Device.objects.update(last_step=None)
    again = begun(contoso, ADELE)
    prove_app(again, app_code(steps=24 * 60 * 2))
    assert choose_password(again, "Yet-Another-77").headers["location"] == "/reset/done/"
    assert not contoso.user("adele").must_change


def test_an_administrator_releases_it(contoso: Org) -> None:
    adele, chief = contoso.user("adele"), contoso.user("chief")
    give_app(adele)
    reset(contoso)
    object_by(contoso.browser(), links()[POST])
    desk = proved(contoso, chief, give_app(chief))
    page = desk.get(f"/admin/registration/user/{adele.pk}/change/").content.decode()
    assert f'href="/admin/registration/user/{adele.pk}/release/"' in page
    desk.post(f"/admin/registration/user/{adele.pk}/release/")
    assert contoso.user("adele").reset_blocked_until is None
    event = AuditEvent.objects.get(activity="reset_released")
    assert (event.actor, event.subject) == (chief.sign_in_name, ADELE)
    again = begun(contoso, ADELE)
    prove_app(again, app_code(steps=1))
    assert choose_password(again, "Yet-Another-77").headers["location"] == "/reset/done/"


def test_an_administrator_sends_a_new_link_to_who_has_no_password(contoso: Org) -> None:
    adele, chief = contoso.user("adele"), contoso.user("chief")
    desk = proved(contoso, chief, give_app(chief))
    invite = f"/admin/registration/user/{adele.pk}/invite/"
    desk.post(invite)  # she has a password: only she sets another
    assert not AuditEvent.objects.filter(activity="activation_sent").exists()
    give_app(adele)
    reset(contoso)
    object_by(contoso.browser(), links()[POST])
    assert f'href="{invite}"' in desk.get(f"/admin/registration/user/{adele.pk}/change/").content.decode()
    asked = desk.get(invite)
    assert (asked.status_code, AuditEvent.objects.filter(activity="activation_sent").exists()) == (200, False)
    links()
    assert desk.post(invite).status_code == 302
    links()
    assert [one.to for one in mail.outbox] == [[POST]]


@pytest.mark.parametrize(
    ("role", "release", "invite"),
    [("helpdesk_administrator", 302, 302), ("reports_reader", 403, 403), ("user_administrator", 302, 302)],
)
def test_which_roles_help(contoso: Org, role: str, release: int, invite: int) -> None:
    bo, adele, chief = contoso.user("bo"), contoso.user("adele"), contoso.user("chief")
    people.change(bo, {"roles": [role]}, actor="tests")
    people.block_reset(adele, timezone.now() + DAY)
    people.block_reset(chief, timezone.now() + DAY)
    User.objects.filter(pk__in=[adele.pk, chief.pk]).update(password="!")
    desk = proved(contoso, contoso.user("bo"), give_app(bo))
    pages = [f"/admin/registration/user/{adele.pk}/{page}/" for page in ("release", "invite")]
    assert [desk.post(page).status_code for page in pages] == [release, invite]
    for page in ("release", "invite"):  # nobody below acts on a stronger role
        assert desk.post(f"/admin/registration/user/{chief.pk}/{page}/").status_code == 403


def test_a_link_works_once_and_so_do_its_siblings(contoso: Org) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    old(give_email(adele))
    reset(contoso)
    sent = links()
    object_by(contoso.browser(), sent[HOME])
    people.release_reset(adele, actor="tests")
    for path in sent.values():
        browser = contoso.browser()
        assert browser.get(path, follow=True).status_code == 410
        assert browser.post("/object/").status_code == 410
    assert contoso.user("adele").reset_blocked_until is None
    assert AuditEvent.objects.filter(activity="objected").count() == 1


def test_a_link_lives_seven_days(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    give_app(contoso.user("adele"))
    reset(contoso)
    path = links()[POST]
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + 7 * DAY - timedelta(minutes=1))
    assert contoso.browser().get(path, follow=True).status_code == 200
    monkeypatch.setattr(timezone, "now", lambda: now + 7 * DAY)
    assert contoso.browser().get(path, follow=True).status_code == 410


@pytest.mark.parametrize("schema", ["fabrikam", "public"])
def test_it_opens_nothing_elsewhere(contoso: Org, schema: str) -> None:
    give_app(contoso.user("adele"))
    reset(contoso)
    path = links()[POST]
    there = Org(schema).browser()
    assert there.get(path, follow=True).status_code == 410
    assert there.post("/object/").status_code == 410
    with entered(Org(schema).row):
        assert Org(schema).user("adele").check_password(PASSWORD)
        assert not AuditEvent.objects.filter(activity="objected").exists()
    assert object_by(contoso.browser(), path).status_code == 200


@pytest.mark.parametrize("broken", ["token", "row"])
def test_another_token_opens_nothing(contoso: Org, broken: str) -> None:
    give_app(contoso.user("adele"))
    reset(contoso)
    pk, token = links()[POST].strip("/").split("/")[1:]
    other = activation.invite(contoso.user("bo"), actor="tests").rstrip("/").split("/")[-2:]
    path = f"/object/{pk}/{other[1]}/" if broken == "token" else f"/object/{other[0]}/{token}/"
    assert contoso.browser().get(path, follow=True).status_code == 410
    assert contoso.browser().get(f"/activate/{pk}/{token}/", follow=True).status_code == 410


def test_the_token_stands_in_no_row_and_on_no_page(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    reset(contoso)
    row = Challenge.objects.get(purpose="object")
    path = links()[POST]
    token = path.strip("/").split("/")[2]
    row.refresh_from_db()
    assert (row.sent_at is not None, token in row.digest) == (True, False)
    browser = contoso.browser()
    first = browser.get(path)
    assert first.headers["Referrer-Policy"] == "no-referrer"
    page = browser.get("/object/")
    assert token not in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]


def test_a_notice_that_is_sent_late_says_no_dead_link(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    reset(contoso)
    Challenge.objects.filter(purpose="object").update(expires_at=timezone.now())
    assert links() == {}
    assert len(mail.outbox) == 1


def test_a_password_change_does_not_close_the_way_to_object(contoso: Org) -> None:
    adele = contoso.user("adele")
    thief = proved(contoso, adele)
    add_email(thief, "thief@else.example")
    path = links()[POST]
    thief.post("/password/", {"current": PASSWORD, "new_password": NEW, "confirm": NEW})
    assert object_by(contoso.browser(), path).status_code == 200
    assert not Device.objects.exists()


def test_open_codes_are_void(contoso: Org) -> None:
    adele = contoso.user("adele")
    thief = proved(contoso, adele)
    add_email(thief, "thief@else.example")
    path = links()[POST]
    thief.post("/security-info/add/email/", {"address": "second@else.example"})
    assert Challenge.objects.filter(purpose="enrol", consumed_at=None).exists()
    object_by(contoso.browser(), path)
    assert not Challenge.objects.filter(user=adele, consumed_at=None).exclude(purpose="object").exists()


def test_whoever_removed_it_already_is_not_in_the_way(contoso: Org) -> None:
    adele = contoso.user("adele")
    thief = proved(contoso, adele)
    add_email(thief, "thief@else.example")
    path = links()[POST]
    enrolling.remove(adele, Device.objects.get(), actor=adele, origin=NOWHERE)
    assert object_by(contoso.browser(), path).status_code == 200


def test_an_administrator_is_not_told_of_their_own(contoso: Org) -> None:
    chief = contoso.user("chief")
    people.change(contoso.user("bo"), {"roles": ["helpdesk_administrator"]}, actor="tests")
    add_email(proved(contoso, chief), "thief@else.example")
    object_by(contoso.browser(), links()["chief@post.example"])
    links()
    assert [one.to[0] for one in mail.outbox if "not theirs" in one.subject] == ["bo@post.example"]


def test_the_queue_holds_no_secret(contoso: Org) -> None:
    adele = contoso.user("adele")
    add_email(proved(contoso, adele), "thief@else.example")
    with asked() as queries:
        run_jobs()
    token = re.search(r"/object/[^/]+/([^/]+)/", "".join(str(one.body) for one in mail.outbox))
    assert token is not None
    assert not any(token[1] in sql for sql in queries)


def test_what_it_costs(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    reset(contoso)
    browser = contoso.browser()
    browser.get(links()[POST])
    with asked() as looking:
        browser.get("/object/")
    with asked() as objecting_:
        browser.post("/object/")
    assert [len(looking), len([sql for sql in objecting_ if "SAVEPOINT" not in sql])] == [2, 22]
