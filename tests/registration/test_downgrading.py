"""An edition is changed at the provider's: the numbers come first, and names only for who may see them."""

from typing import Any

import pytest

from licensing.models import Subscription
from registration.models import AuditEvent
from registration.roles import Role
from tenants.context import entered
from tenants.models import JournalEntry
from tests.building import Org, give_email
from tests.licensing.test_desk import at_the_desk, page_of
from tests.registration.test_policy_pages import hidden

FREE = {"edition": "free", "trial_ends": "", "seats": ""}


@pytest.fixture
def registered(contoso: Org, provider: Org) -> Org:
    """Contoso, where two people can reset; the provider's is entered."""
    with entered(contoso.row):
        give_email(contoso.user("adele"))
        give_email(contoso.user("bo"), "bo@home.example")
    return provider


def edition() -> str:
    """Return Contoso's edition."""
    return Subscription.objects.get(organization__schema_name="contoso").edition


def events(org: Org) -> list[Any]:
    """Return what was written down of people who were seen."""
    with entered(org.row):
        return list(AuditEvent.objects.filter(activity="people_seen").values_list("actor", "data"))


def words(page: Any) -> str:
    """Return a page on one line."""
    return " ".join(page.content.decode().split())


def test_an_operator_sees_numbers_by_cause_and_no_names(contoso: Org, registered: Org) -> None:
    browser = at_the_desk(registered, Role.OPERATOR)
    page = browser.post(page_of("contoso"), FREE)
    assert (page.status_code, edition()) == (200, "p1")
    assert "2 people can no longer reset their password" in words(page)
    assert "The edition does not include password reset." in words(page)
    assert "@contoso.example" not in words(page)
    assert "_file" not in words(page)
    assert "_remind" not in words(page)
    file = browser.post(page_of("contoso"), {**hidden(page), "_file": "1"})
    assert "@contoso.example" not in words(file)
    assert events(contoso) == []
    saved = browser.post(page_of("contoso"), {**hidden(page), "_confirm": "1"})
    assert (saved.status_code, edition()) == (302, "free")
    assert JournalEntry.objects.filter(event="subscription_assigned", actor="chief@localhost").count() == 1


def test_an_owner_sees_names_and_the_organization_reads_of_it(contoso: Org, registered: Org) -> None:
    browser = at_the_desk(registered, Role.OWNER)
    page = browser.post(page_of("contoso"), FREE)
    assert "adele@contoso.example" in words(page)
    assert "fabrikam" not in words(page)
    assert events(contoso) == [("chief@localhost", {"people": 2, "because": "edition"})]
    file: Any = browser.post(page_of("contoso"), {**hidden(page), "_file": "1"})
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    assert [line.partition(",")[0] for line in lines] == [
        "Sign-in name",
        "adele@contoso.example",
        "bo@contoso.example",
    ]
    assert (len(events(contoso)), edition()) == (2, "p1")


def test_what_was_not_previewed_is_not_assigned(contoso: Org, registered: Org) -> None:
    browser = at_the_desk(registered, Role.OPERATOR)
    seen = hidden(browser.post(page_of("contoso"), FREE))
    with entered(contoso.row):
        contoso.user("bo").devices.all().delete()
    again = browser.post(page_of("contoso"), {**seen, "_confirm": "1"})
    assert (again.status_code, edition()) == (200, "p1")
    assert "1 person can no longer reset their password" in words(again)
    back = browser.post(page_of("contoso"), {**hidden(again), "_back": "1"})
    assert back.context["adminform"].form["edition"].value() == "free"
    assert edition() == "p1"


def test_an_upgrade_says_who_gains(fabrikam: Org, provider: Org) -> None:
    with entered(fabrikam.row):
        give_email(fabrikam.user("adele"))
    page = at_the_desk(provider, Role.OPERATOR).post(page_of("fabrikam"), {**FREE, "edition": "p1"})
    assert "Nobody loses the ability to reset their password" in words(page)
    assert "1 person can reset their password from now on" in words(page)
    assert "The edition now includes password reset." in words(page)


def test_an_end_says_before_how_many_lose(contoso: Org, registered: Org) -> None:
    browser = at_the_desk(registered, Role.OWNER)
    delete = page_of("contoso").replace("change", "delete")
    page = browser.get(delete)
    assert "2 people can no longer reset their password." in words(page)
    assert "@contoso.example" not in words(page)
    assert events(contoso) == []
    assert browser.post(delete, {"post": "yes"}).status_code == 302
    assert not Subscription.objects.filter(organization__schema_name="contoso").exists()


def test_support_is_refused(contoso: Org, registered: Org) -> None:
    browser = at_the_desk(registered, Role.SUPPORT)
    for more in ({}, {"_file": "1"}, {"_confirm": "1"}):
        assert browser.post(page_of("contoso"), {**FREE, **more}).status_code == 403
    assert (edition(), events(contoso)) == ("p1", [])
