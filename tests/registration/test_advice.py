"""The advice on a policy, and where it stands on the desk."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing import subscribing
from registration import configuring, people
from registration.advice import SEVERITY, Advice, Note, Severity, advise, note
from registration.labels import ADVICE, NOTES, SEVERITIES
from registration.method import registry
from registration.models import Policy
from registration.policy import MethodTraits, ResetPolicy
from registration.roles import Role
from tenants import hosts
from tenants.context import entered
from tests.building import Browser, Org, give_app
from tests.registration.steps import proved

PAGE = "/admin/registration/authenticationmethods/"
APP, MAIL = MethodTraits("app", needs_mobile=True), MethodTraits("mail", mailbox=True)
SMS = MethodTraits("sms", needs_mobile=True, restricted=True)
CALL = MethodTraits("call", needs="phone_calls")
ASKED = MethodTraits("asked", frozenset({2}), for_administrators=False, sole_gate=False)
EVERY = (APP, MAIL, SMS, CALL, ASKED)


def codes(*kinds: str, required: int = 1, lacking: tuple[str, ...] = (), **more: Any) -> list[str]:
    """Return the advice on a policy, as codes."""
    policy = ResetPolicy(methods=frozenset(kinds), required=required, **more)
    return [found.code.value for found in advise(policy, EVERY, lacking)]


@pytest.mark.parametrize(
    ("kinds", "required", "expected"),
    [
        (["app", "call"], 1, []),
        (["app", "mail", "call"], 2, []),
        (["app", "mail", "sms", "call", "asked"], 2, []),
        ([], 1, ["too_few"]),
        (["app"], 1, ["too_few", "nobody_without_mobile"]),
        (["call"], 1, ["too_few", "no_app"]),
        (["app", "mail"], 1, ["mailbox_alone"]),
        (["sms", "call"], 1, ["restricted_strongest", "restricted_alone", "no_app"]),
        (["sms", "call", "asked"], 2, ["restricted_strongest", "no_app"]),
        (["app", "sms"], 1, ["restricted_alone", "nobody_without_mobile"]),
        (["app", "call"], 2, ["nobody_without_mobile", "no_spare"]),
        (["mail", "call"], 2, ["no_spare", "no_app"]),
        (["app", "call", "asked"], 1, ["never_counts"]),
        (["asked"], 1, ["weak_alone", "never_counts", "too_few"]),
        (["asked"], 2, ["weak_alone", "never_counts", "too_few"]),
        (["app", "call", "gone"], 1, ["never_counts"]),
    ],
)
def test_what_is_said(kinds: list[str], required: int, expected: list[str]) -> None:
    assert codes(*kinds, required=required) == expected


def test_questions_that_are_acknowledged_are_dangerous() -> None:
    assert codes("app", "call", "asked", weak_alone_acknowledged=True) == ["weak_alone"]
    (found,) = advise(
        ResetPolicy(methods=frozenset({"app", "call", "asked"}), weak_alone_acknowledged=True), EVERY
    )
    assert (found.kinds, found.severity) == (("asked",), Severity.DANGER)


def test_what_the_edition_lacks_is_idle_and_counts_for_nothing() -> None:
    kept = ("app", "mail", "call")
    assert codes(*kept, required=2) == []
    assert codes(*kept, required=2, lacking=("phone_calls",)) == ["nobody_without_mobile", "no_spare", "idle"]


@given(
    kinds=st.frozensets(st.sampled_from([one.kind for one in EVERY])),
    required=st.sampled_from([1, 2]),
    acknowledged=st.booleans(),
    lacking=st.frozensets(st.just("phone_calls")),
)
def test_whatever_is_enabled(
    kinds: frozenset[str], required: int, acknowledged: bool, lacking: frozenset[str]
) -> None:
    policy = ResetPolicy(methods=kinds, required=required, weak_alone_acknowledged=acknowledged)
    found = advise(policy, EVERY, lacking)
    order = [list(Severity).index(one.severity) for one in found]
    assert order == sorted(order)
    assert len({one.code for one in found}) == len(found)
    assert all(set(one.kinds) <= kinds for one in found)
    if len(kinds) < 2:
        assert Advice.TOO_FEW in {one.code for one in found}


def test_every_code_has_its_words() -> None:
    assert set(ADVICE) == set(SEVERITY) == set(Advice)
    assert (set(NOTES), set(SEVERITIES)) == (set(Note), set(Severity))
    assert all(str(words % {"methods": "Email"}).endswith(".") for words in ADVICE.values())


def test_each_method_says_where_it_fits() -> None:
    known = registry()
    said = {kind: note(known[kind].traits) for kind in ("app_code", "email", "questions")}
    assert said == {"app_code": Note.FIRST, "email": Note.WITHOUT_MOBILE, "questions": Note.LEAST}
    assert [one.traits.kind for one in known.values()] == list(known)


def chief(org: Org, role: Role = Role.AUTHENTICATION_POLICY_ADMINISTRATOR) -> Browser:
    """Return the browser of chief in this role, who has passed the second factor."""
    user = org.user("chief")
    people.change(user, {"roles": [role.value]}, actor="tests")
    return proved(org, user, give_app(user))


def shown(browser: Browser) -> str:
    """Open the page of the policy."""
    return str(browser.get(PAGE, follow=True).content.decode())


def save(browser: Browser, **values: Any) -> Any:
    """Save the page of the policy."""
    form = {"required": "1", "methods": ["email"]}
    return browser.post(f"{PAGE}{Policy.objects.get().pk}/change/", form | values)


def test_it_stands_on_the_page_and_after_saving(contoso: Org, fabrikam: Org) -> None:
    with entered(fabrikam.row):
        configuring.configure({"methods": []}, actor="tests")
    with entered(contoso.row):
        browser = chief(contoso)
        page = shown(browser)
        assert "which NIST calls AAL1 (Email)" in page
        assert "Enable two methods or more" not in page  # what Fabrikam would be told
        assert save(browser, methods=["app_code", "email", "questions"], required="2").status_code == 302
        assert "as good as these methods allow" in shown(browser)
        save(browser, methods=["email"])
        page = shown(browser)
        assert "Enable two methods or more" in page
        assert "Make the authenticator app the first" in page


def test_who_may_only_look_reads_it_too(contoso: Org) -> None:
    page = shown(chief(contoso, Role.AUTHENTICATION_ADMINISTRATOR))
    assert "which NIST calls AAL1 (Email)" in page
    assert 'name="_save"' not in page


def test_what_the_edition_lacks_is_shown_and_cannot_be_chosen(contoso: Org, bell: Any) -> None:
    configuring.configure({"methods": ["app_code", "email"]}, actor="tests")
    browser = chief(contoso)
    assert "disabled" not in option(shown(browser))
    subscribing.assign(contoso.row, edition="p1", trial_ends=date(2100, 1, 1), actor="tests")
    hosts.forget()
    page = shown(browser)
    assert "disabled" in option(page)
    assert "This is not included during a trial." in page
    refused = save(browser, methods=["app_code", "doorbell"])
    (error,) = refused.context["adminform"].form.errors["methods"].as_data()
    assert error.code == "not_included"
    assert Policy.objects.get().methods == ["app_code", "email"]


def test_what_was_chosen_before_is_kept_and_idle(contoso: Org, bell: Any) -> None:
    configuring.configure({"methods": ["app_code", "doorbell"]}, actor="tests")
    subscribing.assign(contoso.row, edition="p1", trial_ends=date(2100, 1, 1), actor="tests")
    hosts.forget()
    browser = chief(contoso)
    assert "Enabled and idle, since your organization can&#x27;t use it now: Doorbell." in shown(browser)
    assert save(browser, methods=["app_code", "email"]).status_code == 302  # as a browser posts it
    assert sorted(Policy.objects.get().methods) == ["app_code", "doorbell", "email"]


def option(page: str) -> str:
    """Return the tag of the doorbell's tick."""
    at = page.index('value="doorbell"')
    return page[page.rindex("<input", 0, at) : page.index(">", at)]
