"""The words for why a reset is not offered or has ended."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registration.policy import Code
from resets.journey import Stop


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
}

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
