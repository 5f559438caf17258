"""The first-visit checklist: each step is done by what there is, in few statements, for who can do all of it."""

import pytest
from django.conf import settings

from registration import checklist, checklist_desk, configuring, people
from registration.audit import Activity, record
from registration.checklist import Facts, Step
from registration.models import Group, User
from registration.onboarding import onboard
from registration.roles import Role
from tenants import hosts
from tenants.branding import painting
from tenants.context import entered
from tests.building import Org, give_app, give_email, give_mobile
from tests.registration.steps import proved
from tests.tenants.branding.queries import asked

START = "/admin/"
ALL = Facts(
    own_methods=2,
    edition_allows=True,
    policy_fits=True,
    people=1,
    administrators=2,
    enabled_for=1,
    registered=1,
    branded=True,
    helpdesk=True,
    has_reset=True,
)


def done(user: User) -> dict[Step, bool]:
    return {item.step: item.done for item in checklist.steps(checklist_desk.facts(user))}


@pytest.mark.parametrize(
    ("fact", "value", "step"),
    [
        ("own_methods", 1, Step.OWN_METHODS),
        ("edition_allows", False, Step.EDITION),
        ("policy_fits", False, Step.METHODS),
        ("people", 0, Step.PEOPLE),
        ("enabled_for", 0, Step.SCOPE),
        ("helpdesk", False, Step.HELPDESK),
        ("branded", False, Step.BRANDING),
        ("administrators", 1, Step.SECOND_ADMINISTRATOR),
        ("registered", 0, Step.REMINDING),
        ("has_reset", False, Step.FIRST_RESET),
        ("phones", True, Step.CARRIER),
    ],
)
def test_each_fact_opens_one_step(fact: str, value: object, step: Step) -> None:
    found = checklist.steps(Facts(**{**vars(ALL), fact: value}))
    assert [item.step for item in found if not item.done] == [step]
    assert checklist.following(found) == step
    assert checklist.following(checklist.steps(ALL)) is None


def test_the_providers(provider: Org) -> None:
    chief = provider.user("chief")
    assert done(chief) == {
        Step.OWN_METHODS: False,
        Step.SECOND_ADMINISTRATOR: False,
        Step.PROVIDERS_CARRIER: False,
        Step.FIRST_ORGANIZATION: True,
    }
    people.change(provider.user("bo"), {"roles": [Role.OWNER]}, actor="tests")
    give_app(chief)
    give_email(chief)
    assert done(chief)[Step.SECOND_ADMINISTRATOR] and done(chief)[Step.OWN_METHODS]


def test_from_an_empty_organization_to_the_first_reset(db: None) -> None:
    made = onboard(
        "northwind",
        name="Northwind",
        sign_in_name="northwind.example",
        edition="p1",
        administrator="chief@northwind.example",
        address="",
        actor="tests",
    )
    with entered(made.organization):
        chief = made.administrator

        def left() -> list[str]:
            hosts.forget()
            return [step.value for step, is_done in done(chief).items() if not is_done]

        empty = left()
        assert empty == [
            "own-methods",
            "methods",
            "people",
            "scope",
            "help-desk",
            "branding",
            "second-administrator",
            "reminding",
            "first-reset",
        ]

        def after(*steps: str) -> list[str]:
            nonlocal empty
            empty = [step for step in empty if step not in steps]
            return empty

        give_app(chief)
        give_email(chief)
        assert left() == after("own-methods")
        configuring.configure({"methods": ["app_code", "email"], "required": 1}, actor="tests")
        assert left() == after("methods")
        adele = people.add("adele@northwind.example", actor="tests")
        assert left() == after("people")
        pilot = Group.objects.create(name="Pilot", may_reset=True)
        configuring.configure({"scope": "selected"}, actor="tests")
        assert left() == after()  # the pilot group is empty
        people.put_into_only(adele, [Group.objects.create(name="Not selected")], actor="tests")
        assert left() == after()
        people.put_into_only(adele, [pilot], actor="tests")
        assert left() == after("scope")
        painting.save_brand({"helpdesk": "mailto:help@northwind.example"}, pictures={}, actor="tests")
        assert left() == after("help-desk")
        painting.save_brand({"fill": "#0f766e"}, pictures={}, actor="tests")
        assert left() == after("branding")
        people.add("second@northwind.example", actor="tests", granted=(Role.GLOBAL_ADMINISTRATOR,))
        assert left() == after("second-administrator")
        give_app(adele)
        assert left() == after("reminding")
        record(Activity.PASSWORD_RESET, actor=adele, subject=adele)
        assert left() == after("first-reset") == []


def test_a_phone_without_a_carrier(contoso: Org) -> None:
    give_mobile(contoso.user("adele"))
    assert Step.CARRIER not in done(contoso.user("chief"))
    configuring.configure({"methods": ["app_code", "email", "mobile_phone"]}, actor="tests")
    assert done(contoso.user("chief"))[Step.CARRIER] is False


def test_in_few_statements(fabrikam: Org, contoso: Org) -> None:
    chief = contoso.user("chief")
    done(chief)
    with asked() as few:
        done(chief)
    for number in range(5):
        give_app(people.add(f"name{number}@contoso.example", actor="tests"))
    with asked() as more:
        done(chief)
    assert len(few) == len(more) == 6


def test_who_can_do_all_of_it_sees_it(fabrikam: Org, contoso: Org) -> None:
    chief = contoso.user("chief")
    page = proved(contoso, chief, give_app(chief)).get(START).content.decode()
    assert "Getting started" in page
    assert "Fabrikam" not in page
    for role in Role:
        if role in {Role.GLOBAL_ADMINISTRATOR, Role.OWNER, Role.OPERATOR, Role.SUPPORT}:
            continue
        people.change(contoso.user("bo"), {"roles": [role]}, actor="tests")
        browser = proved(contoso, contoso.user("bo"), give_app(contoso.user("bo")))
        page = browser.get(START).content.decode()
        assert "Getting started" not in page
        assert "Show the checklist" not in page
        contoso.user("bo").devices.all().delete()


def test_it_is_hidden_and_comes_back(contoso: Org) -> None:
    chief = contoso.user("chief")
    browser = proved(contoso, chief, give_app(chief))
    browser.get(START)
    with asked() as full:
        browser.get(START)
    assert browser.post("/checklist/hide/").headers["location"] == START
    cookie = browser.cookies[settings.CHECKLIST_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie.value) == (True, "Lax", "hidden")
    with asked() as hidden:
        page = browser.get(START).content.decode()
    assert "Getting started" not in page
    assert len(full) - len(hidden) == 6
    browser.post("/checklist/show/")
    assert "Getting started" in browser.get(START).content.decode()


@pytest.mark.parametrize("path", ["/checklist/hide/", "/checklist/show/"])
def test_only_a_form_of_somebody_signed_in_hides_it(contoso: Org, path: str) -> None:
    assert contoso.browser().post(path).headers["location"].startswith("/sign-in/")
    chief = contoso.user("chief")
    browser = proved(contoso, chief, give_app(chief))
    assert browser.get(path).status_code == 405


def test_every_step_has_words_and_a_page_that_answers(contoso: Org, provider: Org) -> None:
    assert set(checklist_desk.WORDS) == set(Step)
    of_providers = {Step.FIRST_ORGANIZATION, Step.PROVIDERS_CARRIER}
    for org, steps in ((contoso, set(Step) - of_providers), (provider, of_providers)):
        with entered(org.row):
            chief = org.user("chief")
            browser = proved(org, chief, give_app(chief))
            shown = browser.get(START).content.decode()
            for item in checklist.steps(Facts(provider=org is provider, phones=True)):
                assert item.step in steps | {Step.OWN_METHODS, Step.SECOND_ADMINISTRATOR}
            assert "Getting started" in shown
