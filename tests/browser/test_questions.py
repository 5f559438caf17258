"""Security questions, and an answer from elsewhere, as a person meets them."""

from collections.abc import Callable
from typing import Any

from registration import configuring
from tests.browser.sites import Desktop, code_in_mail
from tests.building import ANSWERS, Org, give_email

Open = Callable[..., Desktop]
Look = Callable[[Desktop, str], None]
ADELE, HOME = "adele@contoso.example", "adele@home.example"
QUESTIONS = {
    "pet": "What was the name of the first animal that you looked after?",
    "teacher": "Which teacher did you learn most from, by last name?",
    "street": "On which street did your best friend of primary school live?",
    "toy": "What did you call your favourite toy as a child?",
    "job": "In which town did you earn your first money?",
}


def test_questions_as_second_gate(desktop: Open, look: Look, contoso: Org) -> None:
    configuring.configure({"methods": ["email", "questions"], "required": 2}, actor="tests")
    one = desktop("contoso").sign_in(ADELE).at("Security info").says("Add 2 methods.")
    one.add_email(HOME)
    one.page.get_by_role("link", name="Security questions").click()
    one.at("Security questions")
    look(one, "questions-enrol")
    for number, (key, answer) in enumerate(ANSWERS.items(), 1):
        one.page.get_by_label(f"Question {number}", exact=True).select_option(QUESTIONS[key])
        one.fill(f"Answer {number}", "ab" if number == 2 else answer)
    one.press("Continue").says("three characters at least")
    look(one, "questions-enrol-short")
    one.fill("Answer 2", ANSWERS["teacher"]).press("Continue").at("Security info").says("You're ready.")
    look(one, "questions-registered")
    one.sign_out()

    one.begin_reset(ADELE)
    one.prove_email(HOME).at("Prove it's you").press("Continue").at("Security questions")
    look(one, "reset-questions")
    asked = [key for key, text in QUESTIONS.items() if one.page.get_by_label(text, exact=True).count()]
    assert len(asked) == 3
    for key in asked:
        one.fill(QUESTIONS[key], "something else")
    one.press("Continue").says("At least one of the answers is not right.")
    look(one, "reset-questions-wrong")
    for key in asked:
        one.fill(QUESTIONS[key], f" {ANSWERS[key].upper()}")
    one.press("Continue").at("Choose a new password")
    one.choose_password("Quite-Another-9").at("Your password is changed")


def test_an_answer_from_elsewhere(desktop: Open, look: Look, contoso: Org, bell: Any) -> None:
    configuring.configure({"methods": ["email", "doorbell"], "required": 1}, actor="tests")
    give_email(contoso.user("adele"))
    one = desktop("contoso").begin_reset(ADELE)
    one.choose("Doorbell").press("Continue").at("One moment")
    look(one, "reset-waiting")
    one.press("Use another method").at("Prove it's you")
    one.prove_email(HOME).at("Choose a new password")


def test_arabic(desktop: Open, look: Look, contoso: Org) -> None:
    configuring.configure({"methods": ["email", "questions"], "required": 2}, actor="tests")
    give_email(contoso.user("adele"))
    one = desktop("contoso", locale="ar")
    one.open("/sign-in/").page.locator("input[name=login]").fill(ADELE)
    one.page.locator("input[name=password]").fill("Correct-Horse-7")
    one.page.locator("main button.primary").click()
    one.open("/security-info/add/questions/")
    one.page.locator("main button.primary").click()
    one.page.locator("input[name=code]").fill(code_in_mail(HOME))
    one.page.locator("main button.primary").click()
    one.at("أسئلة الأمان")
    look(one, "questions-arabic")
