"""The method that a person wants to be asked for first: chosen, told, used, and gone with its method."""

import re
from typing import Any

import pytest
from django.core import mail

from registration import configuring, people
from registration.models import AuditEvent, Device, User
from registration.origin import NOWHERE
from tenants.context import entered
from tests.building import Browser, Org, app_code, give_app, give_email, give_questions, run_jobs
from tests.journeys.people import prove_app
from tests.registration.steps import proved, signed_in, text_of
from tests.resets.steps import begun

INFO, ADELE, HOME = "/security-info/", "adele@contoso.example", "adele@home.example"


def both(org: Org, name: str = "adele") -> tuple[Device, Device]:
    """Give somebody an app and an address."""
    user = org.user(name)
    return give_app(user), give_email(user, f"{name}@home.example")


def choose(browser: Browser, device: Device) -> Any:
    """Press the button beside a method."""
    return browser.post(f"{INFO}{device.pk}/default/")


def kinds(page: Any) -> list[str]:
    """Return the methods that a page offers, in their order."""
    return [one["kind"] for one in page.context["options"]]


def ticked(page: Any) -> list[str]:
    """Return the choices that are made before anybody chose."""
    inputs = re.findall(
        r'<input type="radio" name="method" value="([^"]+)"[^>]*?(checked)?>', page.content.decode()
    )
    return [value for value, is_checked in inputs if is_checked]


def test_a_person_chooses_it(contoso: Org) -> None:
    app, email = both(contoso)
    adele, browser = contoso.user("adele"), proved(contoso, contoso.user("adele"), app)
    page = browser.get(INFO).content.decode()
    assert f'action="{INFO}{email.pk}/default/"' in page
    assert "Asked for first" not in page
    assert choose(browser, email).headers["location"] == INFO
    page = browser.get(INFO).content.decode()
    assert page.count("Asked for first") == 1
    assert f'action="{INFO}{email.pk}/default/"' not in page
    assert f'action="{INFO}{app.pk}/default/"' in page
    assert (contoso.user("adele").default_method, contoso.user("bo").default_method) == ("email", "")
    event = AuditEvent.objects.get(activity="default_security_info_changed")
    assert (event.actor, event.subject, event.method) == (ADELE, ADELE, "email")
    assert event.data == {"default_method": {"before": "", "after": "email"}}
    assert adele.check_password("Correct-Horse-7")
    assert browser.get(INFO).status_code == 200  # nothing ended this session


def test_they_are_told_at_every_address_and_may_object(contoso: Org) -> None:
    app, email = both(contoso)
    browser = proved(contoso, contoso.user("adele"), app)
    mail.outbox = []
    choose(browser, email)
    choose(browser, email)  # the same again is no change
    run_jobs()
    assert sorted(one.to[0] for one in mail.outbox) == [HOME, "adele@post.example"]
    assert "asked for first was changed" in str(mail.outbox[0].body)
    (primary,) = (str(one.body) for one in mail.outbox if one.to == ["adele@post.example"])
    link = re.search(r"/object/\S+", primary)
    assert link is not None
    owner = contoso.browser()
    page = owner.get(link[0], follow=True).content.decode()
    assert "asked for first was changed" in page
    assert "What was added is removed" not in page
    owner.post("/object/")
    assert browser.get(INFO).headers["location"].startswith("/sign-in/")
    assert Device.objects.count() == 2


def test_it_takes_recent_proof_and_ones_own_method(contoso: Org, fabrikam: Org) -> None:
    with entered(fabrikam.row):
        elsewhere = both(fabrikam)[1]
    with entered(contoso.row):
        _app, email = both(contoso)
        app, _theirs = both(contoso, "bo")
        assert (
            choose(signed_in(contoso, contoso.user("adele")), email)
            .headers["location"]
            .startswith("/verify/")
        )
        browser = proved(contoso, contoso.user("bo"), app)
        assert [choose(browser, one).status_code for one in (email, elsewhere)] == [404, 404]
        assert browser.get(f"{INFO}{app.pk}/default/").status_code == 405
        assert not User.objects.exclude(default_method="").exists()
    with entered(fabrikam.row):
        assert not User.objects.exclude(default_method="").exists()


def test_there_is_nothing_to_choose_of_one_nor_among_questions(contoso: Org) -> None:
    configuring.configure({"methods": ["app_code", "email", "questions"], "required": 2}, actor="tests")
    adele = contoso.user("adele")
    app, asked = give_app(adele), give_questions(adele)
    browser = proved(contoso, adele, app)
    assert "/default/" not in browser.get(INFO).content.decode()
    for device in (app, asked):
        choose(browser, device)
        assert "not available to you" in browser.get(INFO).content.decode()
    assert contoso.user("adele").default_method == ""


def test_it_is_offered_first_when_proving_again(contoso: Org, bell: Any) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    ring = Device(user=adele, kind="doorbell", confirmed=True, digest="x" * 64, sealed=b"")
    bell.states.keep(ring, {"bell": "Vance", "key": "00" * 16})
    ring.save(force_insert=True)
    browser = signed_in(contoso, adele)
    page = browser.get("/verify/")
    assert (kinds(page), ticked(page)) == (["app_code", "doorbell"], [])
    people.prefer(adele, "doorbell", actor=adele, origin=NOWHERE)
    page = browser.get("/verify/")
    assert (kinds(page), ticked(page)) == (["doorbell", "app_code"], [str(ring.pk)])


def test_a_mailbox_chosen_first_is_still_no_second_factor(contoso: Org) -> None:
    app, _email = both(contoso, "chief")
    chief = contoso.user("chief")
    people.prefer(chief, "email", actor=chief, origin=NOWHERE)
    browser = signed_in(contoso, chief)
    page = browser.get("/verify/?next=/admin/")
    assert page.context["chosen"]["id"] == app.pk


def test_in_a_reset_it_counts_after_the_first_proof_and_never_before(contoso: Org) -> None:
    everything = ["app_code", "email", "questions"]
    configuring.configure({"methods": everything, "required": 2}, actor="tests")
    adele, bo = contoso.user("adele"), contoso.user("bo")
    for user, address in ((adele, HOME), (bo, "bo@home.example")):
        give_app(user)
        give_email(user, address)
        give_questions(user)
    people.prefer(adele, "email", actor=adele, origin=NOWHERE)
    people.prefer(bo, "app_code", actor=bo, origin=NOWHERE)
    names = (ADELE, "bo@contoso.example", "nobody@contoso.example")
    first = {text_of(begun(contoso, name).get("/reset/verify/"), name) for name in names}
    assert len(first) == 1
    browser = begun(contoso, ADELE)
    assert (kinds(page := browser.get("/reset/verify/")), ticked(page)) == (
        ["app_notification", "app_code", "email"],
        [],
    )
    prove_app(browser, app_code())
    page = browser.get("/reset/verify/")
    assert (kinds(page), ticked(page)) == (["email", "questions"], ["email"])
    other = begun(contoso, "bo@contoso.example")
    prove_app(other, app_code())
    assert ticked(other.get("/reset/verify/")) == []  # it has been proved


@pytest.mark.parametrize("by", ["owner", "administrator"])
def test_it_goes_with_its_method(contoso: Org, by: str) -> None:
    app, email = both(contoso)
    adele, chief = contoso.user("adele"), contoso.user("chief")
    second = give_email(adele, "second@home.example")
    people.prefer(adele, "email", actor=adele, origin=NOWHERE)
    for left, device in ((True, second), (False, email)):
        if by == "owner":
            proved(contoso, adele, app).post(f"{INFO}{device.pk}/remove/")
        else:
            desk = proved(contoso, chief, Device.objects.filter(user=chief).first() or give_app(chief))
            desk.post(f"/admin/registration/device/{device.pk}/delete/", {"post": "yes"})
        assert not Device.objects.filter(pk=device.pk).exists()
        assert contoso.user("adele").default_method == ("email" if left else "")
    event = AuditEvent.objects.filter(activity="default_security_info_changed").latest("at")
    assert event.actor == (ADELE if by == "owner" else "chief@contoso.example")
    assert event.data == {"default_method": {"before": "email", "after": ""}}


def test_putting_another_in_its_place_keeps_it(contoso: Org) -> None:
    app, email = both(contoso)
    adele = contoso.user("adele")
    people.prefer(adele, "email", actor=adele, origin=NOWHERE)
    browser = proved(contoso, adele, app)
    browser.post(f"{INFO}{email.pk}/change/", {"address": "other@home.example"})
    run_jobs()
    (code,) = re.findall(r"\b\d{6}\b", str(mail.outbox[-1].body))
    browser.post(f"{INFO}confirm/", {"action": "confirm", "code": code})
    assert not Device.objects.filter(pk=email.pk).exists()
    assert contoso.user("adele").default_method == "email"
