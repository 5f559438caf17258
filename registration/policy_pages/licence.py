"""The desk's page Licence: what the organization has bought, what it includes, and what an upgrade would add."""

from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from licensing import comparing, editions, guards
from licensing.editions import Edition, Feature
from licensing.labels import EDITIONS, FEATURES, REASONS
from licensing.models import Subscription
from registration.models import Policy, User
from registration.policy_pages.page import PolicyPage
from tenants.context import current
from tenants.desks import ReadOnlyAdmin


class LicenceAdmin(ReadOnlyAdmin, PolicyPage):
    """What is bought: read here, changed by the provider."""

    about = _("What your organization's edition includes. Ask your provider to change it.")
    readonly_fields = ("show_edition", "show_seats", "show_features", "show_upgrades")
    fieldsets = (
        (None, {"fields": ("show_edition", "show_seats")}),
        (_("What is included"), {"fields": ("show_features",)}),
        (_("What an upgrade would add"), {"fields": ("show_upgrades",)}),
    )

    @display(description=_("edition"))
    def show_edition(self, obj: Policy) -> SafeString:
        """Name the edition, and say until when a trial runs or when it ended."""
        bought, today = guards.snapshot(), timezone.now().date()
        words = {
            "edition": EDITIONS[bought.edition] if bought else "",
            "effective": EDITIONS[editions.effective_edition(bought, today)],
            "trial_ends": bought.trial_ends if bought else None,
            "ended": bool(bought and bought.has_ended(today)),
        }
        return render_to_string("desk/licence_edition.html", words)

    @display(description=_("seats"))
    def show_seats(self, obj: Policy) -> SafeString:
        """Count the enabled people beside the seats that were agreed on."""
        agreed = (
            Subscription.objects.filter(organization_id=current().pk).values_list("seats", flat=True).first()
        )
        used = User.objects.filter(is_active=True).count()
        words = {"used": used, "agreed": agreed, "over": max(0, used - agreed) if agreed else 0}
        return render_to_string("desk/licence_seats.html", words)

    @display(description=_("features"))
    def show_features(self, obj: Policy) -> SafeString:
        """Show the table of editions, and what is included here today with the reason where it is not."""
        rows = [
            {
                "name": FEATURES[row.feature],
                "decided": guards.decision(row.feature),
                "reason": REASONS[guards.decision(row.feature).reason],
                "editions": row.editions,
            }
            for row in comparing.included()
        ]
        words: dict[str, Any] = {
            "rows": rows,
            "editions": [EDITIONS[edition] for edition in Edition],
            "here": guards.retention(),
            "kept": [editions.TABLE[edition].retention for edition in Edition],
        }
        return render_to_string("desk/licence_features.html", words)

    @display(description=_("each other edition"))
    def show_upgrades(self, obj: Policy) -> SafeString:
        """Say of each other edition what it would add."""
        found = [
            {
                "edition": EDITIONS[one.edition],
                "features": [_named(feature) for feature in one.features],
                "retention": one.retention,
            }
            for one in comparing.upgrades(guards.snapshot(), timezone.now().date())
        ]
        return render_to_string("desk/licence_upgrades.html", {"found": found})


def _named(feature: Feature) -> str:
    return str(FEATURES[feature])
