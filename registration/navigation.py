"""What stands in the desks' sidebars, under the names that Entra uses."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: Title, icon, page, and what one does there.
Item = tuple[str | Promise, str, str, str | Promise]

_RESET: tuple[Item, ...] = (
    (
        _("Properties"),
        "lock_reset",
        "registration_properties",
        _("Who may reset: nobody, selected groups, or everybody."),
    ),
    (
        _("Authentication methods"),
        "verified_user",
        "registration_authenticationmethods",
        _("How many methods a reset asks for, and which."),
    ),
    (
        _("Registration"),
        "how_to_reg",
        "registration_registration",
        _("Whether people are asked to register at sign-in, and reminded by mail."),
    ),
    (
        _("Notifications"),
        "campaign",
        "registration_notifications",
        _("Who is told that a password was reset."),
    ),
    (
        _("On-premises integration"),
        "sync_alt",
        "registration_onpremises",
        _("Whether passwords are written back to your directory, and accounts unlocked there."),
    ),
    (
        _("On-premises domains"),
        "lan",
        "writeback_onpremisesdomain",
        _("Your directories, the agents in them, and how they are."),
    ),
    (
        _("Directory jobs"),
        "sync_lock",
        "writeback_job",
        _("What was asked of a directory in the last days, and what it answered."),
    ),
    (
        _("Customization"),
        "support_agent",
        "registration_customization",
        _("Where people turn who cannot help themselves."),
    ),
    (
        _("Administrator policy"),
        "admin_panel_settings",
        "registration_administratorpolicy",
        _("Whether administrators may reset, and what is asked of them."),
    ),
    (
        _("Password protection"),
        "password",
        "registration_passwordprotection",
        _("What a new password must be, and the words that it may not be made of."),
    ),
    (
        _("Security questions"),
        "quiz",
        "registration_securityquestions",
        _("Which questions people choose from, and how many."),
    ),
    (
        _("Text messages and calls"),
        "sms",
        "registration_telephony",
        _("By which carrier, to which countries, and for how much."),
    ),
    (
        _("Messages sent"),
        "outgoing_mail",
        "registration_phonemessage",
        _("Each text message and call of the last 90 days: whether it arrived, and what it cost."),
    ),
    (
        _("Company branding"),
        "palette",
        "branding_brand",
        _("Logo, colour and links of every page and mail, with a preview."),
    ),
    (
        _("Texts"),
        "text_fields",
        "branding_brandtext",
        _("Your own words on pages, in mails and in messages, in each language."),
    ),
    (
        _("Licence"),
        "workspace_premium",
        "registration_licence",
        _("What your edition includes, and what an upgrade would add."),
    ),
    (
        _("Resets"),
        "key",
        "resets_reset",
        _("The last days' resets, found by the reference that people read out."),
    ),
    (
        _("Usage & insights"),
        "insights",
        "registration_usage",
        _("Who is registered, how resets and registrations go, and why some fail."),
    ),
    (
        _("Audit log"),
        "history",
        "registration_auditevent",
        _("Who did what, when and from where."),
    ),
    (
        _("Audit log settings"),
        "auto_delete",
        "registration_auditsettings",
        _("How long events are kept, and what is deleted next."),
    ),
)
_PEOPLE: tuple[Item, ...] = (
    (
        _("People"),
        "person",
        "registration_user",
        _("Accounts, their roles, and what they have registered."),
    ),
    (
        _("Import people"),
        "upload_file",
        "registration_peopleimport",
        _("Add and change many people by a CSV file."),
    ),
    (
        _("Roles and administrators"),
        "shield_person",
        "registration_role",
        _("Who has which role, and what each may do."),
    ),
    (
        _("Security info"),
        "smartphone",
        "registration_device",
        _("What people have registered, and taking away what is lost."),
    ),
    (
        _("Groups"),
        "group",
        "registration_group",
        _("Who may reset, where it is for selected groups."),
    ),
)
_CUSTOMERS: tuple[Item, ...] = (
    (
        _("Organizations"),
        "domain",
        "tenants_organization",
        _("Your customers, served or suspended."),
    ),
    (
        _("Hosts"),
        "dns",
        "tenants_domain",
        _("The addresses that each organization answers to."),
    ),
    (
        _("Sign-in names"),
        "alternate_email",
        "tenants_signinname",
        _("What stands after the @, and whose it is."),
    ),
    (
        _("Subscriptions"),
        "workspace_premium",
        "licensing_subscription",
        _("Editions and trials."),
    ),
    (
        _("Baselines"),
        "rule_settings",
        "tenants_baseline",
        _("Which settings you hold in organizations, as a default, at least, or locked."),
    ),
    (
        _("Baseline board"),
        "checklist",
        "tenants_baselineboard",
        _("Who is below their baseline, and applying it to many."),
    ),
    (
        _("Baseline reports"),
        "summarize",
        "tenants_rollout",
        _("Each dry run and each roll-out, with what came of it."),
    ),
    (
        _("Visits"),
        "door_open",
        "tenants_visit",
        _("Enter an organization's admin with a reason, and who did."),
    ),
    (
        _("Journal"),
        "menu_book",
        "tenants_journalentry",
        _("What operators did."),
    ),
    (
        _("Operators"),
        "shield_person",
        "tenants_operator",
        _("Who works here, and what each may do."),
    ),
)


def organization(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar of an organization's desk."""
    return [_section(_("Password reset"), _RESET), _section(_("People"), _PEOPLE)]


def provider(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar of the provider's desk: its customers first, then its own organization."""
    return [_section(_("Customers"), _CUSTOMERS), *organization(request)]


def _section(title: str | Promise, items: tuple[Item, ...]) -> dict[str, Any]:
    return {"title": title, "items": [_item(*item) for item in items]}


def _item(title: str | Promise, icon: str, page: str, about: str | Promise) -> dict[str, Any]:
    app, _dot, model = page.partition("_")
    action = f"{app}.view_{model}"
    return {
        "title": title,
        "icon": icon,
        "about": about,
        "link": reverse_lazy(f"admin:{page}_changelist"),
        "permission": lambda request: request.user.has_perm(action),
    }
