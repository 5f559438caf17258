"""That wasn't me: what a person's objection to a change does, once, by the link that its notice brought.

It ends what may be in another's hands and undoes nothing else. Security info that was added goes; sessions, open codes and
resets end. A password that its owner disowns opens nothing any more, and for a day nobody resets it, so that a thief cannot
simply do it again, unless an administrator releases it. The administrators are told: from here on they help.
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from registration import audit, enrolling, notices, objection_links, passwords, people, verification
from registration.audit import Activity
from registration.models import Device, User
from registration.objection_links import Change
from registration.origin import Origin

#: For how long nobody resets a password that was objected to.
BLOCKED = timedelta(hours=24)
_PASSWORDS = frozenset({"password_reset", "password_changed"})

#: Sent within the transaction of an objection; a higher room ends what it has open for the person. Takes user.
objected = Signal()


def find(pk: UUID, token: str) -> tuple[User, Change] | None:
    """Return who was told of which change, when the link can still be used."""
    found = objection_links.find(pk, token)
    return (found[0].user, found[1]) if found and found[0].user else None


def is_about_password(change: Change) -> bool:
    """Say whether a password was set, not security info."""
    return change.event in _PASSWORDS


@transaction.atomic
def object_to(pk: UUID, token: str, *, origin: Origin) -> Change | None:
    """Act on an objection, and spend every link of the same change; None when the link cannot be used."""
    if (before := objection_links.find(pk, token)) is None:
        return None
    objection_links.lock(before[0].binding)
    if (found := objection_links.find(pk, token)) is None or (user := found[0].user) is None:
        return None
    change = found[1]
    objection_links.spend(found[0].binding)
    audit.record(
        Activity.OBJECTED,
        actor=user,
        subject=user,
        origin=origin,
        method=change.kind,
        reason=change.change or change.event,
    )
    if change.device and (device := Device.objects.filter(pk=int(change.device), user=user).first()):
        enrolling.remove(user, device, actor=user, origin=origin)
    verification.void(user=user)
    people.end_sessions(user)
    if is_about_password(change):
        passwords.disown(user, origin=origin)
        people.block_reset(user, timezone.now() + BLOCKED)
    objected.send(sender=User, user=user)
    notices.tell("objection_done", user, notices.addresses(user), about=change.event)
    for other in notices.administrators(but=user):
        notices.tell(
            "objection",
            other,
            [other.primary_address],
            who=user.sign_in_name,
            about=change.event,
            change=change.change,
            kind=change.kind,
        )
    return change
