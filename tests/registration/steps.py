"""What a signed-in person has done before a test begins, and what is the same on two pages."""

import re
import time
from typing import Any

from registration.models import Device, User
from registration.proof import sufficient
from tests.building import Browser, Org, sign_in

_TOKENS = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]*"|name="captcha" value="[^"]*"|closes in \d+\s+minutes?'
    r'|<dd dir="ltr">[0-9A-F]{8}</dd>'
)


def signed_in(org: Org, user: User) -> Browser:
    """Return a browser in which this person has just given the password."""
    browser = org.browser()
    assert sign_in(browser, user.sign_in_name).status_code == 302
    return browser


def proved(org: Org, user: User, device: Device | None = None) -> Browser:
    """Return a browser in which this person has also just proved a method; `device` opens the desk too."""
    browser = signed_in(org, user)
    kinds = set(Device.objects.filter(user=user).values_list("kind", flat=True))
    by = device.kind if device else next(iter(sufficient(kinds)), "email")
    session = {"otp_device_id": device.persistent_id} if device else {}
    put(browser, proved_at=time.time(), proved_by=by, **session)
    return browser


def put(browser: Browser, **values: Any) -> None:
    """Write into a browser's session."""
    session = browser.session
    session.update(values)
    session.save()


def age_password(browser: Browser, seconds: float) -> None:
    """Let the password of this session have been given so much earlier."""
    session = browser.session
    for record in session["account_authentication_methods"]:
        record["at"] -= seconds
    session.save()


def text_of(response: Any, *names: str) -> str:
    """Return a page without what is random on it, and without the names that were typed."""
    text = _TOKENS.sub("", response.content.decode())
    for name in names:
        text = text.replace(name, "NAME")
    return text
