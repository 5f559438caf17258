"""What an organization has bought: one row of the public schema."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licensing.editions import Edition, Snapshot
from licensing.labels import edition_choices
from tenants.models import Organization


class Subscription(models.Model):
    """The edition of one organization, as it is now. `licensing.subscribing` is its only writer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.OneToOneField(
        Organization, models.CASCADE, related_name="subscription", verbose_name=_("organization")
    )
    edition = models.CharField(_("edition"), max_length=16, choices=edition_choices)
    trial_ends = models.DateField(
        _("last day of the trial"),
        null=True,
        blank=True,
        help_text=_("The trial runs through this day, in Universal Time. Empty: it is paid, and has no end."),
    )
    seats = models.PositiveIntegerField(
        _("seats"),
        null=True,
        blank=True,
        help_text=_("How many people were agreed on. Empty: no number was."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("subscription"), _("subscriptions")
        ordering = ["organization__name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(edition__in=[edition.value for edition in Edition]),
                name="subscription_edition_known",
            ),
            models.CheckConstraint(
                condition=Q(trial_ends=None) | ~Q(edition=Edition.FREE.value),
                name="subscription_no_trial_of_free",
            ),
            models.CheckConstraint(
                condition=Q(seats=None) | Q(seats__gte=1), name="subscription_seats_positive"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_edition_display())

    @property
    def snapshot(self) -> Snapshot:
        """What the table of editions judges."""
        return Snapshot(Edition(self.edition), self.trial_ends)
