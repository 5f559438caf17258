"""The provider's desk: hosts, sign-in names, the journal. Organizations themselves are `registration.customers`'."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from tenants.desks import ReadOnlyAdmin, provider_desk
from tenants.journal_desk import JournalEntryAdmin
from tenants.models import Domain, JournalEntry, Organization, SignInName


@admin.register(Domain, site=provider_desk)
class DomainAdmin(ReadOnlyAdmin):
    """Host names; each is changed on its organization's page."""

    list_display = ("domain", "tenant", "is_primary", "verified_at")
    list_select_related = ("tenant",)
    list_filter = (("verified_at", admin.EmptyFieldListFilter), "is_primary")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("domain", "tenant__name")
    fields = ("domain", "show_organization", "is_primary", "verified_at")
    readonly_fields = fields

    @display(description=_("organization"))
    def show_organization(self, obj: Domain) -> SafeString:
        """Lead to whose it is."""
        return _link(obj.tenant)


@admin.register(SignInName, site=provider_desk)
class SignInNameAdmin(ReadOnlyAdmin):
    """Names after @; each is changed on its organization's page."""

    list_display = ("name", "organization", "verified_at")
    list_select_related = ("organization",)
    list_filter = (("verified_at", admin.EmptyFieldListFilter),)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("name", "organization__name")
    fields = ("name", "show_organization", "verified_at")
    readonly_fields = fields

    @display(description=_("organization"))
    def show_organization(self, obj: SignInName) -> SafeString:
        """Lead to whose it is."""
        return _link(obj.organization)


provider_desk.register(JournalEntry, JournalEntryAdmin)


def _link(organization: Organization) -> SafeString:
    page = reverse("admin:tenants_organization_change", args=[organization.pk])
    return format_html('<a href="{}">{}</a>', page, organization)
