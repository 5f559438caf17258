"""The words for editions, features and reasons, in one place; the table itself knows only codes."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from licensing.editions import Edition, Feature, Reason

#: Names of products stay as they are in every language.
EDITIONS: Mapping[Edition, str | Promise] = MappingProxyType(
    {
        Edition.FREE: _("Free"),
        Edition.P1: "P1",
        Edition.P2: "P2",
        Edition.BUSINESS: "Microsoft 365 Apps for business",
        Edition.M365: "Microsoft 365",
    }
)

FEATURES: Mapping[Feature, Promise] = MappingProxyType(
    {
        Feature.CHANGE_PASSWORD: _("Signed-in people change their password"),
        Feature.RESET_PASSWORD: _("People reset a forgotten or expired password"),
        Feature.WRITEBACK: _("New passwords are written back to an on-premises directory"),
        Feature.PHONE_CALLS: _("Codes by phone call"),
        Feature.BANNED_WORDS: _("Banned words of the organization's own"),
    }
)

REASONS: Mapping[Reason, Promise] = MappingProxyType(
    {
        Reason.INCLUDED: _("This is included in your organization's edition."),
        Reason.EDITION_LACKS: _("Your organization's edition does not include this."),
        Reason.TRIAL_LACKS: _("This is not included during a trial."),
        Reason.TRIAL_ENDED: _("Your organization's trial has ended, and this was part of it."),
        Reason.NO_SUBSCRIPTION: _("Your organization has no subscription, and this needs one."),
    }
)


def edition_choices() -> list[tuple[str, str | Promise]]:
    """Return the editions as the choices of a field; a callable, so that no migration holds a label."""
    return [(edition.value, EDITIONS[edition]) for edition in Edition]
