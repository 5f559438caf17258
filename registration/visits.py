"""A visit of a provider's operator at an organization's desk: how long, why, and when it is over.

Pure: facts in, codes out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MINUTES: Sequence[int] = (15, 30, 60, 120, 240)
USUAL = 60
#: From the provider's page to the organization's: one click.
TICKET = timedelta(seconds=60)
SHORTEST_REASON = 10
_TICKET_NUMBER = re.compile(r"(?:[A-Z][A-Z0-9]{1,9}-|#)\d{1,10}", re.IGNORECASE)


class End(StrEnum):
    """Why a visit is over. Stored, so the values never change; `visit_words.ENDS` has the words."""

    LEFT = "left"
    EXPIRED = "expired"
    OPERATOR = "operator"  # the role was taken, the account disabled, the sessions ended, or they signed out at the provider
    FORBIDDEN = "forbidden"  # the organization forbids visits now
    SUSPENDED = "suspended"
    SIGNED_IN = "signed_in"  # as somebody of the organization, in the same browser


@dataclass(frozen=True)
class Facts:
    """How a visit and what it rests on stand at this moment."""

    ends_at: datetime
    operator_may: bool
    allowed: bool


def is_reason(text: str) -> bool:
    """Say whether a text tells why: a few words, or the number of a ticket.

    >>> [is_reason(text) for text in ("INC-4711", "#4711", "Adele asked us to look", "because", "          ", "aaaaaaaaaaaa")]
    [True, True, True, False, False, False]
    """
    words = " ".join(text.split())
    return bool(_TICKET_NUMBER.fullmatch(words)) or (len(words) >= SHORTEST_REASON and len(set(words)) > 3)


def over(facts: Facts, now: datetime) -> End | None:
    """Return why a visit is over, if it is.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> over(Facts(noon, operator_may=True, allowed=True), noon - timedelta(seconds=1)) is None
    True
    >>> over(Facts(noon, operator_may=True, allowed=True), noon).value
    'expired'
    >>> over(Facts(noon, operator_may=False, allowed=False), noon - timedelta(hours=1)).value
    'operator'
    """
    if now >= facts.ends_at:
        return End.EXPIRED
    if not facts.operator_may:
        return End.OPERATOR
    return None if facts.allowed else End.FORBIDDEN
