"""Subscriptions on the provider's desk: who may, what is written, what is refused beside its field."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from licensing.editions import Edition, Snapshot
from licensing.models import Subscription
from registration import people
from registration.roles import Role
from tenants.models import JournalEntry, Organization
from tests.building import Org, give_app, sign_in

LIST = "/admin/licensing/subscription/"
NEW = {"edition": "p2", "trial_ends": "", "seats": "12"}


def at_the_desk(org: Org, *granted: Role) -> Client:
    """Return the browser of chief, with these roles, who has passed the second factor."""
    chief = org.user("chief")
    people.change(chief, {"roles": [role.value for role in granted]}, actor="tests")
    device, browser = give_app(chief), org.browser()
    sign_in(browser, chief.sign_in_name)
    session = browser.session
    session["otp_device_id"] = device.persistent_id
    session.save()
    return browser


def page_of(schema: str) -> str:
    """Return the address of an organization's subscription."""
    return f"{LIST}{Subscription.objects.get(organization__schema_name=schema).pk}/change/"


def snapshot_of(schema: str) -> Snapshot | None:
    """Return an organization's subscription as it stands."""
    found = Subscription.objects.filter(organization__schema_name=schema).first()
    return found.snapshot if found else None


def errors(response: Any) -> dict[str, list[str]]:
    """Return what the form said beside its fields."""
    return dict(response.context["adminform"].form.errors)


def test_the_list_shows_every_state(provider: Org) -> None:
    Subscription.objects.filter(organization__schema_name="contoso").update(trial_ends=date(2020, 1, 1))
    Subscription.objects.filter(organization__schema_name="fabrikam").update(
        edition="p1", trial_ends=timezone.now().date()
    )
    text = at_the_desk(provider, Role.OWNER).get(LIST).content.decode()
    assert "Contoso" in text
    assert "trial ended" in text
    assert "on trial" in text


def test_change(provider: Org) -> None:
    """By the writer: the journal names the operator, and the organization stays what it was."""
    fabrikam = Organization.objects.get(schema_name="fabrikam")
    browser = at_the_desk(provider, Role.OPERATOR)
    response = browser.post(
        page_of("contoso"), {**NEW, "organization": fabrikam.pk, "trial_ends": "2030-01-31"}
    )
    assert response.status_code == 302
    assert snapshot_of("contoso") == Snapshot(Edition.P2, date(2030, 1, 31))
    assert snapshot_of("fabrikam") == Snapshot(Edition.FREE)
    entry = JournalEntry.objects.filter(event="subscription_assigned").latest("at")
    assert (entry.actor, entry.organization) == ("chief@localhost", "Contoso")
    assert entry.data["after"] == {"edition": "p2", "trial_ends": "2030-01-31", "seats": 12}


def test_add(provider: Org) -> None:
    """Only for an organization that has none yet."""
    Subscription.objects.filter(organization__schema_name="contoso").delete()
    browser = at_the_desk(provider, Role.OPERATOR)
    contoso, fabrikam = (Organization.objects.get(schema_name=name) for name in ("contoso", "fabrikam"))
    refused = browser.post(f"{LIST}add/", {**NEW, "organization": fabrikam.pk})
    assert list(errors(refused)) == ["organization"]
    assert browser.post(f"{LIST}add/", {**NEW, "organization": contoso.pk}).status_code == 302
    assert snapshot_of("contoso") == Snapshot(Edition.P2)
    assert snapshot_of("fabrikam") == Snapshot(Edition.FREE)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"edition": "p3"}, "edition"),
        ({"edition": ""}, "edition"),
        ({"edition": "free", "trial_ends": "2030-01-31"}, "trial_ends"),
        ({"trial_ends": "soon"}, "trial_ends"),
        ({"seats": "0"}, "seats"),
        ({"seats": "-1"}, "seats"),
    ],
)
def test_a_refusal_stands_beside_its_field(provider: Org, wrong: dict[str, str], field: str) -> None:
    response = at_the_desk(provider, Role.OWNER).post(page_of("contoso"), {**NEW, **wrong})
    assert response.status_code == 200
    assert list(errors(response)) == [field]
    assert len(errors(response)[field]) == 1
    assert snapshot_of("contoso") == Snapshot(Edition.P1)


def test_an_owner_ends_one_or_many(provider: Org) -> None:
    browser = at_the_desk(provider, Role.OWNER)
    delete = page_of("contoso").replace("change", "delete")
    assert browser.post(delete, {"post": "yes"}).status_code == 302
    assert snapshot_of("contoso") is None
    others = list(Subscription.objects.values_list("pk", flat=True))
    browser.post(LIST, {"action": "delete_selected", "_selected_action": others, "post": "yes"})
    assert not Subscription.objects.exists()
    assert (
        JournalEntry.objects.filter(event="subscription_ended", actor="chief@localhost").count()
        == len(others) + 1
    )


@pytest.mark.parametrize(
    ("role", "sees", "changes", "ends"),
    [(Role.OWNER, True, True, True), (Role.OPERATOR, True, True, False), (Role.SUPPORT, True, False, False)],
)
def test_by_role(provider: Org, role: Role, sees: bool, changes: bool, ends: bool) -> None:
    """Support reads, an operator assigns, an owner ends; a direct post meets the same rule as a button."""
    browser = at_the_desk(provider, role)
    assert (browser.get(LIST).status_code == 200) == sees
    assert (browser.post(page_of("contoso"), NEW).status_code == 302) == changes
    assert (snapshot_of("contoso") == Snapshot(Edition.P2)) == changes
    delete = page_of("contoso").replace("change", "delete")
    assert (browser.post(delete, {"post": "yes"}).status_code == 302) == ends
    assert (snapshot_of("contoso") is None) == ends


def test_an_organization_has_no_such_page(contoso: Org) -> None:
    """Its administrator cannot give it an edition, by whatever address."""
    browser = at_the_desk(contoso, Role.GLOBAL_ADMINISTRATOR)
    assert browser.get("/admin/").status_code == 200
    for address in (LIST, f"{LIST}add/", page_of("contoso")):
        assert browser.get(address).status_code == 404
        assert browser.post(address, NEW).status_code == 404
    assert snapshot_of("contoso") == Snapshot(Edition.P1)
