"""What phones ask of us, under `methods/app_notification/`. A phone has no session and no form: its signature counts."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from registration import enrolling
from registration.authenticator import pairing, phones, push, requests
from registration.authenticator.phones import Refusal, Refused, Spoken
from registration.authenticator.requests import Answered
from registration.budgets import PAIR
from registration.codes import Limit
from registration.method import Endpoint
from registration.origin import origin
from registration.wording import too_often
from tenants.context import current
from tenants.refusals import code_of
from tenants.shield import throttle

#: For who looks after a phone that is not understood; the page itself acts on most of them.
_WORDS = {
    Refusal.MALFORMED: _lazy("The phone's message can't be read. Reload its page."),
    Refusal.ELSEWHERE: _lazy("The phone's message is not meant for this organization. Reload its page."),
    Refusal.CLOCK: _lazy("The phone's clock is off. Set its date and time, then try again."),
    Refusal.FORGED: _lazy("The phone's message is not signed by its key. Pair the phone again."),
    Refusal.REPLAYED: _lazy("The phone's message came twice. Try again."),
    Refusal.GONE: _lazy("This phone is not registered any more. Pair it again."),
}
_STATUS = {Refusal.MALFORMED: 400, Refusal.GONE: 410}
Take = Callable[[HttpRequest, Spoken], JsonResponse]


@csrf_exempt
@never_cache
@require_POST
def pair(request: HttpRequest) -> HttpResponse:
    """Take a new phone by the code that its person was shown."""
    text, signature = _said(request)
    try:
        parts = phones.opened(text, "pair")
    except Refused as refused:
        return _refusal(refused.code)
    verdict = throttle.spend(PAIR, origin(request).network)
    if not verdict.allowed:
        return _error(Limit.TOO_OFTEN, too_often(verdict.retry_after), 429)
    user = pairing.pair(parts, text, signature)
    if user is None:
        return _error("code", _("This code opens nothing. Ask for a new one on the other screen."), 404)
    return _answer({"account": str(user.pk), "name": user.sign_in_name, "organization": current().name})


def _from_phone(act: str) -> Callable[[Take], Endpoint]:
    """Make a view of what is done for a phone that is known."""

    def decorate(take: Take) -> Endpoint:
        @csrf_exempt
        @never_cache
        @require_POST
        def view(request: HttpRequest) -> HttpResponse:
            try:
                return take(request, phones.heard(*_said(request), act))
            except Refused as refused:
                return _refusal(refused.code)

        return view

    return decorate


@_from_phone("open")
def open_request(request: HttpRequest, spoken: Spoken) -> JsonResponse:
    """Answer with the request that waits for this phone."""
    found = requests.waiting_for(spoken.device)
    if found is None:
        return _answer({})
    about = {
        "id": str(found.id),
        "purpose": found.purpose,
        "browser": found.browser.name,
        "system": found.browser.system,
        "address": found.address,
        "at": int(found.asked_at.timestamp() * 1000),
        "until": int(found.expires_at.timestamp() * 1000),
    }
    return _answer({"request": about})


@_from_phone("answer")
def answer(request: HttpRequest, spoken: Spoken) -> JsonResponse:
    """Take an answer."""
    came = requests.answer(spoken, origin(request))
    if came is Answered.OVER:
        return _error(Answered.OVER, _("This request is over. Nothing was approved."), 409)
    return _answer({"outcome": came})


@_from_phone("subscribe")
def subscribe(request: HttpRequest, spoken: Spoken) -> JsonResponse:
    """Keep where a phone is woken."""
    if not push.subscribe(spoken.device, spoken.parts):
        return _error("endpoint", _("This push service can't be used. The open page still asks."), 400)
    return _answer({})


@_from_phone("remove")
def remove(request: HttpRequest, spoken: Spoken) -> JsonResponse:
    """Take the phone from its person's security info, at the phone's own wish."""
    user = spoken.device.user
    enrolling.remove(user, spoken.device, actor=user, origin=origin(request))
    return _answer({})


ENDPOINTS = {"pair": pair, "open": open_request, "answer": answer, "subscribe": subscribe, "remove": remove}


def _said(request: HttpRequest) -> tuple[str, str]:
    return request.POST.get("message", ""), request.POST.get("signature", "")


def _answer(values: dict[str, object]) -> JsonResponse:
    return JsonResponse({**values, "now": phones.now()})


def _refusal(code: Refusal) -> JsonResponse:
    return _error(code, _WORDS[code], _STATUS.get(code, 403))


def _error(code: str, text: object, status: int) -> JsonResponse:
    shown = {"code": code_of(code)} if code_of(code) else {}
    return JsonResponse({"error": code, "text": str(text), "now": phones.now(), **shown}, status=status)
