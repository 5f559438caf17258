"""The jobs of this room, imported here so that a worker finds them, and its part of the daily clearing."""

from registration.activation import send_link
from registration.authenticator.push import send as send_push
from registration.baselining import do as do_baseline_line
from registration.baselining import go_on as go_on_rolling_out
from registration.baselining import look as look_at_baseline
from registration.billing import bill, bill_everywhere
from registration.customers.creating import make
from registration.customers.erasing import erase
from registration.customers.standing import read
from registration.delivery import deliver
from registration.expiring import look, look_everywhere, tell
from registration.importing.flow import forget as forget_import
from registration.importing.flow import send_link as send_imported_link
from registration.importing.flow import work as work_on_import
from registration.notices import send_notice
from registration.pruning import prune, prune_everywhere
from registration.reminding import remind_all
from registration.visiting import end_what_is_over, visit_over

__all__ = [
    "bill",
    "bill_everywhere",
    "deliver",
    "do_baseline_line",
    "end_what_is_over",
    "erase",
    "forget_import",
    "go_on_rolling_out",
    "look",
    "look_at_baseline",
    "look_everywhere",
    "make",
    "prune",
    "prune_everywhere",
    "read",
    "remind_all",
    "send_imported_link",
    "send_link",
    "send_notice",
    "send_push",
    "tell",
    "visit_over",
    "work_on_import",
]
