"""How long the audit trail is kept: as chosen, as the edition allows, and a week's notice; nothing else deletes from it."""

import ast
import itertools
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from licensing import subscribing
from registration import audit, configuring, people, pruning, retention
from registration.models import AuditEvent, Policy
from registration.retention import GRACE, Keeping
from registration.roles import Role
from tenants import hosts
from tenants.context import entered
from tests.building import Org, give_app, run_jobs
from tests.registration.happened import happened
from tests.registration.steps import proved

PAGE = "/admin/registration/auditsettings/"
NOW = timezone.now()


def kept(days: int) -> None:
    """Let so many days hold, with nothing announced."""
    Policy.objects.update(audit_kept_days=days, audit_next_days=None, audit_next_at=None)


def prune() -> None:
    pruning.prune.enqueue()
    assert run_jobs() == ["registration.prune"]


def chief(org: Org, *granted: Role) -> Any:
    user = org.user("chief")
    people.change(user, {"roles": [role.value for role in granted]}, actor="tests")
    return proved(org, user, give_app(user))


@pytest.mark.parametrize("first", [7, 30, 365])
def test_no_day_is_lost_that_was_not_announced_a_week_before(first: int) -> None:
    """In whatever order longer and shorter times are wished, with whatever time between."""
    assert timedelta(days=7) == GRACE
    wishes = list(itertools.product([7, 30, 90, 365], [0, 3, 5, 7]))
    for chosen in itertools.product(wishes, repeat=3):
        keeping, now, announced = Keeping(first), NOW, list[tuple[datetime, int]]()
        for wanted, later in chosen:
            now += timedelta(days=later)
            before, keeping = keeping, retention.after(keeping, wanted, now)
            if keeping.days < before.days:
                assert any(at <= now - GRACE and days <= keeping.days for at, days in announced)
            assert keeping.days >= min(wanted, before.days)
            assert keeping.is_announced == (wanted < keeping.days)
            if keeping.next_days is not None:
                announced.append((now, keeping.next_days))


def test_what_is_too_old_goes_and_how_much_is_written_down(contoso: Org, fabrikam: Org) -> None:
    with entered(fabrikam.row):
        happened("signed_in", "adele@fabrikam.example", ago=timedelta(days=99), times=2)
    with entered(contoso.row):
        kept(30)
        happened("signed_in", "adele@contoso.example", ago=timedelta(days=30, minutes=1), times=3)
        happened("signed_in", "adele@contoso.example", ago=timedelta(days=30, minutes=-1), times=2)
        prune()
        assert AuditEvent.objects.filter(activity="signed_in").count() == 2
        event = AuditEvent.objects.get(activity="audit_pruned")
        assert (event.actor, event.data["events"], event.data["kept_days"]) == ("system", 3, 30)
    with entered(fabrikam.row):
        assert AuditEvent.objects.filter(activity="signed_in").count() == 2


def test_many_go_in_several_transactions(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "BATCH", 4)
    kept(30)
    happened("signed_in", ago=timedelta(days=31), times=9)
    prune()
    events = AuditEvent.objects.filter(activity="audit_pruned").order_by("at")
    assert [event.data["events"] for event in events] == [4, 4, 1]
    assert not AuditEvent.objects.filter(activity="signed_in").exists()
    prune()
    assert events.count() == 3  # where nothing goes, nothing is written


def test_a_lower_edition_deletes_nothing_for_a_week(contoso: Org) -> None:
    kept(30)
    happened("signed_in", ago=timedelta(days=20))
    subscribing.assign(contoso.row, edition="free", actor="tests")
    hosts.forget()
    prune()
    assert AuditEvent.objects.filter(activity="signed_in").exists()
    event = AuditEvent.objects.get(activity="audit_retention_changed")
    assert (event.data["next_days"], event.data["kept_days"]) == (7, {"before": 30, "after": 30})
    Policy.objects.update(audit_next_at=timezone.now())
    prune()
    assert not AuditEvent.objects.filter(activity="signed_in").exists()
    assert Policy.objects.get().keeping == Keeping(7)


def test_what_is_renewed_within_the_week_has_lost_nothing(contoso: Org) -> None:
    kept(30)
    happened("signed_in", ago=timedelta(days=20))
    subscribing.assign(contoso.row, edition="free", actor="tests")
    hosts.forget()
    prune()
    subscribing.assign(contoso.row, edition="p1", actor="tests")
    hosts.forget()
    Policy.objects.update(audit_next_at=timezone.now())  # even a moment after the week
    prune()
    assert AuditEvent.objects.filter(activity="signed_in").exists()
    assert Policy.objects.get().keeping == Keeping(30)


def test_a_shorter_time_is_announced_when_it_is_saved(contoso: Org) -> None:
    kept(30)
    configuring.configure({"audit_days": 7}, actor="tests")
    found = Policy.objects.get().keeping
    assert (found.days, found.next_days) == (30, 7)
    assert found.next_at is not None
    assert GRACE - timedelta(minutes=1) < found.next_at - timezone.now() <= GRACE
    configuring.configure({"audit_days": 365}, actor="tests")
    assert Policy.objects.get().keeping == Keeping(365)


@pytest.mark.parametrize("days", [0, 6, 366])
def test_the_flow_has_limits(contoso: Org, days: int) -> None:
    with pytest.raises(ValidationError):
        configuring.configure({"audit_days": days}, actor="tests")


def test_more_than_the_edition_allows_is_not_kept(fabrikam: Org) -> None:
    configuring.configure({"audit_days": 365}, actor="tests")
    assert Policy.objects.get().keeping == Keeping(7)


def test_the_page_saves_and_says_what_goes_when(contoso: Org) -> None:
    kept(30)
    happened("signed_in", ago=timedelta(days=10), times=3)
    browser = chief(contoso, Role.GLOBAL_ADMINISTRATOR)
    page = browser.get(PAGE, follow=True)
    assert "Events are kept for 30 days." in page.content.decode()
    where = page.redirect_chain[-1][0]
    assert browser.post(where, {"audit_days": "14"}).status_code == 302
    said = browser.get(where).content.decode()
    day = timezone.now() + GRACE
    assert f"From {day:%b}. {day.day}, {day.year} on, only 14 days are kept: 3 events" in said
    assert (
        "only 14 days are kept: 3 events" in browser.get("/admin/registration/auditevent/").content.decode()
    )
    event = AuditEvent.objects.get(activity="policy_changed", actor="chief@contoso.example")
    assert event.data == {"audit_days": {"before": None, "after": 14}}
    refused = browser.post(where, {"audit_days": "366"})
    assert refused.context["adminform"].form.errors == {
        "audit_days": ["Enter 7 to 365 days, or leave it empty."]
    }
    assert Policy.objects.get().audit_days == 14


def test_free_keeps_what_it_keeps(fabrikam: Org) -> None:
    browser = chief(fabrikam, Role.GLOBAL_ADMINISTRATOR)
    where = f"{PAGE}{Policy.objects.get().pk}/change/"
    page = browser.get(where)
    assert page.context["adminform"].form.fields["audit_days"].disabled
    assert "edition keeps events for 7 days" in page.content.decode()
    browser.post(where, {"audit_days": "365"})
    assert Policy.objects.get().audit_days is None


@pytest.mark.parametrize(("role", "status"), [(Role.REPORTS_READER, 200), (Role.HELPDESK_ADMINISTRATOR, 403)])
def test_who_may_only_look_changes_nothing(contoso: Org, role: Role, status: int) -> None:
    browser = chief(contoso, role)
    where = f"{PAGE}{Policy.objects.get().pk}/change/"
    assert browser.get(where).status_code == status
    assert browser.post(where, {"audit_days": "7"}).status_code == 403
    assert Policy.objects.get().audit_days is None


def test_nothing_but_age_deletes_or_changes_an_event() -> None:
    """One statement deletes events, and none changes one: by the models' names, and by the table's."""
    by_table, by_model = set(), set()
    for file, text in _sources():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Constant) and "registration_auditevent" in str(node.value):
                by_table |= {file} if " " in str(node.value).strip() else set()
            if isinstance(node, ast.Attribute) and node.attr in {"delete", "update", "bulk_update", "save"}:
                by_model |= {file} if _root(node) in {"AuditEvent", "Usage"} else set()
    assert by_table == {"registration/audit.py"}
    assert by_model == set()


def _sources() -> Iterator[tuple[str, str]]:
    """Return the files of the rooms that name the table or its models."""
    root = Path(settings.BASE_DIR)
    for path in (
        file
        for room in ("tenants", "licensing", "registration", "resets")
        for file in (root / room).rglob("*.py")
    ):
        text = path.read_text(encoding="utf-8")
        if "migrations" not in path.parts and re.search("AuditEvent|Usage|registration_auditevent", text):
            yield str(path.relative_to(root)), text


def _root(node: ast.AST) -> str:
    """Return the name with which a chain of attributes and calls begins."""
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else ""
