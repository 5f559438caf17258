"""Security questions in a reset: second, after a proof of possession; alone only where an administrator took the risk on."""

from typing import Any

import pytest

from registration import configuring, people
from registration import questions as every
from registration.models import AuditEvent, Device
from registration.roles import Role
from tenants.context import entered
from tests.building import ANSWERS, Browser, Org, give_email, give_questions
from tests.journeys.people import choose_password
from tests.registration.steps import text_of
from tests.resets.steps import NEW, begun, newest, prove_email, where, why_stopped
from tests.tenants.branding.queries import asked

ADELE = "adele@contoso.example"
VERIFY = "/reset/verify/"


@pytest.fixture
def two(contoso: Org) -> Org:
    """Contoso asks for two methods, questions among them; adele has an address and questions."""
    configuring.configure({"methods": ["email", "questions"], "required": 2}, actor="tests")
    give_email(contoso.user("adele"))
    give_questions(contoso.user("adele"))
    return contoso


@pytest.fixture
def alone(contoso: Org) -> Org:
    """Contoso lets questions alone reset a password; adele has some."""
    values = {"methods": ["questions"], "required": 1, "weak_alone_acknowledged": True}
    configuring.configure(values, actor="tests")
    give_questions(contoso.user("adele"))
    return contoso


def choose(browser: Browser) -> Any:
    """Choose the questions."""
    return browser.post(VERIFY, {"action": "choose", "method": "questions"})


def questions(browser: Browser) -> list[str]:
    """Return the ids of the questions that the page asks."""
    return list(browser.get(VERIFY).context["form"].fields)


def give(browser: Browser, answers: dict[str, str]) -> Any:
    """Answer."""
    return browser.post(VERIFY, {"action": "answer", **answers})


def test_they_come_second_and_all_must_be_right(two: Org) -> None:
    browser = begun(two, ADELE)
    assert [one["kind"] for one in browser.get(VERIFY).context["options"]] == [
        "app_notification",
        "app_code",
        "email",
    ]
    prove_email(browser)
    assert [one["kind"] for one in browser.get(VERIFY).context["options"]] == ["questions"]
    assert choose(browser).headers["location"] == VERIFY
    drawn = questions(browser)
    assert len(drawn) == 3
    assert set(drawn) <= set(ANSWERS)
    wrong = give(browser, {**{key: ANSWERS[key] for key in drawn}, drawn[2]: "else"})
    assert wrong.context["form"].errors == {"__all__": ["At least one of the answers is not right."]}
    assert newest().failures == 1
    give(browser, {key: f" {ANSWERS[key].upper()} " for key in drawn})
    assert where(browser) == "/reset/password/"
    assert choose_password(browser, NEW).headers["location"] == "/reset/done/"
    assert AuditEvent.objects.get(activity="password_reset").method == "email+questions"


def test_never_first(two: Org) -> None:
    browser = begun(two, ADELE)
    page = choose(browser)
    assert page.status_code == 200
    assert newest().challenge is None
    give(browser, ANSWERS)
    assert newest().passed == []


def test_the_same_questions_until_they_are_answered_right(two: Org) -> None:
    seen = []
    for _time in range(3):
        browser = begun(two, ADELE)
        prove_email(browser)
        choose(browser)
        seen.append(questions(browser))
        give(browser, dict.fromkeys(seen[-1], "wrong"))
        choose(browser)
        seen.append(questions(browser))
    assert all(one == seen[0] for one in seen)
    give(browser, ANSWERS)
    later = set()
    for number in range(6):
        Device.objects.filter(kind="questions").update(last_used_at=f"2026-01-0{number + 1}T00:00Z")
        browser = begun(two, ADELE)
        prove_email(browser)
        choose(browser)
        later.add(tuple(questions(browser)))
    assert len(later) > 1


def test_a_question_that_was_not_asked_does_not_count(two: Org) -> None:
    browser = begun(two, ADELE)
    prove_email(browser)
    choose(browser)
    drawn = questions(browser)
    others = {key: text for key, text in ANSWERS.items() if key not in drawn}
    page = give(browser, others)
    assert sorted(page.context["form"].errors) == sorted(drawn)
    assert newest().passed == ["email"]


def test_five_wrong_tries_end_it(two: Org) -> None:
    browser = begun(two, ADELE)
    prove_email(browser)
    choose(browser)
    drawn = questions(browser)
    for _try in range(5):
        give(browser, dict.fromkeys(drawn, "wrong"))
    assert why_stopped(browser) == "too_many_tries"


def test_a_role_granted_after_they_were_answered_takes_them_away(two: Org) -> None:
    browser = begun(two, ADELE)
    prove_email(browser)
    choose(browser)
    give(browser, {key: ANSWERS[key] for key in questions(browser)})
    people.change(two.user("adele"), {"roles": [Role.HELPDESK_ADMINISTRATOR]}, actor="tests")
    assert why_stopped(browser) == "not_registered"


def test_alone_only_where_it_was_acknowledged(alone: Org) -> None:
    browser = begun(alone, ADELE)
    choose(browser)
    give(browser, {key: ANSWERS[key] for key in questions(browser)})
    assert where(browser) == "/reset/password/"
    configuring.configure({"weak_alone_acknowledged": False}, actor="tests")
    assert where(browser) != "/reset/password/"


def test_an_unknown_name_is_asked_questions_that_stay(alone: Org) -> None:
    seen = []
    for name in ("nobody@contoso.example", "nobody@contoso.example", "bo@contoso.example", ADELE):
        browser = begun(alone, name)
        choose(browser)
        seen.append(questions(browser))
    assert seen[0] == seen[1]
    assert [len(set(one)) for one in seen] == [3, 3, 3, 3]


def test_known_and_unknown_cost_and_look_the_same(alone: Org) -> None:
    found = []
    begun(alone, ADELE).get(VERIFY)
    for name in (ADELE, "nobody@contoso.example", "bo@contoso.example"):
        browser = begun(alone, name)
        with asked() as queries:
            choose(browser)
            drawn = questions(browser)
            page = give(browser, dict.fromkeys(drawn, "wrong"))
        text = text_of(page, name)
        for label in [str(field.label) for field in page.context["form"].fields.values()]:
            text = text.replace(label, "")
        for key in drawn:
            text = text.replace(f"id_{key}", "id").replace(f'name="{key}"', "")
        found.append((len(queries), page.status_code, len(text), newest().failures))
    assert found[0] == found[1] == found[2]


def test_who_has_too_few_is_asked_as_somebody_unknown_and_is_let_through_by_nothing(alone: Org) -> None:
    give_questions(alone.user("bo"), {key: ANSWERS[key] for key in ("pet", "toy", "job")})
    configuring.configure({"questions_to_answer": 4}, actor="tests")
    begun(alone, ADELE).get(VERIFY)
    found = []
    for name in (ADELE, "bo@contoso.example", "nobody@contoso.example"):
        browser = begun(alone, name)
        with asked() as queries:
            choose(browser)
            drawn = questions(browser)
            page = give(browser, {key: ANSWERS.get(key, "any") for key in drawn[:-1]} | {drawn[-1]: "wrong"})
        found.append((len(queries), page.status_code, len(drawn), newest().failures))
    assert found[0] == found[1] == found[2]
    assert where(browser) == VERIFY


def test_a_question_that_is_taken_away_is_gone_for_known_and_unknown_names(alone: Org) -> None:
    """Who registered it and who is unknown are asked another in its place, and the rest stays."""
    changed = set()
    for name in (ADELE, *(f"nobody{number}@contoso.example" for number in range(3))):
        first = begun(alone, name)
        choose(first)
        before = questions(first)
        left = [key for key in every.PREDEFINED if key != before[1]]
        configuring.configure({"predefined_questions": left}, actor="tests")
        again = begun(alone, name)
        choose(again)
        after = questions(again)
        assert before[1] not in after
        changed.add((after[0] == before[0], after[1] == before[2], len(after)))
        configuring.configure({"predefined_questions": list(every.PREDEFINED)}, actor="tests")
    assert changed == {(True, True, 3)}


def test_another_organizations_answers_open_nothing(two: Org, fabrikam: Org) -> None:
    with entered(fabrikam.row):
        give_questions(fabrikam.user("adele"), {**ANSWERS, "pet": "Max"})
    with entered(two.row):
        browser = begun(two, ADELE)
        prove_email(browser)
        choose(browser)
        session = browser.session.session_key
    theirs = fabrikam.browser()
    theirs.cookies["session"] = session or ""
    assert theirs.get(VERIFY).status_code in {302, 403}
