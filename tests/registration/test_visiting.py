"""A provider's operator at an organization's desk: by a ticket, with a reason, for a time, seen by all, and never further."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from procrastinate.contrib.django import app

from registration import configuring, people, visiting
from registration.models import AuditEvent, Policy, User
from registration.roles import Role
from registration.visiting import VisitProblem
from registration.visitor import Visitor
from tenants import hosts, provisioning
from tenants.context import entered
from tenants.models import JournalEntry, Organization, Visit
from tests.building import Browser, Org, give_app, sign_in
from tests.registration.steps import proved, put

ADD, PROVIDER = "/admin/tenants/visit/add/", "http://localhost:8000"
WHO, WHY = "chief@localhost (provider)", "INC-4711"


def operator(provider: Org, *granted: Role) -> Browser:
    """Return the browser of the provider's chief, at the desk."""
    with entered(provider.row):
        chief = provider.user("chief")
        if granted:
            people.change(chief, {"roles": [role.value for role in granted]}, actor="tests")
        return proved(provider, chief, give_app(chief))


def asked(org: Org, *, may_change: bool = False, minutes: int = 60) -> str:
    """Return a ticket of the provider's chief for an organization's desk."""
    provider = Org("public")
    with entered(provider.row):
        _visit, ticket = visiting.ask(
            org.row, operator=provider.user("chief"), reason=WHY, minutes=minutes, may_change=may_change
        )
    return ticket


def knock(browser: Browser, ticket: str, origin: str | None = PROVIDER) -> Any:
    """Post a ticket, as the provider's page does."""
    headers = {"origin": origin} if origin else {}
    return browser.post("/visit/", {"ticket": ticket}, headers=headers)


def visit(org: Org, **choices: Any) -> Browser:
    """Return a browser that visits an organization's desk."""
    browser = org.browser()
    assert knock(browser, asked(org, **choices)).headers["location"] == "/admin/"
    return browser


def events(org: Org, *activities: str) -> list[tuple[str, str, str, str]]:
    """Return what the audit log has of visits: activity, actor, status, reason."""
    wanted = activities or ("provider_entered", "provider_left")
    with entered(org.row):
        found = AuditEvent.objects.filter(activity__in=wanted).order_by("at")
        return [(one.activity, one.actor, one.status, one.reason) for one in found]


ENTERED = ("provider_entered", WHO, "success", "")


def left(why: str) -> tuple[str, str, str, str]:
    """Return how the audit log has an end."""
    return ("provider_left", WHO, "success", why)


def test_a_visit_is_seen_by_the_organization_from_its_first_to_its_last_moment(
    contoso: Org, fabrikam: Org, provider: Org
) -> None:
    browser = operator(provider)
    sent = {"organization": str(contoso.row.pk), "reason": WHY, "minutes": "30", "may_change": "on"}
    page = browser.post(ADD, sent)
    text = page.content.decode()
    assert 'action="http://contoso.localhost:8000/visit/"' in text
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert (
        "form-action 'self' http://contoso.localhost:8000;" in page.headers["Content-Security-Policy"] + ";"
    )
    ticket = re.findall(r'name="ticket" value="([^"]+)"', text)[0]
    there = contoso.browser()
    assert knock(there, ticket).headers["location"] == "/admin/"
    shown = there.get("/admin/").content.decode()
    assert f"{WHO} visits until" in shown and "Reason: INC-4711." in shown
    assert "ended" in there.post("/visit/leave/").content.decode()
    assert there.get("/admin/").status_code == 302
    assert events(contoso) == [ENTERED, left("left")]
    assert events(fabrikam) == []
    row = Visit.objects.get()
    page = browser.get(f"/admin/tenants/visit/{row.pk}/change/")
    assert page.status_code == 200 and "INC-4711" in page.content.decode()
    told = {"reason": WHY, "minutes": 30, "may_change": True, "visit": str(row.pk)}
    with entered(contoso.row):
        found = AuditEvent.objects.filter(activity__startswith="provider_").order_by("at")
        assert [one.data for one in found] == [told, {**told, "minutes_used": 0}]
        assert not User.objects.filter(sign_in_name__contains="localhost").exists()
    entries = JournalEntry.objects.filter(event__startswith="desk_").order_by("at")
    assert [(one.event, one.actor, one.schema) for one in entries] == [
        ("desk_ticket", "chief@localhost", "contoso"),
        ("desk_entered", "chief@localhost", "contoso"),
        ("desk_left", "chief@localhost", "contoso"),
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "because"}, "reason"),
        ({"minutes": "241"}, "minutes"),
        ({"organization": ""}, "organization"),
    ],
)
def test_without_a_reason_or_for_too_long_nobody_enters(
    contoso: Org, provider: Org, changes: dict[str, str], field: str
) -> None:
    sent = {"organization": str(contoso.row.pk), "reason": WHY, "minutes": "60", **changes}
    page = operator(provider).post(ADD, sent)
    assert list(page.context["adminform"].form.errors) == [field]
    assert not Visit.objects.exists()


def test_who_only_supports_does_not_enter(contoso: Org, provider: Org) -> None:
    browser = operator(provider, Role.SUPPORT)
    sent = {"organization": str(contoso.row.pk), "reason": WHY, "minutes": "60"}
    assert browser.get(ADD).status_code == 403
    assert browser.post(ADD, sent).status_code == 403
    assert browser.get("/admin/tenants/visit/").status_code == 200
    assert not Visit.objects.exists()


def test_without_a_second_factor_at_the_provider_nobody_enters(contoso: Org, provider: Org) -> None:
    with entered(provider.row):
        browser = proved(provider, provider.user("chief"))
    sent = {"organization": str(contoso.row.pk), "reason": WHY, "minutes": "60"}
    assert browser.post(ADD, sent).status_code == 302
    assert not Visit.objects.exists()


def test_a_ticket_is_good_once(contoso: Org) -> None:
    ticket = asked(contoso)
    first, second = contoso.browser(), contoso.browser()
    assert knock(first, ticket).status_code == 302
    assert knock(second, ticket).status_code == 403
    assert second.get("/admin/").status_code == 302
    assert first.get("/admin/").status_code == 200
    assert events(contoso) == [ENTERED, ("provider_entered", WHO, "failure", "ticket_used")]


def test_a_ticket_is_good_for_a_minute(contoso: Org) -> None:
    ticket = asked(contoso)
    Visit.objects.update(ticket_until=timezone.now() - timedelta(seconds=1))
    assert knock(contoso.browser(), ticket).status_code == 403
    assert events(contoso) == [("provider_entered", WHO, "failure", "ticket_expired")]


def test_a_ticket_opens_the_desk_that_it_was_made_for(contoso: Org, fabrikam: Org) -> None:
    ticket = asked(contoso)
    assert knock(fabrikam.browser(), ticket).status_code == 403
    assert knock(Org("public").browser(), ticket).status_code == 404
    assert events(fabrikam) == events(contoso) == []
    Visit.objects.update(
        organization=fabrikam.row
    )  # nor where the row says so: its digest is keyed by the other
    assert knock(fabrikam.browser(), ticket).status_code == 403


@pytest.mark.parametrize("origin", [None, "null", "http://contoso.localhost:8000", "http://evil.example"])
def test_no_page_but_the_providers_puts_a_browser_into_a_visit(contoso: Org, origin: str | None) -> None:
    ticket, browser = asked(contoso), contoso.browser()
    assert knock(browser, ticket, origin).status_code == 403
    assert browser.get("/visit/").status_code == 405
    assert knock(browser, ticket).status_code == 302  # it was not spent


def test_an_invented_ticket_writes_nothing(contoso: Org) -> None:
    assert knock(contoso.browser(), "A" * 43).status_code == 403
    assert events(contoso) == []


def test_the_session_of_a_visit_is_worth_nothing_elsewhere(
    contoso: Org, fabrikam: Org, provider: Org
) -> None:
    browser = visit(contoso, may_change=True)
    with entered(contoso.row):
        pk = browser.session["visit"]
    for org in (fabrikam, provider):
        with entered(org.row):
            other = org.browser()
            put(other, visit=pk)
        assert other.get("/admin/").status_code == 302
        copied = org.browser()
        copied.cookies["session"] = browser.cookies["session"].value
        assert copied.get("/admin/").status_code == 302
    assert browser.get("/admin/").status_code == 200


def _past(_contoso: Org) -> None:
    Visit.objects.update(ends_at=timezone.now())


def _role_taken(_contoso: Org) -> None:
    provider = Org("public")
    with entered(provider.row):
        people.change(provider.user("chief"), {"roles": ["support"]}, actor="tests")


def _disabled(_contoso: Org) -> None:
    provider = Org("public")
    with entered(provider.row):
        people.change(provider.user("chief"), {"is_active": False}, actor="tests")


def _sessions_ended(_contoso: Org) -> None:
    provider = Org("public")
    with entered(provider.row):
        people.end_sessions(provider.user("chief"))


def _forbidden(contoso: Org) -> None:
    with entered(contoso.row):
        configuring.configure({"provider_may_enter": False}, actor="tests")
    hosts.forget()


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (_past, "expired"),
        (_role_taken, "operator"),
        (_disabled, "operator"),
        (_sessions_ended, "operator"),
        (_forbidden, "forbidden"),
    ],
)
def test_a_visit_is_over_at_the_next_request(contoso: Org, happens: Callable[[Org], None], why: str) -> None:
    browser = visit(contoso)
    assert browser.get("/admin/").status_code == 200
    happens(contoso)
    page = browser.get("/admin/")
    assert (page.status_code, page.context["code"]) == (403, f"visit_{why}")
    assert browser.get("/admin/").status_code == 302
    assert events(contoso) == [ENTERED, left(why)]


@pytest.mark.parametrize("happens", [_role_taken, _disabled, _sessions_ended, _forbidden])
def test_nor_does_it_begin_then(contoso: Org, happens: Callable[[Org], None]) -> None:
    ticket = asked(contoso)
    happens(contoso)
    assert knock(contoso.browser(), ticket).status_code == 403
    assert [each[2] for each in events(contoso)] == ["failure"]


def test_a_suspension_ends_it_for_good(contoso: Org) -> None:
    browser = visit(contoso)
    provisioning.suspend(contoso.row, actor="tests")
    hosts.forget()
    assert browser.get("/admin/").status_code == 403
    provisioning.resume(contoso.row, actor="tests")
    hosts.forget()
    assert browser.get("/admin/").status_code == 302
    assert events(contoso) == [ENTERED, left("suspended")]


def test_signing_out_at_the_provider_ends_it(contoso: Org, provider: Org) -> None:
    at_home, browser = operator(provider), visit(contoso)
    at_home.post("/sign-out/")
    assert browser.get("/admin/").status_code == 302
    assert events(contoso) == [ENTERED, left("operator")]


def test_its_end_is_written_down_though_nobody_comes_back(
    contoso: Org, fabrikam: Org, jobs: Callable[[], list[str]]
) -> None:
    visit(contoso)
    visit(fabrikam)
    Visit.objects.filter(organization=contoso.row).update(ends_at=timezone.now())
    app.tasks["registration.visits_over"].func(0)
    app.tasks["registration.visits_over"].func(0)
    assert jobs() == ["registration.visit_over"] * 2
    assert events(contoso) == [ENTERED, left("expired")]
    assert events(fabrikam) == [ENTERED]


def test_a_visitor_is_nobody_on_the_pages_of_people(contoso: Org) -> None:
    browser = visit(contoso, may_change=True)
    for page in (
        "/",
        "/security-info/",
        "/password/",
        "/verify/",
        "/register/",
        "/security-info/add/app_code/",
    ):
        assert browser.get(page).headers["location"].startswith("/sign-in/"), page
    assert not browser.get("/sign-in/").wsgi_request.user.is_authenticated


def test_a_visitor_who_only_looks_changes_nothing(contoso: Org) -> None:
    browser = visit(contoso)
    with entered(contoso.row):
        policy, adele = Policy.objects.get().pk, contoso.user("adele").pk
    for page in (
        f"properties/{policy}/change/",
        f"passwordprotection/{policy}/change/",
        f"securityquestions/{policy}/change/",
    ):
        assert browser.get(f"/admin/registration/{page}").status_code == 200
        assert browser.post(f"/admin/registration/{page}", {"scope": "none"}).status_code == 403
    assert browser.post(f"/admin/registration/user/{adele}/release/").status_code == 403
    with entered(contoso.row):
        assert Policy.objects.get().scope == "all"


def test_what_a_visitor_changes_has_the_operator_as_its_actor(contoso: Org) -> None:
    browser = visit(contoso, may_change=True)
    with entered(contoso.row):
        pk = Policy.objects.get().pk
    access = f"/admin/registration/administratorpolicy/{pk}/change/"
    assert "provider_may_enter" not in browser.get(access).context["adminform"].form.fields
    assert browser.post(access, {"administrators_may_reset": "on"}).status_code == 302
    sent = {"methods": ["app_code"], "required": "1"}
    page = f"/admin/registration/authenticationmethods/{pk}/change/"
    assert browser.post(page, sent).status_code == 302
    with entered(contoso.row):
        assert Policy.objects.get().provider_may_enter is True
        event = AuditEvent.objects.filter(activity="policy_changed").latest("at")
        assert (event.actor, event.data) == (
            WHO,
            {"methods": {"before": ["app_code", "email"], "after": ["app_code"]}},
        )


def test_no_visitor_changes_whether_the_provider_may_enter(contoso: Org) -> None:
    browser = visit(contoso, may_change=True)
    visitor = visiting.visitor(browser.get("/admin/").wsgi_request)
    assert isinstance(visitor, Visitor)
    with entered(contoso.row), pytest.raises(PermissionDenied):
        configuring.configure({"provider_may_enter": False}, actor=visitor)


def test_a_visitor_comes_to_no_account(contoso: Org) -> None:
    """Nothing by which the operator could get in later: no person, role, group, method, link or carrier."""
    browser = visit(contoso, may_change=True)
    with entered(contoso.row):
        adele, chief = contoso.user("adele"), contoso.user("chief")
        device = give_app(adele).pk
        group = adele.groups.get().pk
    desk = "/admin/registration"
    tries = {
        f"{desk}/user/add/": {"sign_in_name": "mallory@contoso.example", "roles": ["global_administrator"]},
        f"{desk}/user/{adele.pk}/change/": {"primary_address": "mallory@evil.example"},
        f"{desk}/user/{adele.pk}/delete/": {"post": "yes"},
        f"{desk}/user/{adele.pk}/invite/": {},
        f"{desk}/user/{chief.pk}/release/": {},
        f"{desk}/device/{device}/delete/": {"post": "yes"},
        f"{desk}/group/add/": {"name": "Mine", "may_reset": "on"},
        f"{desk}/group/{group}/change/": {"name": "Mine"},
        f"{desk}/user/remind/": {},
    }
    for page, sent in tries.items():
        assert browser.post(page, sent).status_code == 403, page
    with entered(contoso.row):
        assert User.objects.count() == 3
        assert contoso.user("adele").primary_address == "adele@post.example"
        assert contoso.user("adele").devices.count() == 1
    assert browser.post(f"{desk}/user/{adele.pk}/release/").status_code == 302


def test_signing_in_ends_a_visit(contoso: Org) -> None:
    browser = visit(contoso)
    sign_in(browser, "adele@contoso.example")
    assert "visit" not in browser.session
    assert events(contoso) == [ENTERED, left("signed_in")]
    assert browser.get("/admin/", follow=True).status_code == 403  # adele has no role


def test_entering_forgets_who_was_signed_in(contoso: Org) -> None:
    with entered(contoso.row):
        browser = proved(contoso, contoso.user("chief"), give_app(contoso.user("chief")))
    knock(browser, asked(contoso))
    assert "_auth_user_id" not in browser.session
    assert browser.get("/security-info/").status_code == 302


def test_a_session_that_somebody_is_signed_in_to_is_no_visit(contoso: Org) -> None:
    pk = visit(contoso).session["visit"]
    with entered(contoso.row):
        browser = proved(contoso, contoso.user("adele"))
        put(browser, visit=pk)
    assert browser.get("/admin/", follow=True).status_code == 403


def test_the_desks_own_sign_out_leaves(contoso: Org) -> None:
    browser = visit(contoso)
    browser.post("/admin/logout/")
    assert browser.get("/admin/").status_code == 302
    assert events(contoso) == [ENTERED, left("left")]
    assert events(contoso, "signed_out") == []


def test_no_secret_is_kept_or_told(contoso: Org) -> None:
    ticket = asked(contoso)
    row = Visit.objects.values().get()
    assert ticket not in str(row)
    knock(contoso.browser(), ticket)
    with entered(contoso.row):
        told = [
            *AuditEvent.objects.values_list("data", flat=True),
            *JournalEntry.objects.values_list("data", flat=True),
        ]
        assert ticket not in str(told)
        assert not any("ticket" in str(one.get_decoded()) for one in Session.objects.all())


def test_the_providers_own_and_who_is_suspended_or_forbids_it_are_not_entered(
    contoso: Org, provider: Org
) -> None:
    for row in (provider.row, _suspended(contoso)):
        with pytest.raises(VisitProblem) as refused:
            visiting.checked(row, reason=WHY, minutes=60)
        assert refused.value.field == "organization"
    provisioning.resume(contoso.row, actor="tests")
    _forbidden(contoso)
    with pytest.raises(VisitProblem, match="does not let its provider enter"):
        visiting.checked(contoso.row, reason=WHY, minutes=60)


def _suspended(org: Org) -> Organization:
    provisioning.suspend(org.row, actor="tests")
    return org.row
