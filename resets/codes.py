"""The codes of what ends a reset, beside those of the policy (`tenants.refusals`, `registration.codes`)."""

from enum import StrEnum

from registration.policy import Code
from resets.helping import Refusal
from resets.journey import Stop, Written
from resets.writeback.homes import Hindrance
from tenants.refusals import contribute

contribute(
    (Stop.EXPIRED, "RK-RESET-101"),
    (Stop.TOO_MANY_TRIES, "RK-RESET-102"),
    (Stop.ABANDONED, "RK-RESET-103"),
    (Stop.DENIED, "RK-RESET-104"),
    (Stop.TOO_OFTEN, "RK-RESET-105"),
    (Written.UNKNOWN, "RK-RESET-109"),
    (Hindrance.NOT_ENABLED, "RK-RESET-010"),
    (Hindrance.ADMINISTRATOR, "RK-RESET-029"),
    (Hindrance.AWAY, "RK-RESET-030"),
    (Refusal.DISABLED, "RK-HELP-001"),
    (Refusal.BLOCKED, "RK-HELP-002"),
    (Refusal.ADMINISTRATOR_LACKS_METHODS, "RK-HELP-003"),
    (Refusal.PASS_NEEDED, "RK-HELP-004"),
)


def reason(stopped: str) -> StrEnum:
    """Return why a reset ended or is not offered, from the text that is kept of it.

    >>> reason("expired"), reason("not_in_scope")
    (<Stop.EXPIRED: 'expired'>, <Code.NOT_IN_SCOPE: 'not_in_scope'>)
    """
    if stopped in {str(one) for one in Stop}:
        return Stop(stopped)
    return Hindrance(stopped) if stopped in {str(one) for one in Hindrance} else Code(stopped)
