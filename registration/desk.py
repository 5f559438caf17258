"""The desk's pages of people, groups, the policy and the audit log; the same classes serve both desks."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from registration import people_desk, telephony_desk
from registration.audit import Activity
from registration.method import registry
from registration.models import AuditEvent
from registration.policy_pages import pages
from registration.wording import ACTIVITIES
from tenants.desks import ReadOnlyAdmin


class ActivityFilter(admin.SimpleListFilter):
    """Narrow the audit log to one activity."""

    title, parameter_name = _("activity"), "activity"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List every activity."""
        return [(code.value, words) for code, words in ACTIVITIES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """Narrow."""
        return queryset.filter(activity=self.value()) if self.value() in set(Activity) else queryset


class AuditEventAdmin(ReadOnlyAdmin):
    """The audit log: read, never changed."""

    list_display = (
        "at",
        "show_activity",
        "show_status",
        "subject",
        "actor",
        "show_method",
        "reason",
        "address",
    )
    fields = (*list_display, "data")
    list_filter = (ActivityFilter, "status")
    search_fields = ("subject", "actor", "reason")
    list_per_page = 50
    show_full_result_count = False

    @display(description=_("activity"), ordering="activity")
    def show_activity(self, obj: AuditEvent) -> str:
        """Name the activity."""
        return str(ACTIVITIES.get(obj.activity, obj.activity))  # type: ignore[call-overload]  # a text is its enum's member

    @display(description=_("status"), label={"success": "success", "failure": "danger"})
    def show_status(self, obj: AuditEvent) -> tuple[str, str]:
        """Colour the status."""
        return obj.status, obj.get_status_display()

    @display(description=_("method"))
    def show_method(self, obj: AuditEvent) -> str:
        """Name the methods."""
        found = [registry().get(kind) for kind in obj.method.split("+") if kind]
        return ", ".join(str(method.name) for method in found if method) or obj.method


PAGES = (
    *pages.PAGES,
    *telephony_desk.PAGES,
    *people_desk.PAGES,
    (AuditEvent, AuditEventAdmin),
)
