"""Recent proof: what a person shows again before they may touch their security info.

The password, and one registered method where there is any: who stole a password alone cannot add an address of their own and
own the account by a reset (ASVS 7.5.1, NIST SP 800-63B-4 4.1.2.1).
"""

import functools
import time
from collections.abc import Callable, Collection
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode

import django_otp
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url

from registration.licences import lacking
from registration.method import registry
from registration.models import Device, User
from tenants.shield.sealing import mac

_PROVED_AT, _PROVED_BY = "proved_at", "proved_by"
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def person(request: HttpRequest) -> User:
    """Return the signed-in person of a request that a decorator has checked."""
    return cast(User, request.user)


def binding(request: HttpRequest) -> str:
    """Return what ties a challenge to this browser's session, without keeping the session's key anywhere else."""
    if not request.session.session_key:
        request.session.create()
    return mac("registration.binding", request.session.session_key or "")


def accept(request: HttpRequest, device: Device) -> None:
    """Remember that this session has proved a method; one that is a second factor opens the desk too.

    A mailbox that is confirmed after an app was proved takes nothing from that proof.
    """
    strong = {kind for kind, method in registry().items() if method.second_factor}
    request.session.cycle_key()
    if device.kind in strong or not proved_lately(request, strong):
        request.session[_PROVED_AT], request.session[_PROVED_BY] = time.time(), device.kind
    if device.kind in strong:
        django_otp.login(request, device)


def sufficient(kinds: Collection[str]) -> frozenset[str]:
    """Return those of a person's methods that prove enough: a second factor where they have one, else any that can.

    A mailbox must not become a second factor by adding an app, or by removing one (NIST SP 800-63B-4 4.1.2.1). What the
    edition leaves out proves nothing, and is asked for only where it is all that they have: else a password would be enough.
    """
    known = [method for kind in kinds if (method := registry().get(kind)) and method.proves_again]
    usable = [method for method in known if method.traits.needs not in lacking()] or known
    strong = frozenset(method.kind for method in usable if method.second_factor)
    return strong or frozenset(method.kind for method in usable)


def proved_lately(request: HttpRequest, kinds: Collection[str]) -> bool:
    """Say whether one of these methods was proved within the time of a registration session."""
    fresh = (
        time.time() - float(request.session.get(_PROVED_AT, 0)) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    )
    return fresh and request.session.get(_PROVED_BY) in kinds


def recent_proof_required(view: View[P]) -> View[P]:
    """Send to the password, then to a registered method, before the view; both come back here."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        back = urlencode(
            {"next": request.get_full_path() if request.method == "GET" else resolve_url("security-info")}
        )
        if get_adapter(request).is_reauthentication_required(app="registration"):
            return redirect(f"{resolve_url('account_reauthenticate')}?{back}")
        kinds = set(
            Device.objects.filter(user=person(request), confirmed=True).values_list("kind", flat=True)
        )
        enough = sufficient(kinds)
        if enough and not proved_lately(request, enough):
            return redirect(f"{resolve_url('verify')}?{back}")
        return view(request, *args, **kwargs)

    return cast("View[P]", login_required(guarded))
