"""The jobs of this room, imported here so that a worker finds them, and its part of the daily clearing."""

from registration.activation import send_link
from registration.billing import bill, bill_everywhere
from registration.delivery import deliver
from registration.expiring import look, look_everywhere, tell
from registration.notices import send_notice

__all__ = [
    "bill",
    "bill_everywhere",
    "deliver",
    "look",
    "look_everywhere",
    "send_link",
    "send_notice",
    "tell",
]
