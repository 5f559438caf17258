"""The provider's desk: organizations, hosts, sign-in names, journal."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from tenants import provisioning
from tenants.desks import ReadOnlyAdmin, provider_desk
from tenants.models import Domain, JournalEntry, Organization, SignInName
from tenants.provisioning import ProvisioningProblem

_SUSPEND = "tenants.suspend_organization"


@admin.register(Organization, site=provider_desk)
class OrganizationAdmin(ReadOnlyAdmin):
    """Organizations: seen, suspended, resumed."""

    list_display = ("name", "schema_name", "show_state", "created_at")
    search_fields = ("name", "schema_name")
    list_filter = ("state",)
    fields = ("name", "schema_name", "state", "created_at")
    actions = ("suspend", "resume")

    @display(description=_("state"), label={"active": "success", "suspended": "danger"})
    def show_state(self, obj: Organization) -> tuple[str, str]:
        """Colour the state."""
        return obj.state, obj.get_state_display()

    @admin.action(description=_("Suspend"), permissions=["suspend"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[Organization]) -> None:
        """Stop serving the chosen organizations."""
        self._each(request, queryset, provisioning.suspend, gettext("Suspended: %(name)s"))

    @admin.action(description=_("Resume"), permissions=["suspend"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Organization]) -> None:
        """Serve the chosen organizations again."""
        self._each(request, queryset, provisioning.resume, gettext("Served again: %(name)s"))

    def has_suspend_permission(self, request: HttpRequest) -> bool:
        """Ask the roles."""
        user: Any = request.user
        return bool(user.has_perm(_SUSPEND))

    def _each(self, request: HttpRequest, queryset: QuerySet[Organization], act: Any, text: str) -> None:
        if not self.has_suspend_permission(request):
            raise PermissionDenied
        for organization in queryset:
            try:
                act(organization, actor=str(request.user))
            except ProvisioningProblem as problem:
                messages.error(request, str(problem))
            else:
                messages.success(request, text % {"name": organization.name})


@admin.register(Domain, site=provider_desk)
class DomainAdmin(ReadOnlyAdmin):
    """Host names."""

    list_display = ("domain", "tenant", "is_primary")
    list_select_related = ("tenant",)
    search_fields = ("domain",)


@admin.register(SignInName, site=provider_desk)
class SignInNameAdmin(ReadOnlyAdmin):
    """Names after @."""

    list_display = ("name", "organization", "verified_at")
    list_select_related = ("organization",)
    search_fields = ("name",)


@admin.register(JournalEntry, site=provider_desk)
class JournalEntryAdmin(ReadOnlyAdmin):
    """What operators did."""

    list_display = ("at", "event", "organization", "actor")
    list_filter = ("event",)
    search_fields = ("organization", "actor")
