"""The safe door: ask for a proof, and judge the answer. Nothing else verifies anything.

Somebody unknown is asked and judged by the same lines, with the same queries, the same digests and the same job, on a row
without a user: a decoy, that no answer opens.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.dispatch import Signal
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from registration import delivery
from registration import state as states
from registration.method import LONG, Method, State, registry
from registration.models import NOBODY, Challenge, Device, User
from registration.origin import NOWHERE, Origin
from registration.purpose import Purpose
from tenants.shield.sealing import mac, macs, seal, unseal

CODE_LIFE = timedelta(minutes=5)  # reference/entra.md b3; ASVS 6.5.5 allows 10
#: How long the page that waits has to look at an answer that came in the last moment.
LOOK_LIFE = timedelta(seconds=30)
CODE_DIGITS = 6  # 20 bits, ASVS 6.5.4
LONG_DIGITS = 12  # once too many short ones were wrong: `registration.guessing`
_FINDER = "registration.verification.finder"
MOST_FAILURES = 5  # wrong answers to one challenge, reference/entra.md b3


#: Sent when a person has proved a method, in a reset or signed in. Takes user, kind.
proved = Signal()


class Outcome(StrEnum):
    """How an answer was judged."""

    PASSED = "passed"
    WRONG = "wrong"
    EXPIRED = "expired"
    EXHAUSTED = "exhausted"
    WAITING = "waiting"
    DENIED = "denied"


@dataclass(frozen=True)
class Judgement:
    """An answer's outcome, and the device that it proved, which is None while one is being registered."""

    outcome: Outcome
    challenge: Challenge | None = None
    device: Device | None = None
    #: The time step of an app's code, which must not count again.
    step: int | None = None

    @property
    def passed(self) -> bool:
        """Whether the answer was right."""
        return self.outcome is Outcome.PASSED


@transaction.atomic
def challenge(
    kind: str,
    *,
    user: User | None,
    state: State | None,
    purpose: Purpose,
    binding: str,
    language: str,
    device: Device | None = None,
    seed: str = "",
    long: bool = False,
    origin: Origin = NOWHERE,
) -> Challenge:
    """Ask for a proof; send a code or a request where the method does, by a job that is written in this transaction.

    `seed` is what the method draws by. `state` is the one to send to: of `device`, or of one that is being registered. Without
    a user, it is a decoy's and nothing is sent. An earlier challenge of the same binding and purpose is void from now on.
    `language` is the page's: somebody who has chosen their own is written to in that. `long` asks for a code that nobody
    guesses, where the method can. `origin` is who asks: where the answer comes from elsewhere, it is told there.
    """
    method = registry()[kind]
    language = (user.language if user else "") or language
    void(purpose=purpose, binding=binding)
    decoy = method.decoy()  # made for everybody, as it costs something
    state = decoy if state is None else state
    asked = Challenge(
        purpose=purpose,
        binding=binding,
        kind=kind,
        user=user,
        device=device,
        long=long and method.lengthens,
        expires_at=timezone.now() + _life(method, purpose),
    )
    sends = method.sends and (method.sends_to_confirm or purpose != Purpose.ENROL)
    # A known person's app is asked by its device: no second copy of its key is made.
    kept = {} if user and not method.sends and purpose != Purpose.ENROL else dict(state)
    drawn = {**method.draw(state, seed=seed), **({LONG: "yes"} if asked.long else {})}
    content: dict[str, Any] = {"state": kept, "drawn": drawn}
    if method.waits:
        content |= {"code": str(asked.pk), "language": language}
        content["origin"] = {"address": origin.address, "agent": origin.agent}
        finder = method.finder(state)
        asked.digest = mac(_FINDER, kind, finder) if finder else ""
    elif sends:
        digits = LONG_DIGITS if asked.long else CODE_DIGITS
        code = "".join(secrets.choice("0123456789") for _digit in range(digits))
        asked.digest = _digest(asked, code)
        content |= {"code": code, "language": language}
    asked.sealed = seal(json.dumps(content).encode(), context=asked.context)
    asked.save(force_insert=True)
    if sends:
        delivery.deliver.enqueue(challenge=str(asked.pk))
    return asked


@transaction.atomic
def answer(
    challenge_id: UUID, text: str, *, purpose: Purpose, binding: str, at: datetime | None = None
) -> Judgement:
    """Judge an answer, once: a right one is used up, and after `MOST_FAILURES` wrong ones nothing is right any more."""
    now = at or timezone.now()
    asked = (
        Challenge.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(pk=challenge_id, purpose=purpose, binding=binding)
        .first()
    )
    if asked is None or not (asked.is_open(now) or is_denied(asked)):
        return Judgement(Outcome.EXPIRED)
    if asked.failures >= MOST_FAILURES:
        return Judgement(Outcome.EXHAUSTED, asked)
    method = registry()[asked.kind]
    if method.waits and asked.verdict != Challenge.Verdict.APPROVED:
        return _unsettled(asked, now)
    devices = _devices(asked)
    passed, device, step = _is_right(method, asked, devices, method.tidy(text), now)
    if not passed or asked.user is None or (device is not None and not _claimed(device, step, now)):
        asked.failures += 1
        asked.save(update_fields=["failures"])
        return Judgement(Outcome.EXHAUSTED if asked.failures >= MOST_FAILURES else Outcome.WRONG, asked)
    asked.consumed_at = now
    asked.save(update_fields=["consumed_at"])
    if asked.purpose != Purpose.ENROL:
        Challenge.objects.filter(pk=asked.pk).update(sealed=None, digest="")
    if device is not None and asked.purpose in {Purpose.PROVE, Purpose.RESET}:
        proved.send(sender=Challenge, user=asked.user, kind=asked.kind)
    return Judgement(Outcome.PASSED, asked, device, step)


@transaction.atomic
def settle(
    challenge_id: UUID,
    verdict: Challenge.Verdict,
    *,
    device: Device | None = None,
    state: State | None = None,
    at: datetime | None = None,
) -> bool:
    """Keep what somebody answered elsewhere, once, for the page that waits; say whether the challenge was still open.

    The caller has made sure who answers: by a signature, by the number that was called. `device` is the one that answered;
    `state` is what the one turned out to be that is being registered.
    """
    now = at or timezone.now()
    asked = _unanswered(challenge_id, device, now)
    if asked is None:
        return False
    asked.verdict, asked.device = verdict, device or asked.device
    asked.expires_at = max(asked.expires_at, now + LOOK_LIFE)
    if state is not None:
        assert asked.purpose == Purpose.ENROL, "what is registered already is not changed by an answer"
        content = json.loads(unseal(bytes(asked.sealed or b""), context=asked.context))
        asked.sealed = seal(json.dumps(content | {"state": dict(state)}).encode(), context=asked.context)
    asked.save(update_fields=["verdict", "device", "expires_at", "sealed"])
    return True


def method_of(asked: Challenge | None) -> Method | None:
    """Return the method that a challenge asks for; nothing where there is none, or no longer."""
    return registry().get(asked.kind) if asked is not None else None


@transaction.atomic
def miss(challenge_id: UUID, *, device: Device, at: datetime | None = None) -> bool:
    """Keep that the answer from elsewhere was a wrong one: it ends the request, and the page counts it as any wrong answer."""
    now = at or timezone.now()
    asked = _unanswered(challenge_id, device, now)
    if asked is None:
        return False
    asked.failures, asked.device = 1, device
    asked.expires_at = max(asked.expires_at, now + LOOK_LIFE)
    asked.save(update_fields=["failures", "device", "expires_at"])
    return True


def found(kind: str, finder: str) -> Challenge | None:
    """Return the registration that waits and is found by this text; the caller makes sure that texts are not guessed."""
    waiting = Challenge.objects.filter(kind=kind, purpose=Purpose.ENROL, consumed_at=None, verdict="")
    digests = macs(_FINDER, kind, finder)
    return waiting.filter(digest__in=digests, expires_at__gt=timezone.now()).select_related("user").first()


def is_denied(asked: Challenge) -> bool:
    """Say whether somebody denied it elsewhere and the page has not looked yet: that stays until it does."""
    return asked.consumed_at is None and asked.verdict == Challenge.Verdict.DENIED


def asked_from(asked: Challenge) -> Origin:
    """Open from where a challenge was asked that is answered elsewhere."""
    where = _opened(asked, "origin")
    return Origin(address=where["address"], agent=where["agent"])


def waiting_state(asked: Challenge) -> State:
    """Open the state that a challenge holds: of the device that is being registered, or a decoy's."""
    return _opened(asked, "state")


def drawn(asked: Challenge) -> State:
    """Open what a challenge is about: the questions that are asked, the number to compare."""
    return _opened(asked, "drawn") if asked.sealed else {}


def void(*, purpose: Purpose | None = None, binding: str | None = None, user: User | None = None) -> None:
    """Void the open challenges of a binding, or of a person altogether, with what was still to be sent.

    Links to object stay open: who added a method must not close the way to object to it by changing the password too.
    """
    which = Q(consumed_at=None) & ~Q(purpose=Purpose.OBJECT)
    if purpose is not None:
        which &= Q(purpose=purpose)
    which &= Q(user=user) if user is not None else Q(binding=binding)
    Challenge.objects.filter(which).update(consumed_at=timezone.now(), sealed=None, digest="")


def _opened(asked: Challenge, part: str) -> State:
    content = json.loads(unseal(bytes(asked.sealed or b""), context=asked.context))
    return {str(key): str(value) for key, value in content[part].items()}


def _unanswered(challenge_id: UUID, device: Device | None, now: datetime) -> Challenge | None:
    """Lock and return a challenge that waits for an answer from elsewhere, and may have this device's."""
    asked = Challenge.objects.select_for_update().filter(pk=challenge_id, verdict="", failures=0).first()
    method = registry().get(asked.kind) if asked else None
    if asked is None or method is None or not method.waits or not asked.user_id or not asked.is_open(now):
        return None
    return None if device is not None and device.user_id != asked.user_id else asked


def _unsettled(asked: Challenge, now: datetime) -> Judgement:
    """Answer for a challenge that nobody approved: it still waits, or it was denied or missed and is used up by that."""
    if not asked.verdict and not asked.failures:
        return Judgement(Outcome.WAITING, asked)
    asked.consumed_at = now
    asked.save(update_fields=["consumed_at"])
    return Judgement(Outcome.DENIED if asked.verdict else Outcome.WRONG, asked)


def _life(method: Method, purpose: Purpose) -> timedelta:
    return CODE_LIFE if method.life is None or purpose == Purpose.ENROL else method.life


def _digest(asked: Challenge, code: str) -> str:
    """Return a digest that only this installation can make: a copy of the database does not give a six-digit code away."""
    return mac("registration.challenge", str(asked.pk), asked.purpose, asked.binding, code)


def _devices(asked: Challenge) -> list[Device]:
    """Return the devices that may answer: the one that was asked, or all of its kind; by one query for everybody.

    They are not locked: answers for somebody who has devices would wait for each other, and those for nobody would not.
    """
    mine = Device.objects.filter(user_id=asked.user_id or NOBODY, kind=asked.kind, confirmed=True)
    return [one for one in mine if asked.device_id in {None, one.pk}]


def _claimed(device: Device, step: int | None, now: datetime) -> bool:
    """Keep that a device was used, and say whether its code was still unused: of two at once, one is (ASVS 6.5.1)."""
    unused = Device.objects.filter(pk=device.pk)
    if not step:
        return bool(unused.update(last_used_at=now))
    before = Q(last_step=None) | Q(last_step__lt=step)
    return bool(unused.filter(before).update(last_used_at=now, last_step=step))


def _is_right(
    method: Method, asked: Challenge, devices: list[Device], text: str, now: datetime
) -> tuple[bool, Device | None, int | None]:
    """Judge by the code that was sent, by the state being registered, or by each of the person's devices of this kind.

    What was approved elsewhere is right already.
    """
    enrolling = asked.purpose == Purpose.ENROL
    if method.waits:
        return True, None if enrolling or not devices else devices[0], None
    if method.sends:
        right = constant_time_compare(asked.digest, _digest(asked, text))
        return right, None if enrolling or not devices else devices[0], None
    about, seconds = drawn(asked), now.timestamp()
    if enrolling or not devices:
        # Where the only device was removed after it was asked, nothing was kept of it.
        state = waiting_state(asked) or method.decoy()
        step = method.check(state, text, drawn=about, seconds=seconds, last_step=None)
        _idle(method, asked, text, about, 0 if enrolling else method.most - 1)
        return step is not None, None, step
    for device in devices:
        step = method.check(states.of(device), text, drawn=about, seconds=seconds, last_step=device.last_step)
        if step is not None:
            return True, device, step
    _idle(method, asked, text, about, method.most - len(devices))
    return False, None, None


def _idle(method: Method, asked: Challenge, text: str, about: State, times: int) -> None:
    """Judge once more for each device that a person could have and has not: how many there are must cost the same."""
    for _device in range(times):
        waiting_state(asked)
        method.check(method.decoy(), text, drawn=about, seconds=0.0, last_step=None)


def forget(before: datetime) -> int:
    """Delete challenges that ended before a moment; a job calls it."""
    count, _models = Challenge.objects.filter(expires_at__lt=before).delete()
    return count
