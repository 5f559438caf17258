"""The words for why a message was not sent or did not arrive: for administrators, who can do something about it."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registration.telephony_rules import Refusal

_REASONS: Mapping[str, Promise] = MappingProxyType(
    {
        Refusal.NOT_A_NUMBER: _("This is no number."),
        Refusal.NOT_ALLOCATED: _("Nobody was given this number."),
        Refusal.COSTLY_RANGE: _("Numbers of this range cost more than a message."),
        Refusal.NO_COUNTRY: _("The number belongs to no country: a satellite or an international network."),
        Refusal.COUNTRY_NOT_ALLOWED: _("The number's country is not among those that are named."),
        "too_many": _("As many were sent as the limits allow."),
        "cap": _("The month has cost as much as it may."),
        "no_carrier": _("No carrier is chosen, and the provider has none for you."),
        "no_calls": _("The carrier has no number that calls."),
        "not_included": _("The organization's edition does not include calls."),
        "machine": _("A machine answered the call."),
        "busy": _("The line was busy."),
        "no-answer": _("Nobody answered."),
        "canceled": _("It was canceled."),
        "failed": _("The carrier could not deliver it."),
        "undelivered": _("The carrier could not deliver it."),
        "interrupted": _("Whether the carrier took it is not known, so it was not sent again."),
        "timeout": _("The carrier did not answer in time."),
        "unreachable": _("The carrier could not be reached."),
        "unresolved": _("The carrier's address has no host."),
        "tls": _("The carrier's certificate was not right."),
        "broken": _("The carrier's answer was cut."),
        "malformed": _("The carrier's answer made no sense."),
        "too_large": _("The carrier's answer made no sense."),
        "given_up": _("The carrier did not take it while its code was good."),
        "address": _("Requests may not go to the carrier's address."),
    }
)
_CARRIERS = _("The carrier refused it, by its error %(code)s.")
_STATUS = _("The carrier answered %(code)s.")


def reason(code: str) -> str:
    """Return the sentence for a code; its own number where the carrier gave one."""
    kind, _separator, rest = code.partition("_")
    if kind in {"carrier", "http"} and rest.isdigit():
        return str(_CARRIERS if kind == "carrier" else _STATUS) % {"code": rest}
    found = _REASONS.get(code) or _REASONS.get(code.partition("/")[0]) or _REASONS.get(kind)
    return str(found) if found else code
