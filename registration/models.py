"""People, what they proved to have, and what the organization asks of them. Each table stands in every schema.

No foreign key leaves the schema, and every id is random, so that no id of one organization exists in another.
"""

import secrets
import unicodedata
import uuid
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import (
    MaxValueValidator,
    MinLengthValidator,
    MinValueValidator,
    RegexValidator,
)
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device as OtpDevice

from registration import interrupts, lifetime, questions, reminders, retention, roles
from registration.banned_words import LONGEST_TERM, MOST_TERMS, SHORTEST_TERM
from registration.retention import Keeping
from registration.roles import Role
from tenants.context import is_provider


def all_predefined() -> list[str]:
    """Return the ids of all our security questions: what an organization offers until it chooses."""
    return list(questions.PREDEFINED)


def random_id() -> int:
    """Return a positive 63-bit random number: django-otp keeps a device's id as a number in the session."""
    return secrets.randbits(63)


#: The id that nobody has: looked up in place of somebody who does not exist, so that the query is the same.
NOBODY = uuid.UUID(int=0)


class Group(models.Model):
    """People of an organization under one name. A person of a group within it counts as of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=100, unique=True)
    groups = models.ManyToManyField("self", verbose_name=_("groups in it"), symmetrical=False, blank=True)
    may_reset = models.BooleanField(
        _("selected for password reset"),
        default=False,
        help_text=_("Counts when self-service password reset is enabled for selected groups."),
    )

    class Meta:
        verbose_name, verbose_name_plural = _("group"), _("groups")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Find people by their sign-in name, in whatever case it was typed."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the person of this sign-in name."""
        return self.get(sign_in_name=(username or "").lower())


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]  # Device's base has no types
    """A person of the organization. `registration.people` writes the row, `registration.passwords` its password."""

    class Source(models.TextChoices):
        """Where the account lives."""

        CLOUD = "cloud", _("cloud")
        DIRECTORY = "directory", _("on-premises directory")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sign_in_name = models.CharField(_("sign-in name"), max_length=113, unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    primary_address = models.EmailField(
        _("primary address"),
        blank=True,
        help_text=_("Set by an administrator or an import. Notices go here; it is never a method."),
    )
    language = models.CharField(_("language"), max_length=10, blank=True)
    roles = ArrayField(models.CharField(max_length=64), verbose_name=_("roles"), default=list, blank=True)
    groups = models.ManyToManyField(Group, verbose_name=_("groups"), related_name="people", blank=True)
    source = models.CharField(_("source"), max_length=16, choices=Source, default=Source.CLOUD)
    is_active = models.BooleanField(
        _("enabled"), default=True, help_text=_("Somebody who is not enabled can neither sign in nor reset.")
    )
    sessions_since = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    password_changed_at = models.DateTimeField(_("password changed"), null=True, blank=True, editable=False)
    must_change = models.BooleanField(
        _("must change the password"),
        default=False,
        help_text=_("At the next sign-in, before anything else. Default: no."),
    )
    expiry_told_at = models.DateTimeField(null=True, editable=False)
    asked_to_register_at = models.DateTimeField(null=True, editable=False)
    must_register = models.BooleanField(default=False, editable=False)
    info_confirmed_at = models.DateTimeField(_("security info confirmed"), null=True, editable=False)
    default_method = models.CharField(max_length=32, blank=True, editable=False)
    reminded_at = models.DateTimeField(null=True, editable=False)
    reset_blocked_until = models.DateTimeField(_("reset blocked until"), null=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "sign_in_name"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name, verbose_name_plural = _("person"), _("people")
        ordering = ["sign_in_name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sign_in_name=Lower("sign_in_name")), name="user_sign_in_name_lower"
            )
        ]

    def __str__(self) -> str:
        return self.sign_in_name

    @property
    def password_since(self) -> datetime:
        """From when the password's life is counted: the account's own beginning where it was never changed here."""
        return self.password_changed_at or self.created_at

    @property
    def roles_in_force(self) -> frozenset[Role]:
        """The roles that mean something in this organization: an operator's mean nothing in a customer's."""
        return roles.in_force(self.roles, provider=is_provider())

    @property
    def opens_desk(self) -> bool:
        """Whether a role of this person opens a desk, which makes them an administrator."""
        return roles.opens_desk(self.roles_in_force)

    @property
    def is_staff(self) -> bool:
        """What Django's admin calls the same."""
        return self.opens_desk

    def has_perm(self, action: str, obj: object = None) -> bool:
        """Say whether a role of this person allows an action such as `registration.change_policy`."""
        return self.is_active and roles.may(self.roles_in_force, action)

    def has_module_perms(self, app_label: str) -> bool:
        """Say whether anything of an app is open to this person."""
        return self.is_active and roles.may_see(self.roles_in_force, app_label)

    def get_short_name(self) -> str:
        """Return the name that a page greets with."""
        return self.name or self.sign_in_name.partition("@")[0]

    @staticmethod
    def normal(password: str) -> str:
        """Return a password in the one form that is hashed: keyboards write the same letter in two (NIST 3.1.1.2)."""
        return unicodedata.normalize("NFC", password)

    def set_password(self, raw_password: str | None) -> None:
        """Hash a password in its normalized form; `registration.passwords` is the only caller."""
        super().set_password(raw_password and self.normal(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        """Compare a password in its normalized form."""
        return super().check_password(raw_password and self.normal(raw_password))

    def get_session_auth_hash(self) -> str:
        """Return a digest that changes with the password, and when all sessions are ended."""
        return f"{super().get_session_auth_hash()}{self.sessions_since}"


class FormerPassword(models.Model):
    """The hash of a password that somebody had, kept only where the organization refuses more than the last one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="former_passwords")
    password = models.CharField(max_length=128)
    replaced_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("former password"), _("former passwords")
        ordering = ["-replaced_at"]

    def __str__(self) -> str:
        return str(self.replaced_at)


class Device(OtpDevice):
    """One thing that a person proved to have: an address, an app. `registration.enrolling` is its only writer.

    One table for all methods; `kind` is checked by the registry of methods, so that a new method needs no migration.
    The limits of django-otp's mixins are not used: they stand on the row, where a stranger's tries would lock its owner out
    (docs/architecture.md).
    """

    id = models.BigIntegerField(primary_key=True, default=random_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="devices")
    kind = models.CharField(_("method"), max_length=32)
    sealed = models.BinaryField()
    digest = models.CharField(max_length=64, editable=False)
    #: Keyed digests by which its method tells, without opening it, whether it is still enough.
    marks = ArrayField(models.CharField(max_length=64), default=list, blank=True, editable=False)
    last_step = models.BigIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    objects: ClassVar[models.Manager["Device"]] = models.Manager()

    class Meta:
        verbose_name, verbose_name_plural = _("method"), _("security info")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "digest"], name="device_once_a_person")
        ]

    def __str__(self) -> str:
        return self.kind

    @property
    def context(self) -> str:
        """What its sealed state is bound to."""
        return f"registration.device/{self.pk}"


class Challenge(models.Model):
    """A proof that was asked for: a code that was sent, an app's code that is awaited, a one-time link.

    `binding` ties it to the session or reset that asked, so that it answers nothing else (ASVS 6.6.2). The code itself stands
    here only as a keyed digest, and sealed in `sealed` until it is sent. Without a user it is a decoy.
    `registration.verification` is its only writer.
    """

    class Verdict(models.TextChoices):
        """What somebody answered elsewhere: on a phone, in a call."""

        APPROVED = "approved", _("approved")
        DENIED = "denied", _("denied")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=32)
    binding = models.CharField(max_length=64)
    kind = models.CharField(max_length=32)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="challenges")
    device = models.ForeignKey(Device, models.CASCADE, null=True, related_name="challenges")
    digest = models.CharField(max_length=64, blank=True)
    verdict = models.CharField(max_length=8, choices=Verdict, blank=True)
    sealed = models.BinaryField(null=True)
    long = models.BooleanField(default=False)  # asked for a code that nobody guesses: `registration.guessing`
    failures = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    sent_at = models.DateTimeField(null=True)
    consumed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("challenge"), _("challenges")

    def __str__(self) -> str:
        return f"{self.purpose} {self.kind}"

    @property
    def context(self) -> str:
        """What its sealed text is bound to."""
        return f"registration.challenge/{self.pk}"

    def is_open(self, at: datetime) -> bool:
        """Say whether it can still be answered."""
        return self.consumed_at is None and at < self.expires_at


_HOW_MANY = [(number, str(number)) for number in range(questions.FEWEST, questions.MOST + 1)]


class Policy(models.Model):
    """What the organization asks of its people: one row. `registration.configuring` is its only writer."""

    class Scope(models.TextChoices):
        """For whom self-service password reset is enabled."""

        NONE = "none", _("None")
        SELECTED = "selected", _("Selected")
        ALL = "all", _("All")

    class Profile(models.TextChoices):
        """What a new password must be; `registration.password_rules` has the numbers."""

        ENTRA = "entra", _("Entra-compatible: 8 characters, three kinds of them, no easy words")
        NIST = "nist", _("NIST: 15 characters, no other demands, no common password")

    class Reminding(models.IntegerChoices):
        """How often somebody who is not registered is reminded, in days."""

        NEVER = reminders.NEVER, _("Never")
        WEEKLY = 7, _("Every week")
        FORTNIGHTLY = 14, _("Every two weeks")
        MONTHLY = 30, _("Every 30 days")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.CharField(
        _("self-service password reset enabled"),
        max_length=16,
        choices=Scope,
        default=Scope.NONE,
        help_text=_(
            "“Selected” enables the people of the groups that are selected for password reset. Default: None."
        ),
    )
    methods = ArrayField(
        models.CharField(max_length=32),
        verbose_name=_("methods available to users"),
        default=list,
        blank=True,
    )
    required = models.PositiveSmallIntegerField(
        _("number of methods required to reset"),
        choices=[(1, "1"), (2, "2")],
        default=1,
        help_text=_("How many methods a person registers, and proves in a reset. Default: 1."),
    )
    weak_alone_acknowledged = models.BooleanField(
        _("security questions alone may reset a password"),
        default=False,
        help_text=_(
            "Needed where one method is asked and security questions are among them: answers can be guessed or found out,"
            " and whoever knows them takes over the account. Default: no."
        ),
    )
    questions_to_register = models.PositiveSmallIntegerField(
        _("number of questions required to register"),
        choices=_HOW_MANY,
        default=5,
        help_text=_("How many security questions a person answers when registering. Default: 5."),
    )
    questions_to_answer = models.PositiveSmallIntegerField(
        _("number of questions required to reset"),
        choices=_HOW_MANY,
        default=3,
        help_text=_("How many of them a reset asks, all to be answered right. Default: 3."),
    )
    predefined_questions = ArrayField(
        models.CharField(max_length=32),
        verbose_name=_("predefined questions"),
        default=all_predefined,
        blank=True,
    )
    own_questions = ArrayField(
        models.CharField(
            max_length=questions.LONGEST_OWN, validators=[MinLengthValidator(questions.SHORTEST_OWN)]
        ),
        verbose_name=_("questions of your own"),
        size=questions.MOST_OWN,
        default=list,
        blank=True,
    )
    users_may_change_office_phone = models.BooleanField(
        _("users may change an office number that an administrator set"),
        default=False,
        help_text=_(
            "Otherwise they neither change nor remove it. A number that they registered themselves is theirs to change."
            " Default: no."
        ),
    )
    administrators_may_reset = models.BooleanField(
        _("administrators may reset"),
        default=True,
        help_text=_(
            "Administrators always prove two methods, and never by security questions. Default: yes."
        ),
    )
    notify_user = models.BooleanField(
        _("notify users on password resets"),
        default=True,
        help_text=_("To their primary address and to each confirmed email method. Default: yes."),
    )
    notify_administrators = models.BooleanField(
        _("notify all administrators when other administrators reset their password"),
        default=True,
        help_text=_("To the primary address of each. Default: yes."),
    )
    write_back = models.BooleanField(
        _("write back passwords to your on-premises directory"),
        default=False,
        help_text=_(
            "People whose accounts live in an on-premises domain set the password there, at once."
            " While this is off they cannot"
            " reset or change it here. Default: no."
        ),
    )
    unlock_without_reset = models.BooleanField(
        _("allow users to unlock accounts without resetting their password"),
        default=False,
        help_text=_("Who still knows the password keeps it, and opens a locked account. Default: no."),
    )
    profile = models.CharField(
        _("rules for new passwords"),
        max_length=16,
        choices=Profile,
        default=Profile.ENTRA,
        help_text=_("Passwords that are set already stay as they are. Default: Entra-compatible."),
    )
    banned_words = ArrayField(
        models.CharField(max_length=LONGEST_TERM, validators=[MinLengthValidator(SHORTEST_TERM)]),
        verbose_name=_("banned words of your own"),
        size=MOST_TERMS,
        default=list,
        blank=True,
    )
    history = models.PositiveSmallIntegerField(
        _("former passwords that are refused"),
        default=1,
        validators=[MaxValueValidator(24)],
        help_text=_(
            "0 to 24. 1 refuses the password in use when somebody changes it; a reset lets it return under the"
            " Entra-compatible rules. For more, hashes of former passwords are kept. Default: 1."
        ),
    )
    password_lifetime_days = models.PositiveSmallIntegerField(
        _("days until a password expires"),
        null=True,
        blank=True,
        validators=[MinValueValidator(lifetime.SHORTEST), MaxValueValidator(lifetime.LONGEST)],
        help_text=_(
            "1 to 730, counted from each person's last change. Empty: never. Who knows the expired password changes it at"
            " sign-in. Default: never."
        ),
    )
    require_registration = models.BooleanField(
        _("require users to register when signing in"),
        default=False,
        help_text=_(
            "Who may reset and has not registered enough methods is asked to at sign-in, and can put it off for 14 days."
            " Default: no."
        ),
    )
    reconfirm_days = models.PositiveSmallIntegerField(
        _("days before users are asked to confirm their security info again"),
        default=interrupts.USUAL_RECONFIRM,
        validators=[MaxValueValidator(interrupts.LONGEST_RECONFIRM)],
        help_text=_("0 to 730; 0 is never. Counts where registration is required. Default: 180."),
    )
    remind_days = models.PositiveSmallIntegerField(
        _("remind those who are not registered by mail"),
        choices=Reminding,
        default=Reminding.NEVER,
        help_text=_(
            "Who may reset and has not registered enough methods gets a mail that leads to the page of registration."
            " Default: never."
        ),
    )
    audit_days = models.PositiveSmallIntegerField(
        _("days that audit events are kept"),
        null=True,
        blank=True,
        validators=[MinValueValidator(retention.SHORTEST), MaxValueValidator(retention.LONGEST)],
        help_text=_("7 to 365, and not more than your edition allows. Empty: what your edition keeps."),
    )
    #: What holds, and the shorter time that is announced: `registration.retention`.
    audit_kept_days = models.PositiveSmallIntegerField(default=retention.SHORTEST, editable=False)
    audit_next_days = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    audit_next_at = models.DateTimeField(null=True, blank=True, editable=False)
    provider_may_enter = models.BooleanField(
        _("the provider may enter this desk"),
        default=True,
        help_text=_(
            "For a limited time and with a reason; the audit log shows each visit and each change made in it. Switching it off"
            " ends a visit. Default: yes."
        ),
    )

    class Meta:
        verbose_name, verbose_name_plural = _("password reset policy"), _("password reset policy")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(required__in=[1, 2]), name="policy_required_one_or_two"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    questions_to_register__range=(questions.FEWEST, questions.MOST),
                    questions_to_answer__range=(questions.FEWEST, questions.MOST),
                    questions_to_answer__lte=models.F("questions_to_register"),
                ),
                name="policy_questions_three_to_five",
            ),
            models.CheckConstraint(condition=models.Q(history__lte=24), name="policy_history_at_most_24"),
            models.CheckConstraint(
                condition=models.Q(password_lifetime_days__range=(lifetime.SHORTEST, lifetime.LONGEST)),
                name="policy_password_lifetime",
            ),
            models.CheckConstraint(
                condition=models.Q(reconfirm_days__lte=interrupts.LONGEST_RECONFIRM),
                name="policy_reconfirm_days",
            ),
            models.CheckConstraint(
                condition=models.Q(remind_days__in=reminders.CHOICES), name="policy_remind_days"
            ),
            models.CheckConstraint(
                condition=models.Q(audit_days__range=(retention.SHORTEST, retention.LONGEST)),
                name="policy_audit_days",
            ),
        ]

    def __str__(self) -> str:
        return str(_("Password reset"))

    @property
    def keeping(self) -> Keeping:
        """How long the audit trail is kept."""
        return Keeping(self.audit_kept_days, self.audit_next_days, self.audit_next_at)

    @keeping.setter
    def keeping(self, new: Keeping) -> None:
        self.audit_kept_days, self.audit_next_days, self.audit_next_at = (
            new.days,
            new.next_days,
            new.next_at,
        )


class PasswordProtection(Policy):
    """The part of the policy that says what a new password must be: a page of its own on the desk, the same row."""

    class Meta:
        proxy = True
        verbose_name, verbose_name_plural = _("password protection"), _("password protection")

    def __str__(self) -> str:
        return str(_("Password protection"))


class SecurityQuestions(Policy):
    """The part of the policy that says which security questions are asked: a page of its own on the desk, the same row."""

    class Meta:
        proxy = True
        verbose_name, verbose_name_plural = _("security questions"), _("security questions")

    def __str__(self) -> str:
        return str(_("Security questions"))


class Properties(Policy):
    """The part of the policy that says who may reset: a page of its own on the desk, the same row."""

    class Meta:
        proxy = True
        verbose_name, verbose_name_plural = _("properties"), _("properties")

    def __str__(self) -> str:
        return str(_("Properties"))


class AuthenticationMethods(Policy):
    """The part of the policy that says by which methods, and how many: a page of its own on the desk, the same row."""

    class Meta:
        proxy = True
        verbose_name, verbose_name_plural = _("authentication methods"), _("authentication methods")

    def __str__(self) -> str:
        return str(_("Authentication methods"))


class Registration(Policy):
    """The part of the policy that asks people to register: a page of its own on the desk, the same row."""

    class Meta:
        proxy = True
        verbose_name, verbose_name_plural = _("registration"), _("registration")

    def __str__(self) -> str:
        return str(_("Registration"))


class Notifications(Policy):
    """The part of the policy that says who is told of a reset: a page of its own on the desk, the same row."""

    class Meta:
        proxy = True
        verbose_name, verbose_name_plural = _("notifications"), _("notifications")

    def __str__(self) -> str:
        return str(_("Notifications"))


class OnPremises(Policy):
    """The part of the policy about on-premises domains: a page of its own on the desk, the same row."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("on-premises integration")

    def __str__(self) -> str:
        return str(_("On-premises integration"))


class Customization(Policy):
    """Where people turn who cannot help themselves: a page of its own on the desk. The brand keeps the link."""

    class Meta:
        proxy = True
        verbose_name, verbose_name_plural = _("customization"), _("customization")

    def __str__(self) -> str:
        return str(_("Customization"))


class AdministratorPolicy(Policy):
    """The part of the policy that is about administrators: a page of its own on the desk, the same row."""

    class Meta:
        proxy = True
        verbose_name, verbose_name_plural = _("administrator policy"), _("administrator policy")

    def __str__(self) -> str:
        return str(_("Administrator policy"))


class Licence(Policy):
    """What the organization has bought, beside the policy that it makes possible: a page of its own, which changes nothing."""

    class Meta:
        proxy = True
        verbose_name, verbose_name_plural = _("licence"), _("licence")

    def __str__(self) -> str:
        return str(_("Licence"))


class AuditEvent(models.Model):
    """What happened to a person's way in: written once by `registration.audit`, changed never."""

    class Status(models.TextChoices):
        """How it ended."""

        SUCCESS = "success", _("Success")
        FAILURE = "failure", _("Failure")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(_("date and time"), db_index=True)
    activity = models.CharField(_("activity"), max_length=64)
    status = models.CharField(_("status"), max_length=8, choices=Status)
    reason = models.CharField(_("reason"), max_length=64, blank=True)
    actor = models.CharField(_("initiated by"), max_length=254)
    subject = models.CharField(_("user"), max_length=254, blank=True)
    subject_id = models.UUIDField(null=True, blank=True, db_index=True)
    method = models.CharField(_("method"), max_length=32, blank=True)
    address = models.GenericIPAddressField(_("IP address"), null=True, blank=True)
    data = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("audit event"), _("audit log")
        ordering = ["-at"]
        indexes = [
            # Whoever is looked for by the beginning of a name, among a million events.
            models.Index(fields=["subject"], name="audit_subject", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["actor"], name="audit_actor", opclasses=["varchar_pattern_ops"]),
        ]

    #: What a page calls it, where it does not go by its code.
    name = ""

    def __str__(self) -> str:
        return self.name or self.activity


class Usage(AuditEvent):
    """What the audit trail tells when it is counted: the desk's page Usage & insights, the same rows."""

    class Meta:
        proxy = True
        verbose_name, verbose_name_plural = _("usage & insights"), _("usage & insights")


class AuditSettings(Policy):
    """The part of the policy that says how long the audit trail is kept: a page of its own on the desk, the same row."""

    class Meta:
        proxy = True
        verbose_name, verbose_name_plural = _("audit log settings"), _("audit log settings")

    def __str__(self) -> str:
        return str(_("Audit log settings"))


class Telephony(models.Model):
    """How the organization texts and calls, and for how much: one row. `registration.connecting` is its only writer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    only = models.BooleanField(default=True, unique=True, editable=False)
    carrier = models.CharField(
        _("carrier"),
        max_length=32,
        blank=True,
        help_text=_(
            "Who carries text messages and calls. Default: the provider's carrier, where there is one."
        ),
    )
    sealed = models.BinaryField(null=True, editable=False)
    serves_others = models.BooleanField(
        _("carries for organizations that chose no carrier"),
        default=False,
        help_text=_("Their messages are sent, and paid for, by this carrier's account. Default: no."),
    )
    countries = ArrayField(
        models.CharField(max_length=2), verbose_name=_("countries"), default=list, blank=True
    )
    cap = models.DecimalField(
        _("most that a month may cost"),
        max_digits=9,
        decimal_places=2,
        default=Decimal(100),
        validators=[MinValueValidator(Decimal(0))],
        help_text=_(
            "Nothing more is sent in a month that has cost as much, and the administrators are told once. Default: 100."
        ),
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="USD",
        validators=[RegexValidator("^[A-Z]{3}$")],
        help_text=_("Three letters, as your carrier bills it. Default: USD."),
    )
    sms_price = models.DecimalField(
        _("a text message costs about"),
        max_digits=8,
        decimal_places=4,
        default=Decimal("0.10"),
        validators=[MinValueValidator(Decimal("0.0001"))],
        help_text=_("Counted until the carrier says what it was. Default: 0.10."),
    )
    call_price = models.DecimalField(
        _("a call costs about"),
        max_digits=8,
        decimal_places=4,
        default=Decimal("0.20"),
        validators=[MinValueValidator(Decimal("0.0001"))],
        help_text=_("Counted until the carrier says what it was. Default: 0.20."),
    )
    cap_told_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("text messages and calls"), _("text messages and calls")
        constraints = [models.CheckConstraint(condition=models.Q(only=True), name="telephony_only_one")]

    def __str__(self) -> str:
        return str(_("Text messages and calls"))

    @property
    def context(self) -> str:
        """What its sealed settings are bound to."""
        return f"registration.telephony/{self.pk}"


class PhoneMessage(models.Model):
    """A text message or a call for a carrier, one for each challenge. `registration.handing` is its only writer.

    The number stands here as a keyed digest and masked; what a call reads out, sealed until it has been said.
    """

    class Kind(models.TextChoices):
        """What it is."""

        SMS = "sms", _("text message")
        CODE_CALL = "code_call", _("call that reads a code")
        KEY_CALL = "key_call", _("call that asks for a key")

    class State(models.TextChoices):
        """How far it has come."""

        QUEUED = "queued", _("to be sent")
        SENT = "sent", _("sent")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")
        UNKNOWN = "unknown", _("unknown")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    challenge = models.UUIDField(unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    country = models.CharField(_("country"), max_length=3)
    digest = models.CharField(max_length=64, editable=False)
    masked = models.CharField(_("number"), max_length=24)
    carrier = models.CharField(_("carrier"), max_length=32)
    reference = models.CharField(_("carrier's reference"), max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.QUEUED)
    reason = models.CharField(_("reason"), max_length=64, blank=True)
    cost = models.DecimalField(_("cost"), max_digits=9, decimal_places=4, default=Decimal(0))
    is_billed = models.BooleanField(
        _("cost as billed"), default=False, help_text=_("No: it is the estimate of the settings.")
    )
    sealed = models.BinaryField(null=True, editable=False)
    at = models.DateTimeField(_("date and time"), db_index=True)
    handed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("message"), _("messages and calls")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.masked} {self.get_kind_display()}"

    @property
    def context(self) -> str:
        """What its sealed text is bound to."""
        return f"registration.phone_message/{self.pk}"


class PeopleImport(models.Model):
    """People from a file, on their way in. `registration.importing.flow` is its only writer.

    One table for the import and for the parts of its file: a part belongs to a `whole`. Its lines stand sealed until they are
    written, what is wrong with them until the import is forgotten.
    """

    class State(models.TextChoices):
        """How far it has come; a part is waiting, checked or done."""

        WAITING = "waiting", _("waiting")
        CHECKING = "checking", _("checking")
        CHECKED = "checked", _("checked")
        RUNNING = "running", _("importing")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")
        STOPPED = "stopped", _("stopped")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    whole = models.ForeignKey("self", models.CASCADE, null=True, related_name="parts")
    number = models.PositiveIntegerField(default=0)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.WAITING)
    sealed = models.BinaryField(null=True)  # the lines of a part
    found = models.BinaryField(null=True)  # what is wrong with them
    #: Numbers and headings; of nobody in particular.
    data = models.JSONField(default=dict)
    by = models.UUIDField(null=True)
    by_name = models.CharField(_("initiated by"), max_length=254, blank=True)
    address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField(_("date and time"), auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("import"), _("imports of people")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"

    @property
    def context(self) -> str:
        """What its sealed lines are bound to."""
        return f"registration.people_import/{self.pk}"
