"""Twilio, and whoever speaks the same: its REST requests of 2010-04-01, its reports, and the instructions of a call.

A request is a form with basic authentication; an answer is JSON with a `sid`. A report is a form, signed by the account's
secret over the address that was given and every field. A call asks for its words once somebody answers, and says whether that
is a machine, so that no code is read out to a mailbox and no greeting with a # in it proves anything.
"""

import base64
import hmac
import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape, quoteattr

from django import forms
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext_lazy as _

from registration.carrier import Carrier, Hooks, Report, Settings, Spoken, Unclear, Unreached
from registration.method import Undeliverable
from registration.models import PhoneMessage
from tenants.shield import egress

BASE = "https://api.twilio.com"
SECONDS = 15  # for a whole request: what takes longer may have been accepted, and is not sent again
KEY_SECONDS = 10  # that a call waits for a key
State = PhoneMessage.State
#: A gateway's answers about what stands behind it: the request may have got there.
_UNCLEAR = frozenset({502, 504})
#: The carrier's words for how far a message or a call has come.
_STATES: Mapping[str, State] = {
    "queued": State.SENT,
    "accepted": State.SENT,
    "sending": State.SENT,
    "sent": State.SENT,
    "initiated": State.SENT,
    "ringing": State.SENT,
    "delivered": State.DELIVERED,
    "read": State.DELIVERED,
    "completed": State.DELIVERED,
    "undelivered": State.FAILED,
    "failed": State.FAILED,
    "canceled": State.FAILED,
    "busy": State.FAILED,
    "no-answer": State.FAILED,
}
#: The voice of each of our languages, which speaks it, and how that language is called there.
_VOICES: Mapping[str, tuple[str, str]] = {
    "en": ("Polly.Joanna", "en-US"),
    "de": ("Polly.Vicki", "de-DE"),
    "ar": ("Polly.Zeina", "arb"),
}
_PERSON = frozenset({"", "human", "unknown"})
_NUMBER = r"\+[1-9][0-9]{6,14}"


class TwilioForm(forms.Form):
    """The account, who sends, and where the service is."""

    account_sid = forms.CharField(
        label=_("Account SID"), max_length=64, validators=[RegexValidator(r"^[A-Za-z0-9-]+$")]
    )
    auth_token = forms.CharField(
        label=_("Auth token"),
        max_length=128,
        help_text=_("Kept sealed and never shown again. It also signs what the carrier reports."),
    )
    sender = forms.CharField(
        label=_("Sender of text messages"),
        max_length=34,
        validators=[RegexValidator(rf"^({_NUMBER}|[A-Za-z0-9 ]{{1,11}}|MG[0-9a-f]{{32}})$")],
        help_text=_(
            "A number such as +15005550006, a name of at most 11 letters, or a messaging service (MG…)."
        ),
    )
    caller = forms.CharField(
        label=_("Number that calls"),
        max_length=16,
        required=False,
        validators=[RegexValidator(rf"^{_NUMBER}$")],
        help_text=_("With the country's code, such as +15005550006. Empty: nobody can be called."),
    )
    base_url = forms.CharField(
        label=_("Address of the service"),
        max_length=200,
        initial=BASE,
        help_text=_("Change it for another carrier that speaks the same. Default: https://api.twilio.com"),
    )

    def clean_base_url(self) -> str:
        """Take an address that requests may go to."""
        url: str = self.cleaned_data["base_url"].rstrip("/")
        try:
            target = egress.parse(url, private=django_settings.REKEY_ALLOW_PRIVATE_ADDRESSES)
        except egress.Refused as problem:
            raise ValidationError(_("Enter a public https address."), code=problem.code) from problem
        if "?" in target.path:
            raise ValidationError(_("Enter a public https address."), code="query")
        return url


class Twilio(Carrier):
    """An account at Twilio."""

    kind = "twilio"
    name = "Twilio"
    description = _("Text messages and calls by an account at Twilio, or at a carrier that speaks the same.")
    calls = True
    secrets = frozenset({"auth_token"})
    destinations = frozenset({"base_url"})

    def form(self) -> type[forms.Form]:
        """Ask for the account."""
        return TwilioForm

    def can_call(self, settings: Settings) -> bool:
        """Ask for a number that calls."""
        return bool(settings.get("caller"))

    def text(self, settings: Settings, number: str, words: str, *, hooks: Hooks) -> str:
        """Ask for a message."""
        sender = settings["sender"]
        by = {"MessagingServiceSid" if sender.startswith("MG") else "From": sender}
        fields = {"To": number, **by, "Body": words, "StatusCallback": hooks["state"]}
        return _created(settings, "Messages", fields)

    def call(self, settings: Settings, number: str, *, hooks: Hooks) -> str:
        """Ask for a call that asks us what to say, and tells whether a machine answered."""
        fields = {
            "To": number,
            "From": settings["caller"],
            "Url": hooks["answer"],
            "MachineDetection": "Enable",
            "StatusCallback": hooks["state"],
        }
        return _created(settings, "Calls", fields)

    def is_genuine(self, settings: Settings, request: HttpRequest, address: str) -> bool:
        """Compare the signature with that over the address and the fields."""
        given = request.headers.get("X-Twilio-Signature", "")
        return hmac.compare_digest(
            given.encode(), signature(settings["auth_token"], address, request.POST).encode()
        )

    def report(self, posted: QueryDict) -> Report | None:
        """Read how far it has come; a machine that answered is a failure."""
        told = posted.get("MessageStatus") or posted.get("CallStatus") or ""
        state = _STATES.get(told)
        if state is None:
            return None
        if state is State.DELIVERED and self.is_machine(posted):
            return Report(State.FAILED, "machine")
        failed = state is State.FAILED
        return Report(
            state, _reason(posted.get("ErrorCode"), told) if failed else "", _cost(posted.get("Price"))
        )

    def is_machine(self, posted: QueryDict) -> bool:
        """Say so unless it may be a person."""
        return posted.get("AnsweredBy", "") not in _PERSON

    def key(self, posted: QueryDict) -> str:
        """Return the digit that was gathered, unless a machine gathers them."""
        return "" if self.is_machine(posted) else posted.get("Digits", "")[:1]

    def speak(self, spoken: Spoken | None, *, hooks: Hooks) -> HttpResponse:
        """Write the instructions; # is a key like the others, so nothing ends the gathering but the first one."""
        inner = _said(spoken) if spoken else ""
        if spoken and spoken.asks_key:
            action = quoteattr(hooks["key"])
            inner = (
                f'<Gather input="dtmf" numDigits="1" finishOnKey="" timeout="{KEY_SECONDS}" action={action} method="POST">'
                f"{inner}</Gather>"
            )
        xml = f'<?xml version="1.0" encoding="UTF-8"?><Response>{inner}<Hangup/></Response>'
        return HttpResponse(xml, content_type="text/xml")

    def billed(self, settings: Settings, message: PhoneMessage) -> Decimal | None:
        """Ask for the price of the message."""
        what = "Messages" if message.kind == PhoneMessage.Kind.SMS else "Calls"
        answer = _asked(settings, "GET", f"{what}/{quote(message.reference, safe='')}.json")
        return _cost(_read(answer.body).get("price")) if answer.status == 200 else None


def signature(secret: str, address: str, posted: QueryDict) -> str:
    """Return what the carrier signs a report with: HMAC-SHA1 over the address, then every field by its name.

    >>> form = QueryDict("CallSid=CA1234567890ABCDE&Caller=%2B14158675310&Digits=1234&From=%2B14158675310&To=%2B18005551212")
    >>> signature("12345", "https://example.com/myapp.php?foo=1&bar=2", form)
    'L/OH5YylLD5NRKLltdqwSvS0BnU='
    """
    fields = (name + value for name in sorted(posted) for value in sorted(set(posted.getlist(name))))
    made = hmac.digest(secret.encode(), (address + "".join(fields)).encode(), "sha1")
    return base64.b64encode(made).decode()


def _created(settings: Settings, what: str, fields: Mapping[str, str]) -> str:
    """Ask for a message or a call, and return its `sid`."""
    answer = _asked(settings, "POST", f"{what}.json", fields)
    if 200 <= answer.status < 300:
        sid = _read(answer.body).get("sid")
        if not isinstance(sid, str) or not re.fullmatch(r"[A-Za-z0-9-]{1,64}", sid):
            raise Unclear("malformed")
        return sid
    if answer.status in _UNCLEAR:
        raise Unclear(f"http_{answer.status}")
    if answer.status == 429 or answer.status >= 500:
        raise Unreached(f"http_{answer.status}")
    code = _read(answer.body).get("code")
    raise Undeliverable(_reason(code, f"http_{answer.status}"))


def _asked(
    settings: Settings, method: str, path: str, fields: Mapping[str, str] | None = None
) -> egress.Response:
    account, secret = settings["account_sid"], settings["auth_token"]
    basic = base64.b64encode(f"{account}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Accept": "application/json"}
    if fields is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    url = f"{settings['base_url']}/2010-04-01/Accounts/{quote(account, safe='')}/{path}"
    body = urlencode(fields).encode() if fields is not None else None
    try:
        return egress.request(method, url, headers=headers, body=body, timeout=SECONDS)
    except egress.Refused as problem:
        if problem.code == "unresolved":
            raise Unreached(problem.code) from None
        raise Undeliverable(f"address_{problem.code}") from None
    except egress.Undelivered as problem:
        raise (Unclear if problem.sent else Unreached)(problem.code) from None


def _read(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _reason(code: object, otherwise: str) -> str:
    """Return the carrier's own number for a failure, where it gives one; nothing else of what it says."""
    return f"carrier_{code}" if re.fullmatch(r"[0-9]{1,6}", str(code)) else otherwise


def _cost(price: object) -> Decimal | None:
    """Return what a price says, which is written as a negative amount.

    >>> _cost("-0.0750"), _cost(None), _cost("much"), _cost("NaN")
    (Decimal('0.0750'), None, None, None)
    """
    try:
        found = abs(Decimal(str(price))) if price is not None else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() and found < 10_000 else None


def _said(spoken: Spoken) -> str:
    voice = _VOICES.get(spoken.language)
    how = f" voice={quoteattr(voice[0])} language={quoteattr(voice[1])}" if voice else ""
    return "".join(f"<Say{how}>{escape(sentence)}</Say>" for sentence in spoken.sentences)
