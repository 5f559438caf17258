"""The only writer of a local password. Every page, command and job that sets one comes here, with who does it and why."""

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.utils import timezone

from registration import audit, verification
from registration.audit import Activity
from registration.models import User
from registration.origin import Origin
from registration.password_rules import Violation, violations
from tenants.context import current


class Refused(Exception):
    """A password breaks rules; all of them are in `violations`."""

    def __init__(self, found: tuple[Violation, ...]) -> None:
        super().__init__(", ".join(one.rule for one in found))
        self.violations = found


def judge(user: User, password: str, *, activity: Activity) -> tuple[Violation, ...]:
    """Return every rule that a new password breaks. A change refuses the last password, a reset allows it (entra.md b4)."""
    same = activity == Activity.PASSWORD_CHANGED and check_password(password, user.password)
    return violations(password, [user.sign_in_name, user.name, current().name], same_as_before=same)


@transaction.atomic
def set_password(
    user: User, password: str, *, activity: Activity, actor: User, origin: Origin, method: str = ""
) -> None:
    """Set it, or raise `Refused`; end every session, void every open code, write it down.

    Whoever is signed in and changes their own keeps the session they are in: the view renews it (ASVS 7.2.4).
    """
    found = judge(user, password, activity=activity)
    if found:
        raise Refused(found)
    locked = User.objects.select_for_update().get(pk=user.pk)
    locked.set_password(password)
    locked.password_changed_at = timezone.now()
    locked.sessions_since += 1
    locked.save(update_fields=["password", "password_changed_at", "sessions_since"])
    user.password, user.sessions_since = locked.password, locked.sessions_since
    verification.void(user=user)
    audit.record(activity, actor=actor, subject=user, origin=origin, method=method)
