"""The list of people on a desk: what is found, how it is narrowed, where each of them stands."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from registration import roles
from registration.labels import ROLES
from registration.models import User
from tenants.context import is_provider
from tenants.desks import DeskModelAdmin


class PeopleList(DeskModelAdmin):
    """The part of the desk's pages of people that is the list."""

    list_display = ("sign_in_name", "name", "primary_address", "is_active", "show_roles")
    list_filter = ("is_active",)
    search_fields = ("sign_in_name", "name", "primary_address")
    list_per_page = 50
    show_full_result_count = False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no action on many at once: each person is weighed for itself."""
        return {}

    @display(description=_("roles"))
    def show_roles(self, obj: User) -> str:
        """Name the roles."""
        known = roles.in_force(obj.roles, provider=is_provider())
        return ", ".join(str(ROLES[role]) for role in sorted(known)) or "–"
