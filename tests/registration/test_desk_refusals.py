"""What a desk refuses is written down, with the page and a code; a flood of it is not."""

from typing import Any

import pytest
from django.urls import reverse

from registration import receivers
from registration.models import AuditEvent, Group, User
from registration.roles import Role
from tenants.context import entered
from tenants.shield.throttle import Budget
from tests.building import Browser, Org, browser_of, give_app, give_email
from tests.registration.steps import proved
from tests.registration.test_people_desk import desk, form

PEOPLE = "/admin/registration/user/"


def told(actor: str = "bo@contoso.example") -> list[tuple[str, str, str]]:
    """Return the refusals that were written down: request, page, code."""
    events = AuditEvent.objects.filter(activity="desk_refused", status="failure", actor=actor).order_by("at")
    return [
        (one.data["request"], one.data["page"].removeprefix("admin:registration_"), one.reason)
        for one in events
    ]


def test_a_page_that_a_role_may_not_open(contoso: Org, fabrikam: Org) -> None:
    with entered(contoso.row):
        reader = desk(contoso, "bo", Role.REPORTS_READER)
        assert reader.get("/admin/registration/properties/").status_code == 403
        assert reader.post(f"{PEOPLE}add/", {"sign_in_name": "x@contoso.example"}).status_code == 403
        assert told() == [
            ("GET", "properties_changelist", "desk_forbidden"),
            ("POST", "user_add", "desk_forbidden"),
        ]
        event = AuditEvent.objects.filter(activity="desk_refused").earliest("at")
        assert (event.subject, event.address) == ("bo@contoso.example", "127.0.0.1")
        assert event.data["code"] == "RK-DESK-002"
    assert not AuditEvent.objects.filter(activity="desk_refused").exists()  # Fabrikam's


def test_ids_of_another_organization_and_made_up_ones(contoso: Org, fabrikam: Org) -> None:
    theirs = fabrikam.user("adele")
    with entered(fabrikam.row):
        device, group = give_email(theirs), Group.objects.create(name="Theirs")
    with entered(contoso.row):
        chief = desk(contoso, "chief")
        bo = contoso.user("bo")
        for method in (chief.get, chief.post):
            assert method(f"{PEOPLE}{theirs.pk}/change/").status_code == 302
            assert method(f"{PEOPLE}{theirs.pk}/delete/", {"post": "yes"}).status_code == 302
            assert method(f"{PEOPLE}{theirs.pk}/disable/").status_code == 404
            assert method(f"/admin/registration/device/{device.pk}/delete/").status_code == 302
        assert chief.post(f"{PEOPLE}{bo.pk}/change/", form(bo, groups=[str(group.pk)])).status_code == 200
        assert (
            chief.post(f"{PEOPLE}roles/take/", {"role": "reports_reader", "user": theirs.pk}).status_code
            == 404
        )
        found = told("chief@contoso.example")
        assert {code for _request, _page, code in found[:8]} == {"desk_not_found", "not_found"} and len(
            found
        ) == 10
        assert found[8:] == [
            ("POST", "user_change", "forged_choice"),
            ("POST", "role_take", "not_found"),
        ]
        assert not bo.groups.exists()
    assert User.objects.filter(pk=theirs.pk, is_active=True).exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_somebody_without_a_role(contoso: Org, method: str) -> None:
    adele = contoso.user("adele")
    browser = proved(contoso, adele, give_app(adele))
    getattr(browser, method)(PEOPLE, follow=method == "get")
    assert [code for _request, _page, code in told(adele.sign_in_name)] == ["no_role"]


def test_a_column_that_is_not_shown(contoso: Org) -> None:
    assert desk(contoso, "bo", Role.REPORTS_READER).get(f"{PEOPLE}?password__startswith=a").status_code == 400
    assert told() == [("GET", "user_changelist", "bad_request")]


def test_a_form_that_is_not_ours(contoso: Org) -> None:
    """Somebody who is signed in at the desk is lured to another site, which posts there."""
    chief = contoso.user("chief")
    known = proved(contoso, chief, give_app(chief))
    lured = Browser(enforce_csrf_checks=True, headers={"host": "contoso.localhost"})
    lured.cookies = known.cookies
    adele = contoso.user("adele")
    assert lured.post(f"{PEOPLE}{adele.pk}/disable/").status_code == 403
    assert told(chief.sign_in_name) == [("POST", "user_disable", "form_too_old")]
    assert contoso.user("adele").is_active
    lured.post("/password/")  # no desk's
    assert len(told(chief.sign_in_name)) == 1


def test_who_is_not_signed_in_is_only_sent_to_the_sign_in(contoso: Org) -> None:
    assert browser_of("contoso").get("/admin/nothing/here/").status_code in {302, 404}
    assert browser_of("contoso").get(PEOPLE).status_code == 302  # nobody is signed in
    assert not AuditEvent.objects.filter(activity__in=["refused", "desk_refused"]).exists()


def test_a_flood_is_told_once(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    few = Budget("tests/refused/few", limit=2, seconds=60)
    monkeypatch.setattr(receivers, "REFUSED_PERSON", few)
    reader = desk(contoso, "bo", Role.REPORTS_READER)
    statuses = [reader.get("/admin/registration/properties/").status_code for _time in range(5)]
    assert statuses == [403] * 5
    assert [code for _request, _page, code in told()] == [
        "desk_forbidden",
        "desk_forbidden",
        "too_many_refusals",
    ]


def test_pages_that_are_allowed_write_nothing(contoso: Org) -> None:
    chief: Any = desk(contoso, "chief")
    for page in ("", "registration/user/", "registration/user/roles/", "registration/auditevent/"):
        assert chief.get(f"/admin/{page}").status_code == 200
    assert told("chief@contoso.example") == []
    assert reverse("admin:registration_role_changelist", urlconf="config.urls_organization")
