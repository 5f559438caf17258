"""The demo's inbox: the mails, the telephones, and the codes that the administrators' apps would show."""

import base64
import time
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_otp.oath import hotp

from config.demo import inbox, phones
from config.demo.seed import totp_keys

STEP = 30
PHONES_SHOWN = 10
# A mail is somebody else's text: it may look like itself and do nothing.
HARMLESS = (
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; "
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True)
class Code:
    """What an authenticator app shows now."""

    sign_in_name: str
    host: str
    code: str


@require_safe
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """Show the mails of every organization, the newest first, below the telephones and the current codes."""
    page = Paginator(inbox.names(), 25).get_page(request.GET.get("page"))
    now = time.time()
    context = {
        "page": page,
        "mails": [mail for name in page if (mail := inbox.read(name))],
        "codes": [Code(name, host, code(key, now)) for name, host, key in totp_keys()],
        "phones": [phone for name in phones.names()[:PHONES_SHOWN] if (phone := phones.read(name))],
        "keys": phones.KEYS,
        "seconds": STEP - int(now) % STEP,
    }
    return render(request, "demo/inbox.html", context)


@require_safe
@never_cache
def html(request: HttpRequest, name: str) -> HttpResponse:
    """Show the formatted part of a mail, as a mail program would: without scripts and without our cookies."""
    mail = inbox.read(name)
    if mail is None or not mail.html:
        raise Http404
    return HttpResponse(mail.html, headers={"Content-Security-Policy": HARMLESS})


@require_POST
@never_cache
def call(request: HttpRequest, name: str) -> HttpResponse:
    """Answer a call, let a mailbox answer it, or press a key in it."""
    if phones.read(name) is None:
        raise Http404
    if key := request.POST.get("key", ""):
        phones.press(name, key)
    else:
        phones.answer(name, by_machine="machine" in request.POST)
    return redirect("demo:inbox")


def code(key: str, now: float) -> str:
    """Return the six digits that an app with a base32 key shows at a moment.

    >>> code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59)
    '287082'
    """
    return f"{hotp(base64.b32decode(key), int(now) // STEP):06}"
