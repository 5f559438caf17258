"""Every step that somebody can take who has proved nothing: what is compared for two hundred names, and timed."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from registration.budgets import SIGN_IN_NAME
from registration.models import Challenge
from resets.budgets import START_NAME, TELL_NAME
from resets.models import Reset
from tenants.shield import throttle
from tenants.shield.client import network
from tests.building import sign_in
from tests.journeys.people import answer, ask_email, choose_password, prove_app
from tests.resets.visitors import Visitor
from tests.tenants.shield.solving import fetched

WRONG = "000000"
NEW = "Quite-Another-9"


@dataclass(frozen=True)
class Step:
    """One request of a visitor; `before` is done first, and nobody looks."""

    name: str
    do: Callable[[Visitor], Any]
    before: Callable[[Visitor], object] = lambda _visitor: None


def _get(path: str) -> Callable[[Visitor], Any]:
    return lambda visitor: visitor.browser.get(path)


def _verify(**fields: str) -> Callable[[Visitor], Any]:
    return lambda visitor: visitor.browser.post("/reset/verify/", fields)


def _solve(visitor: Visitor) -> None:
    visitor.kept["captcha"] = fetched(visitor.browser)


def _start(visitor: Visitor) -> Any:
    form = {"sign_in_name": visitor.name, "captcha": visitor.kept["captcha"]}
    return visitor.browser.post("/reset/", form)


def _own(visitor: Visitor) -> str:
    return str(visitor.browser.session["reset"])


def _ask_email(visitor: Visitor) -> Any:
    return ask_email(visitor.browser, visitor.address)


def _wrong_app(visitor: Visitor) -> Any:
    return prove_app(visitor.browser, WRONG)


def _wrong_password(visitor: Visitor) -> Any:
    return sign_in(visitor.browser, visitor.name, "Wrong-Horse-7")


def _ask_questions(visitor: Visitor) -> Any:
    return visitor.browser.post("/reset/verify/", {"action": "choose", "method": "questions"})


def _wait_no_more(visitor: Visitor) -> Any:
    return visitor.browser.post("/reset/wait/", {"action": "back"})


def _phone_too_late(visitor: Visitor) -> None:
    asked = Reset.objects.values("challenge").filter(pk=_own(visitor))
    Challenge.objects.filter(pk__in=asked).update(expires_at=timezone.now())


def _read_questions(visitor: Visitor) -> None:
    page = visitor.browser.get("/reset/verify/").content.decode()
    visitor.kept["questions"] = re.findall(r'<input type="text" name="([^"]+)"', page)


def _wrong_answers(visitor: Visitor) -> Any:
    given = dict.fromkeys(visitor.kept["questions"], "of no use")
    return visitor.browser.post("/reset/verify/", {"action": "answer", **given})


def _use_up_messages(visitor: Visitor) -> None:
    typed = Reset.objects.get(pk=_own(visitor)).typed
    for _time in range(TELL_NAME.limit):
        throttle.spend(TELL_NAME, typed or _own(visitor), network(visitor.network))


def _use_up_starts(visitor: Visitor) -> None:
    for _time in range(START_NAME.limit):
        throttle.spend(START_NAME, visitor.name.strip().lower()[:113], network(visitor.network))


def _use_up_passwords(visitor: Visitor) -> None:
    for _time in range(SIGN_IN_NAME.limit):
        throttle.spend(SIGN_IN_NAME, visitor.name.strip().lower()[:113], network(visitor.network))


def _let_it_expire(visitor: Visitor) -> None:
    Reset.objects.filter(pk=_own(visitor)).update(expires_at=timezone.now())


#: A phone that is asked: taken back, and left alone until it is over.
PHONE = (
    Step("a phone", _verify(action="choose", method="app_notification")),
    Step("the page that waits for it", _get("/reset/wait/")),
    Step("no phone", _wait_no_more),
    Step("a phone once more", _verify(action="choose", method="app_notification")),
    Step("nobody answered", _get("/reset/verify/"), before=_phone_too_late),
)
#: A first walk: each method, every button, five wrong answers.
START = (
    Step("the first page", _get("/reset/")),
    Step("a captcha", _get("/captcha/altcha")),
    Step("the name", _start, before=_solve),
    Step("the gate", _get("/reset/verify/")),
)
WALK = (
    *START,
    Step("a wrong app code", _wrong_app),
    Step("the gate after it", _get("/reset/verify/")),
    Step("an app code of letters", lambda visitor: prove_app(visitor.browser, "éééééé")),
    Step("a method that is none", _verify(action="choose", method="fax")),
    Step("no method", _verify(action="choose")),
    Step("an empty address", lambda visitor: ask_email(visitor.browser, "")),
    Step("a whole address", _ask_email),
    Step("the page of the code", _get("/reset/verify/")),
    Step("no code", lambda visitor: answer(visitor.browser, "")),
    Step("a wrong code", lambda visitor: answer(visitor.browser, "00000x")),
    Step("another code", _verify(action="resend")),
    Step("the page that says so", _get("/reset/verify/")),
    Step("another method", _verify(action="back")),
    Step("a wrong address", lambda visitor: ask_email(visitor.browser, "x" + visitor.address)),
    Step("a wrong code of it", lambda visitor: answer(visitor.browser, "00000x")),
    Step("the page that waits, too early", _get("/reset/wait/")),
    *PHONE,
    Step("the page of the password", _get("/reset/password/")),
    Step("a password too early", lambda visitor: choose_password(visitor.browser, NEW)),
    Step("the last page too early", _get("/reset/done/")),
    Step("the page of those who are stopped, too early", _get("/reset/stopped/")),
    Step("the fifth wrong one", _wrong_app),
    Step("stopped", _get("/reset/stopped/")),
    Step("a code after it", _wrong_app),
    Step("the gate when it is over", _get("/reset/verify/")),
)
#: Further walks, each from its start: given up, waited too long, asked too often.
ENDS = (
    Step("a second name", _start, before=_solve),
    Step("a whole address again", _ask_email),
    Step("given up", _verify(action="abandon")),
    Step("after giving up", _get("/reset/stopped/")),
    Step("a third name", _start, before=_solve),
    Step("too late", _wrong_app, before=_let_it_expire),
    Step("it has expired", _get("/reset/stopped/")),
    Step("a fourth name", _start, before=_solve),
    Step("an address too often", _ask_email, before=_use_up_messages),
    Step(
        "a name without a captcha",
        lambda visitor: visitor.browser.post("/reset/", {"sign_in_name": visitor.name}),
    ),
    Step("a name too often", _start, before=lambda visitor: (_use_up_starts(visitor), _solve(visitor))),
)
#: Where questions alone are enough.
QUESTIONS = (
    Step("the name", _start, before=_solve),
    Step("the gate", _get("/reset/verify/")),
    Step("the questions", _ask_questions),
    Step("the page of the questions", _get("/reset/verify/")),
    Step("wrong answers", _wrong_answers, before=_read_questions),
    Step("another method", _verify(action="back")),
)
SIGN_IN = (
    Step("the page of sign-in", _get("/sign-in/")),
    Step("a wrong password", _wrong_password),
    Step("a wrong password again", _wrong_password),
    Step("a wrong password too often", _wrong_password, before=_use_up_passwords),
)
EVERY = (*WALK, *ENDS, *SIGN_IN)
#: What all of them do: from the name over each method to a wrong answer, and a wrong password.
SHORT = (
    Step("the name", _start, before=_solve),
    Step("a wrong app code", _wrong_app),
    *PHONE,
    Step("a whole address", _ask_email),
    Step("a wrong code", lambda visitor: answer(visitor.browser, "00000x")),
    Step("another code", _verify(action="resend")),
    Step("a wrong password", _wrong_password),
)
#: What is timed: each kind of request once, and three wrong answers of the five that end a reset.
TIMED = (
    Step("the name", _start, before=_solve),
    Step("the gate", _get("/reset/verify/")),
    Step("a wrong app code", _wrong_app),
    Step("the questions", _ask_questions),
    Step("the page of the questions", _get("/reset/verify/")),
    Step("wrong answers", _wrong_answers, before=_read_questions),
    Step("another method", _verify(action="back")),
    Step("a whole address", _ask_email),
    Step("the page of the code", _get("/reset/verify/")),
    Step("a wrong code", lambda visitor: answer(visitor.browser, "00000x")),
    Step("another code", _verify(action="resend")),
    Step("a password too early", lambda visitor: choose_password(visitor.browser, NEW)),
    Step("given up", _verify(action="abandon")),
    Step("a wrong password", _wrong_password),
)
