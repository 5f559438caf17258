"""What people are told of a directory: its rules before they type, and what it said of a password that it did not take."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from resets.writeback import domain_rules
from resets.writeback.codes import Outcome, Refusal
from resets.writeback.domain_rules import DomainRules
from resets.writeback.homes import Hindrance

_LATER = _(
    "Your organization's directory could not be asked. Nothing was changed. Try again in a few minutes."
)
_NOT_DONE = _(
    "Your organization's directory could not set it. Nothing was changed. Try again, or ask the help desk."
)

#: What a person is told of each answer that leaves them the choice of another password.
REFUSED: dict[str, str | Promise] = {
    Refusal.POLICY: _(
        "Your organization's directory refuses this password: it breaks one of its rules. Choose one"
        " that keeps to all that are"
        " listed here."
    ),
    Refusal.LENGTH: _("Your organization's directory refuses this password: it is too short."),
    Refusal.COMPLEXITY: _(
        "Your organization's directory refuses this password: it has too few kinds of characters, or your name in it."
    ),
    Refusal.HISTORY: _("Your organization's directory refuses this password: you have used it before."),
    Refusal.MIN_AGE: _(
        "Your organization's directory refuses: your password was changed too short a time ago. Wait, or ask the help desk."
    ),
    Refusal.WRONG_CURRENT: _("That is not your current password."),
    Refusal.UNREACHABLE: _LATER,
    Refusal.TLS: _LATER,
    Refusal.TIMED_OUT: _LATER,
    Refusal.NO_ANSWER: _LATER,
    Refusal.AGENT_FAULT: _NOT_DONE,
    Refusal.SIGNATURE: _NOT_DONE,
    Refusal.ADDRESS: _NOT_DONE,
    Refusal.JOB_EXPIRED: _LATER,
    Refusal.REPLAYED: _NOT_DONE,
    Refusal.SEALED: _NOT_DONE,
    Outcome.SUPERSEDED: _(
        "Your password was set elsewhere at the same moment, so this one was not. Choose one once more if that was not you."
    ),
}


#: Why somebody who is signed in cannot change their password here.
HINDERED: dict[Hindrance, str | Promise] = {
    Hindrance.NOT_ENABLED: _(
        "Your account lives in your organization's directory, and passwords are not written there from here. Change it on a"
        " computer of your organization, or ask the help desk."
    ),
    Hindrance.ADMINISTRATOR: _(
        "Your account in your organization's directory can't be changed from here. The help desk can help you."
    ),
    Hindrance.AWAY: _(
        "Your organization's directory can't be reached just now. Nothing was changed. Try again in a few minutes; if it is"
        " urgent, ask the help desk."
    ),
}


def refused(code: str) -> str:
    """Return the words for an answer of a directory."""
    return str(REFUSED.get(code, _NOT_DONE))


def rules(found: DomainRules) -> list[str]:
    """Return what only the directory can judge, in sentences; what is judged here stands among our own rules."""
    said = []
    if found.history:
        said.append(
            ngettext(
                "Your organization's directory refuses the last password.",
                "Your organization's directory refuses the last %(count)d passwords.",
                found.history,
            )
            % {"count": found.history}
        )
    if found.min_age_seconds:
        said.append(_since(*domain_rules.age(found.min_age_seconds)))
    if found.fine:
        said.append(
            _now("Your organization's directory asks for more of your account than can be listed here.")
        )
    return said


def _since(unit: str, count: int) -> str:
    if unit == "days":
        words = ngettext(
            "You can change it again after %(count)d day.",
            "You can change it again after %(count)d days.",
            count,
        )
    elif unit == "hours":
        words = ngettext(
            "You can change it again after %(count)d hour.",
            "You can change it again after %(count)d hours.",
            count,
        )
    else:
        words = ngettext(
            "You can change it again after %(count)d minute.",
            "You can change it again after %(count)d minutes.",
            count,
        )
    return words % {"count": count}
