"""A page that waits asks by itself whether an answer has come, by the header that static/wait.js sets.

It is told that one has come, and nothing else happens: what acts on it is the page's own next request, so that whatever is
said then is seen by a person and not by a script.
"""

from django.http import HttpRequest, HttpResponse

from registration.models import Challenge

_HEADER = "X-Waiting"


def has_come(request: HttpRequest, asked: Challenge | None) -> HttpResponse | None:
    """Return an empty answer for a script that asks about a challenge that waits no longer; None for everybody else."""
    over = asked is None or bool(asked.verdict) or asked.failures > 0
    return HttpResponse(status=204) if _HEADER in request.headers and over else None
