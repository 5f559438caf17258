"""The desks: nothing on the console, and of what axe finds only what the skin is known to do, a list that only shrinks."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from registration.models import PhoneMessage
from tests.browser.looks import axe, keep
from tests.browser.sites import Desktop, administrator
from tests.building import KEY, Org, give_app, give_email

#: A page, and the link in its list that is followed first, if any: by its name, or the first that there is.
ORGANIZATION = {
    "start": ("", ""),
    "policy": ("registration/policy/", ""),
    "protection": ("registration/passwordprotection/", ""),
    "questions": ("registration/securityquestions/", ""),
    "telephony": ("registration/telephony/", ""),
    "messages": ("registration/phonemessage/", ""),
    "message": ("registration/phonemessage/", "first"),
    "branding": ("branding/brand/", ""),
    "texts": ("branding/brandtext/", ""),
    "text": ("branding/brandtext/", "Sign-in page, below the form"),
    "people": ("registration/user/", ""),
    "person-new": ("registration/user/add/", ""),
    "person": ("registration/user/", "adele@contoso.example"),
    "roles": ("registration/user/roles/", ""),
    "groups": ("registration/group/", ""),
    "group": ("registration/group/", "Pilot"),
    "security-info": ("registration/device/", ""),
    "resets": ("resets/reset/", ""),
    "audit": ("registration/auditevent/", ""),
    "audit-event": ("registration/auditevent/", "first"),
}
PROVIDER = {
    "start": ("", ""),
    "telephony": ("registration/telephony/", ""),
    "organizations": ("tenants/organization/", ""),
    "organization": ("tenants/organization/", "Contoso"),
    "hosts": ("tenants/domain/", ""),
    "sign-in-names": ("tenants/signinname/", ""),
    "subscriptions": ("licensing/subscription/", ""),
    "subscription-new": ("licensing/subscription/add/", ""),
    "subscription": ("licensing/subscription/", "Contoso"),
    "journal": ("tenants/journalentry/", ""),
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
            one.open(f"/admin/{path}")
            if link:
                rows = one.page.locator("#result_list tbody")
                named = rows.get_by_role("link", name=link, exact=True)
                (rows.locator("th a").first if link == "first" else named).click()
                one.page.wait_for_url("**/change/")
            if rules := {it.split()[0] for it in axe(one.page)["violations"]}:
                found.setdefault(f"{schema}-{name}", set()).update(rules)
            keep(one.page, f"desk-{schema}-{name}-{scheme}")
    assert found == {name: rules for name, rules in KNOWN.items() if name.startswith(schema)}


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
