"""A method that exists in tests alone: a bell rings at a person's door, and pressing its button answers.

It has what a method can have: an answer from outside, a page of its own, an endpoint, a decoy, and an edition that it needs.
Dropping this file beside the others is all that adds it.
"""

import hmac
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from licensing.editions import Feature
from registration import state as states
from registration import verification
from registration.method import Endpoint, Method, State
from registration.models import Challenge, Device, User
from registration.policy import MethodTraits

#: What rang, in this process: the bell's name and the request. It stands for the wire to the door.
RUNG: list[tuple[str, str]] = []


class BellForm(forms.Form):
    """Ask which bell."""

    bell = forms.CharField(label="Bell", max_length=20)


class Doorbell(Method):
    """A bell, and a button below it."""

    kind = "doorbell"
    name = "Doorbell"
    description = "It rings at your door."
    prompt = "Press the button below your bell when it shows this number."
    icon = "phone"
    strength = 50
    traits = MethodTraits(kind="doorbell", needs=Feature.PHONE_CALLS)
    second_factor = True
    sends = True
    waits = True

    def enrol_form(self) -> type[forms.Form]:
        """Ask which bell."""
        return BellForm

    def begin(self, data: Mapping[str, object], *, user: User) -> State:
        """Make a key that the bell signs with."""
        return {"bell": str(data["bell"]), "key": secrets.token_hex(16)}

    def identity(self, state: State) -> str:
        """Tell bells apart."""
        return state["bell"]

    def label(self, state: State) -> str:
        """Return the bell."""
        return state["bell"]

    def masked(self, state: State) -> str:
        """Return its first letter."""
        return f"{state['bell'][:1]}•••"

    def draw(self, state: State, *, seed: str) -> State:
        """Draw a number that page and bell show."""
        return {"number": f"{secrets.randbelow(90) + 10}"}

    def deliver(self, state: State, code: str, *, challenge: str, purpose: str, language: str) -> None:
        """Ring."""
        RUNG.append((state["bell"], code))

    def decoy(self) -> State:
        """Return a bell that hangs nowhere."""
        return {"bell": "", "key": secrets.token_hex(16)}

    def endpoints(self) -> Mapping[str, Endpoint]:
        """Take the button."""
        return {"pressed": pressed}


@csrf_exempt
@require_POST
def pressed(request: HttpRequest) -> JsonResponse:
    """Take a press that the bell signed over the request, its number and what was pressed; anything else is not there."""
    wanted, verdict = _uuid(request.POST.get("request", "")), request.POST.get("verdict", "")
    asked = get_object_or_404(Challenge, pk=wanted, kind=Doorbell.kind, consumed_at=None)
    number = verification.drawn(asked).get("number", "")
    for device, key in _keys(asked):
        signature = sign(key, str(asked.pk), number, verdict)
        if verdict in Challenge.Verdict and hmac.compare_digest(signature, request.POST.get("signature", "")):
            if not verification.settle(asked.pk, Challenge.Verdict(verdict), device=device):
                raise Http404
            return JsonResponse({"taken": verdict})
    raise Http404


def sign(key: str, *parts: str) -> str:
    """Return the bell's signature."""
    return hmac.new(bytes.fromhex(key), "/".join(parts).encode(), sha256).hexdigest()


def _keys(asked: Challenge) -> list[tuple[Device | None, str]]:
    found: list[tuple[Device | None, str]] = [
        (device, states.of(device)["key"])
        for device in Device.objects.filter(user=asked.user_id, kind=asked.kind)
    ]
    return found or [(None, verification.waiting_state(asked)["key"])]


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


def number_of(page: Any) -> str:
    """Return the number that the waiting page shows."""
    return str(page.context["drawn"]["number"])
