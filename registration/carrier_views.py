"""The addresses that a carrier reports to: a signature first, and nothing is looked at before it was found right."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from registration import telephony
from registration.carrier import Hooks
from registration.lines import line


@csrf_exempt
@require_POST
@never_cache
def hook(request: HttpRequest, kind: str, name: str, message: UUID) -> HttpResponse:
    """Take a report of the organization's own carrier. Its signature is over the address that it was given, not over Host."""
    found = line()
    if found is None or found.kind != kind or name not in _HOOKS:
        raise Http404
    hooks = Hooks(kind, message)
    if not found.carrier.is_genuine(found.settings(), request, hooks[name]):
        return HttpResponse(status=403)
    carrier = found.carrier
    if not telephony.reported(message, carrier.report(request.POST) if name == "state" else None):
        raise Http404
    if name == "answer":
        spoken = telephony.answered(message, by_machine=carrier.is_machine(request.POST))
        return carrier.speak(spoken, hooks=hooks)
    if name == "key":
        return carrier.speak(telephony.pressed(message, carrier.key(request.POST)), hooks=hooks)
    return HttpResponse(status=204)


_HOOKS = frozenset({"state", "answer", "key"})
