"""What a person does in a browser, over HTTP: small steps for the journeys to be told in."""

import re
from typing import Any

from django.core import mail
from django.test import Client

from tests.building import run_jobs
from tests.tenants.shield.solving import fetched


def begin_reset(browser: Client, name: str) -> Any:
    """Type a name, solve the captcha."""
    return browser.post("/reset/", {"sign_in_name": name, "captcha": fetched(browser)})


def prove_app(browser: Client, code: str) -> Any:
    """Choose the authenticator app and type its code."""
    return browser.post("/reset/verify/", {"action": "choose", "method": "app_code", "app_code-code": code})


def ask_email(browser: Client, address: str) -> Any:
    """Choose email and type the whole address."""
    return browser.post("/reset/verify/", {"action": "choose", "method": "email", "email-address": address})


def answer(browser: Client, code: str) -> Any:
    """Type the code that was sent."""
    return browser.post("/reset/verify/", {"action": "answer", "code": code})


def choose_password(browser: Client, password: str) -> Any:
    """Type a new password, twice."""
    return browser.post("/reset/password/", {"new_password": password, "confirm": password})


def code_in_mail() -> str:
    """Run the jobs, and return the code in the newest mail."""
    run_jobs()
    found = re.findall(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert len(found) == 1, mail.outbox[-1].body
    return str(found[0])
