"""The desk's pages of security questions, and the acknowledgement without which they reset nothing alone."""

from typing import Any

import pytest
from django.utils.translation import override

from registration import configuring, people, questions
from registration.models import AuditEvent, Policy
from registration.roles import Role
from tenants.context import entered
from tests.building import Browser, Org, give_app
from tests.registration.steps import proved

LIST, POLICY = "/admin/registration/securityquestions/", "/admin/registration/authenticationmethods/"
OWN = "Which number is on your locker?"
with override("de"):
    GERMAN = str(questions.PREDEFINED["swim"])


def chief(org: Org, role: Role = Role.AUTHENTICATION_POLICY_ADMINISTRATOR) -> Browser:
    """Return the browser of chief in this role, who has passed the second factor."""
    user = org.user("chief")
    people.change(user, {"roles": [role.value]}, actor="tests")
    return proved(org, user, give_app(user))


def post(browser: Browser, **values: Any) -> Any:
    """Save the page of questions."""
    data = {
        "questions_to_register": "4",
        "questions_to_answer": "3",
        "predefined_questions": ["pet", "toy", "job"],
        "own_questions": f"{OWN}\n\n  {OWN.replace(' ', '   ')}  \n",
    }
    return browser.post(f"{LIST}{Policy.objects.get().pk}/change/", data | values)


def errors(page: Any) -> dict[str, list[str]]:
    """Return the codes of the page's errors, by field."""
    return {
        field: [error.code for error in found.as_data()]
        for field, found in page.context["adminform"].form.errors.items()
    }


def policy_form(**values: Any) -> dict[str, Any]:
    """Return what the page of the policy posts."""
    return {"required": "1", "methods": ["email"]} | values


def test_they_are_saved_and_written_down(contoso: Org) -> None:
    assert post(chief(contoso)).status_code == 302
    row = Policy.objects.get()
    assert (row.questions_to_register, row.questions_to_answer) == (4, 3)
    assert (row.predefined_questions, row.own_questions) == (["pet", "toy", "job"], [OWN])
    event = AuditEvent.objects.get(activity="policy_changed", actor="chief@contoso.example")
    assert event.data["own_questions"] == {"before": [], "after": [OWN]}
    assert event.data["questions_to_register"] == {"before": 5, "after": 4}


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"questions_to_register": "2"}, {"questions_to_register": ["invalid_choice"]}),
        ({"questions_to_answer": "6"}, {"questions_to_answer": ["invalid_choice"]}),
        ({"questions_to_answer": "5"}, {"questions_to_answer": ["more_than_registered"]}),
        ({"questions_to_register": "5"}, {"predefined_questions": ["too_few_offered"]}),
        ({"predefined_questions": ["pet", "mine"]}, {"predefined_questions": ["invalid_choice"]}),
        ({"own_questions": "Hm"}, {"own_questions": ["own_questions"]}),
        ({"own_questions": "x" * 201}, {"own_questions": ["own_questions"]}),
        ({"own_questions": f"{OWN}\n{OWN.upper()}"}, {"own_questions": ["own_questions"]}),
        ({"own_questions": "where did you LEARN to swim?"}, {"own_questions": ["own_questions"]}),
        ({"own_questions": GERMAN.lower()}, {"own_questions": ["own_questions"]}),
        (
            {"own_questions": "\n".join(f"Question {n}?" for n in range(21))},
            {"own_questions": ["own_questions"]},
        ),
    ],
)
def test_what_is_wrong_is_named(contoso: Org, values: dict[str, Any], wrong: dict[str, list[str]]) -> None:
    assert errors(post(chief(contoso), **values)) == wrong
    assert Policy.objects.get().own_questions == []


def test_twenty_of_their_own_are_taken(contoso: Org) -> None:
    own = "\n".join(f"Question {number}?" for number in range(questions.MOST_OWN))
    assert post(chief(contoso), own_questions=own).status_code == 302
    assert len(Policy.objects.get().own_questions) == questions.MOST_OWN


def test_who_may_read_alone_changes_nothing(contoso: Org) -> None:
    browser = chief(contoso, Role.AUTHENTICATION_ADMINISTRATOR)
    assert browser.get(LIST, follow=True).status_code == 200
    assert post(browser).status_code == 403
    people.change(contoso.user("chief"), {"roles": [Role.HELPDESK_ADMINISTRATOR]}, actor="tests")
    assert browser.get(LIST).status_code == 302  # their sessions have ended with the role


def test_one_organizations_are_not_anothers(contoso: Org, fabrikam: Org) -> None:
    with entered(contoso.row):
        post(chief(contoso))
    assert (Policy.objects.get().own_questions, len(Policy.objects.get().predefined_questions)) == ([], 20)
    browser = chief(fabrikam)
    with entered(contoso.row):
        theirs = Policy.objects.get().pk
    assert browser.post(f"{LIST}{theirs}/change/", {}).status_code in {302, 404}


def test_questions_alone_need_the_acknowledgement(contoso: Org) -> None:
    browser = chief(contoso)
    page = browser.get(POLICY, follow=True).request["PATH_INFO"]
    weak = policy_form(methods=["questions", "email"])
    assert errors(browser.post(page, weak)) == {"__all__": ["questions_alone"]}
    assert Policy.objects.get().methods == ["app_code", "email"]
    assert browser.post(page, weak | {"weak_alone_acknowledged": "on"}).status_code == 302
    assert Policy.objects.get().weak_alone_acknowledged is True
    event = AuditEvent.objects.get(activity="policy_changed", actor="chief@contoso.example")
    assert event.data["weak_alone_acknowledged"] == {"before": False, "after": True}


def test_it_is_given_anew_when_it_is_needed_again(contoso: Org) -> None:
    values = {"methods": ["questions", "email"], "weak_alone_acknowledged": True}
    configuring.configure(values, actor="tests")
    browser = chief(contoso)
    page = browser.get(POLICY, follow=True).request["PATH_INFO"]
    stronger = policy_form(methods=["questions", "email"], required="2", weak_alone_acknowledged="on")
    assert browser.post(page, stronger).status_code == 302
    assert Policy.objects.get().weak_alone_acknowledged is False
