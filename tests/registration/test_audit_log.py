"""The audit log on the desk: filters, pages, one event in full, and the file; who may, and nobody else's."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registration import audit_query, audit_wording, configuring, people
from registration.audit import Activity
from registration.models import AuditEvent
from registration.roles import Role
from registration.wording import ACTIVITIES
from tenants import downloads, hosts
from tenants.context import entered
from tests.building import Org, give_app
from tests.registration.happened import happened
from tests.registration.steps import proved

LIST = "/admin/registration/auditevent/"
EXPORT = f"{LIST}export/"
ADELE = "adele@contoso.example"


def chief(org: Org, role: Role = Role.GLOBAL_ADMINISTRATOR) -> Any:
    """Return the browser of chief with one role at the desk; what that wrote is forgotten."""
    user = org.user("chief")
    people.change(user, {"roles": [role.value]}, actor="tests")
    browser = proved(org, user, give_app(user))
    AuditEvent.objects.all().delete()
    return browser


def listed(browser: Any, **filters: str) -> list[str]:
    """Return the activities that the page shows, from the top."""
    response = browser.get(LIST, filters)
    assert response.status_code == 200
    return [row["event"].activity for row in response.context["events"]]


def exported(browser: Any, **data: str) -> str:
    response = browser.post(EXPORT, data)
    assert response.status_code == 200
    return b"".join(response.streaming_content).decode()


FILTERS: tuple[tuple[dict[str, str], list[str]], ...] = (
    ({}, ["signed_in", "reset_gate", "password_reset", "user_changed", "signed_out"]),
    ({"activity": "reset_gate"}, ["reset_gate"]),
    ({"service": "sspr"}, ["reset_gate", "password_reset"]),
    ({"service": "directory"}, ["user_changed"]),
    ({"status": "failure"}, ["reset_gate"]),
    ({"method": "email"}, ["reset_gate", "password_reset"]),
    ({"method": "app_code"}, ["password_reset"]),
    ({"method": "password"}, ["signed_in"]),
    ({"q": "adele"}, ["signed_in", "reset_gate", "password_reset", "user_changed"]),
    ({"q": "CHIEF@"}, ["user_changed"]),
    ({"q": "dele"}, []),
    ({"q": "%"}, []),
    ({"reference": "1a2b3c4d"}, ["reset_gate"]),
    ({"reference": "1A2B3C4D", "q": "adele", "status": "success"}, []),
    ({"since": "2999-01-01"}, []),
    ({"until": "2001-01-01"}, []),
    ({"since": "9999-12-31"}, []),
    ({"since": "0001-01-01", "until": "9999-12-31", "status": "failure"}, ["reset_gate"]),
)


def test_filters(contoso: Org) -> None:
    browser, adele, minute = chief(contoso), contoso.user("adele"), timedelta(minutes=1)
    happened("signed_out", "bo@contoso.example", ago=5 * minute)
    happened("user_changed", adele, ago=4 * minute, actor="chief@contoso.example")
    happened("password_reset", adele, ago=3 * minute, method="app_code+email")
    happened(
        "reset_gate", adele, ago=2 * minute, method="email", reason="wrong", data={"reference": "1A2B3C4D"}
    )
    happened("signed_in", adele, ago=minute, method="password")
    for filters, expected in FILTERS:
        assert listed(browser, **filters) == expected, filters


def test_days_are_whole(contoso: Org) -> None:
    browser = chief(contoso)
    now = timezone.now()
    happened("signed_in", ago=timedelta())
    happened("signed_out", ago=timedelta(days=1))
    today, yesterday = f"{now:%Y-%m-%d}", f"{now - timedelta(days=1):%Y-%m-%d}"
    assert listed(browser, since=today, until=today) == ["signed_in"]
    assert listed(browser, until=yesterday) == ["signed_out"]
    assert listed(browser, since=yesterday) == ["signed_in", "signed_out"]


SENSELESS: tuple[tuple[dict[str, str], str], ...] = (
    ({"since": "yesterday"}, "since"),
    ({"since": "2026-02-02", "until": "2026-02-01"}, "until"),
    ({"activity": "nothing"}, "activity"),
    ({"q": "x" * 300}, "q"),
)


def test_a_filter_that_makes_no_sense_is_named(contoso: Org) -> None:
    browser = chief(contoso)
    happened("signed_in")
    for filters, field in SENSELESS:
        response = browser.get(LIST, filters)
        assert list(response.context["filters"].errors) == [field]
        assert response.context["events"] == []


def test_every_event_is_on_one_page_and_only_one(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those of one and the same moment."""
    browser = chief(contoso)
    happened("signed_in", times=7)
    happened("signed_out", ago=timedelta(hours=1), times=3)
    monkeypatch.setattr(audit_query.page, "__defaults__", ("", 4))
    seen, address = [], LIST
    for _page in range(3):
        context = browser.get(address).context
        seen += [row["event"].pk for row in context["events"]]
        address = f"{LIST}?{context['older']}"
    assert context["older"] == ""
    assert len(seen) == 10
    assert set(seen) == set(AuditEvent.objects.values_list("pk", flat=True))


def test_a_place_that_is_none_is_the_beginning(contoso: Org) -> None:
    happened("signed_in")
    for place in (
        "x",
        "2026-01-01~x",
        "2026-01-01T00:00:00~" + "0" * 32,
        "~",
        "2026-99-99T00:00:00+00:00~" + "0" * 32,
    ):
        assert (
            len(audit_query.page(AuditEvent.objects.order_by("-at"), place).events)
            == AuditEvent.objects.count()
        )


def test_nothing_is_counted_and_no_row_asks_again(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "SECONDS", 600.0)  # on a slow machine, too
    browser = chief(contoso)
    happened("signed_in", contoso.user("adele"), times=60)
    browser.get(LIST)
    with CaptureQueriesContext(connection) as captured:
        browser.get(LIST)
    # The schema; the session, the person, their second factor; the events; the policy and the oldest event, for the notice.
    assert len(captured) == 7, [query["sql"][:80] for query in captured]
    assert not [query for query in captured if "count(" in query["sql"].lower()]


def test_one_event_reads_well(contoso: Org) -> None:
    browser = chief(contoso)
    configuring.configure({"scope": "selected", "methods": ["email"]}, actor=contoso.user("chief"))
    event = AuditEvent.objects.get()
    page = browser.get(f"{LIST}{event.pk}/change/").content.decode()
    for words in (
        "Self-service password reset policy changes",
        "Self-service Password Management",
        '<th scope="row" dir="auto">Self-service password reset enabled</th>',
        '<td dir="auto">All</td><td dir="auto">Selected</td>',
        '<td dir="auto">Authenticator app, Email</td><td dir="auto">Email</td>',
    ):
        assert words in page
    assert "&quot;before&quot;" not in page


def test_what_is_written_in_an_event_is_no_html(contoso: Org) -> None:
    browser = chief(contoso)
    wicked = "<script>x</script>"
    (event,) = happened(
        "desk_changed", wicked, data={wicked: wicked, "name": {"before": wicked, "after": [wicked]}}
    )
    for address in (LIST, f"{LIST}{event.pk}/change/"):
        assert wicked not in browser.get(address).content.decode()


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.REPORTS_READER, 200),
        (Role.HELPDESK_ADMINISTRATOR, 403),
        (Role.AUTHENTICATION_ADMINISTRATOR, 403),
    ],
)
def test_who_may_look_and_export(contoso: Org, role: Role, status: int) -> None:
    browser = chief(contoso, role)
    (event,) = happened("signed_in")
    assert browser.get(LIST).status_code == status
    assert browser.get(f"{LIST}{event.pk}/change/").status_code == status
    assert browser.post(EXPORT, {"format": "csv"}).status_code == status
    assert browser.get(EXPORT).status_code == 403
    assert browser.post(f"{LIST}{event.pk}/change/", {"actor": "somebody"}).status_code == 403
    assert browser.post(f"{LIST}{event.pk}/delete/", {"post": "yes"}).status_code == 403
    assert AuditEvent.objects.get(pk=event.pk).actor == ""


def test_the_file_of_csv(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    """In pieces, formulas made harmless, narrowed as the page is, and written down."""
    browser = chief(contoso)
    monkeypatch.setattr(audit_query, "PIECE", 2)
    happened("reset_gate", ADELE, times=5, method="email", reason="wrong", data={"reference": "1A2B3C4D"})
    happened("signed_out", '=HYPERLINK("http://evil.example")', address="192.0.2.7")
    text = exported(browser, format="csv")
    assert text.startswith(
        "\ufeffDate (UTC),Service,Category,Activity,Status,Status reason,Target,Initiated by,"
    )
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["Activity code"] for row in rows] == ["audit_exported", "signed_out", *["reset_gate"] * 5]
    assert rows[1]["Target"] == '\'=HYPERLINK("http://evil.example")'
    assert rows[1]["IP address"] == "192.0.2.7"
    assert rows[2] | {"Id": "", "Date (UTC)": ""} == {
        "Date (UTC)": "",
        "Service": "Self-service Password Management",
        "Category": "User management",
        "Activity": "Self-service password reset flow activity progress",
        "Status": "Failure",
        "Status reason": "The code or answer was wrong.",
        "Target": ADELE,
        "Initiated by": ADELE,
        "IP address": "",
        "Method": "Email",
        "Reference": "1A2B3C4D",
        "Activity code": "reset_gate",
        "Reason code": "wrong",
        "Details": '{"reference": "1A2B3C4D"}',
        "Id": "",
    }
    assert len({row["Id"] for row in rows}) == 7


def test_the_file_of_json_lines(contoso: Org) -> None:
    browser = chief(contoso)
    happened("reset_gate", contoso.user("adele"), method="app_code+email", reason="wrong")
    happened("signed_out", ADELE)
    lines = [json.loads(line) for line in exported(browser, format="jsonl", status="failure").splitlines()]
    (event,) = lines
    assert (event["activity"], event["methods"], event["reason"]) == (
        "reset_gate",
        ["app_code", "email"],
        "wrong",
    )
    assert event["target_id"] == str(contoso.user("adele").pk)
    written = AuditEvent.objects.get(activity="audit_exported")
    assert written.actor == "chief@contoso.example"
    assert written.data == {"format": "jsonl", "filters": {"status": "failure"}}


def test_what_cannot_be_exported_is_not(contoso: Org) -> None:
    browser = chief(contoso)
    for data in ({"format": "exe"}, {}, {"format": "csv", "since": "never"}):
        response = browser.post(EXPORT, data)
        assert response.headers["location"] == LIST
    assert not AuditEvent.objects.exists()


def test_nothing_of_another_organization_is_shown_or_exported(contoso: Org, fabrikam: Org) -> None:
    with entered(contoso.row):
        browser = chief(contoso)
        (theirs,) = happened("signed_in", ADELE)
    with entered(fabrikam.row):
        outsider = chief(fabrikam)
        happened("signed_out", "adele@fabrikam.example")
        assert listed(outsider) == ["signed_out"]
        assert listed(outsider, q="adele@contoso") == []
        assert ADELE not in exported(outsider, format="csv")
        assert outsider.get(f"{LIST}{theirs.pk}/change/").status_code == 302
    assert "fabrikam" not in exported(browser, format="csv")


def test_a_file_stops_when_its_organization_is_gone(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its tables would be answered for by the provider's."""
    browser = chief(contoso)
    monkeypatch.setattr(downloads, "PAGE", 1)
    happened("signed_in", ADELE, times=3)
    pieces = iter(browser.post(EXPORT, {"format": "jsonl"}).streaming_content)
    assert b"audit_exported" in next(pieces)
    row = contoso.row
    row.state = "suspended"
    row.save(update_fields=["state"])
    assert list(pieces) == []


def test_every_activity_has_its_words_and_place() -> None:
    assert set(ACTIVITIES) == set(Activity)
    placed = [activity for activities in audit_wording._PLACES.values() for activity in activities]
    assert len(placed) == len(set(placed))
    assert set(placed) >= set(Activity), "Say in registration/audit_wording.py of which service it is."


def test_what_an_administrator_did_is_called_so() -> None:
    mine = AuditEvent(activity="security_info_deleted", actor=ADELE, subject=ADELE)
    theirs = AuditEvent(activity="security_info_deleted", actor="chief@contoso.example", subject=ADELE)
    assert [audit_wording.named(one) for one in (mine, theirs)] == [
        "User deleted security info",
        "Admin deleted security info",
    ]


def test_reasons_are_words() -> None:
    assert audit_wording.reason("abandoned") == "The person ended it, or began another one."
    assert audit_wording.reason("not_in_scope").endswith("selected for password reset.")
    assert audit_wording.reason("http_503") == "The carrier answered 503."
    assert audit_wording.reason("something_new") == "something_new"
