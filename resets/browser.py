"""The reset of this browser: which one it is, and that nothing of it is left behind."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest

from registration.origin import origin
from registration.proof import binding
from resets import flow, journey
from resets.flow import Standing
from resets.journey import Entry
from resets.models import Reset

_SESSION = "reset"


def begin(request: HttpRequest, name: str, entry: Entry) -> Reset:
    """Begin a reset in this browser. A kiosk's session is kept no longer than a reset lives, even if nobody ever clears it."""
    reset = flow.start(name, binding=binding(request), origin=origin(request), entry=entry)
    hold(request, reset, entry)
    return reset


def hold(request: HttpRequest, reset: Reset, entry: Entry) -> None:
    """Make a reset this browser's own."""
    request.session[_SESSION] = str(reset.pk)
    if entry is Entry.KIOSK:
        request.session.set_expiry(int(journey.LIFE.total_seconds()))


def find(request: HttpRequest) -> Standing | None:
    """Return this browser's reset as it stands."""
    pk = request.session.get(_SESSION)
    return flow.find(UUID(pk), binding=binding(request)) if pk else None


def keep_only_this(request: HttpRequest) -> None:
    """Forget everything else of the session: whoever was in this browser no longer is."""
    kept = request.session[_SESSION]
    request.session.flush()
    request.session[_SESSION] = kept


def forget(request: HttpRequest) -> None:
    """End what is under way in this browser and forget who was in it: whoever comes next finds nothing."""
    at = find(request)
    if at is not None:
        flow.leave(at.reset, origin=origin(request))
    for _message in messages.get_messages(request):
        pass  # reading them forgets them
    logout(request)
