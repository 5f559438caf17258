"""The words for why a reset is not offered or has ended."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registration.policy import Code
from resets.helping import Help, Refusal
from resets.journey import Stop
from resets.writeback.homes import Hindrance


@dataclass(frozen=True)
class Words:
    """What a page says about a code, and whether it offers to start again."""

    title: str | Promise
    text: str | Promise
    again: bool = False


_ELSEWHERE = _("Your identity is proved, but the password can't be reset here. The help desk can help you.")

STOPPED: dict[str, Words] = {
    Stop.EXPIRED: Words(
        _("The time is up"), _("For your safety a reset stays open for 15 minutes only."), again=True
    ),
    Stop.TOO_MANY_TRIES: Words(
        _("Too many tries"),
        _("We could not confirm that it's you. Wait a while before you start again."),
        again=True,
    ),
    Stop.ABANDONED: Words(_("The reset has ended"), _("You ended it, or began another one."), again=True),
    Stop.DENIED: Words(
        _("The request was denied"),
        _("Somebody denied it on the phone. If that wasn't you, tell the help desk."),
    ),
    Code.EDITION_LACKS_RESET: Words(
        _("Password reset is not available here"), _("Your organization doesn't offer it.")
    ),
    Code.POLICY_NONE: Words(
        _("Password reset is not available here"), _("Your organization doesn't offer it.")
    ),
    Code.NOT_IN_SCOPE: Words(_("Password reset is not enabled for you"), _ELSEWHERE),
    Code.ADMINISTRATORS_EXCLUDED: Words(_("Password reset is not enabled for administrators"), _ELSEWHERE),
    Code.ACCOUNT_DISABLED: Words(_("Your account is disabled"), _ELSEWHERE),
    Code.RESET_BLOCKED: Words(_("Password reset is paused for your account"), _ELSEWHERE),
    Code.NOT_REGISTERED: Words(
        _("More methods are needed"),
        _("You have not registered as many methods as a reset asks for. The help desk can help you."),
    ),
    Code.NOT_ENOUGH_METHODS: Words(_("More methods are needed"), _ELSEWHERE),
    Hindrance.NOT_ENABLED: Words(_("Your password can't be reset here"), _ELSEWHERE),
    Hindrance.ADMINISTRATOR: Words(
        _("An administrator has to help"),
        _(
            "Your identity is proved, but your account in your organization's directory can't be"
            " changed from here. Nothing was"
            " changed. The help desk can help you."
        ),
    ),
}

AWAY = Words(
    _("Your organization's directory can't be reached"),
    _(
        "Your identity is proved, but your password can't be set just now. Nothing was changed. Try"
        " again in a few minutes; if it"
        " is urgent, ask the help desk."
    ),
    again=True,
)

UNAVAILABLE: dict[str, str | Promise] = {
    Code.EDITION_LACKS_RESET: _(
        "Your organization's edition does not include it. Its help desk can give you back access."
    ),
    Code.POLICY_NONE: _("Your organization has not enabled it. Its help desk can give you back access."),
}

UNKNOWN = Words(
    _("We don't know whether it worked"),
    _(
        "The directory did not answer. Try the new password in a few minutes; if it does not work, start again."
    ),
    again=True,
)

#: What an administrator is told of a reset before they start it: in what it comes, and what it still asks.
HELP: dict[Help, str | Promise] = {
    Help.MAILED: _(
        "A link is mailed to %(address)s, which they confirmed. It works once, within an hour. Then they prove the methods"
        " that they registered, as in any reset."
    ),
    Help.SHOWN: _(
        "They have confirmed no address, so a code is shown to you, once. Make sure that it is they who ask you, and read it"
        " to them. It works once, within 15 minutes. Then they prove the methods that they registered, as in any reset."
    ),
    Help.BOTH: _(
        "They have registered nothing that could be asked. So a code is shown to you, once, and a link is mailed to their"
        " primary address, %(address)s: they need both, within 15 minutes. Make sure that it is they who ask you."
    ),
    Help.PASS: _(
        "They have registered nothing and have no address that counts, so the code that is shown to you, once, is enough"
        " alone: whoever has it takes the account. Make sure that it is they who ask you, best in person. It works once,"
        " within 15 minutes."
    ),
}

#: Why nobody can start a reset for a person now.
NO_HELP: dict[Refusal, str | Promise] = {
    Refusal.DISABLED: _("The account is disabled. Enable it first."),
    Refusal.BLOCKED: _(
        "They said that a change of their password was not theirs. Let them reset again first, when you are sure that it is"
        " they who ask you."
    ),
    Refusal.ADMINISTRATOR_LACKS_METHODS: _(
        "Administrators always prove two methods, and this person has not registered two. Take their role away first, or"
        " register methods for them."
    ),
    Refusal.PASS_NEEDED: _(
        "They have registered nothing and have no primary address, or it was changed within a day. A code would be enough"
        " alone: only an Authentication Administrator or a Global Administrator may give one out."
    ),
}
