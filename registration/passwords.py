"""The only writer of a local password. Every page, command and job that sets one comes here, with who does it and why."""

from collections.abc import Mapping

from django.contrib.auth.hashers import check_password, is_password_usable, make_password
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from licensing.editions import Feature
from licensing.guards import decision
from registration import audit, common_passwords, password_rules, standing, verification
from registration.audit import Activity
from registration.banned_words import Words
from registration.facts import password_state
from registration.models import FormerPassword, Policy, User
from registration.origin import Origin
from registration.password_rules import NO_FLOOR, PROFILES, Floor, Profile, ProfileName, Rule, Violation
from tenants.context import current

#: Sent in the transaction that sets a password: what was under way to set one ends. Takes user.
password_set = Signal()
#: Sent where somebody else may know a password: wherever else it opens something, it is to be changed. Takes user.
exposed = Signal()

#: What Entra's audit log says of a password that its lists or a name in it refuse.
FUZZY = "FuzzyPolicyViolationInvalidPassword"
_BY_LISTS = {Rule.TOO_EASY, Rule.LISTED, Rule.CONTAINS_NAME}


class Refused(Exception):
    """A password breaks rules; all of them are in `violations`."""

    def __init__(self, found: tuple[Violation, ...]) -> None:
        super().__init__(", ".join(one.rule for one in found))
        self.violations = found

    @property
    def reason(self) -> str:
        """The code for the audit trail: of the first rule that is broken, and Entra's where that is a list or a name."""
        first = self.violations[0].rule
        return FUZZY if first in _BY_LISTS else first


def judge(
    user: User,
    password: str,
    *,
    activity: Activity,
    policy: Policy | None = None,
    floor: Floor = NO_FLOOR,
) -> tuple[Violation, ...]:
    """Return every rule that a new password breaks."""
    policy = policy or standing.policy_row()
    profile = password_rules.raised(_profile(policy), floor)
    text = User.normal(password)
    return password_rules.violations(
        text,
        profile,
        names=names(user),
        lists=lists(policy),
        history=_history(user, policy),
        used_before=any(check_password(text, old) for old in _before(user, policy, profile, activity)),
    )


def rules(user: User, *, activity: Activity, floor: Floor = NO_FLOOR) -> tuple[Violation, ...]:
    """Return the rules that `judge` asks for, to be told before typing."""
    policy = standing.policy_row()
    profile = password_rules.raised(_profile(policy), floor)
    history = _history(user, policy)
    told = _is_current(user) if history == 1 else history > 1 and _has_had_one(user)
    alone = history == 1 and _may_return(user, profile, activity)
    return password_rules.rules(profile, history=history if told and not alone else 0)


def names(user: User) -> tuple[str, ...]:
    """Return the names that count as context: the person's and the organization's."""
    return (user.name, user.sign_in_name.partition("@")[0], current().name)


def lists(policy: Policy) -> tuple[Words, ...]:
    """Return the lists of banned words: the global one, and the organization's own where its edition includes them."""
    own = policy.banned_words if decision(Feature.BANNED_WORDS) else []
    return (common_passwords.words(), *([Words(own)] if own else []))


@transaction.atomic
def set_password(
    user: User,
    password: str,
    *,
    activity: Activity,
    actor: User,
    origin: Origin,
    method: str = "",
    data: Mapping[str, object] | None = None,
) -> None:
    """Set it, or raise `Refused`; end every session, void every open code, write it down.

    Whoever is signed in and changes their own keeps the session they are in: the view renews it (ASVS 7.2.4).
    """
    policy = standing.policy_row()
    if found := judge(user, password, activity=activity, policy=policy):
        raise Refused(found)
    _set(user, make_password(User.normal(password)), policy)
    audit.record(activity, actor=actor, subject=user, origin=origin, method=method, data=data)


def prepared(user: User, password: str, *, activity: Activity, floor: Floor = NO_FLOOR) -> str:
    """Return the hash of a password that is set later, once it stands where the account lives too. Raises `Refused`."""
    if found := judge(user, password, activity=activity, floor=floor):
        raise Refused(found)
    return make_password(User.normal(password))


@transaction.atomic
def set_prepared(
    user: User,
    hashed: str,
    *,
    activity: Activity,
    actor: User,
    origin: Origin,
    method: str = "",
    data: Mapping[str, object] | None = None,
) -> None:
    """Set what `prepared` hashed, of a password that was judged then; all else as `set_password` does."""
    _set(user, hashed, standing.policy_row())
    audit.record(activity, actor=actor, subject=user, origin=origin, method=method, data=data)


@transaction.atomic
def disown(user: User, *, origin: Origin, actor: User | None = None) -> None:
    """Make a password open nothing that its owner says is not theirs, or an administrator that somebody else may know it."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    _remember(locked, standing.policy_row())
    locked.set_unusable_password()
    locked.must_change = True
    locked.save(update_fields=["password", "must_change"])
    audit.record(Activity.PASSWORD_DISOWNED, actor=actor or user, subject=user, origin=origin)


def _set(user: User, hashed: str, policy: Policy) -> None:
    """Write a hash down, and end what the former password was good for."""
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    _remember(locked, policy)
    locked.password = hashed
    locked.password_changed_at = timezone.now()
    locked.must_change = False
    locked.sessions_since += 1
    locked.save(update_fields=["password", "password_changed_at", "must_change", "sessions_since"])
    user.password, user.sessions_since, user.must_change = locked.password, locked.sessions_since, False
    verification.void(user=user)
    password_set.send(sender=User, user=user)


def _profile(policy: Policy) -> Profile:
    return PROFILES[ProfileName(policy.profile)]


def _is_current(user: User) -> bool:
    return is_password_usable(user.password)


def _has_had_one(user: User) -> bool:
    return _is_current(user) or FormerPassword.objects.filter(user=user).exists()


def _has_ended(user: User) -> bool:
    """Say whether the password in use has to be changed; somebody who is nobody has none."""
    return not user._state.adding and _is_current(user) and password_state(user).ended


def _history(user: User, policy: Policy) -> int:
    """Return how many of the last passwords are refused: one that has ended always, else its end would mean nothing."""
    return max(policy.history, int(_has_ended(user)))


def _may_return(user: User, profile: Profile, activity: Activity) -> bool:
    """Say whether the password in use may be set again: in a reset under Entra's rules, where it was forgotten."""
    return profile.last_may_return and activity != Activity.PASSWORD_CHANGED and not _has_ended(user)


def _before(user: User, policy: Policy, profile: Profile, activity: Activity) -> list[str]:
    """Return the hashes that a new password is compared with, the newest first."""
    if not _history(user, policy):
        return []
    last = [] if _may_return(user, profile, activity) else [user.password]
    former = FormerPassword.objects.filter(user=user).values_list("password", flat=True)
    return [*filter(is_password_usable, last), *(former[: policy.history - 1] if policy.history > 1 else ())]


def _remember(user: User, policy: Policy) -> None:
    """Keep the hash that is replaced, where the organization refuses more than the last, and no more than that many."""
    if policy.history > 1 and is_password_usable(user.password):
        FormerPassword.objects.create(user=user, password=user.password)
        kept = FormerPassword.objects.filter(user=user)[: policy.history - 1]
        FormerPassword.objects.filter(user=user).exclude(pk__in=[one.pk for one in kept]).delete()
