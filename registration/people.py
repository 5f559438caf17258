"""Add, change and disable people: the only writer of their rows, but for the password.

For many at once, `registration.people_many` and `registration.importing.writing` do the same by the same rules.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from registration import audit, notices, operators, roles
from registration import state as states
from registration.audit import Activity
from registration.method import registry
from registration.models import AuditEvent, Device, Group, User
from registration.origin import NOWHERE, Origin
from tenants.context import current, is_provider
from tenants.models import SignInName
from tenants.shield import throttle

LOCAL_MOST, NAME_MOST = 64, 113  # characters before the @ and in all, reference/entra.md b4
#: For how long a primary address that was changed proves nothing: who can change it must not have it stand for its owner.
NEW_FOR = timedelta(hours=24)
FIELDS = ("name", "primary_address", "language", "roles", "is_active", "must_change")


class PersonProblem(Exception):
    """A person cannot be added or changed as asked: `field` is what to change."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@transaction.atomic
def add(
    sign_in_name: str,
    *,
    actor: User | str,
    name: str = "",
    primary_address: str = "",
    language: str = "",
    granted: tuple[str, ...] = (),
    origin: Origin = NOWHERE,
) -> User:
    """Add a person without a password. Raises `PersonProblem` for a name that is taken, malformed or foreign."""
    checked = checked_sign_in_name(sign_in_name)
    user = User(sign_in_name=checked, name=name, primary_address=primary_address, language=language)
    user.roles = checked_roles(granted)
    user.set_unusable_password()
    _clean(user)
    user.save(force_insert=True)
    audit.record(Activity.USER_ADDED, actor=actor, subject=user, origin=origin, data={"roles": user.roles})
    operators.note("operator_added", user, actor, {"after": {"roles": user.roles}})
    return user


@transaction.atomic
def change(user: User, values: Mapping[str, object], *, actor: User | str, origin: Origin = NOWHERE) -> None:
    """Change some fields, and write down what each was and is. Disabling somebody ends their sessions (ASVS 7.4.2).

    Raises `PersonProblem`, also where nobody would be left who can grant roles. An operator's command may leave nobody: it
    can give the role back.
    """
    if isinstance(actor, User):
        keep_one_administrator(user, values)
    locked = User.objects.select_for_update().get(pk=user.pk)
    changed = {}
    for field, value in values.items():
        assert field in FIELDS, field
        wanted = checked_roles(tuple(value)) if field == "roles" else value  # type: ignore[arg-type]  # a list of texts
        if (before := getattr(locked, field)) != wanted:
            changed[field] = {"before": before, "after": wanted}
            setattr(locked, field, wanted)
    if not changed:
        return
    if "is_active" in changed or "roles" in changed:
        locked.sessions_since += 1
    _clean(locked)
    locked.save()
    audit.record(Activity.USER_CHANGED, actor=actor, subject=locked, origin=origin, data=changed)
    operators.note_change(locked, actor, changed)
    notices.address_changed(locked, changed, actor)


@transaction.atomic
def remove(user: User, *, actor: User | str, origin: Origin = NOWHERE) -> None:
    """Delete a person with all that is theirs; the audit trail keeps their name. Raises `PersonProblem` as `change` does."""
    if isinstance(actor, User):
        keep_one_administrator(user, {"is_active": False})
    audit.record(Activity.USER_DELETED, actor=actor, subject=str(user), origin=origin)
    operators.note("operator_removed", user, actor, {"before": {"roles": user.roles}})
    user.delete()


def has_new_address(user: User) -> bool:
    """Say whether a person's primary address was changed so lately that it does not stand for its owner yet."""
    since = timezone.now() - NEW_FOR
    changes = AuditEvent.objects.filter(subject_id=user.pk, at__gt=since, activity=Activity.USER_CHANGED)
    return changes.filter(data__has_key="primary_address").exists()


@transaction.atomic
def put_into_only(
    user: User, groups: Sequence[Group], *, actor: User | str, origin: Origin = NOWHERE
) -> None:
    """Make a person a member of these groups and no others: it can decide whether they may reset."""
    before = sorted(user.groups.values_list("name", flat=True))
    user.groups.set(groups)
    if (after := sorted(group.name for group in groups)) != before:
        data = {"groups": {"before": before, "after": after}}
        audit.record(Activity.USER_CHANGED, actor=actor, subject=user, origin=origin, data=data)


@transaction.atomic
def keep_one_administrator(user: User, values: Mapping[str, object]) -> None:
    """Raise `PersonProblem` where these values would leave nobody who is enabled and can grant roles.

    All who hold it are locked, in one order, before anybody is changed: of two that take it from each other, one is refused.
    """
    if user._state.adding or not takes_the_highest(user, values):
        return
    if granting(lock=True) == {user.pk}:
        after: Any = values.get("roles", user.roles)
        field = "is_active" if roles.highest(provider=is_provider()) in after else "roles"
        raise PersonProblem(
            field,
            gettext("Somebody has to be left who can grant roles: give the highest role to another first."),
        )


def takes_the_highest(user: User, values: Mapping[str, object]) -> bool:
    """Say whether somebody who can grant roles could not any more with these values."""
    highest = roles.highest(provider=is_provider())
    after: Any = values.get("roles", user.roles)
    return highest in user.roles and not (highest in after and values.get("is_active", True))


def granting(*, lock: bool) -> set[UUID]:
    """Return who is enabled and can grant roles. Locked, before anybody else is, they stay so until the transaction ends."""
    found = User.objects.filter(roles__contains=[roles.highest(provider=is_provider())], is_active=True)
    locked = found.select_for_update() if lock else found
    return set(locked.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def end_all_sessions(user: User, *, actor: User, origin: Origin = NOWHERE) -> None:
    """End every session of a person at an administrator's word."""
    end_sessions(user)
    audit.record(Activity.SESSIONS_ENDED, actor=actor, subject=user, origin=origin)


def end_sessions(user: User) -> None:
    """End every session of a person; a view that goes on renews its own."""
    User.objects.filter(pk=user.pk).update(sessions_since=F("sessions_since") + 1)
    user.refresh_from_db(fields=["sessions_since"])


@transaction.atomic
def speak(user: User, language: str) -> None:
    """Keep the language that a person chose, for the mail they are sent."""
    User.objects.filter(pk=user.pk).update(language=language)


def checked_sign_in_name(text: str) -> str:
    """Return a sign-in name in lower case that ends in one of the organization's own names, or raise `PersonProblem`."""
    lowered, domain = shaped_sign_in_name(text)
    if not _is_ours(domain):
        raise PersonProblem("sign_in_name", f"{domain} is not a sign-in name of this organization.")
    if User.objects.filter(sign_in_name=lowered).exists():
        raise PersonProblem("sign_in_name", f"There is somebody called {lowered} already.")
    return lowered


def shaped_sign_in_name(text: str) -> tuple[str, str]:
    """Return a sign-in name in lower case and what stands after its @, whosever that is, or raise `PersonProblem`.

    >>> shaped_sign_in_name(" Adele@Contoso.example ")
    ('adele@contoso.example', 'contoso.example')
    """
    lowered = text.strip().lower()
    local, at, domain = lowered.rpartition("@")
    if (
        not at
        or not 1 <= len(local) <= LOCAL_MOST
        or len(lowered) > NAME_MOST
        or any(c.isspace() or not c.isprintable() for c in lowered)
    ):
        raise PersonProblem(
            "sign_in_name", f"“{text[:60]}” is not a sign-in name such as adele@contoso.example."
        )
    return lowered, domain


def if_ours(typed: str) -> str:
    """Return a typed name as it may be kept: one of the organization's, since else it may be a password in the wrong field."""
    domain = typed.rpartition("@")[2]
    return typed if _is_ours(domain) else ""


def _is_ours(name: str) -> bool:
    """Say whether a name after @ is one of the organization's, and verified: before that nobody is added under it."""
    return SignInName.objects.filter(organization=current(), name=name, verified_at__isnull=False).exists()


def checked_roles(granted: tuple[str, ...]) -> list[str]:
    """Return roles in their order, or raise `PersonProblem` for one that means nothing here."""
    known = [str(role) for role in roles.valid_roles(provider=is_provider())]
    if unknown := sorted(set(granted) - set(known)):
        raise PersonProblem(
            "roles", f"{', '.join(unknown)}: no such role. The roles are {', '.join(sorted(known))}."
        )
    return sorted(granted, key=known.index)


def _clean(user: User) -> None:
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as problem:
        field, texts = next(iter(problem.message_dict.items()))
        raise PersonProblem(field, " ".join(texts)) from problem


def ask_to_register(user: User, at: datetime) -> datetime:
    """Return when this person was first asked to register, which is now when they were not before."""
    if user.asked_to_register_at is None:
        User.objects.filter(pk=user.pk, asked_to_register_at=None).update(asked_to_register_at=at)
        user.asked_to_register_at = at
    return user.asked_to_register_at


def has_registered(user: User) -> None:
    """Forget that a person was asked to register: nothing is missing."""
    User.objects.filter(pk=user.pk).update(asked_to_register_at=None, must_register=False)
    user.must_register = False


def must_register(user: User) -> None:
    """Ask a person to register their methods when they sign in next, at once, whatever the policy asks."""
    User.objects.filter(pk=user.pk).update(
        must_register=True, asked_to_register_at=None, info_confirmed_at=None
    )
    user.must_register = True


@transaction.atomic
def put_off_registering(user: User, *, origin: Origin) -> None:
    """Write down that a person registers later."""
    ask_to_register(user, timezone.now())
    audit.record(Activity.REGISTRATION_SKIPPED, actor=user, subject=user, origin=origin)


@transaction.atomic
def review(user: User, *, origin: Origin) -> None:
    """Keep that a person said that all of their security info is still right."""
    User.objects.filter(pk=user.pk).update(info_confirmed_at=timezone.now())
    audit.record(Activity.INFO_REVIEWED, actor=user, subject=user, origin=origin)


@transaction.atomic
def prefer(user: User, kind: str, *, actor: User, origin: Origin) -> bool:
    """Keep which of their methods a person is asked for first, none where it is empty; say whether that is new.

    `enrolling` knows what may be chosen.
    """
    before = User.objects.select_for_update().values_list("default_method", flat=True).get(pk=user.pk)
    if before == kind:
        return False
    User.objects.filter(pk=user.pk).update(default_method=kind)
    user.default_method = kind
    data = {"default_method": {"before": before, "after": kind}}
    audit.record(
        Activity.DEFAULT_CHANGED, actor=actor, subject=user, origin=origin, method=kind or before, data=data
    )
    return True


def note_reminder(ids: Collection[UUID], at: datetime) -> None:
    """Keep when these people were reminded to register."""
    User.objects.filter(pk__in=ids).update(reminded_at=at)


def block_reset(user: User, until: datetime) -> None:
    """Let nobody reset this person's password before a moment."""
    User.objects.filter(pk=user.pk).update(reset_blocked_until=until)


@transaction.atomic
def release_reset(user: User, *, actor: User | str, origin: Origin = NOWHERE) -> None:
    """Let a person reset again before the time, by an administrator's word: whatever keeps them waiting, wherever they are."""
    blocked = User.objects.filter(pk=user.pk, reset_blocked_until__gt=timezone.now())
    if blocked.update(reset_blocked_until=None) + throttle.release_all(_counted(user)):
        audit.record(Activity.RESET_RELEASED, actor=actor, subject=user, origin=origin)


def is_waiting(user: User) -> bool:
    """Say whether too many tries, this person's or a stranger's, keep them waiting or have their codes be long ones."""
    return throttle.is_waiting(_counted(user))


def _counted(user: User) -> list[str]:
    """Return all for whom tries of this person are counted: the name, the account, the addresses that codes go to."""
    kinds = [f"{kind}/{user.sign_in_name}" for kind in registry()]
    theirs = [registry()[one.kind].identity(states.of(one)) for one in _asked_by_address(user)]
    return [user.sign_in_name, str(user.pk), *kinds, *theirs]


def _asked_by_address(user: User) -> list[Device]:
    """Return the devices whose address or number is typed in a reset, and counted."""
    typed = [kind for kind, method in registry().items() if method.asks_address]
    return [*Device.objects.filter(user=user, kind__in=typed, confirmed=True)]
