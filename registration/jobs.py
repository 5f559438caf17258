"""The jobs of this room, imported here so that a worker finds them, and its part of the daily clearing."""

from registration.activation import send_link
from registration.authenticator.push import send as send_push
from registration.billing import bill, bill_everywhere
from registration.delivery import deliver
from registration.expiring import look, look_everywhere, tell
from registration.importing.flow import forget as forget_import
from registration.importing.flow import send_link as send_imported_link
from registration.importing.flow import work as work_on_import
from registration.notices import send_notice
from registration.reminding import remind_all

__all__ = [
    "bill",
    "bill_everywhere",
    "deliver",
    "forget_import",
    "look",
    "look_everywhere",
    "remind_all",
    "send_imported_link",
    "send_link",
    "send_notice",
    "send_push",
    "tell",
    "work_on_import",
]
