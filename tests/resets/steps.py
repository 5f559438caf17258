"""A reset from where a test begins: the captcha is solved, and what the pages say is read from their context."""

from typing import Any

from django.db.models import Q

from registration.models import Challenge
from registration.origin import Origin
from resets import flow
from resets.models import Reset
from tenants.context import entered
from tenants.shield.client import network
from tenants.shield.sealing import mac
from tests.building import Browser, Org
from tests.journeys.people import answer, ask_email, code_in_mail
from tests.registration.steps import put

NEW = "Quite-Another-9"
HOME = "adele@home.example"
HERE = Origin("127.0.0.1", network("127.0.0.1"))


def begun(org: Org, name: str) -> Browser:
    """Return a browser that has told a name and solved the captcha."""
    browser = org.browser()
    put(browser, seen=1)
    with entered(org.row):
        binding = mac("registration.binding", browser.session.session_key or "")
        put(browser, reset=str(flow.start(name, binding=binding, origin=HERE).pk))
    return browser


def where(browser: Browser) -> str:
    """Return the page of the step that this browser's reset is at."""
    response = browser.get("/reset/verify/")
    return str(response.headers.get("location", "/reset/verify/"))


def why_stopped(browser: Browser) -> str:
    """Return the code on the last page."""
    assert where(browser) == "/reset/stopped/"
    return str(browser.get("/reset/stopped/").context["code"])


def prove_email(browser: Browser, address: str = HOME) -> Any:
    """Type the address, read the mail, type its code."""
    ask_email(browser, address)
    return answer(browser, code_in_mail())


def newest() -> Reset:
    """Return the reset that was begun last."""
    return Reset.objects.latest("created_at")


def open_codes() -> int:
    """Return how many codes, and links of adele's, could still be answered."""
    mine = Q(user__sign_in_name__startswith="adele@") | Q(purpose="reset")
    return Challenge.objects.filter(mine, consumed_at=None).exclude(purpose="object").count()
