"""Password protection in an organization: what is refused where, by which edition, and what is written down of it."""

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from licensing import subscribing
from registration import activation, configuring, passwords
from registration.audit import Activity
from registration.models import AuditEvent, FormerPassword, Policy, User
from registration.origin import NOWHERE
from registration.passwords import Refused, set_password
from tenants import hosts
from tenants.context import entered
from tests.building import PASSWORD, Org, give_app, sign_in

LONG = "four words of mine"


def change(org: Org, new: str, *, current: str = PASSWORD) -> Any:
    browser = org.browser()
    sign_in(browser, org.user("adele").sign_in_name, current)
    return browser.post("/password/", {"current": current, "new_password": new, "confirm": new})


def codes(user: User, password: str, activity: Activity = Activity.PASSWORD_CHANGED) -> list[str]:
    return [str(one.rule) for one in passwords.judge(user, password, activity=activity)]


def set_to(user: User, *chosen: str) -> None:
    for password in chosen:
        set_password(user, password, activity=Activity.PASSWORD_CHANGED, actor=user, origin=NOWHERE)


@pytest.mark.parametrize("password", ["Password123!", "C0nt0so-Xk7mq2", "Adele-Xk7mq2", "P@ssw0rd1"])
def test_what_is_easy_is_refused_and_written_down(contoso: Org, password: str) -> None:
    page = change(contoso, password)
    assert page.status_code == 200
    event = AuditEvent.objects.get(activity="password_changed", status="failure")
    assert event.reason == "FuzzyPolicyViolationInvalidPassword"
    assert password not in str(AuditEvent.objects.filter(pk=event.pk).values()[0])
    assert contoso.user("adele").check_password(PASSWORD)


def test_the_first_rule_gives_the_reason(contoso: Org) -> None:
    change(contoso, "adele")
    assert AuditEvent.objects.get(activity="password_changed", status="failure").reason == "too_short"


def test_an_own_word_is_refused(contoso: Org) -> None:
    adele = contoso.user("adele")
    assert codes(adele, "Wingtip77") == []
    configuring.configure({"banned_words": ["wingtip"]}, actor="tests")
    assert codes(adele, "Wingtip77") == ["too_easy"]
    assert codes(adele, "Wingtip-7Xk") == []  # five points


def test_own_words_are_idle_where_the_edition_leaves_them_out(contoso: Org, fabrikam: Org) -> None:
    """Kept, and in force again with the edition."""
    configuring.configure({"banned_words": ["wingtip"]}, actor="tests")
    assert codes(fabrikam.user("adele"), "Wingtip77") == []
    subscribing.assign(fabrikam.row, edition="p1", trial_ends=None, actor="tests")
    hosts.forget()
    assert codes(fabrikam.user("adele"), "Wingtip77") == ["too_easy"]


def test_own_words_are_their_organization_s(fabrikam: Org, contoso: Org) -> None:
    configuring.configure({"banned_words": ["wingtip"]}, actor="tests")
    assert codes(contoso.user("adele"), "Wingtip77") == ["too_easy"]
    subscribing.assign(fabrikam.row, edition="p1", trial_ends=None, actor="tests")
    hosts.forget()
    with entered(fabrikam.row):
        assert codes(fabrikam.user("adele"), "Wingtip77") == []


def test_nist(contoso: Org) -> None:
    configuring.configure({"profile": "nist", "banned_words": ["wingtip"]}, actor="tests")
    adele = contoso.user("adele")
    assert codes(adele, "Xk7mq2pv") == ["too_short"]
    assert codes(adele, "wingtipwingtipwingtip") == ["listed"]
    assert codes(adele, "the wingtip of adele") == []
    assert change(contoso, LONG).status_code == 302
    assert contoso.user("adele").check_password(LONG)


@pytest.mark.parametrize(("profile", "may_return"), [("entra", True), ("nist", False)])
def test_the_last_password(contoso: Org, profile: str, may_return: bool) -> None:
    """A change refuses it; a reset lets it return under Entra's rules."""
    adele = contoso.user("adele")
    set_to(adele, "Four Words of mine")
    configuring.configure({"profile": profile}, actor="tests")
    assert codes(adele, "Four Words of mine") == ["same_as_before"]
    assert codes(adele, "Four Words of mine", Activity.PASSWORD_RESET) == (
        [] if may_return else ["same_as_before"]
    )


@pytest.mark.parametrize(("history", "refused"), [(0, ""), (1, "d"), (2, "cd"), (3, "bcd"), (24, "abcd")])
def test_former_passwords(contoso: Org, history: int, refused: str) -> None:
    configuring.configure({"history": 24}, actor="tests")
    adele = contoso.user("adele")
    set_to(adele, *(f"Xk7mq2p-{letter}" for letter in "abcd"))
    configuring.configure({"history": history}, actor="tests")
    found = [letter for letter in "abcd" if codes(adele, f"Xk7mq2p-{letter}")]
    assert "".join(found) == refused


def test_a_reset_lets_only_the_last_return(contoso: Org) -> None:
    configuring.configure({"history": 3}, actor="tests")
    adele = contoso.user("adele")
    set_to(adele, "Xk7mq2p-a", "Xk7mq2p-b")
    reset = [codes(adele, f"Xk7mq2p-{letter}", Activity.PASSWORD_RESET) for letter in "ab"]
    assert reset == [["same_as_before"], []]


def test_no_more_hashes_are_kept_than_are_asked_for(contoso: Org) -> None:
    adele = contoso.user("adele")
    set_to(adele, "Xk7mq2p-a")
    assert not FormerPassword.objects.exists()
    configuring.configure({"history": 3}, actor="tests")
    set_to(adele, *(f"Xk7mq2p-{letter}" for letter in "bcdef"))
    kept = list(FormerPassword.objects.filter(user=adele).values_list("password", flat=True))
    assert [[check_password(f"Xk7mq2p-{x}", one) for x in "cde"].index(True) for one in kept] == [2, 1]
    configuring.configure({"history": 1}, actor="tests")
    assert not FormerPassword.objects.exists()


@pytest.mark.parametrize(
    "values", [{"history": 25}, {"banned_words": ["abc"]}, {"banned_words": ["x" * 17]}, {"profile": "none"}]
)
def test_the_writer_refuses_what_is_no_rule(contoso: Org, values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        configuring.configure(values, actor="tests")


def test_the_table_refuses_it_too(contoso: Org) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Policy.objects.update(history=25)


def test_one_letter_has_one_form(contoso: Org) -> None:
    """Typed composed on one keyboard, decomposed on another: the same password (NIST 3.1.1.2)."""
    configuring.configure({"profile": "nist"}, actor="tests")
    adele, decomposed = contoso.user("adele"), "four words of mine\u0301"
    set_to(adele, "four words of min\u00e9")
    assert contoso.user("adele").check_password(decomposed)
    assert sign_in(contoso.browser(), adele.sign_in_name, decomposed).status_code == 302
    assert codes(adele, decomposed) == ["same_as_before"]


def test_every_rule_is_told_before_typing(contoso: Org) -> None:
    browser = contoso.browser()
    sign_in(browser, "adele@contoso.example")
    page = browser.get("/password/").content.decode()
    told = re.findall(r'data-rule="(\w+)" data-number="(\d+)"', page)
    assert told == [
        ("too_short", "8"),
        ("too_long", "256"),
        ("not_ascii", "0"),
        ("too_few_classes", "3"),
        ("contains_name", "0"),
        ("too_easy", "0"),
        ("same_as_before", "1"),
    ]
    assert 'data-names="adele contoso"' in page
    configuring.configure({"profile": "nist", "history": 5}, actor="tests")
    page = browser.get("/password/").content.decode()
    told_now = ["too_short", "too_long", "invisible", "listed", "same_as_before"]
    assert re.findall(r'data-rule="(\w+)"', page) == told_now
    assert "none of your last 5" in page


def test_own_words_are_not_told(contoso: Org) -> None:
    configuring.configure({"banned_words": ["wingtip"]}, actor="tests")
    browser = contoso.browser()
    sign_in(browser, "adele@contoso.example")
    assert "wingtip" not in browser.get("/password/").content.decode()


def test_every_violation_is_told_at_once(contoso: Org) -> None:
    page = change(contoso, "adele")
    errors = page.context["form"].errors.as_data()["new_password"]
    assert [error.code for error in errors] == ["too_short", "too_few_classes", "contains_name"]


def test_a_first_password_is_judged_too(contoso: Org) -> None:
    link = activation.invite(contoso.user("bo"), actor="tests")
    browser = contoso.browser()
    browser.get("/" + link.split("/", 3)[3])
    told = re.findall(r'data-rule="(\w+)"', browser.get("/activate/").content.decode())
    assert "same_as_before" not in told
    page = browser.post("/activate/", {"new_password": "Password123!", "confirm": "Password123!"})
    assert page.status_code == 200
    event = AuditEvent.objects.get(activity="account_activated", status="failure")
    assert event.reason == "FuzzyPolicyViolationInvalidPassword"


def test_a_refusal_names_its_rules(contoso: Org) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    with pytest.raises(Refused, match="too_short, too_few_classes"):
        set_to(adele, "xyzq")
