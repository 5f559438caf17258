"""On-premises domains, the agents in them, whose accounts live there, and what is to be done there.

Each table stands in every schema, and no foreign key leaves it.
"""

import uuid
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from registration.models import User
from resets.models import Reset


class OnPremisesDomain(models.Model):
    """A directory of the organization's own, such as corp.northwind.example. `resets.writeback.domains` is its only writer."""

    class Deployment(models.TextChoices):
        """How agents stand in it."""

        CONNECT = "connect", _("Connect")
        CLOUD_SYNC = "cloud_sync", _("cloud sync")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=253, unique=True)
    deployment = models.CharField(_("deployment"), max_length=16, choices=Deployment)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    #: What its agents said last: kind, rules for passwords, what can be done there, whether it is reachable.
    facts = models.JSONField(default=dict, editable=False)
    #: How far people were brought from it, in its agents' own words.
    position = models.JSONField(default=dict, editable=False)
    #: The run that brings everybody, while one is under way.
    run = models.CharField(max_length=64, blank=True, editable=False)
    brought_at = models.DateTimeField(_("people brought"), null=True, editable=False)
    bring_asked = models.BooleanField(default=False, editable=False)
    #: Since when administrators know that no agent of it is heard of; empty while one is.
    lost_told_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("on-premises domain"), _("on-premises domains")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=models.Q(name=Lower("name")), name="on_premises_domain_lower")
        ]

    def __str__(self) -> str:
        return self.name


class Agent(models.Model):
    """A program at the customer's that acts in one domain. `resets.writeback.agents` is its only writer.

    It is made with a one-time code, of which a digest stands here until the agent enrols with it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    domain = models.ForeignKey(OnPremisesDomain, models.CASCADE, related_name="agents")
    name = models.CharField(_("name"), max_length=100, blank=True)
    code_digest = models.CharField(max_length=64, blank=True, editable=False)
    code_expires_at = models.DateTimeField(null=True, editable=False)
    sealing_key = models.BinaryField(null=True)
    signing_key = models.BinaryField(null=True)
    #: A keyed digest over whose keys these are: whoever can write this table cannot make an agent of their own.
    proof = models.CharField(max_length=64, blank=True, editable=False)
    version = models.CharField(_("version"), max_length=32, blank=True)
    enrolled_at = models.DateTimeField(_("enrolled"), null=True)
    rolled_at = models.DateTimeField(_("keys since"), null=True)
    roll_asked = models.BooleanField(default=False, editable=False)
    seen_at = models.DateTimeField(_("last seen"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    #: What it checked at its directory, and how long an answer takes there.
    health = models.JSONField(default=dict, editable=False)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    created_by = models.CharField(_("added by"), max_length=254, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("agent"), _("agents")
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.name or str(self.pk)[:8]

    @property
    def is_enrolled(self) -> bool:
        """Whether it has keys, and may still act."""
        return self.enrolled_at is not None and self.revoked_at is None


class Account(models.Model):
    """The account in a domain that a person's is. `resets.writeback.accounts` is its only writer.

    Somebody without one lives in the cloud.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(User, models.CASCADE, related_name="account")
    domain = models.ForeignKey(OnPremisesDomain, models.CASCADE, related_name="accounts")
    guid = models.CharField(max_length=64)
    #: A keyed digest over whose account this is: whoever can write this table cannot have another's password set.
    proof = models.CharField(max_length=64, editable=False)
    place = models.TextField(_("place"), blank=True)
    facts = models.JSONField(default=dict)
    #: Phone numbers as the directory has them: nobody has proved them, so nothing is sent there.
    contact = models.JSONField(default=dict)
    seen_at = models.DateTimeField(_("last brought"))
    gone_at = models.DateTimeField(_("gone since"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("directory account"), _("directory accounts")
        ordering = ["user__sign_in_name"]
        constraints = [models.UniqueConstraint(fields=["domain", "guid"], name="account_once_a_domain")]

    def __str__(self) -> str:
        return self.guid


class Job(models.Model):
    """One thing to be done in a directory, sealed to each agent that may do it. `resets.writeback.queue` is its only
    writer.
    """

    class Operation(models.TextChoices):
        """What is to be done."""

        RESET = "reset", _("password reset")
        CHANGE = "change", _("password change")
        UNLOCK = "unlock", _("unlock")
        EXPIRE = "expire", _("must change at next sign-in")

    class State(models.TextChoices):
        """How far it has come. All but the first two are ends."""

        WAITING = "waiting", _("waiting")
        CLAIMED = "claimed", _("under way")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        SUPERSEDED = "superseded", _("superseded")
        UNKNOWN = "unknown", _("outcome unknown")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    domain = models.ForeignKey(OnPremisesDomain, models.CASCADE, related_name="jobs")
    account = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="jobs")
    reset = models.ForeignKey(Reset, models.SET_NULL, null=True, related_name="jobs")
    operation = models.CharField(_("operation"), max_length=8, choices=Operation)
    #: For each agent by its id: context, envelope and signature; erased when the job ends.
    envelopes = models.JSONField(default=dict)
    #: What is written here when it is done, sealed; erased when the job ends.
    after = models.BinaryField(null=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.WAITING)
    code = models.CharField(_("answer"), max_length=64, blank=True)
    attempt = models.PositiveSmallIntegerField(_("attempts"), default=0)
    agent = models.ForeignKey(Agent, models.SET_NULL, null=True, related_name="jobs", verbose_name=_("agent"))
    lease_until = models.DateTimeField(null=True)
    #: How the account stood before the first effect, as its agent wrote down ahead of it.
    intent = models.CharField(max_length=64, blank=True)
    #: The attempt in which that was; 0 while nobody has begun, so that nothing can have been changed.
    intent_attempt = models.PositiveSmallIntegerField(default=0)
    tried = ArrayField(models.UUIDField(), default=list)
    created_at = models.DateTimeField(_("asked"))
    expires_at = models.DateTimeField()
    finished_at = models.DateTimeField(_("answered"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("directory job"), _("directory jobs")
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["domain", "created_at"],
                condition=models.Q(finished_at=None),
                name="job_open_by_domain",
            ),
            models.Index(fields=["domain", "-finished_at"], name="job_ended_by_domain"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.state}"

    @property
    def context(self) -> str:
        """What its sealed text is bound to."""
        return f"writeback.job/{self.pk}"

    @property
    def is_over(self) -> bool:
        """Whether it has been answered, or nobody will."""
        return self.finished_at is not None

    def is_late(self, at: datetime) -> bool:
        """Say whether no agent may act on it any more."""
        return at >= self.expires_at
