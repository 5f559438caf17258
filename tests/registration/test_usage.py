"""Usage & insights: each number is that of the events and of the rules, in few statements, and nobody else's."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks import insights
from registration import charts, configuring, counting, people, standing, usage
from registration.models import AuditEvent, User
from registration.roles import Role
from registration.standing import policy_row
from registration.usage import Days, Pair
from tenants import hosts
from tenants.context import entered
from tests.building import HOSTS, Org, give_app, give_email
from tests.registration.happened import happened
from tests.registration.steps import proved

PAGE = "/admin/registration/usage/"
ADELE, DAY = "adele@contoso.example", timedelta(days=1)


def chief(org: Org, role: Role = Role.GLOBAL_ADMINISTRATOR) -> Any:
    """Return the browser of chief with one role at the desk; what that wrote is forgotten."""
    user = org.user("chief")
    people.change(user, {"roles": [role.value]}, actor="tests")
    browser = proved(org, user, give_app(user))
    AuditEvent.objects.all().delete()
    return browser


@pytest.fixture
def warm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is kept warm for longer than a slow machine takes."""
    monkeypatch.setattr(hosts, "SECONDS", 600.0)


def a_month(adele: User) -> None:
    """Let resets and registrations have gone well and ill."""
    happened("reset_started", adele, ago=2 * DAY, times=6)
    happened("reset_gate", adele, ago=2 * DAY, times=3, method="email")
    happened("reset_gate", adele, ago=2 * DAY, times=2, method="email", reason="wrong")
    happened("reset_gate", adele, ago=2 * DAY, method="app_code", reason="wrong")
    happened("password_reset", adele, ago=2 * DAY, times=3, method="email+app_code")
    happened("reset_stopped", adele, ago=20 * DAY, times=2, reason="expired")
    happened("security_info_registered", adele, ago=2 * DAY, times=4, method="app_code")
    happened("security_info_registered", adele, ago=2 * DAY, method="email", reason="wrong_code")
    happened("registered_all_required", adele, ago=2 * DAY)
    happened("password_reset", adele, ago=60 * DAY, method="email")
    happened("password_reset", adele, ago=100 * DAY, method="email")
    happened("signed_in", adele, ago=2 * DAY, times=5)


@pytest.mark.parametrize(
    ("days", "reset", "registration"),
    [
        ("1", Pair(0, 0), Pair(0, 0)),
        ("7", Pair(3, 0), Pair(4, 1)),
        ("30", Pair(3, 2), Pair(4, 1)),
        ("90", Pair(4, 2), Pair(4, 1)),
    ],
)
def test_a_range_has_what_happened_in_it(contoso: Org, days: str, reset: Pair, registration: Pair) -> None:
    browser = chief(contoso)
    a_month(contoso.user("adele"))
    found = browser.get(PAGE, {"days": days}).context["found"]
    assert (found.reset, found.registration) == (reset, registration)


def test_each_number(contoso: Org) -> None:
    browser = chief(contoso)
    a_month(contoso.user("adele"))
    context = browser.get(PAGE).context
    found = context["found"]
    assert context["over"].days is Days.MONTH
    assert found.reset_methods == {"email": Pair(3, 2), "app_code": Pair(0, 1)}
    assert found.registration_methods == {"app_code": Pair(4, 0), "email": Pair(0, 1)}
    assert found.reasons == (
        ("proof", "wrong", 3),
        ("reset", "expired", 2),
        ("registration", "wrong_code", 1),
    )
    assert (found.started, found.registered_all) == (6, 1)
    assert context["saved"] == "0 h 15 min"
    assert browser.get(PAGE, {"minutes": "100"}).context["saved"] == "5 h 0 min"
    assert [reason for _about, reason, _times in context["reasons"]][:2] == [
        "The code or answer was wrong.",
        "The time was up.",
    ]


def test_what_is_no_range_or_number_is_the_default(contoso: Org) -> None:
    browser = chief(contoso)
    for asked in ("", "x", "-5", "1e3", "²", "99999999"):
        context = browser.get(PAGE, {"days": asked, "minutes": asked}).context
        assert (context["over"].days, context["minutes"]) == (Days.MONTH, usage.MINUTES)
    assert browser.get(PAGE, {"minutes": "0"}).context["minutes"] == 1


def test_the_events_of_the_edges_are_counted_once(contoso: Org) -> None:
    over = usage.range_of(Days.WEEK, timezone.now())
    for at in (over.since, over.since - timedelta(microseconds=1), over.until, over.starts[-1]):
        AuditEvent.objects.filter(pk=happened("password_reset")[0].pk).update(at=at)
    found = counting.counted(over)
    assert [one.done for one in found.resets.values()] == [1, 0, 0, 0, 0, 0, 1]


def test_people_stand_where_the_rules_say(contoso: Org) -> None:
    browser = chief(contoso)  # an administrator with one method, where two are asked
    give_email(contoso.user("adele"))
    people.change(contoso.user("bo"), {"is_active": False}, actor="tests")
    context = browser.get(PAGE).context
    numbers = {one["standing"].value: (one["number"], one["percent"]) for one in context["people"]}
    assert numbers == {"registered": (1, 50), "enabled": (2, 100), "capable": (1, 50), "missing": (1, 50)}
    for where, expected in (
        ("registered", [ADELE]),
        ("enabled", [ADELE, "chief@contoso.example"]),
        ("missing", ["chief@contoso.example"]),
        ("", [ADELE, "chief@contoso.example"]),
    ):
        rows = browser.get(f"{PAGE}people/", {"standing": where}).context["rows"]
        assert [row[0] for row in rows] == expected
    configuring.configure({"scope": "none"}, actor="tests")
    left = {one["standing"].value: one["number"] for one in browser.get(PAGE).context["people"]}
    assert left == {"registered": 1, "enabled": 0, "capable": 0, "missing": 0}


def test_the_numbers_are_those_of_each_person(contoso: Org) -> None:
    give_email(contoso.user("adele"))
    row = policy_row()
    for where, number in counting.people(row).standing.items():
        assert counting.standing_there(row, where).count() == number
    everybody = list(counting.standing_there(row, None))
    assert len(everybody) == 3
    for user in everybody:
        assert counting.person_of(user) == standing.person(user)


@pytest.mark.usefixtures("warm")
def test_the_number_of_statements_is_always_the_same(contoso: Org) -> None:
    browser = chief(contoso)
    numbers = []
    for time in range(2):
        browser.get(PAGE)
        with CaptureQueriesContext(connection) as captured:
            browser.get(PAGE)
        numbers.append(len(captured))
        a_month(contoso.user("adele"))
        for number in range(5):
            people.add(f"more{time}{number}@contoso.example", actor="tests")
    # The schema; session, person, second factor; the policy; the selected groups and everybody; all events; the oldest one.
    assert numbers == [9, 9], [query["sql"][:80] for query in captured]
    for name in ("events/", "people/"):
        with CaptureQueriesContext(connection) as captured:
            browser.get(PAGE + name)
        assert len(captured) <= 9, name


def test_a_chart_is_a_table_too(contoso: Org) -> None:
    browser = chief(contoso)
    a_month(contoso.user("adele"))
    page = browser.get(PAGE, {"days": "7"}).content.decode()
    assert page.count('<svg viewBox="0 0 600 160"') == 2
    assert 'role="img" aria-labelledby="resets-title resets-said"' in page
    day = timezone.now() - 2 * DAY
    assert (
        f'<tr><th scope="row">{day:%B} {day.day}</th><td class="number">3</td><td class="number">0</td></tr>'
        in page
    )


def test_bars_fill_the_height_and_no_more() -> None:
    drawn = charts.bars([Pair(0, 0), Pair(7, 3), Pair(1, 0)])
    assert [round(bar.done_height + bar.failed_height) for bar in drawn] == [0, charts.HEIGHT, 16]
    assert all(bar.x >= 0 and bar.x + bar.width <= charts.WIDTH for bar in drawn)


FILES: tuple[tuple[str, Any], ...] = (
    ("resets", 7),
    ("registrations", 7),
    ("reset-methods", [["Email", "3", "2"], ["Authenticator app", "0", "1"]]),
    ("registration-methods", [["Authenticator app", "4", "0"], ["Email", "0", "1"]]),
    (
        "reasons",
        [
            ["Proof in a reset", "The code or answer was wrong.", "wrong", "3"],
            ["Registration", "The code or answer was wrong.", "wrong_code", "1"],
        ],
    ),
)


def test_each_table_as_a_file(contoso: Org) -> None:
    browser = chief(contoso)
    a_month(contoso.user("adele"))
    for table, expected in FILES:
        response = browser.get(f"{PAGE}table/", {"table": table, "days": "7"})
        assert response.headers["content-type"] == "text/csv; charset=utf-8"
        _head, *rows = csv.reader(io.StringIO(response.getvalue().decode().removeprefix("\ufeff")))
        assert (len(rows) if isinstance(expected, int) else rows) == expected
    assert not AuditEvent.objects.filter(activity="audit_exported").exists()
    assert browser.get(f"{PAGE}table/", {"table": "passwords"}).status_code == 404


def test_the_lists_behind_the_numbers(contoso: Org) -> None:
    browser = chief(contoso)
    a_month(contoso.user("adele"))
    rows = browser.get(f"{PAGE}events/", {"days": "30", "feature": "reset"}).context["rows"]
    assert [(str(row[1]), str(row[2]), str(row[3]), *row[4:]) for row in rows] == [
        *[(ADELE, "Adele", "Reset", "Email, Authenticator app", "Success", "")] * 3,
        *[(ADELE, "Adele", "Reset", "", "Failure", "The time was up.")] * 2,
    ]
    text = b"".join(browser.post(f"{PAGE}events/?days=30", {}).streaming_content).decode()
    assert len(text.splitlines()) == 1 + 3 + 2 + 5
    text = b"".join(browser.post(f"{PAGE}people/?standing=missing", {}).streaming_content).decode()
    assert [line.split(",")[0] for line in text.splitlines()[1:]] == [
        ADELE,
        "bo@contoso.example",
        "chief@contoso.example",
    ]
    data = [event.data for event in AuditEvent.objects.filter(activity="audit_exported").order_by("at")]
    assert data == [
        {"format": "csv", "kind": "events", "filters": {"days": 30}},
        {"format": "csv", "kind": "people", "filters": {"standing": "missing"}},
    ]


def test_a_page_of_people_after_the_other(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = chief(contoso)
    monkeypatch.setattr("registration.usage_desk.PAGE", 2)
    monkeypatch.setattr("registration.audit_query.PIECE", 1)
    first = browser.get(f"{PAGE}people/").context
    second = browser.get(f"{PAGE}people/?{first['older']}").context
    assert [row[0].partition("@")[0] for row in (*first["rows"], *second["rows"])] == ["adele", "bo", "chief"]
    assert second["older"] == ""
    assert len(b"".join(browser.post(f"{PAGE}people/", {}).streaming_content).splitlines()) == 4


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.REPORTS_READER, 200), (Role.HELPDESK_ADMINISTRATOR, 403), (Role.USER_ADMINISTRATOR, 403)],
)
def test_who_may_look(contoso: Org, role: Role, status: int) -> None:
    browser = chief(contoso, role)
    for name in ("", "events/", "people/", "table/?table=resets"):
        assert browser.get(PAGE + name).status_code == status
    for name in ("events/", "people/"):
        assert browser.post(PAGE + name).status_code == status


def test_a_range_that_is_longer_than_events_are_kept_says_so(contoso: Org) -> None:
    browser = chief(contoso)
    assert "so this range is not complete" not in browser.get(PAGE, {"days": "7"}).content.decode()
    assert "so this range is not complete" in browser.get(PAGE, {"days": "90"}).content.decode()


def test_nothing_of_another_organization_is_counted(contoso: Org, fabrikam: Org) -> None:
    with entered(contoso.row):
        a_month(contoso.user("adele"))
        people.add("more@contoso.example", actor="tests")
    with entered(fabrikam.row):
        browser = chief(fabrikam)
        context = browser.get(PAGE).context
        assert context["found"].reset == Pair()
        assert context["people"][0]["total"] == 3
        for name in ("events/?days=90", "people/"):
            assert "contoso" not in browser.get(PAGE + name).content.decode()
            assert b"contoso" not in b"".join(browser.post(PAGE + name).streaming_content)


@pytest.mark.usefixtures("warm")
def test_what_is_measured_of_a_million_is_measured_of_some(contoso: Org) -> None:
    """The benchmark's own words at a small size: the statements of each range, and that the audit log counts nothing."""
    found = insights.looked_at(contoso.row, contoso.user("chief"), HOSTS["contoso"], 2_000, rounds=2)
    assert {page.statements for page in found.ranges} == {insights.STATEMENTS}
    assert {page.statements for page in found.pages if page.name.startswith("audit log")} == {7}
    assert "insights over 2,000 events" in str(found)
