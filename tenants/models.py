"""Who the organizations are. All of these tables stand in the public schema alone."""

import uuid

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

from tenants.journal_words import words
from tenants.steering import Baseline, BaselineUse, Rollout, RolloutLine, Visit

__all__ = [
    "Baseline",
    "BaselineBoard",
    "BaselineUse",
    "Counter",
    "Domain",
    "JournalEntry",
    "Organization",
    "PreparedSchema",
    "Rollout",
    "RolloutLine",
    "SignInName",
    "Visit",
]


class Organization(TenantMixin):
    """A customer of the provider, with a schema of its own; the provider itself is the one whose schema is `public`."""

    class State(models.TextChoices):
        """Whether its people are served."""

        ACTIVE = "active", _("active")
        SUSPENDED = "suspended", _("suspended")

    auto_create_schema = False  # tenants.provisioning makes it, in one transaction with the rows.
    auto_drop_schema = False

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=100)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.ACTIVE)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("organization"), _("organizations")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Domain(DomainMixin):
    """A host name on which an organization is served, once it is verified. The primary one stands in links that are mailed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("host"), _("hosts")
        ordering = ["domain"]

    def __str__(self) -> str:
        return str(self.domain)


class SignInName(models.Model):
    """The name after @ in the sign-in names of an organization's people, such as contoso.example."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=253, unique=True)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="sign_in_names")
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("sign-in name"), _("sign-in names")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=models.Q(name=Lower("name")), name="sign_in_name_lower")
        ]

    def __str__(self) -> str:
        return self.name


class Glance(models.Model):
    """How an organization stands at a glance, as of a moment. `tenants.glances` is its only writer."""

    organization = models.OneToOneField(
        Organization, models.CASCADE, primary_key=True, related_name="glance", verbose_name=_("organization")
    )
    as_of = models.DateTimeField(_("as of"))
    scope = models.CharField(_("reset enabled for"), max_length=16, blank=True)
    people = models.PositiveIntegerField(_("people"), default=0)
    registered = models.PositiveIntegerField(_("registered"), default=0)
    percent = models.PositiveSmallIntegerField(_("percent registered"), null=True)
    failed = models.PositiveIntegerField(_("failed deliveries"), default=0)
    last_reset_at = models.DateTimeField(_("last reset"), null=True)
    domains = models.PositiveSmallIntegerField(_("on-premises domains"), default=0)
    domains_away = models.PositiveSmallIntegerField(_("domains that are not reached"), default=0)
    #: How each of them was, as the room that knows them writes and reads it; no person stands in it.
    directories = models.JSONField(default=list, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("state at a glance"), _("states at a glance")

    def __str__(self) -> str:
        return str(self.as_of)


class Creation(models.Model):
    """An organization that an operator asked for, and how far it has come: written by `registration.customers.creating` alone.

    It holds what was typed until the organization is made, so that a refusal can be mended; no link and no password.
    """

    class State(models.TextChoices):
        """How far it has come."""

        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("under way")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=254)
    wanted = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    step = models.CharField(max_length=16, blank=True)
    field = models.CharField(max_length=32, blank=True)
    problem = models.TextField(blank=True)
    organization = models.ForeignKey(Organization, models.SET_NULL, null=True, related_name="creations")

    class Meta:
        verbose_name, verbose_name_plural = _("creation"), _("creations")
        ordering = ["-at"]

    def __str__(self) -> str:
        return str(self.wanted.get("name", ""))


class JournalEntry(models.Model):
    """What an operator, a command or the system did to an organization. It outlives the organization that it names."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(_("date and time"), auto_now_add=True, db_index=True)
    event = models.CharField(_("activity"), max_length=64)
    actor = models.CharField(_("actor"), max_length=254)
    schema = models.CharField(_("schema"), max_length=63, db_index=True)
    organization = models.CharField(_("organization"), max_length=100)
    data = models.JSONField(_("details"), default=dict)

    class Meta:
        verbose_name, verbose_name_plural = _("journal entry"), _("journal")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{words(self.event)}: {self.organization}"


class Counter(models.Model):
    """How often something was done: one row for each budget, organization and subject, written by shield.throttle alone.

    Key and subject are digests, so the table tells nobody's name. The subject is whom it counts for, so that all that keeps
    one person waiting can be found and released.
    """

    key = models.CharField(max_length=64, primary_key=True)
    subject = models.CharField(max_length=64, db_index=True)
    count = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()  # since the last one that passed; 0 when the last one did
    waits_until = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name, verbose_name_plural = _("counter"), _("counters")

    def __str__(self) -> str:
        return self.key


class PreparedSchema(models.Model):
    """The SQL that makes an empty organization, rendered once for each state of the migrations."""

    fingerprint = models.CharField(max_length=64, primary_key=True)
    sql = models.TextField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("prepared schema"), _("prepared schemas")

    def __str__(self) -> str:
        return self.fingerprint[:12]


class BaselineBoard(Organization):
    """Organizations, as the board shows them: which baseline holds each, and what is below it. The same rows."""

    class Meta:
        proxy = True
        verbose_name, verbose_name_plural = _("organization's baseline"), _("baseline board")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
