"""Require somebody to register their methods anew, as Entra's "Require re-register" does: what they have is taken away.

The password then opens the page of security info alone, so whoever else knows it could register methods of their own before
the owner does. So the owner is told at every address, each with the way to object, before anything is taken; they are asked at
once at their next sign-in and can't put it off; and where somebody else may know the password, it is taken as well.
"""

from django.db import transaction

from registration import audit, enrolling, notices, passwords, people, verification
from registration.audit import Activity
from registration.models import User
from registration.origin import Origin


@transaction.atomic
def require(user: User, *, with_password: bool, actor: User, origin: Origin) -> None:
    """Remove all methods, end sessions, void what is open; with the password, too, where somebody else may know it."""
    notices.registered_anew(user)
    kinds = enrolling.remove_all(user, actor=actor, origin=origin)
    verification.void(user=user)
    people.must_register(user)
    people.end_sessions(user)
    if with_password and user.has_usable_password():
        passwords.disown(user, actor=actor, origin=origin)
        user.refresh_from_db(fields=["password", "must_change"])
    if with_password:
        passwords.exposed.send(sender=User, user=user)
    data = {"removed": kinds, "with_password": with_password}
    audit.record(Activity.REGISTRATION_REQUIRED, actor=actor, subject=user, origin=origin, data=data)
