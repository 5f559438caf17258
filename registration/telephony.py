"""The one door to the telephone: methods hand a text or a call to the organization's carrier here, and nowhere else.

Only jobs call `text`, `read_out` and `ring`. Each challenge is texted or called once, however often its job runs. What the
carrier reports comes back by `carrier_views`, and in the demo by its inbox, through `reported`, `answered` and `pressed`.
"""

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from licensing.editions import Feature, Reason
from licensing.guards import decision
from registration import calling, handing, telephony_rules, verification
from registration.carrier import Report, Spoken, Unreached
from registration.handing import Wanted
from registration.lines import Line, line
from registration.method import Undeliverable
from registration.models import Challenge, PhoneMessage
from registration.telephony_rules import country_of

__all__ = [
    "Availability",
    "Undeliverable",
    "Unreached",
    "answered",
    "available",
    "country_of",
    "pressed",
    "read_out",
    "refusal",
    "reported",
    "ring",
    "text",
]

HASH = "#"


@dataclass(frozen=True)
class Availability:
    """What can be used at all: whether there is a carrier for each, whether the edition includes calls, and why."""

    sms: bool
    carrier_calls: bool
    calls_included: bool
    calls_reason: Reason

    @property
    def calls(self) -> bool:
        """Whether calls can be made."""
        return self.carrier_calls and self.calls_included


def available() -> Availability:
    """Return which of both can be used in the entered organization; no query while warm."""
    found, included = line(), decision(Feature.PHONE_CALLS)
    return Availability(
        sms=found is not None,
        carrier_calls=found is not None and found.calls,
        calls_included=included.allowed,
        calls_reason=included.reason,
    )


def refusal(number: str, *, call: bool = False) -> str:
    """Return why nothing would be sent to a number in E.164, or nobody called there, as a code; empty where it would."""
    try:
        _line_to(number, call=call)
    except Undeliverable as problem:
        return problem.code
    return ""


def text(number: str, words: str, *, challenge: str) -> None:
    """Hand a text message to the organization's carrier.

    Raises `Undeliverable` when it must not or cannot be sent, `Unreached` to have it tried again.
    """
    found = _line_to(number)
    wanted = Wanted(number, challenge, PhoneMessage.Kind.SMS, said={})
    handing.hand(
        found, wanted, lambda hooks: found.carrier.text(found.settings(), number, words, hooks=hooks)
    )


def read_out(number: str, code: str, *, challenge: str, language: str) -> None:
    """Call, and read a code digit by digit in a language, twice; raises as `text` does.

    A person hears it, once; a machine that answers does not.
    """
    _call(number, challenge, PhoneMessage.Kind.CODE_CALL, {"code": code, "language": language})


def ring(number: str, *, challenge: str, language: str) -> None:
    """Call, ask to press #, and settle the challenge by what is pressed; raises as `text` does.

    # approves, another key denies; silence, a hang-up or a machine proves nothing.
    """
    _call(number, challenge, PhoneMessage.Kind.KEY_CALL, {"language": language})


def reported(message: UUID, told: Report | None) -> bool:
    """Keep what a carrier tells of a message; say whether there is such a message."""
    return handing.exists(message) if told is None else handing.report(message, told)


def answered(message: UUID, *, by_machine: bool) -> Spoken | None:
    """Return what is said to who has answered a call; nothing to a machine, nor when its challenge is over."""
    found = handing.answered(message, by_machine=by_machine)
    if found is None:
        return None
    row, said = found
    asked = Challenge.objects.filter(pk=row.challenge).first()
    if asked is None or not asked.is_open(timezone.now()):
        return calling.stopped(said["language"])
    if row.kind == PhoneMessage.Kind.CODE_CALL:
        return calling.code(said["code"], said["language"])
    return calling.key(said["language"])


def pressed(message: UUID, key: str) -> Spoken | None:
    """Settle a challenge by the key that was pressed in its call, once, and return what is said then."""
    found = handing.pressed(message) if key else None
    if found is None:
        return None
    row, said = found
    verdict = Challenge.Verdict.APPROVED if key == HASH else Challenge.Verdict.DENIED
    settled = verification.settle(row.challenge, verdict)
    return (calling.thanks if settled and key == HASH else calling.stopped)(said["language"])


def _call(number: str, challenge: str, kind: PhoneMessage.Kind, said: dict[str, str]) -> None:
    found = _line_to(number, call=True)
    wanted = Wanted(number, challenge, kind, said=said)
    handing.hand(found, wanted, lambda hooks: found.carrier.call(found.settings(), number, hooks=hooks))


def _line_to(number: str, *, call: bool = False) -> Line:
    """Return the line that may be used to a number, or raise `Undeliverable`."""
    found = line()
    if call and not decision(Feature.PHONE_CALLS).allowed:
        raise Undeliverable("not_included")
    if found is None:
        raise Undeliverable("no_carrier")
    if call and not found.calls:
        raise Undeliverable("no_calls")
    if problem := telephony_rules.refusal(number, found.countries):
        raise Undeliverable(problem)
    return found
