"""What a browser does about the captcha, in Python: the challenge is really solved, nothing is bypassed."""

import json
from typing import Any

from altcha import Challenge, Payload, solve_challenge
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from tenants.shield.captcha import find


def solve(challenge: dict[str, Any]) -> str:
    """Solve a challenge as the widget got it, and return what the widget would post."""
    parsed = Challenge.from_dict(challenge)
    solution = solve_challenge(parsed)
    assert solution is not None
    return Payload(parsed, solution).to_base64()


def solved(request: HttpRequest | None = None) -> str:
    """Return an answer that the organization being served accepts once, without asking over HTTP."""
    response = find("altcha").challenge(request or RequestFactory().get("/"))
    return solve(json.loads(response.content))


def fetched(client: Client, **extra: Any) -> str:
    """Fetch a challenge over HTTP from the host that the client speaks to, and return its solution."""
    return solve(client.get(reverse("captcha", args=["altcha"]), **extra).json())
