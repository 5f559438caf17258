"""Where somebody's account lives, and what keeps its password from being set there. Asked after the last gate only: earlier
it would tell who lives where.
"""

from enum import StrEnum

from licensing.editions import Feature
from licensing.guards import decision
from registration import standing
from resets.writeback import accounts, reach
from resets.writeback.models import Account


class Hindrance(StrEnum):
    """Why a password is not set in a directory. Stored, so the values never change; Entra's are 10, 29 and 30."""

    NOT_ENABLED = "writeback_not_enabled"
    ADMINISTRATOR = "on_premises_admin_action"
    AWAY = "on_premises_connectivity"


def hindrance(account: Account) -> Hindrance | None:
    """Return what only an administrator can change about it."""
    if not standing.policy_row().write_back or not decision(Feature.WRITEBACK).allowed:
        return Hindrance.NOT_ENABLED
    gone, protected = account.gone_at is not None, bool(account.facts.get("protected"))
    if gone or protected or not accounts.authentic(account):
        return Hindrance.ADMINISTRATOR
    return None


def is_away(account: Account) -> bool:
    """Say whether nobody could act there now."""
    return not reach.alive(account.domain)


def may_unlock(account: Account) -> bool:
    """Say whether its owner may unlock it and keep the password."""
    return standing.policy_row().unlock_without_reset
