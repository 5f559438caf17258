"""An administrator adds a domain and an agent, and sees how it is; the provider sees it too."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from registration import configuring
from resets.writeback import accounts
from resets.writeback.models import Agent, Job, OnPremisesDomain
from tenants import glances
from tenants.context import entered
from tests.browser.looks import NARROW, axe, keep
from tests.browser.sites import Desktop, administrator
from tests.building import KEY, Org, give_app
from tests.resets.writeback.speaking import BEAT, Speaker

Open = Callable[..., Desktop]
BAD = [
    {"check": "tls", "ok": True, "detail": ""},
    {"check": "rights", "ok": False, "detail": "OU=People,DC=corp,DC=contoso,DC=example: lockoutTime"},
]


def test_a_domain_from_its_adding_to_its_first_agent(desktop: Open, contoso: Org) -> None:
    give_app(contoso.user("chief"))
    one = administrator(desktop, "contoso", "chief@contoso.example", KEY)
    one.open("/admin/writeback/onpremisesdomain/")
    _look(one, "on-premises-none")
    one.open("/admin/writeback/onpremisesdomain/add/")
    _look(one, "on-premises-add")
    one.page.locator("#id_name").fill("corp.contoso.example")
    one.page.get_by_label("cloud sync", exact=True).check()
    one.press("Save")
    one.page.get_by_role("link", name="corp.contoso.example").first.click()
    expect(one.page.get_by_role("heading", name="Agents", exact=True)).to_be_visible()
    _look(one, "on-premises-new")
    one.press("Add an agent").press("Add an agent")
    code = one.page.locator(".person-code").inner_text()
    _look(one, "on-premises-code")
    speaker = Speaker("contoso")
    speaker.enrol(code)
    speaker.told("heartbeat", {**BEAT, "checks": BAD})
    _live(contoso, speaker)
    one.press("Back to the domain")
    expect(one.page.get_by_text("Something to mend")).to_be_visible()
    _look(one, "on-premises-domain")
    one.press("Remove the domain")
    expect(one.page.get_by_text("1 person has an account in it.")).to_be_visible()
    _look(one, "on-premises-remove")
    for path, name in (
        ("writeback/onpremisesdomain/", "list"),
        ("writeback/job/", "jobs"),
        ("registration/onpremises/", "switches"),
        (f"registration/user/?domain={speaker.row.domain_id}", "people"),
    ):
        one.open(f"/admin/{path}")
        _look(one, f"on-premises-{name}")
    one.open(f"/admin/registration/user/{contoso.user('adele').pk}/change/")
    expect(one.page.get_by_text("Numbers that nobody has proved")).to_be_visible()
    _look(one, "on-premises-person")


def test_the_provider_sees_it(desktop: Open, contoso: Org, provider: Org) -> None:
    with entered(contoso.row):
        domain = OnPremisesDomain.objects.create(name="corp.contoso.example", deployment="cloud_sync")
        now = timezone.now()
        for name, seen in (("dc1", now), ("dc2", now - timedelta(hours=1))):
            health = {"latency_ms": 31, "reachable": True}
            Agent.objects.create(
                domain=domain, name=name, version="0.1.0", enrolled_at=now, seen_at=seen, health=health
            )
        Job.objects.create(
            domain=domain, operation="reset", state="refused", code="protected_account",
            created_at=now, expires_at=now, finished_at=now,
        )  # fmt: skip
        glances.look.work(organization=str(contoso.row.pk))
    give_app(provider.user("chief"))
    one = administrator(desktop, "public", "chief@localhost", KEY)
    one.open(f"/admin/tenants/organization/{contoso.row.pk}/change/")
    expect(one.page.get_by_role("region", name="Agents of corp.contoso.example")).to_contain_text("dc2")
    _look(one, "on-premises-provider")


def _live(contoso: Org, speaker: Speaker) -> None:
    """Let adele live in the domain, with a job that was refused and one whose outcome nobody knows."""
    configuring.configure({"write_back": True}, actor="tests")
    contact = {"mobile": "+49 170 1234567"}
    account = accounts.tie(
        contoso.user("adele"), speaker.row.domain, "guid", actor="tests",
        place="OU=People,DC=corp,DC=contoso,DC=example", facts={"locked": True}, contact=contact,
    )  # fmt: skip
    now = timezone.now()
    for state, code in (("refused", "access_denied"), ("unknown", "late/done")):
        Job.objects.create(
            domain=speaker.row.domain, account=account, operation="reset", state=state, code=code, agent=speaker.row,
            attempt=1, created_at=now - timedelta(seconds=1), expires_at=now, finished_at=now,
        )  # fmt: skip


def _look(one: Desktop, name: str) -> None:
    """Look at it in both schemes, and whether it fits a narrow phone, from left and from right."""
    wide = one.page.viewport_size
    for scheme in ("dark", "light"):
        one.page.emulate_media(color_scheme=scheme)
        assert axe(one.page)["violations"] == [], (name, scheme)
        keep(one.page, f"{name}-{scheme}")
    one.page.set_viewport_size(NARROW)  # type: ignore[arg-type]  # a typed dict of its own
    for direction in ("rtl", "ltr"):
        one.page.evaluate("(way) => { document.documentElement.dir = way; }", direction)
        keep(one.page, f"{name}-{direction}")
        wider = one.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wider <= 0, (name, direction, wider)
    one.page.set_viewport_size(wide)  # type: ignore[arg-type]  # it has one
