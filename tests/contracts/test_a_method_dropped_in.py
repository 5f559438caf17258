"""A method is one file: dropped beside the others it is registered, resets and stands on the desk; no other file changes."""

from datetime import date
from typing import Any

import pytest

from licensing import subscribing
from registration import configuring, verification
from registration import state as states
from registration.models import AuditEvent, Challenge, Device
from tenants import hosts
from tenants.context import entered
from tests.building import PASSWORD, Browser, Org, give_app, run_jobs
from tests.journeys.people import choose_password
from tests.registration.steps import proved, text_of
from tests.resets.steps import NEW, begun, newest, where, why_stopped

ADELE, NOBODY = "adele@contoso.example", "nobody@contoso.example"
ADD, CONFIRM, INFO = "/security-info/add/doorbell/", "/security-info/confirm/", "/security-info/"


@pytest.fixture
def here(contoso: Org, bell: Any) -> Org:
    """Contoso, which lets a doorbell reset."""
    configuring.configure({"methods": ["doorbell"], "required": 1}, actor="tests")
    return contoso


def press(
    org: Org, bell: Any, verdict: str, number: str, *, key: str | None = None, request: str = ""
) -> int:
    """Press the button as the bell would: signed by its key; return the status."""
    request = request or bell.RUNG[-1][1]
    asked = Challenge.objects.get(pk=request)
    device = Device.objects.filter(kind="doorbell", user=asked.user).first()
    key = key or (states.of(device)["key"] if device else states.read(_enrolling(asked))["key"])
    body = {"request": request, "verdict": verdict, "signature": bell.sign(key, request, number, verdict)}
    return int(org.browser().post("/methods/doorbell/pressed/", body).status_code)


def _enrolling(asked: Challenge) -> bytes:
    return states.write(verification.waiting_state(asked))


def register(org: Org, bell: Any) -> Device:
    """Register adele's bell over HTTP."""
    browser = proved(org, org.user("adele"))
    assert browser.post(ADD, {"bell": "Vance"}).headers["location"] == CONFIRM
    page = browser.get(CONFIRM)
    assert 'data-waiting="3"' in page.content.decode()
    assert not Device.objects.filter(kind="doorbell").exists()
    run_jobs()
    assert press(org, bell, "approved", bell.number_of(page)) == 200
    assert browser.get(CONFIRM).headers["location"] == INFO
    return Device.objects.get(kind="doorbell")


def waits(org: Org, name: str = ADELE) -> tuple[Browser, Any]:
    """Begin a reset and choose the bell; return the browser and the page that waits."""
    browser = begun(org, name)
    chosen = browser.post("/reset/verify/", {"action": "choose", "method": "doorbell"})
    assert chosen.headers["location"] == "/reset/verify/"
    assert where(browser) == "/reset/wait/"
    page = browser.get("/reset/wait/")
    run_jobs()
    return browser, page


def test_it_is_registered_and_resets(here: Org, bell: Any) -> None:
    device = register(here, bell)
    assert (device.user, device.confirmed) == (here.user("adele"), True)
    browser, page = waits(here)
    assert f'<p class="number" dir="ltr">{bell.number_of(page)}</p>' in page.content.decode()
    assert press(here, bell, "approved", bell.number_of(page)) == 200
    assert browser.get("/reset/wait/").headers["location"] == "/reset/password/"
    assert choose_password(browser, NEW).headers["location"] == "/reset/done/"
    assert here.user("adele").check_password(NEW)
    assert AuditEvent.objects.get(activity="password_reset").method == "doorbell"


def test_a_denial_ends_the_reset_and_is_written_down(here: Org, bell: Any) -> None:
    register(here, bell)
    browser, page = waits(here)
    assert press(here, bell, "denied", bell.number_of(page)) == 200
    assert browser.get("/reset/wait/").headers["location"] == "/reset/stopped/"
    assert why_stopped(browser) == "denied"
    assert here.user("adele").check_password(PASSWORD)
    gate = AuditEvent.objects.get(activity="reset_gate")
    assert (gate.status, gate.reason, gate.method) == ("failure", "denied", "doorbell")


@pytest.mark.parametrize("forged", ["key", "number", "verdict", "request", "form"])
def test_what_the_bell_did_not_sign_is_not_there(here: Org, bell: Any, forged: str) -> None:
    register(here, bell)
    browser, page = waits(here)
    number = bell.number_of(page)
    if forged == "key":
        assert press(here, bell, "approved", number, key="00" * 16) == 404
    elif forged == "number":
        assert press(here, bell, "approved", str(int(number) - 1)) == 404
    elif forged == "verdict":
        assert press(here, bell, "perhaps", number) == 404
    else:
        body = {"request": "x" if forged == "request" else bell.RUNG[-1][1], "verdict": "approved"}
        assert here.browser().post("/methods/doorbell/pressed/", body).status_code == 404
    assert browser.get("/reset/wait/").status_code == 200
    assert newest().passed == []


def test_one_press_counts_once(here: Org, bell: Any) -> None:
    register(here, bell)
    browser, page = waits(here)
    number = bell.number_of(page)
    assert [press(here, bell, verdict, number) for verdict in ("approved", "approved", "denied")] == [
        200,
        404,
        404,
    ]
    assert browser.get("/reset/wait/").headers["location"] == "/reset/password/"
    assert press(here, bell, "approved", number) == 404
    other, later = waits(here)
    assert bell.number_of(later) is not None
    assert other.get("/reset/wait/").status_code == 200


def test_an_answer_typed_in_place_of_it_is_none(here: Org, bell: Any) -> None:
    register(here, bell)
    browser, _page = waits(here)
    browser.post("/reset/verify/", {"action": "answer", "code": "approved"})
    browser.post("/reset/wait/", {"action": "answer", "code": "approved", "verdict": "approved"})
    assert where(browser) == "/reset/wait/"


def test_another_organization_cannot_press_it(here: Org, bell: Any, fabrikam: Org) -> None:
    with entered(here.row):
        register(here, bell)
        browser, page = waits(here)
        request = bell.RUNG[-1][1]
        key = states.of(Device.objects.get(kind="doorbell"))["key"]
    body = {"request": request, "verdict": "approved"}
    body["signature"] = bell.sign(key, request, bell.number_of(page), "approved")
    assert fabrikam.browser().post("/methods/doorbell/pressed/", body).status_code == 404
    assert browser.get("/reset/wait/").status_code == 200


def test_somebody_unknown_waits_by_a_number_and_nothing_rings(here: Org, bell: Any) -> None:
    register(here, bell)
    known, known_page = waits(here)
    rung = list(bell.RUNG)
    unknown, unknown_page = waits(here, NOBODY)
    assert rung == bell.RUNG
    assert text_of(known_page, ADELE, f">{bell.number_of(known_page)}<") == text_of(
        unknown_page, NOBODY, f">{bell.number_of(unknown_page)}<"
    )
    decoy = newest().challenge
    assert decoy is not None
    assert press(here, bell, "approved", bell.number_of(unknown_page), request=str(decoy.pk)) == 404
    assert unknown.get("/reset/wait/").status_code == known.get("/reset/wait/").status_code == 200


def test_another_method_can_be_chosen_while_it_rings(here: Org, bell: Any) -> None:
    configuring.configure({"methods": ["doorbell", "app_code"]}, actor="tests")
    register(here, bell)
    browser, page = waits(here)
    number, request = bell.number_of(page), bell.RUNG[-1][1]
    assert browser.post("/reset/wait/", {"action": "back"}).headers["location"] == "/reset/verify/"
    assert where(browser) == "/reset/verify/"
    assert press(here, bell, "approved", number, request=request) == 404


def test_without_the_edition_it_is_not_there(here: Org, bell: Any) -> None:
    register(here, bell)
    subscribing.assign(here.row, edition="p1", trial_ends=date(2100, 1, 1), actor="tests")
    hosts.forget()
    browser = proved(here, here.user("adele"))
    assert browser.get(ADD).status_code == 404
    reset = begun(here, ADELE)
    assert "doorbell" not in [one["kind"] for one in reset.get("/reset/verify/").context["options"]]
    reset.post("/reset/verify/", {"action": "choose", "method": "doorbell"})
    assert newest().challenge is None


def test_it_stands_on_the_desk(here: Org, bell: Any) -> None:
    register(here, bell)
    chief = here.user("chief")
    desk = proved(here, chief, give_app(chief))
    page = desk.get("/admin/registration/authenticationmethods/", follow=True)
    choices = dict(page.context["adminform"].form.fields["methods"].choices)
    assert choices["doorbell"] == "Doorbell"
    assert "Doorbell" in desk.get("/admin/registration/device/").content.decode()


def test_it_proves_again(here: Org, bell: Any) -> None:
    """A second factor that waits opens the desk as well."""
    device = register(here, bell)
    browser = proved(here, here.user("adele"))
    session = browser.session
    del session["proved_at"]
    session.save()
    verify = "/verify/?next=/security-info/"
    browser.post(verify, {"action": "choose", "method": str(device.pk)})
    page = browser.get(verify)
    assert 'data-waiting="3"' in page.content.decode()
    run_jobs()
    assert press(here, bell, "approved", bell.number_of(page)) == 200
    assert browser.get(verify).headers["location"] == INFO
    assert browser.get(INFO).status_code == 200
