"""The policy's pages under Entra's names: who may, what is saved, what an edition fixes, and the preview before."""

import re
from datetime import date
from typing import Any

import pytest
from django.utils.html import escape

from licensing import subscribing
from registration import configuring, grouping, people
from registration.labels import POLICY
from registration.models import AuditEvent, Group, Policy, User
from registration.policy import Code
from registration.policy_pages.pages import PAGES
from registration.roles import Role
from tenants import hosts
from tenants.branding.models import Brand
from tenants.context import entered
from tests.building import Browser, Org, give_app, give_email, run_jobs
from tests.registration.steps import proved

#: Each page, and a change on it as a browser posts it.
CHANGES: dict[str, dict[str, Any]] = {
    "properties": {"scope": "none"},
    "authenticationmethods": {"required": "1", "methods": ["app_code"]},
    "registration": {"require_registration": "on", "remind_days": "7"},
    "notifications": {"notify_user": "on"},
    "administratorpolicy": {"provider_may_enter": "on"},
    "passwordprotection": {"profile": "nist", "history": "2", "banned_words": "", "password_lifetime_days": "90"},
    "securityquestions": {
        "questions_to_register": "4", "questions_to_answer": "4", "predefined_questions": ["pet", "toy", "job", "swim"],
    },
    "customization": {"helpdesk": "help@contoso.example"},
}  # fmt: skip
LESS = "Your organization's edition does not include this."
CHIEF = "chief@contoso.example"


def chief(org: Org, role: Role = Role.GLOBAL_ADMINISTRATOR) -> Browser:
    """Return the browser of chief in this role, who has passed the second factor."""
    user = org.user("chief")
    people.change(user, {"roles": [role.value]}, actor="tests")
    return proved(org, user, give_app(user))


def at(page: str) -> str:
    """Return the address of a page in the organization that is entered."""
    return f"/admin/registration/{page}/{Policy.objects.get().pk}/change/"


def errors(page: Any) -> dict[str, list[str]]:
    """Return what the form said, by field."""
    return dict(page.context["adminform"].form.errors)


def hidden(page: Any) -> dict[str, Any]:
    """Return what the preview's form posts, before a button is pressed."""
    posted: dict[str, Any] = {}
    for name, value in page.context["posted"]:
        posted.setdefault(name, []).append(value)
    return {**posted, "_seen": page.context["mark"]}


def test_the_old_address_leads_to_the_first_page(contoso: Org) -> None:
    browser = chief(contoso)
    for path in ("/admin/registration/policy/", at("policy")):
        assert browser.get(path).headers["location"] == "/admin/registration/properties/"
    assert browser.post(at("policy"), {"scope": "none"}).status_code == 403
    assert browser.get("/admin/registration/policy/", follow=True).request["PATH_INFO"] == at("properties")
    assert Policy.objects.get().scope == "all"


@pytest.mark.parametrize("name", CHANGES)
def test_each_page_is_saved_by_its_flow(contoso: Org, name: str) -> None:
    browser = chief(contoso)
    assert browser.post(at(name), CHANGES[name]).status_code == 302
    event = AuditEvent.objects.get(actor=CHIEF, activity__in=["policy_changed", "branding_changed"])
    assert event.data
    assert set(event.data) <= {*CHANGES[name], "notify_administrators", "administrators_may_reset"}


def test_another_organizations_row_is_not_changed(contoso: Org, fabrikam: Org) -> None:
    with entered(contoso.row):
        before, pages = Policy.objects.values().get(), [(at(name), CHANGES[name]) for name in CHANGES]
    browser = chief(fabrikam)
    mine = Policy.objects.values().get()
    for path, values in pages:
        assert browser.get(path).headers["location"] == "/admin/"
        assert browser.post(path, values).headers["location"] == "/admin/"
    assert Policy.objects.values().get() == mine
    with entered(contoso.row):
        assert Policy.objects.values().get() == before


def test_who_may_only_look_can_change_nothing(contoso: Org) -> None:
    browser, before = chief(contoso, Role.AUTHENTICATION_ADMINISTRATOR), Policy.objects.values().get()
    for name in (*CHANGES, "licence"):
        shown = browser.get(at(name))
        assert shown.status_code == 200
        text = shown.content.decode()
        assert 'name="_save"' not in text
        assert escape(str(shown.context["about"])) in text
        form = text[text.index(f'id="{name}_form"') :].partition("</form>")[0]
        assert re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', form) == ["csrfmiddlewaretoken"]
        for more in ({}, {"_confirm": "1"}, {"_file": "1"}, {"_back": "1"}):
            assert browser.post(at(name), {**CHANGES.get(name, {}), **more}).status_code == 403
    assert Policy.objects.values().get() == before
    assert not Brand.objects.exclude(helpdesk="").exists()


def test_who_has_no_part_in_it_is_refused(contoso: Org) -> None:
    browser = chief(contoso, Role.HELPDESK_ADMINISTRATOR)
    for name in (*CHANGES, "licence"):
        assert [browser.get(at(name)).status_code, browser.post(at(name), {}).status_code] == [403, 403]


def test_where_help_is_found_is_the_global_administrators_to_say(contoso: Org) -> None:
    browser = chief(contoso, Role.AUTHENTICATION_POLICY_ADMINISTRATOR)
    assert browser.get(at("customization")).status_code == 200
    assert browser.post(at("customization"), {"helpdesk": "https://help.example"}).status_code == 403
    assert Brand.objects.get().helpdesk == ""


def test_an_address_or_a_number_becomes_a_link_and_no_other_is_taken(contoso: Org) -> None:
    browser = chief(contoso)
    links = {
        "help@contoso.example": "mailto:help@contoso.example",
        "+49 30 123456": "tel:+4930123456",
        "https://help.contoso.example/": "https://help.contoso.example/",
        "": "",
    }
    for typed, link in links.items():
        assert browser.post(at("customization"), {"helpdesk": typed}).status_code == 302
        assert Brand.objects.get().helpdesk == link
    for typed in ("javascript:alert(1)", "http://help.example", "mailto:nobody", "ask Bo"):
        assert list(errors(browser.post(at("customization"), {"helpdesk": typed}))) == ["helpdesk"]


# What is fixed


def test_what_free_does_not_include_is_shown_disabled_with_the_reason(fabrikam: Org) -> None:
    browser, before = chief(fabrikam), Policy.objects.values().get()
    other = Group.objects.create(name="Other").pk
    forged: list[tuple[str, str, Any]] = [
        ("properties", "scope", "none"),
        ("properties", "groups", [other]),
        ("authenticationmethods", "required", "2"),
        ("authenticationmethods", "methods", ["email"]),
        ("authenticationmethods", "users_may_change_office_phone", "on"),
        ("registration", "remind_days", "7"),
        ("notifications", "notify_administrators", ""),
        ("administratorpolicy", "administrators_may_reset", ""),
        ("securityquestions", "questions_to_answer", "5"),
        ("passwordprotection", "banned_words", "wingtip"),
    ]
    for name, field, value in forged:
        shown = browser.get(at(name))
        assert LESS in shown.context["reasons"]
        offered = shown.context["adminform"].form
        assert str(offered.held[field]) == LESS
        assert offered.fields[field].disabled
        assert f'<strong class="desk-fixed">{escape(LESS)}</strong>' in shown.content.decode()
        more = {"profile": "entra", "history": "1"} if name == "passwordprotection" else {}
        assert errors(browser.post(at(name), {field: value, **more})) == {field: [LESS]}
    assert Policy.objects.values().get() == before
    assert not Group.objects.get(pk=other).may_reset


def test_a_value_that_is_posted_as_it_is_is_no_forgery(fabrikam: Org) -> None:
    browser = chief(fabrikam)
    posted = {"notify_user": "", "notify_administrators": "on"}
    assert browser.post(at("notifications"), posted).status_code == 302
    assert Policy.objects.get().notify_user is False


def test_how_soon_again_waits_for_registration(contoso: Org) -> None:
    browser, page = chief(contoso), at("registration")
    why = "Require registration, and save, to change this."
    assert browser.get(page).context["adminform"].form.held == {"reconfirm_days": why}
    refused = browser.post(page, {"reconfirm_days": "90", "remind_days": "0"})
    assert errors(refused) == {"reconfirm_days": [why]}
    assert browser.post(page, {"require_registration": "on", "remind_days": "0"}).status_code == 302
    values = {"require_registration": "on", "reconfirm_days": "90", "remind_days": "0"}
    assert browser.post(page, values).status_code == 302
    assert Policy.objects.get().reconfirm_days == 90


# Properties


def test_groups_are_selected_right_there(contoso: Org) -> None:
    inner, other = Group.objects.create(name="Inner"), Group.objects.create(name="Other")
    other.groups.add(inner)
    people.put_into_only(contoso.user("bo"), [inner], actor="tests")
    browser = chief(contoso)
    values = {"scope": "selected", "groups": [other.pk]}
    assert browser.post(at("properties"), values).status_code == 302
    assert list(Group.objects.filter(may_reset=True)) == [other]
    events = AuditEvent.objects.filter(activity="group_changed").order_by("subject")
    assert [(one.actor, one.subject, one.data["may_reset"]["after"]) for one in events] == [
        (CHIEF, "Other", True),
        (CHIEF, "Pilot", False),
    ]
    assert "1 person, those of groups within them included." in browser.get(at("properties")).content.decode()
    assert errors(browser.post(at("properties"), {"scope": "selected"})) == {
        "groups": ["Choose one group or more, or enable it for nobody."]
    }


def test_no_group_of_another_organization_is_selected(contoso: Org, fabrikam: Org) -> None:
    theirs = Group.objects.create(name="Theirs").pk
    with entered(contoso.row):
        browser = chief(contoso)
        answer = browser.post(at("properties"), {"scope": "selected", "groups": [theirs]})
        assert list(errors(answer)) == ["groups"]
        assert "Theirs" not in answer.content.decode()


def test_a_policy_that_nobody_could_satisfy_is_refused_on_whatever_page(contoso: Org) -> None:
    configuring.configure({"scope": "none", "methods": ["email"], "required": 2}, actor="tests")
    answer = chief(contoso).post(at("properties"), {"scope": "all"})
    assert errors(answer) == {"__all__": [str(POLICY[Code.NOT_ENOUGH_METHODS])]}
    assert Policy.objects.get().scope == "none"


# Licence


def test_the_licence_says_what_an_upgrade_adds(fabrikam: Org) -> None:
    subscribing.assign(fabrikam.row, edition="free", seats=2, actor="tests")
    hosts.forget()
    page = chief(fabrikam).get(at("licence")).content.decode()
    words = " ".join(re.sub(r"<[^>]+>", " ", page[page.index('id="content-main"') :]).split())
    assert "3 people are enabled. 2 seats were agreed on. That is 1 more. Nobody is kept out by it." in words
    assert (
        "People reset a forgotten or expired password No Your organization&#x27;s edition does not include this."
        in words
    )
    assert "P1 Signed-in" not in words
    assert "The audit log is kept for up to 365 days" in words


def test_the_licence_says_when_the_trial_ends(contoso: Org) -> None:
    browser = chief(contoso)
    assert "Nothing: all features are included." in browser.get(at("licence")).content.decode()
    for day, said in (
        (date(2099, 1, 31), "on trial through Jan. 31, 2099"),
        (date(2020, 1, 31), "ended with Jan. 31, 2020"),
    ):
        subscribing.assign(contoso.row, edition="p1", trial_ends=day, actor="tests")
        hosts.forget()
        assert said in browser.get(at("licence")).content.decode()


# The preview


def test_a_preview_comes_before_somebody_loses(contoso: Org) -> None:
    give_email(contoso.user("adele"))
    give_email(contoso.user("bo"), "bo@home.example")
    browser = chief(contoso)
    values = {"scope": "selected", "groups": [Group.objects.get().pk], "_save": "Save"}
    page = browser.post(at("properties"), values)
    text = " ".join(page.content.decode().split())
    assert (page.status_code, Policy.objects.get().scope) == (200, "all")
    assert "1 person can no longer reset their password" in text
    assert "They are in none of the selected groups." in text
    assert "bo@contoso.example" in text
    assert "adele@contoso.example" not in text
    assert not AuditEvent.objects.filter(activity="policy_changed", actor=CHIEF).exists()
    back = browser.post(at("properties"), {**hidden(page), "_back": "1"})
    assert back.context["adminform"].form["scope"].value() == "selected"
    assert (errors(back), Policy.objects.get().scope) == ({}, "all")
    saved = browser.post(at("properties"), {**hidden(page), "_confirm": "1"})
    assert (saved.status_code, Policy.objects.get().scope) == (302, "selected")
    assert AuditEvent.objects.get(activity="policy_changed", actor=CHIEF).data == {
        "scope": {"before": "all", "after": "selected"}
    }


def test_it_is_saved_at_once_where_nobody_loses_or_gains(contoso: Org) -> None:
    browser = chief(contoso)
    saved = browser.post(at("authenticationmethods"), {"required": "2", "methods": ["app_code", "email"]})
    assert (saved.status_code, Policy.objects.get().required) == (302, 2)


def test_the_whole_list_is_a_file(contoso: Org) -> None:
    for name in ("adele", "bo"):
        give_email(contoso.user(name), f"{name}@home.example")
    User.objects.filter(sign_in_name__startswith="bo@").update(name="=cmd|' /C calc'!A0")
    browser = chief(contoso)
    page = browser.post(at("authenticationmethods"), {"required": "2", "methods": ["app_code", "email"]})
    file: Any = browser.post(at("authenticationmethods"), {**hidden(page), "_file": "1"})
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    why = "can no longer reset,More methods are asked for than they have registered.,number_of_methods"
    assert lines == [
        "Sign-in name,Name,What becomes of them,Why,Code",
        f"bo@contoso.example,'=cmd|' /C calc'!A0,{why}",
        f"adele@contoso.example,Adele,{why}",
    ]
    assert file.headers["content-disposition"].startswith('attachment; filename="who-may-reset-')
    event = AuditEvent.objects.get(activity="people_exported")
    assert (event.actor, event.data) == ("chief@contoso.example", {"people": 2, "filters": ["impact"]})
    assert Policy.objects.get().required == 1


def test_who_may_not_export_people_gets_no_file_of_them(contoso: Org) -> None:
    give_email(contoso.user("adele"))
    browser = chief(contoso, Role.AUTHENTICATION_POLICY_ADMINISTRATOR)
    sent = {"required": "2", "methods": ["app_code", "email"]}
    page = browser.post(at("authenticationmethods"), {**sent, "_file": "1"})
    assert page.context["has_file"] is False and "adele@contoso.example" in page.content.decode()
    assert not AuditEvent.objects.filter(activity="people_exported").exists()


def test_what_was_not_previewed_is_not_saved(contoso: Org) -> None:
    """Other values under the same mark, other numbers, another policy meanwhile, no mark: the preview is shown again."""
    give_email(contoso.user("adele"))
    browser, path = chief(contoso), at("properties")
    seen = hidden(browser.post(path, {"scope": "selected", "groups": [Group.objects.create(name="New").pk]}))
    tries: tuple[dict[str, Any], ...] = (
        {"scope": "none"},
        {"_seen": ""},
        {"_seen": "0" * 64},
        {"groups": []},
    )
    for tampered in tries:
        answer = browser.post(path, {**seen, **tampered, "_confirm": "1"})
        assert (answer.status_code, Policy.objects.get().scope) == (200, "all"), tampered
    give_email(contoso.user("bo"), "bo@home.example")
    answer = browser.post(path, {**seen, "_confirm": "1"})
    assert answer.context["again"]
    assert "2 people can no longer reset" in " ".join(answer.content.decode().split())
    configuring.configure({"methods": ["email"]}, actor="tests")
    answer = browser.post(path, {**hidden(answer), "_confirm": "1"})
    assert (answer.context["again"], Policy.objects.get().scope) == (True, "all")
    assert browser.post(path, {**hidden(answer), "_confirm": "1"}).status_code == 302


def test_one_administrators_preview_is_not_anothers(contoso: Org) -> None:
    give_email(contoso.user("adele"))
    bo = contoso.user("bo")
    people.change(bo, {"roles": [Role.GLOBAL_ADMINISTRATOR.value]}, actor="tests")
    other = proved(contoso, bo, give_app(bo))
    seen = hidden(chief(contoso).post(at("properties"), {"scope": "none"}))
    assert other.post(at("properties"), {**seen, "_confirm": "1"}).status_code == 200
    assert Policy.objects.get().scope == "all"


def test_those_who_must_register_more_are_reminded_and_nobody_else(contoso: Org) -> None:
    for name in ("adele", "bo"):
        give_email(contoso.user(name), f"{name}@home.example")
    people.add(
        "late@contoso.example", actor="tests", primary_address="late@post.example"
    )  # lacked it before, too
    User.objects.filter(sign_in_name__startswith="late@").update(password="hash")
    User.objects.filter(sign_in_name__startswith="bo@").update(is_active=False)
    browser, path = chief(contoso), at("authenticationmethods")
    page = browser.post(path, {"required": "2", "methods": ["app_code", "email"]})
    assert "Remind 1 person by mail" in page.content.decode()
    saved = browser.post(path, {**hidden(page), "_confirm": "1", "_remind": "1"}, follow=True)
    assert "1 person is reminded by mail." in saved.content.decode()
    event = AuditEvent.objects.get(activity="registration_reminded")
    assert (event.actor, event.data) == (CHIEF, {"people": 1, "because": "policy_changed"})
    assert "registration.remind_those" in run_jobs()
    reminded = User.objects.exclude(reminded_at=None).values_list("sign_in_name", flat=True)
    assert list(reminded) == ["adele@contoso.example"]


def test_a_group_that_is_selected_or_nested_is_previewed_too(contoso: Org) -> None:
    give_email(contoso.user("adele"))
    give_email(contoso.user("bo"), "bo@home.example")
    pilot, inner = Group.objects.get(), Group.objects.create(name="Inner")
    people.put_into_only(contoso.user("bo"), [inner], actor="tests")
    configuring.configure({"scope": "selected"}, actor="tests")
    browser, path = chief(contoso), f"/admin/registration/group/{pilot.pk}/change/"
    page = browser.post(path, {"name": "Pilot", "groups": [inner.pk], "may_reset": "on"})
    assert "1 person can reset their password from now on" in " ".join(page.content.decode().split())
    assert browser.post(path, {**hidden(page), "_confirm": "1"}).status_code == 302
    assert list(pilot.groups.all()) == [inner]
    page = browser.post(path, {"name": "Pilot", "groups": [inner.pk]})
    assert "2 people can no longer reset their password" in " ".join(page.content.decode().split())
    grouping.save(pilot.pk, {"may_reset": True}, actor="tests")
    assert browser.post(path, {"name": "Pilots", "groups": [inner.pk], "may_reset": "on"}).status_code == 302


def test_another_organizations_people_are_in_no_preview(contoso: Org, fabrikam: Org) -> None:
    subscribing.assign(fabrikam.row, edition="p1", actor="tests")
    give_email(fabrikam.user("adele"))
    with entered(contoso.row):
        give_email(contoso.user("adele"))
        page = chief(contoso).post(at("properties"), {"scope": "none"})
        assert "1 person can no longer reset" in " ".join(page.content.decode().split())
        assert "fabrikam" not in page.content.decode()
        seen = hidden(page)
    browser = chief(fabrikam)
    assert browser.post(at("properties"), {**seen, "_confirm": "1"}).status_code == 200
    assert Policy.objects.get().scope == "all"


def test_every_page_says_what_it_is_for() -> None:
    assert all(hasattr(page, "about") or model is Policy for model, page in PAGES)
