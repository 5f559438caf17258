"""What stands in the desks' sidebars, under the names that Entra uses."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Item = tuple[str | Promise, str, str]

_RESET: tuple[Item, ...] = (
    (_("Password reset"), "lock_reset", "registration_policy"),
    (_("Company branding"), "palette", "branding_brand"),
    (_("Texts"), "text_fields", "branding_brandtext"),
    (_("Audit log"), "history", "registration_auditevent"),
)
_PEOPLE: tuple[Item, ...] = (
    (_("People"), "person", "registration_user"),
    (_("Groups"), "group", "registration_group"),
)
_CUSTOMERS: tuple[Item, ...] = (
    (_("Organizations"), "domain", "tenants_organization"),
    (_("Hosts"), "dns", "tenants_domain"),
    (_("Sign-in names"), "alternate_email", "tenants_signinname"),
    (_("Subscriptions"), "workspace_premium", "licensing_subscription"),
    (_("Journal"), "menu_book", "tenants_journalentry"),
)


def organization(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar of an organization's desk."""
    return [_section(_("Password reset"), _RESET), _section(_("People"), _PEOPLE)]


def provider(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar of the provider's desk: its customers first, then its own organization."""
    return [_section(_("Customers"), _CUSTOMERS), *organization(request)]


def _section(title: str | Promise, items: tuple[Item, ...]) -> dict[str, Any]:
    return {"title": title, "items": [_item(*item) for item in items]}


def _item(title: str | Promise, icon: str, page: str) -> dict[str, Any]:
    app, _dot, model = page.partition("_")
    action = f"{app}.view_{model}"
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{page}_changelist"),
        "permission": lambda request: request.user.has_perm(action),
    }
