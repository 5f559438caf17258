"""The desks: nothing on the console, and of what axe finds only what the skin is known to do, a list that only shrinks."""

import io
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from registration.importing import flow as importing
from registration.models import PhoneMessage
from registration.origin import NOWHERE
from resets.writeback.models import Job
from tenants import glances, naming
from tenants.models import Baseline, BaselineUse, Creation, Organization, Rollout, RolloutLine, Visit
from tests.browser.looks import axe, keep
from tests.browser.sites import Desktop, administrator
from tests.building import KEY, Org, give_app, give_email, run_jobs
from tests.resets.writeback.speaking import domain_of, enrolled

#: A page, and the link in its list that is followed first, if any: by its name, or the first that there is.
ORGANIZATION = {
    "start": ("", ""),
    "properties": ("registration/properties/", ""),
    "methods": ("registration/authenticationmethods/", ""),
    "registration": ("registration/registration/", ""),
    "notifications": ("registration/notifications/", ""),
    "on-premises": ("registration/onpremises/", ""),
    "domains": ("writeback/onpremisesdomain/", ""),
    "domain-new": ("writeback/onpremisesdomain/add/", ""),
    "domain": ("writeback/onpremisesdomain/", "first"),
    "directory-jobs": ("writeback/job/", ""),
    "directory-job": ("writeback/job/", "first"),
    "customization": ("registration/customization/", ""),
    "administrators": ("registration/administratorpolicy/", ""),
    "licence": ("registration/licence/", ""),
    "protection": ("registration/passwordprotection/", ""),
    "questions": ("registration/securityquestions/", ""),
    "telephony": ("registration/telephony/", ""),
    "messages": ("registration/phonemessage/", ""),
    "message": ("registration/phonemessage/", "first"),
    "branding": ("branding/brand/", ""),
    "texts": ("branding/brandtext/", ""),
    "text": ("branding/brandtext/", "Sign-in page, below the form"),
    "people": ("registration/user/", ""),
    "people-export": ("registration/user/export/", ""),
    "imports": ("registration/peopleimport/", ""),
    "import-new": ("registration/peopleimport/add/", ""),
    "import": ("registration/peopleimport/", "first"),
    "person-new": ("registration/user/add/", ""),
    "person": ("registration/user/", "adele@contoso.example"),
    "roles": ("registration/user/roles/", ""),
    "groups": ("registration/group/", ""),
    "group": ("registration/group/", "Pilot"),
    "security-info": ("registration/device/", ""),
    "resets": ("resets/reset/", ""),
    "audit": ("registration/auditevent/", ""),
    "audit-event": ("registration/auditevent/", "first"),
    "audit-settings": ("registration/auditsettings/", ""),
    "usage": ("registration/usage/", ""),
    "usage-events": ("registration/usage/events/", ""),
    "usage-people": ("registration/usage/people/", ""),
}
PROVIDER = {
    "start": ("", ""),
    "telephony": ("registration/telephony/", ""),
    "organizations": ("tenants/organization/", ""),
    "organization": ("tenants/organization/", "Contoso"),
    "organization-new": ("tenants/organization/add/", ""),
    "organization-made": ("tenants/organization/made/{made}/", ""),
    "organization-suspend": ("tenants/organization/{contoso}/do/suspend/", ""),
    "organization-verify": ("tenants/organization/{contoso}/do/verify-name/?on={name}", ""),
    "organization-invite": ("tenants/organization/{contoso}/do/invite/", ""),
    "operators": ("tenants/organization/operators/", ""),
    "hosts": ("tenants/domain/", ""),
    "sign-in-names": ("tenants/signinname/", ""),
    "subscriptions": ("licensing/subscription/", ""),
    "subscription-new": ("licensing/subscription/add/", ""),
    "subscription": ("licensing/subscription/", "Contoso"),
    "journal": ("tenants/journalentry/", ""),
    "baselines": ("tenants/baseline/", ""),
    "baseline-new": ("tenants/baseline/add/", ""),
    "baseline-board": ("tenants/baselineboard/", ""),
    "baseline-board-one": ("tenants/baselineboard/", "Contoso"),
    "baseline-reports": ("tenants/rollout/", ""),
    "baseline-report": ("tenants/rollout/", "first"),
    "visits": ("tenants/visit/", ""),
    "visit": ("tenants/visit/", "first"),
    "visit-new": ("tenants/visit/add/", ""),
    "journal-entry": ("tenants/journalentry/", "first"),
}
#: What axe finds on the desks, by page. An entry that no longer occurs fails the test: take it out.
KNOWN: dict[str, set[str]] = {}


@pytest.mark.parametrize(("schema", "pages"), [("contoso", ORGANIZATION), ("public", PROVIDER)])
def test_desk(
    desktop: Callable[..., Desktop], db: None, schema: str, pages: dict[str, tuple[str, str]]
) -> None:
    org = Org(schema)
    connection.set_tenant(org.row)  # type: ignore[attr-defined]
    give_app(org.user("chief"))
    give_email(org.user("adele"))
    _give_messages()
    _give_baseline()
    _give_import(org)
    if schema == "contoso":
        _give_domain(org)
    rows = _give_customers()
    one = administrator(desktop, schema, f"chief@{org.domain}", KEY)
    sidebar = one.page.locator("#nav-sidebar-apps a").evaluate_all(
        "(links) => links.map((it) => it.pathname)"
    )
    looked_at = {path for path, _link in (*ORGANIZATION.values(), *PROVIDER.values())}
    assert {path.removeprefix("/admin/") for path in sidebar} <= looked_at
    found: dict[str, set[str]] = {}
    for scheme in ("light", "dark"):
        one.page.emulate_media(color_scheme=scheme)
        for name, (path, link) in pages.items():
            one.open(f"/admin/{path.format(**rows)}")
            if link:
                listed = one.page.locator("#result_list tbody")
                named = listed.get_by_role("link", name=link, exact=True)
                (listed.locator("th a").first if link == "first" else named).click()
                one.page.wait_for_url("**/change/")
            if rules := {it.split()[0] for it in axe(one.page)["violations"]}:
                found.setdefault(f"{schema}-{name}", set()).update(rules)
            keep(one.page, f"desk-{schema}-{name}-{scheme}")
    assert found == {name: rules for name, rules in KNOWN.items() if name.startswith(schema)}


def _give_domain(org: Org) -> None:
    """Let an agent have been refused something in a domain."""
    domain = enrolled(org.schema, domain_of(org.schema)).row.domain
    now = timezone.now()
    moments = {"created_at": now, "expires_at": now, "finished_at": now}
    Job.objects.create(domain=domain, operation="reset", state="refused", code="access_denied", **moments)


def _give_import(org: Org) -> None:
    """Let a file of people have been checked, with something wrong in it."""
    text = b"sign-in name,name,salary\nnobody,Nobody,1\nadele@contoso.example,Adele V.,2\n"
    importing.take(io.BytesIO(text), actor=org.user("chief"), origin=NOWHERE)
    run_jobs()


def _give_customers() -> dict[str, object]:
    """Let the provider have looked at all, an organization have failed, and a name wait; return the ids in addresses."""
    contoso = Org("contoso").row
    name = naming.add_sign_in_name(contoso, "contoso.test", actor="kim")
    naming.add_host(contoso, "reset.contoso.test", actor="kim")
    made = Creation.objects.create(
        actor="kim",
        wanted={"name": "Northwind", "slug": "nw"},
        state="failed",
        step="host",
        field="host",
        problem="Taken.",
    )
    for organization in Organization.objects.all():
        glances.look.task.func(schema=organization.schema_name, organization=str(organization.pk))
    return {"contoso": contoso.pk, "name": name.pk, "made": made.pk}


def _give_messages() -> None:
    """Let a message have come as far as each can."""
    for state in PhoneMessage.State:
        PhoneMessage.objects.create(
            challenge=uuid4(),
            kind=PhoneMessage.Kind.SMS,
            country="DE",
            masked="+49 •••••••••78",
            carrier="twilio",
            state=state,
            reason="timeout",
            at=timezone.now(),
        )


def _give_baseline() -> None:
    """Let Contoso be below a baseline, a dry run have told of it, and an operator have visited."""
    contoso = Org("contoso").row
    asked = {"required": {"mode": "floor", "value": 2}, "notify_user": {"mode": "locked", "value": True}}
    row = Baseline.objects.create(name="Standard", settings=asked)
    below = {"required": {"value": 1, "mode": "floor", "asked": 2}}
    BaselineUse.objects.create(organization=contoso, baseline=row, below=below, looked_at=timezone.now())
    made = Rollout.objects.create(kind="dry", baseline=row, baseline_name="Standard", actor="chief@localhost")
    changes = {"required": {"before": 1, "after": 2}}
    known = {
        "organization": contoso,
        "schema": "contoso",
        "name": "Contoso",
        "able_before": 3,
        "able_after": 2,
    }
    RolloutLine.objects.create(rollout=made, state="changed", changes=changes, **known)
    Visit.objects.create(
        organization=contoso,
        operator=uuid4(),
        operator_name="chief@localhost",
        reason="INC-4711",
        minutes=60,
        ticket_until=timezone.now(),
        entered_at=timezone.now(),
        ends_at=timezone.now(),
    )
