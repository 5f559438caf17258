"""The desk's pages of on-premises domains: adding, agents by a code shown once, what is done to them, jobs, people."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from licensing import subscribing
from registration import configuring, people, standing
from registration.fixed import fixed
from registration.models import AuditEvent, User
from registration.roles import TABLE, VISITS, Role, Visiting
from resets.writeback import accounts, agents, domains
from resets.writeback.models import Account, Agent, Job, OnPremisesDomain
from tenants import hosts
from tests.building import Browser, Org, browser_of, give_app
from tests.registration.steps import proved
from tests.resets.writeback.portal import Hybrid
from tests.resets.writeback.speaking import BEAT, Speaker, domain_of, enrolled

LIST = "/admin/writeback/onpremisesdomain/"


def desk(org: Org, name: str = "chief") -> Browser:
    """Return an administrator's browser at the desk."""
    user = org.user(name)
    return proved(org, user, give_app(user))


def page_of(domain: OnPremisesDomain, what: str = "") -> str:
    """Return the address of a domain's page, or of an act on it."""
    return f"{LIST}{domain.pk}/do/{what}/" if what else f"{LIST}{domain.pk}/change/"


def test_adding_compares_the_two_deployments(contoso: Org) -> None:
    browser = desk(contoso)
    page = browser.get(f"{LIST}add/").content.decode()
    assert "Connect and cloud sync compared" in page and "Another takes over within seconds" in page
    assert (
        browser.post(f"{LIST}add/", {"name": "Corp.Contoso.Example.", "deployment": "cloud_sync"}).status_code
        == 302
    )
    domain = OnPremisesDomain.objects.get()
    assert (domain.name, domain.deployment) == ("corp.contoso.example", "cloud_sync")
    again = browser.post(f"{LIST}add/", {"name": "corp.contoso.example", "deployment": "connect"})
    assert "name" in again.context["adminform"].form.errors
    bad = browser.post(f"{LIST}add/", {"name": "not a name", "deployment": "connect"})
    assert bad.context["adminform"].form.errors.as_data()["name"][0].code == "domain_malformed"
    assert AuditEvent.objects.filter(activity="on_premises_domain_added").count() == 1


def test_a_code_is_shown_once_and_enrols(contoso: Org) -> None:
    browser, domain = desk(contoso), domain_of("contoso")
    assert (
        "Whoever has the code becomes an agent" in browser.get(page_of(domain, "add-agent")).content.decode()
    )
    page = browser.post(page_of(domain, "add-agent"))
    code = page.context["code"]
    assert "nav-sidebar" in page.content.decode() and "no-store" in page["Cache-Control"]
    assert "rekey-agent enrol --code" in page.content.decode() and code in page.content.decode()
    assert code not in browser.get(page_of(domain)).content.decode()
    assert Agent.objects.get().code_digest and code[:4] not in Agent.objects.get().code_digest
    Speaker("contoso").enrol(code)
    refused = browser.post(page_of(domain, "add-agent"), follow=True)
    assert "Connect has one agent" in refused.content.decode()


def test_the_page_of_a_domain_says_how_it_is_with_remedies(hybrid: Hybrid, contoso: Org) -> None:
    browser, domain = desk(contoso), hybrid.speaker.row.domain
    hybrid.at_password().post(
        "/reset/password/", {"new_password": "Quite-Another-9", "confirm": "Quite-Another-9"}
    )
    hybrid.answered("refused", "access_denied")
    checks = [{"check": "rights", "ok": False, "detail": "OU=People: may not write lockoutTime"}]
    hybrid.speaker.told("heartbeat", {**BEAT, "checks": checks, "capabilities": {"history_on_reset": False}})
    page = browser.get(page_of(domain)).content.decode()
    for words in (
        "Something to mend",
        "may not write lockoutTime",
        "Delegate the rights",
        "does not check former passwords",
        "33004",
        "dc1",
        "12 ms",
    ):
        assert words in page, words
    jobs = browser.get("/admin/writeback/job/").content.decode()
    assert "adele@contoso.example" in jobs and "33004" in jobs
    assert "OU=People,DC=corp" in page


def test_each_act(hybrid: Hybrid, contoso: Org) -> None:
    browser, domain, agent = desk(contoso), hybrid.speaker.row.domain, hybrid.speaker.row
    browser.post(page_of(domain, "bring"))
    browser.post(page_of(domain, "roll"), {"agent": str(agent.pk)})
    told = hybrid.speaker.told("heartbeat", BEAT)
    assert (told["bring"], told["roll"]) == (True, True)
    browser.post(page_of(domain, "deployment"))
    domain.refresh_from_db()
    assert domain.deployment == "cloud_sync"
    assert browser.post(page_of(domain, "let-go")).status_code == 404
    browser.post(page_of(domain, "revoke"), {"agent": str(agent.pk)})
    assert hybrid.speaker.ask("claim").status_code == 403
    assert browser.post(page_of(domain, "revoke"), {"agent": str(agent.pk)}).status_code == 404
    page = browser.get(page_of(domain, "remove")).content.decode()
    assert "1 person has an account in it." in page
    again = browser.post(page_of(domain, "remove")).content.decode()
    assert "Tick the box" in again and OnPremisesDomain.objects.count() == 1
    browser.post(page_of(domain, "remove"), {"confirm": "on"})
    assert OnPremisesDomain.objects.count() == 0
    assert contoso.user("adele").source == "cloud"
    activities = set(AuditEvent.objects.values_list("activity", flat=True))
    assert {"on_premises_domain_changed", "agent_revoked", "on_premises_domain_removed"} <= activities


def test_who_may_not_sees_and_does_nothing(hybrid: Hybrid, contoso: Org) -> None:
    domain = hybrid.speaker.row.domain
    people.change(contoso.user("bo"), {"roles": [Role.HELPDESK_ADMINISTRATOR]}, actor="tests")
    helper = desk(contoso, "bo")
    assert helper.get(page_of(domain)).status_code == 200
    assert "Add an agent" not in helper.get(page_of(domain)).content.decode()
    assert helper.post(page_of(domain, "add-agent")).status_code == 403
    assert helper.post(page_of(domain)).status_code == 403
    assert browser_of("contoso").get(page_of(domain)).status_code == 302


def test_an_edition_without_it_says_so(fabrikam: Org) -> None:
    browser = desk(fabrikam)
    assert "edition does not include this" in browser.get(LIST).content.decode()
    assert browser.get(f"{LIST}add/").status_code == 403
    subscribing.assign(fabrikam.row, edition="p1", actor="tests")
    hosts.forget()
    assert browser.get(f"{LIST}add/").status_code == 200


def test_the_switches(contoso: Org) -> None:
    browser = desk(contoso)
    page = browser.get("/admin/registration/onpremises/", follow=True)
    address = page.request["PATH_INFO"]
    assert page.context["adminform"].form.fields["unlock_without_reset"].disabled
    browser.post(address, {"write_back": "on"})
    browser.post(address, {"write_back": "on", "unlock_without_reset": "on"})
    assert standing.policy_row().write_back and standing.policy_row().unlock_without_reset


def test_the_list_costs_the_same_however_many_there_are(contoso: Org) -> None:
    browser = desk(contoso)
    counts = []
    for number in range(2):
        for each in range(number * 3 + 1):
            enrolled("contoso", domain_of("contoso", f"d{number}-{each}.contoso.example"))
        browser.get(LIST)
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(LIST).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_people_are_found_by_their_domain_and_their_page_says_where_they_live(
    hybrid: Hybrid, contoso: Org
) -> None:
    Account.objects.update(place="OU=People,DC=corp", facts={"locked": True}, contact={"mobile": "+49 170 1"})
    browser, domain = desk(contoso), hybrid.speaker.row.domain
    for value, found in (
        (str(domain.pk), ["adele"]),
        ("any", ["adele"]),
        ("cloud", ["bo", "chief"]),
        ("gone", []),
        ("x", []),
    ):
        listed = browser.get(f"/admin/registration/user/?domain={value}").context["cl"].result_list
        names = sorted(user.sign_in_name.partition("@")[0] for user in listed)
        assert names == found, value
    Account.objects.update(gone_at=timezone.now())
    assert browser.get("/admin/registration/user/?domain=gone").context["cl"].result_count == 1
    page = browser.get(f"/admin/registration/user/{hybrid.user.pk}/change/").content.decode()
    for words in (
        "Account in a directory",
        "OU=People,DC=corp",
        "locked out",
        "+49 170 1",
        "Numbers that nobody has proved",
    ):
        assert words in page, words


def test_a_name_that_both_have_is_tied_by_an_administrator(contoso: Org) -> None:
    speaker = enrolled("contoso", domain_of("contoso"))
    said = {"guid": "guid-bo", "sign_in_name": "bo@contoso.example", "name": "Bo"}
    speaker.told(
        "people", {"run": "r", "first": True, "kind": "full", "rows": [said], "position": {}, "last": True}
    )
    browser, bo = desk(contoso), contoso.user("bo")
    assert "People who were not brought" in browser.get(page_of(speaker.row.domain)).content.decode()
    address = f"/admin/registration/user/{bo.pk}/care/tie-to-directory/"
    page = browser.get(f"/admin/registration/user/{bo.pk}/change/").content.decode()
    assert "Tie to the account in the directory" in page
    found = [
        line.split('"')[0] for line in page.split('href="')[1:] if "tie-to-directory" in line.split('"')[0]
    ]
    browser.post(found[0] if found else address)
    account = accounts.of(User.objects.get(pk=bo.pk))
    assert account is not None and (account.guid, accounts.authentic(account)) == ("guid-bo", True)


def test_whoever_was_not_brought_is_told_with_the_reason(hybrid: Hybrid, contoso: Org) -> None:
    rows = [
        {"guid": "one", "sign_in_name": "", "name": "No Name Yet"},
        {"guid": "two", "sign_in_name": "not-a-name", "name": "Two"},
        {"guid": "three", "sign_in_name": "x@elsewhere.example", "name": "Three"},
        {"guid": "four", "sign_in_name": "four@contoso.example", "name": "Four"},
        {"guid": "four", "sign_in_name": "four@contoso.example", "name": "Four"},
    ]
    said = {"run": "r", "first": True, "kind": "delta", "rows": rows, "position": {}, "last": True}
    hybrid.speaker.told("people", said)
    page = desk(contoso).get(page_of(hybrid.speaker.row.domain)).content.decode()
    section = page.partition('id="conflicts"')[2]
    found = re.findall(r"<li><bdi>(.*?)</bdi> (.*?)</li>", section)
    assert found == [
        ("No Name Yet", "has no sign-in name in the directory"),
        ("not-a-name", "has a sign-in name that cannot be one"),
        ("x@elsewhere.example", "has a sign-in name that is not one of this organization&#x27;s"),
    ]


def test_people_that_do_not_come_are_something_to_mend(hybrid: Hybrid, contoso: Org) -> None:
    checks = [{"check": "people", "ok": False, "detail": "size_limit"}]
    hybrid.speaker.told("heartbeat", {**BEAT, "checks": checks})
    page = desk(contoso).get(page_of(hybrid.speaker.row.domain)).content.decode()
    assert "Something to mend" in page and "People come from it" in page
    assert "(<bdi>size_limit</bdi>)" in page and "no such limit" in page


def test_the_page_of_the_switches_lists_the_domains(hybrid: Hybrid, contoso: Org) -> None:
    other = domains.add("second.contoso.example", "cloud_sync", actor="tests")
    page = desk(contoso).get("/admin/registration/onpremises/", follow=True).content.decode()
    rows = page.partition('id="domains"')[2].split("<tr>")[2:]
    assert [("Working" in row, "Connect" in row, "<td>1</td>" in row) for row in rows] == [
        (True, True, True),
        (False, False, False),
    ]
    assert page_of(other) in rows[1] and "No agent yet" in rows[1] and "cloud sync" in rows[1]


@pytest.mark.parametrize("name", ["write_back", "unlock_without_reset"])
def test_what_is_not_included_cannot_be_switched_on(fabrikam: Org, name: str) -> None:
    assert name in fixed()
    configuring.configure({name: True}, actor="tests")  # by a command; it changes nothing without the edition


def test_a_cloud_organization_is_not_asked_where_its_people_live(contoso: Org) -> None:
    page = desk(contoso).get("/admin/registration/user/").content.decode()
    assert "on-premises domain" not in page.lower().partition("<main")[2]


def test_rules_are_said_in_times_that_people_know(hybrid: Hybrid, contoso: Org) -> None:
    rules = {
        "min_length": 12,
        "complexity": True,
        "history": 24,
        "min_age_seconds": 86400,
        "max_age_seconds": 42 * 86400,
    }
    fine = {**rules, "min_length": 20, "lockout_threshold": 3, "lockout_seconds": 1800}
    hybrid.speaker.told("heartbeat", {**BEAT, "policies": {"": rules, "CN=Admins,CN=PSC": fine}})
    page = desk(contoso).get(page_of(hybrid.speaker.row.domain)).content.decode()
    for words in ("1 day", "42 days", "30 minutes", "CN=Admins,CN=PSC", "<dd>20</dd>"):
        assert words in page, words


def test_a_code_that_was_not_used_in_time_says_so(contoso: Org) -> None:
    browser, domain = desk(contoso), domain_of("contoso")
    agents.prepare(domain, actor="tests")
    assert "Code not used yet" in browser.get(page_of(domain)).content.decode()
    Agent.objects.update(code_expires_at=timezone.now() - timedelta(seconds=1))
    assert "Code not used in time" in browser.get(page_of(domain)).content.decode()


def test_an_agent_of_which_nothing_is_heard_has_a_remedy(hybrid: Hybrid, contoso: Org) -> None:
    browser = desk(contoso)
    Agent.objects.update(seen_at=timezone.now() - timedelta(minutes=2))
    page = browser.get(page_of(hybrid.speaker.row.domain)).content.decode()
    assert "No agent is heard of" in page and "journalctl -u rekey-agent" in page
    hybrid.speaker.told("heartbeat", {**BEAT, "reachable": False, "code": "dc_tls"})
    page = browser.get(page_of(hybrid.speaker.row.domain)).content.decode()
    assert "Directory not reached" in page and "ca_file" in page and "valid_name" in page


def test_an_answer_that_came_too_late_is_told_to_administrators(hybrid: Hybrid, contoso: Org) -> None:
    Job.objects.create(
        domain=hybrid.speaker.row.domain, account=hybrid.account, operation="reset", state="unknown", code="late/done",
        created_at=timezone.now(), expires_at=timezone.now(), finished_at=timezone.now(),
    )  # fmt: skip
    page = desk(contoso).get("/admin/writeback/job/").content.decode()
    assert "Its agent said later: done" in page and "33001" in page


def test_jobs_are_found_by_their_domain_and_nobody_changes_them(hybrid: Hybrid, contoso: Org) -> None:
    browser, other = desk(contoso), domain_of("contoso", "other.contoso.example")
    for domain in (hybrid.speaker.row.domain, other, other):
        Job.objects.create(
            domain=domain, operation="unlock", state="refused", code="access_denied",
            created_at=timezone.now(), expires_at=timezone.now(), finished_at=timezone.now(),
        )  # fmt: skip
    page = browser.get(f"/admin/writeback/job/?domain={other.pk}")
    assert page.context["cl"].result_count == 2
    one = f"/admin/writeback/job/{Job.objects.filter(domain=other)[0].pk}/change/"
    assert "Delegate the rights" in browser.get(one).content.decode()
    assert browser.post(one, {"state": "done"}).status_code == 403
    assert browser.get("/admin/writeback/job/add/").status_code == 403


def test_the_same_name_a_moment_later_is_said_and_not_a_fault(
    contoso: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = desk(contoso)

    def taken(*_args: object, **_kwargs: object) -> None:
        raise domains.DomainProblem("name", "This domain is there already.")

    monkeypatch.setattr(domains, "add", taken)
    posted = {"name": "corp.contoso.example", "deployment": "connect"}
    page = browser.post(f"{LIST}add/", posted, follow=True)
    assert "This domain is there already." in page.content.decode()


def test_a_provider_who_visits_sees_domains_and_does_nothing_to_them() -> None:
    for visiting in (Visiting.LOOKING, Visiting.CHANGING):
        allowed = {action for action in VISITS[visiting] if action.startswith("writeback.")}
        assert allowed == {"writeback.view_onpremisesdomain", "writeback.view_job"}
    changes = [role for role, actions in TABLE.items() if "writeback.change_onpremisesdomain" in actions]
    assert changes == [Role.GLOBAL_ADMINISTRATOR, Role.OWNER]
