"""What a change of an organization's subscription would do: a higher room knows, and is asked before it is saved."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

from licensing.editions import Snapshot
from tenants.models import Organization
from tenants.previewing import Preview


@dataclass(frozen=True)
class Subscribed:
    """An organization with what it has bought, and what it would have bought."""

    organization: Organization
    before: Snapshot | None
    after: Snapshot | None


Reader = Callable[[HttpRequest, Subscribed], Preview]
_readers: list[Reader] = []


def contribute(reader: Reader) -> None:
    """Let a higher room say what becomes of an organization's people; one room does."""
    _readers.append(reader)


def foresee(request: HttpRequest, change: Subscribed) -> Preview | None:
    """Return what a change would do, for the person who asks."""
    if change.before == change.after:
        return None
    return next((reader(request, change) for reader in _readers), None)
