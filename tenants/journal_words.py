"""The words for what the journal tells: one place. A room above adds its own beside its flow, by `contribute`."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_WORDS: dict[str, str | Promise] = {
    "organization_created": _("Organization created"),
    "organization_refused": _("Organization could not be created"),
    "organization_renamed": _("Organization renamed"),
    "organization_suspended": _("Organization suspended"),
    "organization_resumed": _("Organization resumed"),
    "organization_erased": _("Organization erased"),
    "host_added": _("Host added"),
    "host_verified": _("Host verified"),
    "host_made_primary": _("Primary host changed"),
    "host_removed": _("Host removed"),
    "sign_in_name_added": _("Sign-in name added"),
    "sign_in_name_verified": _("Sign-in name verified"),
    "sign_in_name_removed": _("Sign-in name removed"),
    "subscription_assigned": _("Subscription assigned"),
    "subscription_ended": _("Subscription ended"),
    "administrator_invited": _("Administrator invited"),
    "administrator_link_sent": _("Administrator's one-time link sent again"),
    "operator_added": _("Operator added"),
    "operator_changed": _("Operator changed"),
    "operator_removed": _("Operator removed"),
    "journal_exported": _("Journal exported"),
    "baseline_added": _("Baseline added"),
    "baseline_changed": _("Baseline changed"),
    "baseline_deleted": _("Baseline deleted"),
    "baseline_rollout": _("Baseline rolled out"),
    "baseline_applied": _("Baseline applied"),
    "baseline_released": _("Baseline released"),
    "desk_ticket": _("Visit of a desk asked for"),
    "desk_entered": _("Desk entered"),
    "desk_left": _("Desk left"),
}


def contribute(more: Mapping[str, str | Promise]) -> None:
    """Add the words for a higher room's entries."""
    _WORDS.update(more)


def known() -> list[tuple[str, str | Promise]]:
    """Return every activity with its words, in the order of the words."""
    return sorted(_WORDS.items(), key=lambda one: str(one[1]).lower())


def words(event: str) -> str:
    """Return the words for an activity, or its code where nobody has any."""
    return str(_WORDS.get(event, event))
