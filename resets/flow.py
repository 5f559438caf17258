"""Start, challenge, answer, set a password, abandon: what a reset does, and the only writer of it.

Each of these locks the reset, asks the policy afresh, does its one thing and writes it down, in one transaction. Somebody who
does not exist is served by the same lines as everybody else, on a row without a user.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Func, Value
from django.utils import timezone

from licensing.editions import Feature
from licensing.guards import decision
from registration import audit, guessing, passwords, people, standing, tickets, verification
from registration import policy as rules
from registration import state as states
from registration.audit import Activity
from registration.budgets import SIGN_IN_NAME
from registration.licences import lacking
from registration.method import State, registry, traits
from registration.models import NOBODY, Challenge, Device, User
from registration.origin import Origin
from registration.passwords import Refused
from registration.purpose import Purpose
from registration.tickets import Held
from registration.verification import Outcome
from resets import codes, helping, journey, notices, writing_back
from resets.budgets import (
    HELP_NAME,
    START_NAME,
    START_NETWORK,
    TELL_ANYWHERE,
    TELL_DESTINATION,
    TELL_NAME,
    TELL_SHARE,
)
from resets.helping import BARE
from resets.journey import Asked, Entry, Move, Step, Stop, Written
from resets.models import Reset
from resets.writeback import accounts, homes
from resets.writeback.models import Account, Job
from tenants.shield import throttle
from tenants.shield.sealing import mac, seal, unseal


@dataclass(frozen=True)
class Standing:
    """A reset as it stands: its step, what is asked, and why it ended if it did.

    `home` is the account in a directory of whoever has passed every gate and lives there.
    """

    reset: Reset
    step: Step
    asked: Asked
    stopped: str
    home: Account | None = None


def unavailable() -> str:
    """Return why nobody of this organization can reset, or nothing: a fact about the organization, not about a person."""
    offer = rules.organization_offers(
        standing.policy(), edition_allows=decision(Feature.RESET_PASSWORD).allowed
    )
    return "" if offer.allowed else offer.code


def may_start(name: str, origin: Origin) -> throttle.Verdict:
    """Count one more reset for this name from this network, and say whether it may begin, or how long to wait first.

    By name and network together: an outsider's tries do not lock out who comes from elsewhere (ASVS 6.1.1). Not part of a
    transaction, since what is rolled back would not have been counted.
    """
    return throttle.spend_all(
        (START_NETWORK, (origin.network,)),
        (START_NAME, (_normal(name), origin.network)),
    )


def refuse_start(name: str, *, origin: Origin, entry: Entry = Entry.WEB, reference: str = "") -> None:
    """Write down that a reset was asked for too often; once for each wait, so that nobody fills the audit trail.

    The reference is the wait's, which every later one is shown, too.
    """
    typed = people.if_ours(_normal(name))
    audit.record(
        Activity.RESET_STARTED,
        actor=typed,
        subject=typed,
        origin=origin,
        reason=Stop.TOO_OFTEN,
        failed=True,
        reference=reference,
        data={"entry": entry},
    )


@transaction.atomic
def start(name: str, *, binding: str, origin: Origin, entry: Entry = Entry.WEB) -> Reset:
    """Make a reset for a name, whoever has it or has not; an earlier one of this browser ends."""
    typed = _normal(name)
    user = User.objects.filter(sign_in_name=typed).first()
    return _begun(user, typed, binding=binding, origin=origin, entry=entry)


def may_try_ticket(name: str, origin: Origin) -> throttle.Verdict:
    """Count one more try at a ticket for this name, or a link's id, from this network, and say whether it may be judged."""
    return throttle.spend_all(
        (START_NETWORK, (origin.network,)),
        (HELP_NAME, (_normal(name), origin.network)),
    )


def refuse_ticket(name: str, why: str, *, origin: Origin, entry: Entry = Entry.WEB) -> None:
    """Write down that a ticket opened nothing: too many tries, once for each wait, or a wrong one."""
    typed = people.if_ours(_normal(name))
    audit.record(
        Activity.RESET_STARTED,
        actor=typed,
        subject=typed,
        origin=origin,
        reason=why,
        failed=True,
        data={"entry": entry, "by": "ticket"},
    )


@transaction.atomic
def start_by_code(
    name: str, code: str, *, binding: str, origin: Origin, entry: Entry = Entry.WEB
) -> Reset | None:
    """Make the reset that an administrator started, by the code that they read out; None when it opens nothing."""
    held = tickets.spend_code(_normal(name), code)
    return _begun_by(held, binding=binding, origin=origin, entry=entry) if held else None


@transaction.atomic
def start_by_link(
    ticket: UUID, token: str, code: str, *, binding: str, origin: Origin, entry: Entry = Entry.WEB
) -> Reset | None:
    """Make the reset that an administrator started, by the link that was mailed, with its code where it has one."""
    held = tickets.spend_link(ticket, token, code)
    return _begun_by(held, binding=binding, origin=origin, entry=entry) if held else None


def _begun_by(held: Held, *, binding: str, origin: Origin, entry: Entry) -> Reset:
    name = held.user.sign_in_name
    return _begun(
        held.user, name, binding=binding, origin=origin, entry=entry, helped_by=held.by, help=held.way
    )


def _begun(
    user: User | None, typed: str, *, binding: str, origin: Origin, entry: Entry, **helped: str
) -> Reset:
    now = timezone.now()
    Reset.objects.filter(binding=binding, finished_at=None, stopped="").update(stopped=Stop.ABANDONED)
    reset = Reset.objects.create(
        user=user,
        typed=people.if_ours(typed),
        whom=mac("resets.whom", typed),
        binding=binding,
        entry=entry,
        created_at=now,
        expires_at=journey.expiry(entry, now, now),
        **helped,
    )
    _write(reset, Activity.RESET_STARTED, origin)
    return reset


def find(pk: UUID, *, binding: str) -> Standing | None:
    """Return this browser's reset as it stands."""
    reset = Reset.objects.select_related("user", "challenge").filter(pk=pk, binding=binding).first()
    return _standing(reset) if reset else None


def offered(at: Standing) -> tuple[str, ...]:
    """Return the methods to show at this gate.

    Before the first proof they are the organization's, with those that administrators may always use: the same for everybody.
    After it they are the person's own, the one first that they want to be asked for first; and from the beginning where an
    administrator started it, since whoever spent the ticket knows that there is such a person.
    """
    if at.reset.passed or at.reset.help:
        return rules.default_first(at.asked.methods, default_of(at))
    return rules.first_choices(standing.policy(), traits(), lacking())


def default_of(at: Standing) -> str:
    """Return the method that the person wants to be asked for first; nothing before the first proof, since it would tell."""
    return at.reset.user.default_method if at.reset.passed and at.reset.user else ""


def wait_before_challenge(reset: Reset, kind: str, chosen: State, origin: Origin) -> timedelta:
    """Count one more message for this reset's name and for this destination, and say how long to wait first.

    A method that sends nothing is limited by the wrong tries that a reset has. What is sent to no typed address is counted for
    the typed name in its place. Where a message costs nothing, every network has a small share of its own, so that many
    strangers elsewhere do not keep the owner from theirs.
    """
    method = registry()[kind]
    if not method.sends:
        return timedelta()
    destination = chosen.get("address", "") if method.asks_address else f"{kind}/{_whom(reset)}"
    wait = throttle.wait(
        (TELL_NAME, (_whom(reset), origin.network)), (TELL_DESTINATION, (destination, origin.network))
    )
    if wait or not (wait := throttle.wait((TELL_ANYWHERE, (destination,)))) or method.costs:
        return wait
    return throttle.wait((TELL_SHARE, (destination, origin.network)))


def shown_gates(at: Standing | None) -> int:
    """Return how many gates a page shows: those of the organization's people, before anybody has proved anything."""
    if at is not None and (at.reset.passed or at.reset.help):
        return at.asked.gates
    return rules.gates(standing.policy(), rules.ANYBODY)


def went_unanswered(reset: Reset) -> str:
    """Return what to say of a request that no right answer came to, when that was the last thing that was asked."""
    asked = reset.challenge
    method = registry().get(asked.kind) if asked is not None else None
    if asked is None or method is None or not method.waits or _waits(reset, timezone.now()):
        return ""
    return str(method.wrong if asked.failures else method.late)


def last_chosen(reset: Reset) -> State:
    """Return what the open challenge was asked for, so that another code goes to the same place, in the same way."""
    return (
        states.read(unseal(bytes(reset.typed_address), context=reset.context)) if reset.typed_address else {}
    )


@transaction.atomic
def challenge(reset: Reset, kind: str, *, chosen: State, language: str, origin: Origin) -> Standing:
    """Ask for a proof by one method; to the address that was typed in full, when it is the person's own."""
    at = _locked(reset)
    may = journey.may(Move.CHALLENGE, at.reset.state(), at.asked, timezone.now()) and not _is_denied(at.reset)
    if not may or kind not in registry():
        return at
    user, device, state, seed = _target(at, kind, chosen)
    at.reset.challenge = verification.challenge(
        kind,
        user=user,
        device=device,
        state=state,
        purpose=Purpose.RESET,
        binding=_binding(at.reset),
        language=language,
        seed=seed,
        long=is_long(at.reset),
        origin=origin,
    )
    at.reset.typed_address = seal(states.write(chosen), context=at.reset.context)
    at.reset.save(update_fields=["challenge", "typed_address"])
    return at


def is_long(reset: Reset) -> bool:
    """Say whether a code that this reset asks for is a long one by now; a matter of the typed name, whoever has it."""
    return guessing.is_long(_whom(reset), Purpose.RESET)


def answer(reset: Reset, text: str, *, origin: Origin) -> tuple[Standing, Outcome]:
    """Judge an answer to the open challenge; count it or pass the gate. One that came too late counts for nothing.

    Where the answer comes from elsewhere, the text is empty, and this looks whether it has come. Raises `guessing.TooOften`
    for answers that have been wrong too often and cannot be asked longer.
    """
    asked = Challenge.objects.filter(pk__in=Reset.objects.filter(pk=reset.pk).values("challenge")).first()
    counted = guessing.count(asked, _whom(reset))
    at, outcome = _judged(reset, text, origin=origin)
    if counted and outcome is Outcome.PASSED:
        guessing.forgive(_whom(reset), Purpose.RESET)
    return at, outcome


@transaction.atomic
def _judged(reset: Reset, text: str, *, origin: Origin) -> tuple[Standing, Outcome]:
    at = _locked(reset)
    now, asked = timezone.now(), at.reset.challenge
    if asked is None or not journey.may(Move.ANSWER, at.reset.state(), at.asked, now):
        return at, Outcome.EXPIRED
    judged = verification.answer(asked.pk, text, purpose=Purpose.RESET, binding=_binding(at.reset))
    if judged.outcome is Outcome.WAITING:
        return at, judged.outcome
    # Asked again here, not only when the challenge was made: a role or a policy may have changed in between.
    at.reset.challenge = judged.challenge or asked  # as it stands now
    passed = judged.passed and asked.kind in at.asked.methods and asked.kind not in at.reset.passed
    if passed:
        at.reset.passed = [*at.reset.passed, asked.kind]
        at.reset.challenge = None
    elif judged.outcome is Outcome.DENIED:
        at.reset.stopped = Stop.DENIED
    elif judged.outcome is not Outcome.EXPIRED:
        at.reset.failures += 1
    at.reset.save(update_fields=["passed", "challenge", "failures", "stopped"])
    outcome = Outcome.WRONG if judged.passed and not passed else judged.outcome
    reason = "" if passed else outcome
    _write(at.reset, Activity.RESET_GATE, origin, method=asked.kind, reason=reason, failed=not passed)
    after = _standing(at.reset)
    if after.step is Step.STOPPED:
        _stop(after, origin)
    return after, outcome


@transaction.atomic
def withdraw(reset: Reset) -> None:
    """Wait no longer for an answer from elsewhere: another method is to be chosen. No denial is escaped so."""
    at = _locked(reset)
    if at.step is Step.WAITING and not _is_denied(at.reset):
        at.reset.challenge = None
        at.reset.save(update_fields=["challenge"])
        verification.void(purpose=Purpose.RESET, binding=_binding(at.reset))


@transaction.atomic
def set_password(reset: Reset, password: str, *, origin: Origin) -> Standing:
    """Set the new password where every gate has been passed. Raises `passwords.Refused` with all that it breaks.

    Where the account lives in a directory it is set there first, and here when the directory has said yes; raises
    `queue.Away` where nobody could ask it.
    """
    # The person first, then the reset: two resets of one person that end at once wait for each other in this order.
    User.objects.select_for_update(no_key=True).filter(resets=reset).first()
    at = _locked(reset)
    user = at.reset.user
    if user is None or not journey.may(Move.SET_PASSWORD, at.reset.state(), at.asked, timezone.now()):
        return at
    if at.home is not None:
        writing_back.write(at.reset, at.home, password, data=_data(at.reset), origin=origin)
        return _standing(at.reset)
    method = "+".join(at.reset.passed)
    at.reset.written, at.reset.finished_at = Written.DONE, timezone.now()
    at.reset.save(update_fields=["written", "finished_at"])
    passwords.set_password(
        user,
        password,
        activity=Activity.PASSWORD_RESET,
        actor=user,
        origin=origin,
        method=method,
        data=_data(at.reset),
    )
    _finish(at.reset, user, origin)
    return _standing(at.reset)


@transaction.atomic
def unlock(reset: Reset, *, origin: Origin) -> Standing:
    """Unlock the account where every gate has been passed, and leave its password. Raises `queue.Away`."""
    at = _locked(reset)
    if at.home is None or not homes.may_unlock(at.home) or at.step is not Step.PASSWORD:
        return at
    writing_back.unlock(at.reset, at.home, data=_data(at.reset), origin=origin)
    return _standing(at.reset)


def settle(job: Job, after: Mapping[str, Any]) -> None:
    """Act on what a directory answered to a reset."""
    writing_back.settle(job, after, _finish)


def _finish(reset: Reset, user: User, origin: Origin) -> None:
    """Do what every reset ends with that has set a password."""
    # Also what keeps the name from signing in here: whoever forgot a password has tried some before (reference/entra.md b3).
    for budget in (START_NAME, SIGN_IN_NAME):
        throttle.release(budget, user.sign_in_name, origin.network)
    guessing.forget_waits(user.sign_in_name, Purpose.RESET)
    notices.password_reset(user, standing.policy_row(), origin, always=bool(reset.help))


def end_all(user: User) -> None:
    """End every reset of a person that is under way: their password has just been set, or they objected to that."""
    Reset.objects.filter(user=user, finished_at=None, stopped="").update(stopped=Stop.ABANDONED)


def forget_proofs(user: User, kind: str) -> None:
    """Take back what was proved by a kind in every reset of a person that is under way: one of that kind is gone.

    Which one was proved is not kept, so a proof by another of the same kind is asked for once more.
    """
    under_way = Reset.objects.filter(user=user, passed__contains=[kind], finished_at=None, stopped="")
    under_way.update(passed=Func(F("passed"), Value(kind), function="array_remove"))


def refuse_password(reset: Reset, refused: Refused, *, origin: Origin) -> None:
    """Write down why a new password was refused; never the password."""
    _write(reset, Activity.RESET_PASSWORD_REFUSED, origin, reason=refused.reason, failed=True)


@transaction.atomic
def abandon(reset: Reset, *, origin: Origin) -> None:
    """End a reset at its person's wish."""
    at = _locked(reset)
    if journey.may(Move.ABANDON, at.reset.state(), at.asked, timezone.now()):
        at.reset.stopped = Stop.ABANDONED
        at.reset.save(update_fields=["stopped"])
        verification.void(purpose=Purpose.RESET, binding=_binding(at.reset))
        _write(at.reset, Activity.RESET_STOPPED, origin, reason=Stop.ABANDONED, failed=True)


def touch(reset: Reset) -> None:
    """Keep a reset open that ends when nobody touches it: somebody is there."""
    now = timezone.now()
    reset.expires_at = journey.expiry(Entry(reset.entry), reset.created_at, now)
    still_open = Reset.objects.filter(pk=reset.pk, finished_at=None, stopped="", expires_at__gt=now)
    still_open.update(expires_at=reset.expires_at)


@transaction.atomic
def leave(reset: Reset, *, origin: Origin) -> None:
    """End a reset whose screen is cleared for the next one, and write down why; what has ended already stays as it is."""
    at = _locked(reset)
    if at.step is Step.STOPPED and not at.reset.stopped:
        _stop(at, origin)
    else:
        abandon(at.reset, origin=origin)


def forget(before: datetime) -> int:
    """Delete resets that ended before a moment; a job calls it. What they did stays in the audit trail."""
    count, _models = Reset.objects.filter(expires_at__lt=before).delete()
    return count


def _locked(reset: Reset) -> Standing:
    found = Reset.objects.select_for_update(of=("self",)).select_related("user", "challenge").get(pk=reset.pk)
    return _standing(found)


def _standing(reset: Reset) -> Standing:
    now, row = timezone.now(), standing.policy_row()
    policy, person = standing.policy(row), standing.person(reset.user, row)
    bare = False
    if reset.help:  # by an administrator, for somebody who is known
        bare = reset.help in BARE and helping.asks_nothing(person, traits(), lacking())
        policy = helping.lifted(policy, person, traits(), lacking())
    # What was proved counts as long as its device is there: whoever removes one has taken it from a thief, too.
    passed, lacks = tuple(kind for kind in reset.passed if kind in person.registered), lacking()
    gate = rules.next_gate(policy, person, passed, traits(), lacks)
    allows = decision(Feature.RESET_PASSWORD).allowed
    answer = (
        helping.may_set(policy, person, traits(), lacks, bare=bare)
        if reset.help
        else rules.may_reset(policy, person, traits(), edition_allows=allows, lacking=lacks)
    )
    gates_left = 0 if bare else rules.gates_left(policy, person, passed, traits(), lacks)
    allowed, code, home = answer.allowed, str(answer.code), None
    # Where the account lives is asked after the last gate, and not before: it would cost what somebody unknown does not.
    if allowed and gates_left == 0 and reset.user is not None:
        home = accounts.of(reset.user)
        if home is not None and (hindrance := homes.hindrance(home)):
            allowed, code = False, hindrance
    asked = Asked(
        gates=0 if bare else rules.gates(policy, person),
        gates_left=gates_left,
        methods=rules.usable_at(gate, passed, policy, person, traits(), lacks) if gate else (),
        allowed=allowed,
        code=code,
        known=bool(reset.help),
    )
    state = reset.state(waiting=_waits(reset, now))
    return Standing(
        reset, journey.next_step(state, asked, now), asked, journey.why_stopped(state, asked, now), home
    )


def _target(at: Standing, kind: str, chosen: State) -> tuple[User | None, Device | None, State | None, str]:
    """Return whom and what to challenge, and what is drawn by.

    Nobody, when this person cannot use the method here or typed another address; then it is drawn by the name that was typed.
    """
    user, method, name = at.reset.user, registry()[kind], at.reset.typed
    found, mine = None, Device.objects.filter(user_id=user.pk if user else NOBODY, kind=kind, confirmed=True)
    # What is opened below costs as much for who has fewer, or is nobody.
    for _spare in range(method.most - len(mine)):
        seal(b"", context=at.reset.context)
    for device in mine:
        opened = states.of(device)
        aimed = method.aimed(opened, chosen) if method.asks_address else opened
        if aimed is not None:
            found = device, aimed
    if user is None or found is None or kind not in at.asked.methods:
        return None, None, None, name
    device, opened = found
    return user, device if method.asks_address else None, opened, f"{name}/{device.last_used_at or ''}"


def _stop(at: Standing, origin: Origin) -> None:
    """Keep why a reset ended, so that it stays ended whatever changes afterwards."""
    at.reset.stopped = at.stopped
    at.reset.save(update_fields=["stopped"])
    _write(at.reset, Activity.RESET_STOPPED, origin, reason=codes.reason(at.stopped), failed=True)


def _write(
    reset: Reset,
    activity: Activity,
    origin: Origin,
    *,
    method: str = "",
    reason: str = "",
    failed: bool = False,
) -> None:
    subject = reset.user or reset.typed
    audit.record(
        activity,
        actor=subject,
        subject=subject,
        origin=origin,
        method=method,
        reason=reason,
        failed=failed,
        data=_data(reset),
    )


def _waits(reset: Reset, now: datetime) -> bool:
    """Say whether a gate's answer is awaited from elsewhere, as long as it can come; a denial waits to be looked at."""
    asked = reset.challenge
    method = registry().get(asked.kind) if asked is not None else None
    if asked is None or method is None or not method.waits:
        return False
    return asked.is_open(now) or _is_denied(reset)


def _is_denied(reset: Reset) -> bool:
    return reset.challenge is not None and verification.is_denied(reset.challenge)


def _data(reset: Reset) -> dict[str, object]:
    """Return what each audit event of a reset says of it: what its person reads out, by which door they came, who helped."""
    helped = {"helped_by": reset.helped_by, "help": reset.help} if reset.help else {}
    return {"reference": reset.reference, "entry": reset.entry, **helped}


def _binding(reset: Reset) -> str:
    return f"reset/{reset.pk}"


def _whom(reset: Reset) -> str:
    """Return for whom tries are counted: the name, whoever has it or has not; where it is not kept, its digest."""
    return (reset.user.sign_in_name if reset.user else reset.typed) or reset.whom or str(reset.pk)


def _normal(name: str) -> str:
    return name.strip().lower()[:113]
