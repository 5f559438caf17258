"""The jobs of this room, imported here so that a worker finds them, and its part of the daily clearing."""

from registration.activation import send_link
from registration.authenticator.push import send as send_push
from registration.billing import bill, bill_everywhere
from registration.customers.creating import make
from registration.customers.erasing import erase
from registration.customers.standing import read
from registration.delivery import deliver
from registration.expiring import look, look_everywhere, tell
from registration.notices import send_notice
from registration.reminding import remind_all

__all__ = [
    "bill",
    "bill_everywhere",
    "deliver",
    "erase",
    "look",
    "look_everywhere",
    "make",
    "read",
    "remind_all",
    "send_link",
    "send_notice",
    "send_push",
    "tell",
]
