"""What the provider asks of many organizations, and when its operators were at their desks: tables of `public` alone.

What a setting is, what is tighter, and who may, `registration` knows; here it is kept as JSON and texts.
`registration.baselining` writes baselines and what is about them, `registration.visiting` visits.
"""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Baseline(models.Model):
    """Settings that the provider holds, under a name: of each whether it is a default, a floor or locked, and at what."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(
        _("name"), max_length=60, unique=True, help_text=_("Organizations see it. Such as “Standard”.")
    )
    settings = models.JSONField(_("settings"), default=dict, blank=True)
    for_new = models.BooleanField(
        _("for new organizations"),
        default=False,
        help_text=_("Each new organization begins with it. One baseline at most. Default: no."),
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("baseline"), _("baselines")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["for_new"], condition=models.Q(for_new=True), name="baseline_one_for_new"
            )
        ]

    def __str__(self) -> str:
        return self.name


class BaselineUse(models.Model):
    """That an organization is held to a baseline, and what of it was below when it was last looked at."""

    organization = models.OneToOneField(
        "tenants.Organization", models.CASCADE, primary_key=True, related_name="baseline_use"
    )
    baseline = models.ForeignKey(Baseline, models.PROTECT, related_name="uses")
    since = models.DateTimeField(auto_now_add=True)
    looked_at = models.DateTimeField(null=True)
    #: By setting: its value, and what was asked.
    below = models.JSONField(default=dict)

    class Meta:
        verbose_name, verbose_name_plural = _("use of a baseline"), _("uses of baselines")

    def __str__(self) -> str:
        return str(self.baseline_id)


class Rollout(models.Model):
    """A baseline tried on, or applied to, some organizations; or these released of theirs. The lines tell what came of it."""

    class Kind(models.TextChoices):
        """What is done."""

        DRY = "dry", _("Dry run")
        APPLY = "apply", _("Applied")
        RELEASE = "release", _("Released")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    baseline = models.ForeignKey(Baseline, models.SET_NULL, null=True, related_name="rollouts")
    baseline_name = models.CharField(_("baseline"), max_length=60, blank=True)
    #: As they were when it began: what was tried is what is applied.
    settings = models.JSONField(default=dict)
    actor = models.CharField(_("actor"), max_length=254)
    at = models.DateTimeField(_("date and time"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name, verbose_name_plural = _("baseline report"), _("baseline reports")
        ordering = ["-at"]

    def __str__(self) -> str:
        return (
            f"{self.get_kind_display()}: {self.baseline_name}"
            if self.baseline_name
            else self.get_kind_display()
        )


class RolloutLine(models.Model):
    """One organization of a rollout. It outlives the organization that it names."""

    class State(models.TextChoices):
        """What came of it."""

        WAITING = "waiting", _("waiting")
        CHANGED = "changed", _("changed")
        UNCHANGED = "unchanged", _("unchanged")
        REFUSED = "refused", _("refused")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rollout = models.ForeignKey(Rollout, models.CASCADE, related_name="lines")
    organization = models.ForeignKey("tenants.Organization", models.SET_NULL, null=True, related_name="+")
    schema = models.CharField(max_length=63)
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=64, blank=True)
    #: By setting: its value before and after.
    changes = models.JSONField(default=dict)
    #: How many people can reset, before and after.
    able_before = models.PositiveIntegerField(null=True)
    able_after = models.PositiveIntegerField(null=True)
    at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("line of a baseline report"), _("lines of baseline reports")
        ordering = ["name", "schema"]
        constraints = [
            models.UniqueConstraint(fields=["rollout", "schema"], name="rollout_line_once_an_organization")
        ]

    def __str__(self) -> str:
        return self.name


class Visit(models.Model):
    """An operator at an organization's desk: why, until when, and how it ended. No account of the organization is made."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        "tenants.Organization", models.CASCADE, verbose_name=_("organization"), related_name="visits"
    )
    operator = models.UUIDField(editable=False)
    operator_name = models.CharField(_("operator"), max_length=254)
    #: A digest of what changes when all sessions of the operator are ended.
    operator_sessions = models.CharField(max_length=64, editable=False)
    reason = models.CharField(_("reason"), max_length=200)
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    may_change = models.BooleanField(_("may change settings"), default=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    asked_at = models.DateTimeField(_("date and time"), auto_now_add=True, db_index=True)
    ticket_until = models.DateTimeField(editable=False)
    entered_at = models.DateTimeField(_("entered"), null=True)
    ends_at = models.DateTimeField(_("until"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    ended_by = models.CharField(_("ended by"), max_length=16, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("visit"), _("visits")
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        return f"{self.operator_name}: {self.organization_id}"
