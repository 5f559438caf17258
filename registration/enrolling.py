"""Begin, confirm, change and remove security info: the only writer of devices.

Nothing that a person enters counts before a code has confirmed it. Until then it stands sealed in the challenge that waits for
that code, and leaves no device behind when it is abandoned.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.dispatch import Signal

from registration import audit, notices, people, policy, standing, verification
from registration import state as states
from registration.audit import Activity
from registration.copying import copy_in
from registration.licences import lacking
from registration.method import ADMINISTRATOR, Method, State, registry, traits
from registration.models import AuditEvent, Challenge, Device, User
from registration.origin import Origin
from registration.purpose import Purpose
from registration.verification import Outcome
from tenants.shield.sealing import mac, macs

#: Sent in the transaction that takes a device away, also where another takes its place. Takes user and kind.
device_removed = Signal()


class Problem(StrEnum):
    """Why security info cannot be registered."""

    UNKNOWN_METHOD = "unknown_method"
    TOO_MANY = "too_many"
    FIXED = "fixed"
    ALREADY = "already_registered"
    WRONG = "wrong_code"
    EXPIRED = "expired_code"
    EXHAUSTED = "too_many_tries"
    WAITING = "waiting"
    DENIED = "denied"


_PROBLEMS = {
    Outcome.WRONG: Problem.WRONG,
    Outcome.EXHAUSTED: Problem.EXHAUSTED,
    Outcome.WAITING: Problem.WAITING,
    Outcome.DENIED: Problem.DENIED,
}


#: What is written down, by whether it is the person's own doing, and whether something gave way.
_ACTIVITIES = {
    (True, False): Activity.INFO_REGISTERED,
    (True, True): Activity.INFO_CHANGED,
    (False, False): Activity.ADMIN_REGISTERED,
    (False, True): Activity.ADMIN_UPDATED,
}


class EnrolmentProblem(Exception):
    """Security info cannot be registered; `code` says why."""

    def __init__(self, code: Problem) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Registered:
    """One row of a person's security info, opened for its owner."""

    device: Device
    method: Method
    label: str
    masked: str
    #: Its owner may neither change nor remove it.
    fixed: bool = False


def registered(user: User) -> list[Registered]:
    """Return a person's security info, the strongest first, in one query."""
    rows = []
    for device in Device.objects.filter(user=user, confirmed=True):
        if method := registry().get(device.kind):
            opened = states.of(device)
            label, masked = method.label(opened), method.masked(opened)
            rows.append(Registered(device, method, label, masked, method.fixed(opened)))
    return sorted(rows, key=lambda row: -row.method.strength)


@transaction.atomic
def begin(
    user: User,
    kind: str,
    data: Mapping[str, object],
    *,
    binding: str,
    language: str,
    origin: Origin,
    instead_of: int | None = None,
) -> Challenge | Device:
    """Take what a person entered and ask for the code that confirms it.

    `instead_of` is the id of the person's own device that the new one replaces once confirmed. Raises `EnrolmentProblem`, and
    `method.Unacceptable` for what the method itself refuses.
    """
    method = registry().get(kind)
    if method is None or method.traits.needs in lacking():
        raise EnrolmentProblem(Problem.UNKNOWN_METHOD)
    mine = Device.objects.filter(user=user, kind=kind)
    replaced = mine.filter(pk=instead_of).first() if instead_of is not None else None
    if instead_of is not None and (replaced is None or not method.changeable):
        raise EnrolmentProblem(Problem.UNKNOWN_METHOD)
    if replaced is not None and method.fixed(states.of(replaced)):
        raise EnrolmentProblem(Problem.FIXED)
    if replaced is None and mine.count() >= method.most:
        replaced = _outgrown(mine, method)
        if replaced is None:
            raise EnrolmentProblem(Problem.TOO_MANY)
    state = method.begin(data, user=user)
    if mine.filter(digest=_digest(method, state)).exists():
        raise EnrolmentProblem(Problem.ALREADY)
    audit.record(Activity.INFO_STARTED, actor=user, subject=user, origin=origin, method=kind)
    if not method.confirms:
        kept = _keep(user, method, state, replaced, None, actor=user, origin=origin)
        if isinstance(kept, Problem):
            raise EnrolmentProblem(kept)
        return kept
    return verification.challenge(
        kind,
        user=user,
        state=state,
        purpose=Purpose.ENROL,
        binding=binding,
        language=language,
        device=replaced,
    )


@transaction.atomic
def confirm(user: User, challenge: UUID, text: str, *, binding: str, origin: Origin) -> Device | Problem:
    """Make a device of what was begun, when the code is right; return why not otherwise.

    A problem is returned, not raised: a wrong try is counted in this transaction and must not be rolled back.
    """
    judged = verification.answer(challenge, text, purpose=Purpose.ENROL, binding=binding)
    asked = judged.challenge
    if asked is None or asked.user_id != user.pk:
        return Problem.EXPIRED
    if not judged.passed:
        problem = _PROBLEMS.get(judged.outcome, Problem.EXPIRED)
        if problem is Problem.WAITING:
            return problem
        audit.record(
            Activity.INFO_REGISTERED,
            actor=user,
            subject=user,
            origin=origin,
            method=asked.kind,
            reason=problem,
            failed=True,
        )
        return problem
    method, state, replaced = registry()[asked.kind], verification.waiting_state(asked), asked.device
    Challenge.objects.filter(pk=asked.pk).update(sealed=None, digest="", device=None)
    return _keep(user, method, state, replaced, judged.step, actor=user, origin=origin)


def put(user: User, kind: str, data: Mapping[str, object], *, actor: User, origin: Origin) -> Device:
    """Register for somebody what an administrator knows of them: it counts at once.

    It takes the place of what an administrator registered before, else, where there is no room, of the oldest. Raises
    `EnrolmentProblem`, and `method.Unacceptable` for what the method itself refuses.
    """
    method = registry().get(kind)
    if method is None or not method.set_by_administrators:
        raise EnrolmentProblem(Problem.UNKNOWN_METHOD)
    state = {**method.begin(data, user=user), "by": ADMINISTRATOR}
    return put_state(user, kind, state, over_own=True, actor=actor, origin=origin)


@transaction.atomic
def put_state(user: User, kind: str, state: State, *, over_own: bool, actor: User, origin: Origin) -> Device:
    """Do so with what the method has made of it; `over_own` says that what they registered themselves may give way."""
    method = registry()[kind]
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    mine = list(Device.objects.filter(user=user, kind=kind).order_by("created_at"))
    if any(one.digest == _digest(method, state) for one in mine):
        raise EnrolmentProblem(Problem.ALREADY)
    replaced = next((one for one in mine if method.is_administered(states.of(one))), None)
    if replaced is None and len(mine) >= method.most and over_own:
        replaced = mine[0]
    kept = _keep(user, method, state, replaced, None, actor=actor, origin=origin)
    if isinstance(kept, Problem):
        raise EnrolmentProblem(kept)
    return kept


def give(
    wanted: Iterable[tuple[User, Mapping[str, State]]], *, actor: User, origin: Origin
) -> list[AuditEvent]:
    """Register for people who were added in this transaction what is known of them, in one statement; return the events.

    Nobody is told: there was nothing that could be taken from them.
    """
    made, drafts = [], []
    for user, info in wanted:
        for kind, state in info.items():
            method = registry()[kind]
            device = Device(user=user, kind=kind, digest=_digest(method, state), confirmed=True)
            states.keep(device, state)
            made.append(device)
            drafts.append(
                audit.draft(Activity.ADMIN_REGISTERED, actor=actor, subject=user, origin=origin, method=kind)
            )
    copy_in(made)
    return drafts


@transaction.atomic
def remove(user: User, device: Device, *, actor: User, origin: Origin) -> None:
    """Remove one device of a person; its open challenges go with it, and its own address is told too."""
    assert device.user_id == user.pk
    notices.security_info(user, "removed", device.kind, also=device)
    kind = device.kind
    device.delete()
    device_removed.send(sender=Device, user=user, kind=kind)
    people.end_sessions(user)
    audit.record(Activity.INFO_DELETED, actor=actor, subject=user, origin=origin, method=kind)
    user.refresh_from_db(fields=["default_method"])
    if user.default_method == kind and not Device.objects.filter(user=user, kind=kind).exists():
        people.prefer(user, "", actor=actor, origin=origin)


@transaction.atomic
def remove_all(user: User, *, actor: User, origin: Origin) -> list[str]:
    """Remove every device of a person and return their kinds; whoever calls tells them and ends their sessions."""
    mine = Device.objects.select_for_update().filter(user=user)
    kinds = sorted(mine.values_list("kind", flat=True))
    Device.objects.filter(user=user).delete()
    for kind in dict.fromkeys(kinds):
        device_removed.send(sender=Device, user=user, kind=kind)
    people.prefer(user, "", actor=actor, origin=origin)
    return kinds


def defaults(rows: Iterable[Registered]) -> frozenset[str]:
    """Return the kinds that a person can choose from to be asked for first: those that prove again, when there are two."""
    kinds = frozenset(row.method.kind for row in rows if row.method.proves_again)
    return kinds if len(kinds) > 1 else frozenset()


@transaction.atomic
def make_default(user: User, device: Device, *, origin: Origin) -> None:
    """Ask a person for this method first from now on, where they can choose; tell them at every address."""
    assert device.user_id == user.pk
    if device.kind not in defaults(registered(user)):
        raise EnrolmentProblem(Problem.UNKNOWN_METHOD)
    if people.prefer(user, device.kind, actor=user, origin=origin):
        notices.security_info(user, "default", device.kind)


def find(user: UUID, kind: str, state: Mapping[str, str]) -> Device | None:
    """Return a person's device by what makes it the same one; the caller makes sure who asks."""
    digests = macs("registration.device", kind, registry()[kind].identity(state))
    mine = Device.objects.filter(user_id=user, kind=kind, digest__in=digests, confirmed=True)
    return mine.select_related("user").first()


def amend(device: Device, changes: Mapping[str, str]) -> None:
    """Change what a device keeps beside what it is: where it is woken. Nobody is told, since it proves nothing."""
    with transaction.atomic():
        kept = Device.objects.select_for_update().filter(pk=device.pk).first()
        if kept is not None:
            state = {**states.of(kept), **changes}
            assert _digest(registry()[kept.kind], state) == kept.digest, "it is another device then"
            states.keep(kept, state)
            kept.save(update_fields=["sealed"])


def step_on(device: Device, step: int) -> bool:
    """Use up a step that a device has signed, later than all before; one that is played again is refused."""
    earlier = Q(last_step=None) | Q(last_step__lt=step)
    return Device.objects.filter(earlier, pk=device.pk).update(last_step=step) == 1


def _keep(
    user: User,
    method: Method,
    state: State,
    replaced: Device | None,
    step: int | None,
    *,
    actor: User,
    origin: Origin,
) -> Device | Problem:
    kind = method.kind
    if replaced is None and Device.objects.filter(user=user, kind=kind).count() >= method.most:
        return Problem.TOO_MANY
    was_registered = _is_registered(user)
    device = Device(user=user, kind=kind, digest=_digest(method, state), last_step=step, confirmed=True)
    states.keep(device, state)
    try:
        with transaction.atomic():
            device.save(force_insert=True)
    except IntegrityError:
        return Problem.ALREADY
    if replaced is not None:
        notices.security_info(user, "changed", kind, also=replaced, new=device)
        replaced.delete()
        device_removed.send(sender=Device, user=user, kind=kind)
    else:
        notices.security_info(user, "added", kind, new=device)
    changed = _ACTIVITIES[actor.pk == user.pk, replaced is not None]
    people.end_sessions(user)
    audit.record(changed, actor=actor, subject=user, origin=origin, method=kind)
    if not was_registered and _is_registered(user):
        audit.record(Activity.REGISTERED_ALL, actor=user, subject=user, origin=origin)
    return device


def _outgrown(mine: QuerySet[Device], method: Method) -> Device | None:
    """Return one that is no longer enough for what the organization asks: another takes its place."""
    enough = method.enough(standing.policy_row())
    return next((device for device in mine if not enough(device.marks)), None)


def _is_registered(user: User) -> bool:
    row = standing.policy_row()
    return policy.is_registered(standing.policy(row), standing.person(user, row), traits(), lacking())


def _digest(method: Method, state: Mapping[str, str]) -> str:
    return mac("registration.device", method.kind, method.identity(state))
