"""Security info: added, changed and removed by its owner, and nothing counts before a code has confirmed it."""

from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from registration import configuring, enrolling
from registration import state as states
from registration.models import AuditEvent, Challenge, Device
from tests.building import KEY, Browser, Org, app_code, give_app, give_email, run_jobs
from tests.journeys.people import code_in_mail
from tests.registration.steps import proved, put, signed_in
from tests.tenants.branding.queries import asked

HOME = "adele@home.example"
ADD, CONFIRM, INFO = "/security-info/add/{}/", "/security-info/confirm/", "/security-info/"


@pytest.fixture
def hers(contoso: Org) -> Browser:
    """Return adele's browser, just signed in."""
    return proved(contoso, contoso.user("adele"))


def add_email(browser: Browser, address: str = HOME) -> Any:
    """Type an address to be added."""
    return browser.post(ADD.format("email"), {"address": address})


def confirm(browser: Browser, code: str) -> Any:
    """Type the code that confirms."""
    return browser.post(CONFIRM, {"action": "confirm", "code": code})


def codes_said(page: Any) -> list[str]:
    """Return the messages of the page that a redirect leads to."""
    return [str(message) for message in page.context["messages"]]


def test_an_address_counts_once_its_code_is_typed(contoso: Org, hers: Browser) -> None:
    assert add_email(hers).headers["location"] == CONFIRM
    assert not Device.objects.exists()
    assert confirm(hers, code_in_mail()).headers["location"] == INFO
    device = Device.objects.get()
    assert (device.kind, device.confirmed, device.user) == ("email", True, contoso.user("adele"))
    assert states.of(device) == {"address": HOME}


def test_the_address_stands_sealed(contoso: Org, hers: Browser) -> None:
    add_email(hers)
    asked_for = Challenge.objects.get(purpose="enrol")
    confirm(hers, code_in_mail())
    for sealed in (bytes(asked_for.sealed or b""), bytes(Device.objects.get().sealed)):
        assert b"home.example" not in sealed
    assert Challenge.objects.get(purpose="enrol").sealed is None


@pytest.mark.parametrize(
    "address",
    [
        "adele@contoso.example",
        "adele@CONTOSO.example",
        "adele@mail.contoso.example",
        "adele@ｃontoso.example",  # full width, which mail servers read as contoso
    ],
)
def test_an_address_inside_is_refused(contoso: Org, hers: Browser, address: str) -> None:
    page = add_email(hers, address)
    assert "outside your organization" in str(page.context["form"].errors)
    assert not Challenge.objects.filter(purpose="enrol").exists()


@pytest.mark.parametrize(
    "address", ["adele@fabrikam.example", "adele@contoso.example.org", "a@notcontoso.example"]
)
def test_an_address_elsewhere_is_taken(contoso: Org, hers: Browser, address: str) -> None:
    assert add_email(hers, address).status_code == 302


@pytest.mark.parametrize(
    "address", ["", "adele", "a@b@c.example", "x" * 250 + "@a.example", "a@b.example\nBcc: c@d.example"]
)
def test_what_is_no_address_is_refused(contoso: Org, hers: Browser, address: str) -> None:
    assert "address" in add_email(hers, address).context["form"].errors


def test_five_wrong_codes_and_the_right_one_comes_too_late(contoso: Org, hers: Browser) -> None:
    add_email(hers)
    code = code_in_mail()
    pages = [confirm(hers, "00000x").status_code for _try in range(5)]
    assert pages == [200, 200, 200, 200, 302]
    confirm(hers, code)
    assert not Device.objects.exists()
    reasons = AuditEvent.objects.filter(activity="security_info_registered").values_list("reason", flat=True)
    assert sorted(reasons) == [*["too_many_tries"] * 2, *["wrong_code"] * 4]


def test_an_expired_code_confirms_nothing(contoso: Org, hers: Browser) -> None:
    add_email(hers)
    code = code_in_mail()
    Challenge.objects.filter(purpose="enrol").update(expires_at=timezone.now())
    assert confirm(hers, code).headers["location"] == INFO
    assert not Device.objects.exists()


def test_another_code_voids_the_first(contoso: Org, hers: Browser) -> None:
    add_email(hers)
    first = code_in_mail()
    assert hers.post(CONFIRM, {"action": "resend"}).headers["location"] == CONFIRM
    second = code_in_mail()
    if first != second:
        assert confirm(hers, first).status_code == 200
    assert confirm(hers, second).headers["location"] == INFO
    assert len(mail.outbox) == 2


def test_a_stranger_gets_no_eleventh_code(contoso: Org, hers: Browser) -> None:
    for number in range(6):
        add_email(hers, f"stranger{number}@else.example")
        hers.post(CONFIRM, {"action": "resend"})
    assert Challenge.objects.filter(purpose="enrol").count() == 10


def test_codes_cannot_be_guessed_one_after_the_other(contoso: Org, hers: Browser) -> None:
    for number in range(4):
        add_email(hers, f"stranger{number}@else.example")
        for _try in range(4):
            confirm(hers, "00000x")
    failed = AuditEvent.objects.filter(activity="security_info_registered", status="failure")
    assert failed.count() == 10


def test_a_code_confirms_in_the_session_that_asked(contoso: Org, hers: Browser) -> None:
    add_email(hers)
    code = code_in_mail()
    other = signed_in(contoso, contoso.user("adele"))
    session = other.session
    session["enrolment"] = hers.session["enrolment"]
    session.save()
    assert confirm(other, code).headers["location"] == INFO
    assert not Device.objects.exists()


def test_the_app_is_shown_as_a_picture_and_as_text(contoso: Org, hers: Browser) -> None:
    hers.post(ADD.format("app_code"))
    page = hers.get(CONFIRM)
    key = page.context["secret"].replace(" ", "")
    assert len(key) == 32
    assert "<svg" in page.content.decode()
    assert f"secret={key}&amp;issuer=Contoso" in page.content.decode()
    assert confirm(hers, "000000").status_code == 200
    assert hers.get(CONFIRM).context["secret"].replace(" ", "") == key  # a wrong code makes no new key
    assert confirm(hers, app_code(key)).headers["location"] == INFO
    assert states.of(Device.objects.get()) == {"key": key}


def test_the_code_that_confirmed_an_app_counts_nowhere_else(contoso: Org, hers: Browser) -> None:
    hers.post(ADD.format("app_code"))
    key = hers.get(CONFIRM).context["secret"].replace(" ", "")
    code = app_code(key)
    confirm(hers, code)
    other = signed_in(contoso, contoso.user("adele"))
    other.get("/verify/")
    other.post("/verify/", {"action": "answer", "code": code})
    assert other.get(INFO).status_code == 302
    other.post("/verify/", {"action": "answer", "code": app_code(key, steps=1)})
    assert other.get(INFO).status_code == 200


def test_the_same_address_once(contoso: Org, hers: Browser) -> None:
    give_email(contoso.user("adele"))
    page = hers.post(ADD.format("email"), {"address": HOME.upper()}, follow=True)
    assert codes_said(page) == ["You have registered this already."]


def test_the_same_address_may_be_several_peoples(contoso: Org, hers: Browser) -> None:
    give_email(contoso.user("bo"))
    add_email(hers)
    confirm(hers, code_in_mail())
    assert Device.objects.count() == 2


def test_as_many_as_one_may_have(contoso: Org, hers: Browser) -> None:
    adele = contoso.user("adele")
    give_email(adele)
    give_email(adele, "adele@work.example")
    page = hers.post(ADD.format("email"), {"address": "third@home.example"}, follow=True)
    assert codes_said(page) == ["You have as many of these as you may. Remove one first."]


@pytest.mark.parametrize("kind", ["carrier_pigeon", "password", "app-code"])
def test_an_unknown_method_is_not_there(contoso: Org, hers: Browser, kind: str) -> None:
    assert hers.get(ADD.format(kind)).status_code == 404


def test_a_method_that_is_not_enabled_is_not_there(contoso: Org, hers: Browser) -> None:
    configuring.configure({"methods": ["app_code"]}, actor="tests")
    assert (add_email(hers).status_code, hers.get(ADD.format("app_code")).status_code) == (404, 200)


def test_a_change_takes_the_old_ones_place_once_confirmed(contoso: Org, hers: Browser) -> None:
    old = give_email(contoso.user("adele"))
    hers.post(f"/security-info/{old.pk}/change/", {"address": "new@home.example"})
    assert states.of(Device.objects.get()) == {"address": HOME}
    confirm(hers, code_in_mail())
    assert states.of(Device.objects.get()) == {"address": "new@home.example"}
    mail.outbox = []
    run_jobs()
    assert sorted(one.to[0] for one in mail.outbox) == [HOME, "adele@post.example", "new@home.example"]


def test_an_app_is_not_changed_but_removed(contoso: Org, hers: Browser) -> None:
    device = give_app(contoso.user("adele"))
    put(hers, proved_by="app_code")
    assert hers.get(f"/security-info/{device.pk}/change/").status_code == 404


def test_removing_tells_the_address_that_goes(contoso: Org, hers: Browser) -> None:
    device = give_email(contoso.user("adele"))
    assert hers.get(f"/security-info/{device.pk}/remove/").context["warning"]
    assert Device.objects.count() == 1
    hers.post(f"/security-info/{device.pk}/remove/")
    run_jobs()
    assert not Device.objects.exists()
    assert sorted(one.to[0] for one in mail.outbox) == [HOME, "adele@post.example"]
    assert AuditEvent.objects.get(activity="security_info_deleted").method == "email"


@pytest.mark.parametrize("page", ["change", "remove"])
def test_another_persons_device_is_not_there(contoso: Org, hers: Browser, page: str) -> None:
    theirs = give_email(contoso.user("bo"))
    address = f"/security-info/{theirs.pk}/{page}/"
    assert [hers.get(address).status_code, hers.post(address).status_code] == [404, 404]
    assert Device.objects.filter(pk=theirs.pk).exists()


def test_the_page_says_what_is_missing(contoso: Org, hers: Browser) -> None:
    configuring.configure({"required": 2}, actor="tests")
    give_app(contoso.user("adele"))
    put(hers, proved_by="app_code")
    status = hers.get(INFO).context["status"]
    assert (status["registered"], status["missing"], status["required"]) == (False, 1, 2)
    give_email(contoso.user("adele"))
    assert hers.get(INFO).context["status"]["registered"] is True


def test_whoever_confirms_nothing_leaves_nothing(contoso: Org) -> None:
    adele = contoso.user("adele")
    assert enrolling.registered(adele) == []
    add_email(proved(contoso, adele))
    assert enrolling.registered(adele) == []


def test_the_cost_of_security_info(contoso: Org, hers: Browser) -> None:
    give_app(contoso.user("adele"), KEY)
    give_email(contoso.user("adele"))
    put(hers, proved_by="app_code")
    hers.get(INFO)
    with asked() as queries:
        hers.get(INFO)
    assert len(queries) == 7
