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


def choose_mobile(browser: Any, number: str, *, country: str = "", way: str = "sms") -> Any:
    """Choose the mobile phone, and type a number."""
    return _choose_phone(browser, "mobile_phone", number=number, country=country, way=way)


def choose_office(browser: Any, number: str, *, country: str = "") -> Any:
    """Choose the office phone, and type a number."""
    return _choose_phone(browser, "office_phone", number=number, country=country)


def _choose_phone(browser: Any, kind: str, **fields: str) -> Any:
    typed = {f"{kind}-{field}": value for field, value in fields.items()}
    return browser.post("/reset/verify/", {"action": "choose", "method": kind, **typed})


def _wait(**fields: str) -> Callable[[Visitor], Any]:
    return lambda visitor: visitor.browser.post("/reset/wait/", fields)


def _wrong_app(visitor: Visitor) -> Any:
    return prove_app(visitor.browser, WRONG)


def _wrong_password(visitor: Visitor) -> Any:
    return sign_in(visitor.browser, visitor.name, "Wrong-Horse-7")


def _ask_questions(visitor: Visitor) -> Any:
    return visitor.browser.post("/reset/verify/", {"action": "choose", "method": "questions"})


def _wait_no_more(visitor: Visitor) -> Any:
    return visitor.browser.post("/reset/wait/", {"action": "back"})


def _phone_too_late(visitor: Visitor) -> None:
    own = Reset.objects.filter(pk=_own(visitor)).values("challenge")
    Challenge.objects.filter(pk__in=own).update(expires_at=timezone.now())


def _read_questions(visitor: Visitor) -> None:
    page = visitor.browser.get("/reset/verify/").content.decode()
    visitor.kept["questions"] = re.findall(r'<input type="text" name="([^"]+)"', page)


def _wrong_answers(visitor: Visitor) -> Any:
    given = dict.fromkeys(visitor.kept["questions"], "of no use")
    return visitor.browser.post("/reset/verify/", {"action": "answer", **given})


def _use_up_messages(visitor: Visitor) -> None:
    reset = Reset.objects.get(pk=_own(visitor))
    for _time in range(TELL_NAME.limit):
        throttle.spend(TELL_NAME, reset.typed or reset.whom, network(visitor.network))


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
#: Where phones prove: each way of them, wrong numbers, once more.
PHONES = (
    Step("the name", _start, before=_solve),
    Step("the gate", _get("/reset/verify/")),
    Step("no number", lambda visitor: choose_mobile(visitor.browser, "")),
    Step("no country", lambda visitor: choose_mobile(visitor.browser, "0" + visitor.mobile[3:])),
    Step("what is no number", lambda visitor: choose_mobile(visitor.browser, "no number", country="DE")),
    Step("a whole number", lambda visitor: choose_mobile(visitor.browser, visitor.mobile)),
    Step("the page of its code", _get("/reset/verify/")),
    Step("a wrong code", lambda visitor: answer(visitor.browser, "00000x")),
    Step("another code", _verify(action="resend")),
    Step("the page that says so", _get("/reset/verify/")),
    Step("another method", _verify(action="back")),
    Step(
        "a call, to the number as it is dialled there",
        lambda visitor: choose_mobile(visitor.browser, "0" + visitor.mobile[3:], country="DE", way="call"),
    ),
    Step("a wrong code of a call", lambda visitor: answer(visitor.browser, "00000x")),
    Step("another call", _verify(action="resend")),
    Step("another method after the call", _verify(action="back")),
    Step("a wrong number", lambda visitor: choose_mobile(visitor.browser, "+4917698765432")),
    Step("a wrong code of it", lambda visitor: answer(visitor.browser, "00000x")),
    Step("an office number", lambda visitor: choose_office(visitor.browser, visitor.office)),
    Step("the page that waits", _get("/reset/wait/")),
    Step("the page that waits, by the other's address", _get("/reset/verify/")),
    Step("a code in place of a key", lambda visitor: answer(visitor.browser, "#")),
    Step("call again", _wait(action="resend")),
    Step("the page that waits again", _get("/reset/wait/")),
    Step("no more waiting", _wait(action="back")),
    Step("a wrong office number", lambda visitor: choose_office(visitor.browser, "+4940123456")),
    Step("the page that waits for it", _get("/reset/wait/")),
    Step("given up while it rings", _wait(action="abandon")),
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
