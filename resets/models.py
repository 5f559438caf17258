"""A reset that is under way, or was."""

import uuid
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from registration.models import Challenge, User
from resets.journey import Entry, State, Written


class Reset(models.Model):
    """One way back in, from a typed name to a new password. `resets.flow` is its only writer.

    It is made for every name that is typed: without a user when there is none, and then no gate of it ever opens.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="resets", verbose_name=_("user"))
    typed = models.CharField(_("name typed"), max_length=113)
    #: A keyed digest of the name, for whom tries are counted where the name itself is not kept.
    whom = models.CharField(max_length=64, blank=True, editable=False)
    binding = models.CharField(max_length=64)
    passed = ArrayField(models.CharField(max_length=32), verbose_name=_("methods proved"), default=list)
    challenge = models.ForeignKey(Challenge, models.SET_NULL, null=True, related_name="+")
    typed_address = models.BinaryField(null=True)
    failures = models.PositiveSmallIntegerField(_("wrong tries"), default=0)
    entry = models.CharField(
        _("entry"),
        max_length=16,
        default=Entry.WEB,
        choices=[(Entry.WEB.value, _("web page")), (Entry.KIOSK.value, _("kiosk"))],
    )
    #: The administrator who began it for this person, and how (`resets.helping.Help`); nothing where they began it themselves.
    helped_by = models.CharField(_("started by"), max_length=254, blank=True)
    help = models.CharField(max_length=16, blank=True, editable=False)
    written = models.CharField(max_length=16, default=Written.NOT_YET)
    #: What the directory said last of a password that it did not take (`resets.writeback.codes`).
    refused = models.CharField(max_length=64, blank=True, editable=False)
    #: Whether the account is only unlocked, and keeps its password.
    unlocks = models.BooleanField(default=False, editable=False)
    stopped = models.CharField(_("stopped because"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("started"))
    expires_at = models.DateTimeField()
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("reset"), _("resets")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["created_at"], name="reset_created_at")]

    def __str__(self) -> str:
        return self.typed

    def state(self, *, waiting: bool = False) -> State:
        """Return what the rules decide on."""
        return State(
            passed=tuple(self.passed),
            failures=self.failures,
            expires_at=self.expires_at,
            waiting=waiting,
            written=Written(self.written),
            stopped=self.stopped,
        )

    @property
    def context(self) -> str:
        """What its sealed text is bound to."""
        return f"resets.reset/{self.pk}"

    @property
    def reference(self) -> str:
        """What a person reads out to the help desk, who find the reset by it."""
        return str(self.pk)[:8].upper()

    def is_over(self, at: datetime) -> bool:
        """Say whether nothing can come of it any more."""
        return bool(self.finished_at or self.stopped) or at >= self.expires_at
