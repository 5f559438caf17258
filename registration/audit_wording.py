"""The words of the audit log: which of Entra's services and categories an activity belongs to, and reasons in sentences.

Reasons are codes of many rules. Rooms above this one add the words for theirs by `contribute`.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registration.audit import Activity
from registration.labels import POLICY
from registration.method import Words, registry
from registration.models import AuditEvent
from registration.telephony_wording import reason as of_telephony
from registration.wording import ACTIVITIES


class Service(StrEnum):
    """Who wrote an event down, as Entra cuts its own log."""

    SSPR = "sspr"
    METHODS = "methods"
    SIGN_IN = "sign_in"
    DIRECTORY = "directory"
    MESSAGES = "messages"
    DESK = "desk"


class Category(StrEnum):
    """What an event is about."""

    PEOPLE = "people"
    POLICY = "policy"
    GROUPS = "groups"
    AUTHENTICATION = "authentication"
    MESSAGES = "messages"
    AUDIT = "audit"
    OTHER = "other"


#: The first two are Entra's names.
SERVICES: Mapping[Service, Promise] = MappingProxyType(
    {
        Service.SSPR: _("Self-service Password Management"),
        Service.METHODS: _("Authentication Methods"),
        Service.SIGN_IN: _("Sign-in"),
        Service.DIRECTORY: _("Core Directory"),
        Service.MESSAGES: _("Messages"),
        Service.DESK: _("Administration"),
    }
)
CATEGORIES: Mapping[Category, Promise] = MappingProxyType(
    {
        Category.PEOPLE: _("User management"),
        Category.POLICY: _("Policy"),
        Category.GROUPS: _("Group management"),
        Category.AUTHENTICATION: _("Authentication"),
        Category.MESSAGES: _("Messages"),
        Category.AUDIT: _("Audit"),
        Category.OTHER: _("Other"),
    }
)
_PLACES: Mapping[tuple[Service, Category], tuple[str, ...]] = MappingProxyType(
    {
        (Service.SSPR, Category.PEOPLE): (
            "password_changed",
            "password_reset",
            "password_disowned",
            "reset_started",
            "reset_gate",
            "reset_stopped",
            "reset_password_refused",
            "reset_released",
            "account_activated",
            "activation_sent",
            "registration_reminded",
            "reset_started_for",
            "account_unlocked",
            "account_expired",
            "agents_lost",
            "agents_back",
        ),
        (Service.SSPR, Category.POLICY): ("policy_changed", "baseline_applied", "baseline_released"),
        (Service.METHODS, Category.PEOPLE): (
            "security_info_started",
            "security_info_registered",
            "security_info_changed",
            "security_info_deleted",
            "security_info_reviewed",
            "default_security_info_changed",
            "registered_all_required",
            "registration_skipped",
            "request_denied",
            "objected",
            "admin_registered_security_info",
            "admin_updated_security_info",
            "registration_required",
        ),
        (Service.SIGN_IN, Category.AUTHENTICATION): (
            "signed_in",
            "sign_in_failed",
            "signed_out",
            "proved_again",
            "sessions_ended",
        ),
        (Service.DIRECTORY, Category.PEOPLE): (
            "user_added",
            "user_changed",
            "user_deleted",
            "people_imported",
            "people_brought",
            "people_held",
            "account_tied",
            "account_untied",
        ),
        (Service.DIRECTORY, Category.OTHER): (
            "on_premises_domain_added",
            "on_premises_domain_changed",
            "on_premises_domain_removed",
            "agent_added",
            "agent_enrolled",
            "agent_rolled",
            "agent_revoked",
        ),
        (Service.DIRECTORY, Category.GROUPS): ("group_changed",),
        (Service.DIRECTORY, Category.POLICY): ("branding_changed", "branding_tried"),
        (Service.MESSAGES, Category.MESSAGES): ("code_sent", "code_not_sent", "notice_sent"),
        (Service.MESSAGES, Category.POLICY): ("telephony_changed", "telephony_capped"),
        (Service.DESK, Category.AUDIT): (
            "audit_exported",
            "audit_pruned",
            "audit_retention_changed",
            "people_exported",
            "people_seen",
        ),
        (Service.DESK, Category.OTHER): (
            "desk_changed",
            "desk_refused",
            "refused",
            "provider_entered",
            "provider_left",
        ),
    }
)
_OF: Mapping[str, tuple[Service, Category]] = MappingProxyType(
    {activity: place for place, activities in _PLACES.items() for activity in activities}
)

_BY_ADMINISTRATORS: Mapping[str, Promise] = MappingProxyType(
    {
        "security_info_registered": _("Admin registered security info"),
        "security_info_changed": _("Admin updated security info"),
        "security_info_deleted": _("Admin deleted security info"),
    }
)

_REASONS: dict[str, str | Promise] = {
    "wrong": _("The code or answer was wrong."),
    "wrong_code": _("The code or answer was wrong."),
    "expired": _("The time was up."),
    "expired_code": _("The code had expired."),
    "exhausted": _("A code was answered wrong too often."),
    "too_many_tries": _("Too many tries were wrong."),
    "denied": _("The request was denied on the phone."),
    "too_often": _("It was tried too often."),
    "unknown_method": _("The method is not available."),
    "already_registered": _("It was registered already."),
    "fixed": _("Only an administrator may change it."),
    "wrong_name_or_password": _("The sign-in name or password was wrong."),
    "wrong_password": _("The current password was wrong."),
    "no_role": _("The person has no role that opens the desk."),
    "desk_forbidden": _("No role of the person allows it, or not on this account."),
    "desk_not_found": _("Nobody and nothing here has this id."),
    "forged_choice": _("The form was sent with a choice that it did not offer."),
    "too_many_refusals": _("More was refused than is written down one by one."),
    "form_too_old": _("The form was too old, or came from another site."),
    "forbidden": _("The page is not for this person."),
    "not_found": _("There is no such page."),
    "not_allowed": _("The address only takes forms."),
    "bad_request": _("No page of ours asks for this."),
    "too_large": _("Too much was sent."),
    "too_short": _("The new password was too short."),
    "too_long": _("The new password was too long."),
    "not_ascii": _("The new password had characters that are not allowed."),
    "invisible": _("The new password had characters that can't be seen."),
    "too_few_classes": _("The new password mixed too few kinds of characters."),
    "same_as_before": _("The new password was used before."),
    "FuzzyPolicyViolationInvalidPassword": _("The new password was too easy to guess, or a banned word."),
    "added": _("Security info that was added."),
    "changed": _("Security info that was changed."),
    "removed": _("Security info that was removed."),
    "password_reset": _("A password reset."),
    "password_changed": _("A change of the password."),
    **{str(code): words for code, words in POLICY.items()},
}


def contribute(words: Mapping[str, str | Promise]) -> None:
    """Add the words for a higher room's reasons."""
    _REASONS.update(words)


def place(activity: str) -> tuple[Service, Category]:
    """Return the service and the category of an activity; one that has no place yet is of the desk."""
    return _OF.get(activity, (Service.DESK, Category.OTHER))


def activities_of(service: str) -> list[str]:
    """Return the activities of a service."""
    return [activity for activity in Activity if place(activity)[0] == service]


def activity(code: str) -> str:
    """Name an activity."""
    return str(ACTIVITIES.get(code, code))  # type: ignore[call-overload]  # a text is its enum's member


def named(event: AuditEvent) -> str:
    """Name what happened: as Entra does, otherwise where an administrator did it than where the person did."""
    if event.subject and event.actor != event.subject and event.activity in _BY_ADMINISTRATORS:
        return str(_BY_ADMINISTRATORS[event.activity])
    return activity(event.activity)


def reason(code: str) -> str:
    """Say a reason in words; a code that has none says itself."""
    return str(_REASONS[code]) if code in _REASONS else of_telephony(code)


def methods(kinds: str) -> str:
    """Name methods, which the audit trail joins by a plus."""
    return ", ".join(map(_method, filter(None, kinds.split("+"))))


def _method(kind: str) -> str:
    found = registry().get(kind)
    return str(found.name if found else _("Password") if kind == "password" else kind)


def method_choices() -> Iterator[tuple[str, Words]]:
    """Return every method, and the password, to choose from."""
    yield from ((kind, one.name) for kind, one in registry().items())
    yield "password", _("Password")
