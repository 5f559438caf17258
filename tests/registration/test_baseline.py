"""What a provider holds: only tighter below a floor, nothing else where it is locked; tried, applied and reported for many."""

import csv
import io
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registration import baselining, configuring, held_to, people
from registration.baseline import FIELDS, Mode, Rule
from registration.baseline_form import GROUPS
from registration.baselining import BaselineProblem
from registration.held_to import BelowBaseline
from registration.models import AuditEvent, Policy
from registration.roles import Role
from tenants import hosts, provisioning
from tenants.context import entered
from tenants.models import Baseline, BaselineUse, JournalEntry, Rollout
from tests.building import Browser, Org, give_app, give_email
from tests.registration.steps import proved

BOARD, REPORTS, LIST = "/admin/tenants/baselineboard/", "/admin/tenants/rollout/", "/admin/tenants/baseline/"
STRICT = {
    "required": Rule(Mode.FLOOR, 2),
    "notify_user": Rule(Mode.LOCKED, True),
    "reconfirm_days": Rule(Mode.FLOOR, 180),
    "history": Rule(Mode.DEFAULT, 5),
}


def baseline(name: str = "Strict", asked: Any = None, *, for_new: bool = False) -> Baseline:
    """Keep one at the provider."""
    with entered(Org("public").row):
        return baselining.save(None, name=name, asked=asked or STRICT, for_new=for_new, actor="tests")


def hold(org: Org, row: Baseline) -> None:
    """Hold an organization to it, as it stands."""
    BaselineUse.objects.create(organization=org.row, baseline=row)
    hosts.forget()


def operator(provider: Org, *granted: Role) -> Browser:
    """Return the browser of the provider's chief, at the desk."""
    with entered(provider.row):
        chief = provider.user("chief")
        if granted:
            people.change(chief, {"roles": [role.value for role in granted]}, actor="tests")
        return proved(provider, chief, give_app(chief))


def act(browser: Browser, action: str, *orgs: Org) -> Any:
    """Choose organizations on the board, and do something with them."""
    chosen = [str(org.row.pk) for org in orgs]
    return browser.post(BOARD, {"action": action, "_selected_action": chosen, "index": "0"})


def outcome(rollout: Rollout) -> dict[str, tuple[str, str]]:
    """Return what came of each organization, and why."""
    return {line.schema: (line.state, line.reason) for line in rollout.lines.all()}


def test_what_is_tighter_is_allowed_and_what_is_not_is_refused(contoso: Org) -> None:
    hold(contoso, baseline())
    configuring.configure({"required": 2, "reconfirm_days": 90, "history": 0}, actor="tests")
    for value in (0, 181):
        with pytest.raises(BelowBaseline) as refused:
            configuring.configure({"reconfirm_days": value}, actor="tests")
        assert [(one.field, one.rule.value) for one in refused.value.breaches] == [("reconfirm_days", 180)]
    with pytest.raises(BelowBaseline, match="Fixed by your provider: yes"):
        configuring.configure({"notify_user": False, "required": 1}, actor="tests")
    row = Policy.objects.get()
    assert (row.required, row.reconfirm_days, row.notify_user, row.history) == (2, 90, True, 0)


def test_what_was_below_before_stays_until_it_is_changed(contoso: Org) -> None:
    configuring.configure({"reconfirm_days": 365}, actor="tests")
    hold(contoso, baseline())
    configuring.configure({"history": 3, "reconfirm_days": 365}, actor="tests")
    assert Policy.objects.get().history == 3


def test_another_organization_is_not_held(contoso: Org, fabrikam: Org) -> None:
    hold(contoso, baseline())
    assert held_to.held() is None
    configuring.configure({"notify_user": False, "reconfirm_days": 0}, actor="tests")


def test_the_pages_show_what_is_fixed_and_refuse_what_is_below(contoso: Org) -> None:
    hold(contoso, baseline())
    with entered(contoso.row):
        browser = proved(contoso, contoso.user("chief"), give_app(contoso.user("chief")))
        configuring.configure({"required": 2, "require_registration": True}, actor="tests")
        give_email(contoso.user("chief"))
        pk = Policy.objects.get().pk
    pages = {
        name: f"/admin/registration/{name}/{pk}/change/"
        for name in ("authenticationmethods", "registration", "notifications")
    }
    shown = {name: browser.get(page) for name, page in pages.items()}
    assert shown["notifications"].context["adminform"].form.fields["notify_user"].disabled
    assert "Fixed by your provider: yes." in shown["notifications"].content.decode()
    assert "Your provider asks for 2 or more." in shown["authenticationmethods"].content.decode()
    assert "Your provider asks for at most 180 days, and not never." in shown["registration"].content.decode()
    methods = {"methods": ["app_code", "email"], "required": "1"}
    registration = {"require_registration": "on", "reconfirm_days": "365", "remind_days": "0"}
    assert errors(browser.post(pages["authenticationmethods"], methods)) == {"required": ["below_baseline"]}
    assert errors(browser.post(pages["registration"], registration)) == {"reconfirm_days": ["below_baseline"]}
    assert browser.post(pages["registration"], {**registration, "reconfirm_days": "90"}).status_code == 302
    assert errors(browser.post(pages["notifications"], {"notify_user": "false"})) == {
        "notify_user": ["setting_fixed"]
    }
    assert browser.post(pages["notifications"], {"notify_administrators": "on"}).status_code == 302
    with entered(contoso.row):
        row = Policy.objects.get()
        assert (row.required, row.reconfirm_days, row.notify_user) == (2, 90, True)


def errors(answer: Any) -> dict[str, list[str]]:
    """Return the codes of what a page refuses."""
    found = answer.context["adminform"].form.errors.as_data()
    return {field: [one.code for one in each] for field, each in found.items()}


def test_a_warm_page_costs_no_query_for_it(contoso: Org) -> None:
    hold(contoso, baseline())
    held_to.held()
    with CaptureQueriesContext(connection) as asked:
        assert set(held_to.fixed_by_provider()) == {"notify_user"}
        assert set(held_to.asked_by_provider()) == {"required", "reconfirm_days"}
    assert len(asked) == 0


def test_a_new_organization_begins_with_it(provider: Org) -> None:
    baseline(
        asked={
            **STRICT,
            "scope": Rule(Mode.DEFAULT, "all"),
            "methods": Rule(Mode.FLOOR, ["app_code", "email"]),
        },
        for_new=True,
    )
    made = provisioning.create("tailspin", name="Tailspin", sign_in_name="tailspin.example", actor="tests")
    with entered(made):
        row = Policy.objects.get()
        assert (row.scope, row.methods, row.required, row.history) == ("all", ["app_code", "email"], 2, 5)
        with pytest.raises(BelowBaseline):
            configuring.configure({"methods": ["app_code", "email", "questions"]}, actor="tests")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"notify_user": Rule(Mode.FLOOR, False)}, "notify_user"),
        ({"reconfirm_days": Rule(Mode.FLOOR, 0)}, "reconfirm_days"),
        ({"reconfirm_days": Rule(Mode.LOCKED, 800)}, "reconfirm_days"),
        ({"weak_alone_acknowledged": Rule(Mode.LOCKED, True)}, "weak_alone_acknowledged"),
        ({"scope": Rule(Mode.LOCKED, "all"), "methods": Rule(Mode.LOCKED, [])}, "methods"),
        ({"questions_to_answer": Rule(Mode.LOCKED, 5), "questions_to_register": Rule(Mode.LOCKED, 3)}, ""),
    ],
)
def test_a_baseline_that_nobody_could_be_held_to_is_not_kept(provider: Org, asked: Any, field: str) -> None:
    with pytest.raises(BaselineProblem) as refused:
        baseline(asked=asked)
    assert refused.value.field == field
    assert not Baseline.objects.exists()


def test_a_dry_run_changes_nothing_and_says_what_would(
    contoso: Org, fabrikam: Org, provider: Org, jobs: Callable[[], list[str]]
) -> None:
    row = baseline(asked={"required": Rule(Mode.FLOOR, 2)})
    with entered(contoso.row):
        give_app(contoso.user("adele"))
        give_email(contoso.user("adele"))
        give_email(contoso.user("bo"))
        AuditEvent.objects.all().delete()
    browser = operator(provider)
    answer = act(browser, f"try_{row.pk.hex}", contoso, fabrikam)
    made = Rollout.objects.get()
    assert answer.headers["location"] == f"{REPORTS}{made.pk}/change/"
    jobs()
    assert outcome(made) == {"contoso": ("changed", ""), "fabrikam": ("changed", "")}
    line = made.lines.get(schema="contoso")
    assert line.changes == {"required": {"before": 1, "after": 2}}
    assert (line.able_before, line.able_after) == (2, 1)  # bo has one method
    for org in (contoso, fabrikam):
        with entered(org.row):
            assert Policy.objects.get().required == 1
            assert not AuditEvent.objects.filter(actor__contains="(provider)").exists()
    assert not BaselineUse.objects.exists()


def test_what_was_tried_is_applied_to_each_by_a_job_and_reported(
    contoso: Org, fabrikam: Org, provider: Org, jobs: Callable[[], list[str]]
) -> None:
    row, browser = baseline(), operator(provider)
    act(browser, f"try_{row.pk.hex}", contoso, fabrikam)
    jobs()
    tried = Rollout.objects.get()
    answer = browser.post(f"{REPORTS}{tried.pk}/apply/")
    made = Rollout.objects.get(kind="apply")
    assert answer.headers["location"] == f"{REPORTS}{made.pk}/change/"
    jobs()
    assert outcome(made) == {"contoso": ("changed", ""), "fabrikam": ("changed", "")}
    with entered(contoso.row):
        assert Policy.objects.get().required == 2
        found = AuditEvent.objects.filter(actor__contains="(provider)")
        assert [(one.activity, one.actor, one.data) for one in found.order_by("activity")] == [
            (
                "baseline_applied",
                "chief@localhost (provider)",
                {"baseline": "Strict", "settings": ["required"]},
            ),
            ("policy_changed", "chief@localhost (provider)", {"required": {"before": 1, "after": 2}}),
        ]
    entry = JournalEntry.objects.get(event="baseline_applied", schema="contoso")
    assert (entry.actor, entry.data) == (
        "chief@localhost",
        {"baseline": "Strict", "changes": {"required": {"before": 1, "after": 2}}},
    )
    assert BaselineUse.objects.get(organization=contoso.row).below == {}
    baselining.do.work(line=str(made.lines.get(schema="fabrikam").pk))  # in the provider's: nothing
    with entered(fabrikam.row):
        before = AuditEvent.objects.count()
        baselining.do.work(line=str(made.lines.get(schema="fabrikam").pk))
        assert AuditEvent.objects.count() == before


def test_applied_again_nothing_changes(contoso: Org, provider: Org, jobs: Callable[[], list[str]]) -> None:
    row = baseline()
    for _time in range(2):
        with entered(provider.row):
            org = contoso.row
            made = baselining.roll_out(
                Rollout.Kind.APPLY, row, [(org.pk, "contoso", "Contoso")], actor="tests"
            )
        jobs()
    assert outcome(made) == {"contoso": ("unchanged", "")}
    assert JournalEntry.objects.filter(event="baseline_applied").count() == 1


def test_who_cannot_be_held_is_refused_with_a_reason_and_the_others_go_on(
    contoso: Org, fabrikam: Org, provider: Org, jobs: Callable[[], list[str]]
) -> None:
    row = baseline(asked={"methods": Rule(Mode.FLOOR, ["email"]), "required": Rule(Mode.FLOOR, 2)})
    with entered(fabrikam.row):
        configuring.configure({"scope": "none"}, actor="tests")
    with entered(provider.row):
        each = [(org.row.pk, org.schema, org.schema) for org in (contoso, fabrikam)]
        made = baselining.roll_out(Rollout.Kind.APPLY, row, each, actor="tests")
    jobs()
    assert outcome(made) == {"contoso": ("refused", "not_enough_methods"), "fabrikam": ("changed", "")}
    with entered(contoso.row):
        assert Policy.objects.get().required == 1
        configuring.configure({"scope": "none"}, actor="tests")
    with entered(provider.row):
        assert baselining.again(made, actor="tests") == 1
    jobs()
    assert outcome(made) == {"contoso": ("changed", ""), "fabrikam": ("changed", "")}


def test_who_is_suspended_or_erased_meanwhile_is_reported(
    contoso: Org, fabrikam: Org, provider: Org, jobs: Callable[[], list[str]]
) -> None:
    row, browser = baseline(), operator(provider)
    act(browser, f"try_{row.pk.hex}", contoso, fabrikam)
    provisioning.suspend(contoso.row, actor="tests")
    provisioning.erase(fabrikam.row, actor="tests")
    jobs()
    made = Rollout.objects.get()
    assert outcome(made) == {"contoso": ("refused", "suspended"), "fabrikam": ("waiting", "")}
    rows = list(
        csv.reader(io.StringIO(_text(browser.get(f"{REPORTS}{made.pk}/csv/")).removeprefix("\ufeff")))
    )
    assert [(name, result, reason) for name, result, *_rest, reason in rows[1:]] == [
        ("Contoso", "would be refused", "It is suspended: resume it, and try again."),
        ("Fabrikam", "gone", "It was erased meanwhile."),
    ]
    assert "1 would be refused, 1 gone" in browser.get(f"{REPORTS}{made.pk}/change/").content.decode()


def test_what_is_changed_after_the_dry_run_is_tried_anew(
    contoso: Org, provider: Org, jobs: Callable[[], list[str]]
) -> None:
    row, browser = baseline(), operator(provider)
    act(browser, f"try_{row.pk.hex}", contoso)
    jobs()
    with entered(provider.row):
        baselining.save(
            row, name="Strict", asked={"required": Rule(Mode.LOCKED, 2)}, for_new=False, actor="tests"
        )
    browser.post(f"{REPORTS}{Rollout.objects.get().pk}/apply/")
    assert Rollout.objects.count() == 1


def test_a_name_that_a_spreadsheet_would_run_is_quoted(contoso: Org, provider: Org) -> None:
    provisioning.rename(contoso.row, name="=1+1", actor="tests")
    row, browser = baseline(), operator(provider)
    act(browser, f"try_{row.pk.hex}", contoso)
    assert "'=1+1,waiting" in _text(browser.get(f"{REPORTS}{Rollout.objects.get().pk}/csv/"))


def test_the_board_shows_who_is_below_as_of_when_they_were_looked_at(
    contoso: Org, fabrikam: Org, provider: Org, jobs: Callable[[], list[str]]
) -> None:
    row, browser = baseline(), operator(provider)
    for org in (contoso, fabrikam):
        hold(org, row)
    with entered(fabrikam.row):
        configuring.configure({"required": 2}, actor="tests")  # it is looked at by this
    jobs()
    shown = browser.get(f"{BOARD}?standing=holds").content.decode()
    assert "Fabrikam" in shown and "Contoso" not in shown
    act(browser, "look", contoso, fabrikam)
    jobs()
    assert BaselineUse.objects.get(organization=contoso.row).below == {
        "required": {"value": 1, "mode": "floor", "asked": 2}
    }
    for query in ("standing=below", "setting=required", f"baseline={row.pk}&standing=below", "q=conto"):
        shown = browser.get(f"{BOARD}?{query}").content.decode()
        assert "Contoso" in shown and "Fabrikam" not in shown, query
    details = browser.get(f"{BOARD}{contoso.row.pk}/change/").content.decode()
    assert "number of methods required to reset" in details.lower() and "At least: 2" in details


def test_the_board_asks_no_query_for_a_row(contoso: Org, fabrikam: Org, provider: Org) -> None:
    row, browser = baseline(), operator(provider)
    counts = []
    for orgs in ((), (contoso,), (fabrikam,)):
        for org in orgs:
            hold(org, row)
        browser.get(BOARD)
        with CaptureQueriesContext(connection) as asked:
            browser.get(BOARD)
        counts.append(len(asked))
    assert counts[0] == counts[1] == counts[2]


def test_released_it_may_do_as_it_likes(contoso: Org, provider: Org, jobs: Callable[[], list[str]]) -> None:
    hold(contoso, baseline())
    act(operator(provider), "release", contoso)
    jobs()
    with entered(contoso.row):
        configuring.configure({"notify_user": False}, actor="tests")
        event = AuditEvent.objects.get(activity="baseline_released")
        assert (event.actor, event.data) == ("chief@localhost (provider)", {"baseline": "Strict"})


def test_who_only_supports_sees_and_steers_nothing(contoso: Org, provider: Org) -> None:
    row, browser = baseline(), operator(provider, Role.SUPPORT)
    with entered(provider.row):
        made = baselining.roll_out(
            Rollout.Kind.DRY, row, [(contoso.row.pk, "contoso", "Contoso")], actor="tests"
        )
    assert [browser.get(page).status_code for page in (LIST, BOARD, REPORTS)] == [200, 200, 200]
    act(browser, f"try_{row.pk.hex}", contoso)
    assert browser.get(f"{LIST}add/").status_code == 403
    assert browser.post(f"{LIST}{row.pk}/change/", {"name": "Mine"}).status_code == 403
    assert browser.post(f"{REPORTS}{made.pk}/apply/").status_code == 403
    assert browser.post(f"{REPORTS}{made.pk}/again/").status_code == 403
    assert Rollout.objects.count() == 1
    assert Baseline.objects.get().name == "Strict"


def test_a_baseline_is_made_and_changed_on_its_page(contoso: Org, provider: Org) -> None:
    browser = operator(provider)
    empty = browser.get(f"{LIST}add/").context["adminform"].form
    sent = {name: value for name, value in empty.initial.items() if value is not None}
    sent |= {"name": "Standard", "mode_required": "floor", "value_required": "2", "mode_methods": "floor"}
    refused = browser.post(f"{LIST}add/", {**sent, "mode_notify_user": "floor", "value_notify_user": "no"})
    assert set(refused.context["adminform"].form.errors) == {"value_methods", "value_notify_user"}
    sent |= {
        "value_methods": ["app_code", "email"],
        "mode_banned_words": "floor",
        "value_banned_words": "Contoso\nfourth",
    }
    assert browser.post(f"{LIST}add/", sent).status_code == 302
    row = Baseline.objects.get()
    assert row.settings == {
        "required": {"mode": "floor", "value": 2},
        "methods": {"mode": "floor", "value": ["app_code", "email"]},
        "banned_words": {"mode": "floor", "value": ["contoso", "fourth"]},
    }
    assert (
        browser.get(f"{LIST}{row.pk}/change/").context["adminform"].form.initial["mode_required"] == "floor"
    )
    entry = JournalEntry.objects.get(event="baseline_added")
    assert (entry.actor, entry.data["after"]["name"]) == ("chief@localhost", "Standard")
    hold(contoso, row)
    assert browser.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_no_organization_opens_these_pages(contoso: Org) -> None:
    row = baseline()
    with entered(contoso.row):
        browser = proved(contoso, contoso.user("chief"), give_app(contoso.user("chief")))
    assert {browser.get(page).status_code for page in (LIST, BOARD, REPORTS, f"{LIST}{row.pk}/change/")} == {
        404
    }


def _text(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


#: What no baseline holds, each with the reason.
NOT_HELD = {
    "provider_may_enter": "the organization's own say over the provider",
}


def test_every_setting_of_the_policy_can_be_held() -> None:
    assert set(configuring.FIELDS) - set(FIELDS) == set(NOT_HELD)
    assert {field for fields in GROUPS.values() for field in fields} == set(FIELDS)


@pytest.mark.parametrize(("days", "allowed"), [(None, False), (30, False), (90, True), (365, True)])
def test_how_long_events_are_kept_has_a_floor(contoso: Org, days: int | None, allowed: bool) -> None:
    hold(contoso, baseline(asked={"audit_days": Rule(Mode.FLOOR, 90)}))
    configuring.configure({"audit_days": 120}, actor="tests")
    with nullcontext() if allowed else pytest.raises(BelowBaseline, match="90 days or more"):
        configuring.configure({"audit_days": days}, actor="tests")
    assert (Policy.objects.get().audit_days == days) is allowed


def test_the_page_of_the_audit_log_refuses_what_is_below_at_its_field(contoso: Org) -> None:
    configuring.configure({"audit_days": 120}, actor="tests")
    hold(contoso, baseline(asked={"audit_days": Rule(Mode.FLOOR, 90)}))
    chief = contoso.user("chief")
    browser = proved(contoso, chief, give_app(chief))
    address = "/admin/registration/auditsettings/"
    page = browser.get(address, follow=True)
    assert "Your provider asks for 90 days or more." in page.content.decode()
    refused = browser.post(page.redirect_chain[-1][0], {"audit_days": "30"})
    assert errors(refused) == {"audit_days": ["below_baseline"]}
    assert Policy.objects.get().audit_days == 120
