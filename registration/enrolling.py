"""Begin, confirm, change and remove security info: the only writer of devices.

Nothing that a person enters counts before a code has confirmed it. Until then it stands sealed in the challenge that waits for
that code, and leaves no device behind when it is abandoned.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.dispatch import Signal

from registration import audit, notices, people, policy, standing, verification
from registration import state as states
from registration.audit import Activity
from registration.licences import lacking
from registration.method import Method, State, registry, traits
from registration.models import Challenge, Device, User
from registration.origin import Origin
from registration.purpose import Purpose
from registration.verification import Outcome
from tenants.shield.sealing import mac

#: Sent with `user`: a device was removed or replaced, so what it proved until now is worth nothing.
info_taken_away = Signal()


class Problem(StrEnum):
    """Why security info cannot be registered."""

    UNKNOWN_METHOD = "unknown_method"
    TOO_MANY = "too_many"
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


def registered(user: User) -> list[Registered]:
    """Return a person's security info, the strongest first, in one query."""
    rows = []
    for device in Device.objects.filter(user=user, confirmed=True):
        if method := registry().get(device.kind):
            opened = states.of(device)
            rows.append(Registered(device, method, method.label(opened), method.masked(opened)))
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
    if method is None:
        raise EnrolmentProblem(Problem.UNKNOWN_METHOD)
    mine = Device.objects.filter(user=user, kind=kind)
    replaced = mine.filter(pk=instead_of).first() if instead_of is not None else None
    if instead_of is not None and (replaced is None or not method.changeable):
        raise EnrolmentProblem(Problem.UNKNOWN_METHOD)
    if replaced is None and mine.count() >= method.most:
        replaced = _outgrown(mine, method)
        if replaced is None:
            raise EnrolmentProblem(Problem.TOO_MANY)
    state = method.begin(data, user=user)
    if mine.filter(digest=_digest(method, state)).exists():
        raise EnrolmentProblem(Problem.ALREADY)
    audit.record(Activity.INFO_STARTED, actor=user, subject=user, origin=origin, method=kind)
    if not method.confirms:
        kept = _keep(user, method, state, replaced, None, origin)
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
    return _keep(user, method, state, replaced, judged.step, origin)


@transaction.atomic
def remove(user: User, device: Device, *, actor: User, origin: Origin) -> None:
    """Remove one device of a person; its open challenges go with it, and its own address is told too."""
    assert device.user_id == user.pk
    notices.security_info(user, "removed", device.kind, also=device)
    kind = device.kind
    device.delete()
    people.end_sessions(user)
    info_taken_away.send(sender=Device, user=user)
    audit.record(Activity.INFO_DELETED, actor=actor, subject=user, origin=origin, method=kind)


def _keep(
    user: User, method: Method, state: State, replaced: Device | None, step: int | None, origin: Origin
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
        info_taken_away.send(sender=Device, user=user)
    else:
        notices.security_info(user, "added", kind, new=device)
    changed = Activity.INFO_CHANGED if replaced else Activity.INFO_REGISTERED
    people.end_sessions(user)
    audit.record(changed, actor=user, subject=user, origin=origin, method=kind)
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
