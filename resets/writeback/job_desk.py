"""The desk's list of directory jobs: what was asked of which directory, what it answered, and what to do about it."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from resets.writeback import desk_words, event_codes
from resets.writeback.models import Job, OnPremisesDomain
from tenants.desks import ReadOnlyAdmin

#: Domains that the filter lists.
_MOST = 100


class JobDomainFilter(admin.SimpleListFilter):
    """By the domain that was asked."""

    title, parameter_name = _("on-premises domain"), "domain"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """List them."""
        return [(str(pk), name) for pk, name in OnPremisesDomain.objects.values_list("pk", "name")[:_MOST]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        """Narrow, where one was chosen."""
        value = self.value()
        if not value:
            return queryset
        try:
            return queryset.filter(domain_id=UUID(value))
        except ValueError:
            return queryset.none()


class JobAdmin(ReadOnlyAdmin):
    """What was asked of directories, and what came of it."""

    class Media:
        css = {"all": ["on-premises.css"]}

    list_display = (
        "created_at",
        "operation",
        "show_person",
        "domain",
        "agent",
        "show_state",
        "show_answer",
        "show_code",
        "attempt",
        "show_latency",
    )
    list_select_related = ("account__user", "domain", "agent")
    list_filter = (JobDomainFilter, "operation", "state")
    fields = (
        "created_at",
        "finished_at",
        "operation",
        "show_person",
        "domain",
        "agent",
        "show_state",
        "show_answer",
        "show_remedy",
        "show_code",
        "attempt",
        "show_latency",
    )
    search_fields = ("account__user__sign_in_name",)
    search_help_text = _("Sign-in name")
    show_full_result_count = False

    @display(description=_("person"))
    def show_person(self, obj: Job) -> str:
        """Say whose account."""
        return str(obj.account.user) if obj.account else "–"

    @display(
        description=_("state"),
        ordering="state",
        label={"done": "success", "refused": "danger", "superseded": "warning", "unknown": "warning"},
    )
    def show_state(self, obj: Job) -> tuple[str, str]:
        """Colour it."""
        return obj.state, obj.get_state_display()

    @display(description=_("answer"))
    def show_answer(self, obj: Job) -> str:
        """Say what the directory or its agent answered."""
        return str(desk_words.answer(obj.state, obj.code)) or "–"

    @display(description=_("what to do"))
    def show_remedy(self, obj: Job) -> str:
        """Say what to do about it."""
        return str(desk_words.remedy(obj.state, obj.code)) or "–"

    @display(description=_("Microsoft's event"))
    def show_code(self, obj: Job) -> Any:
        """Give the number that Entra would log."""
        return event_codes.of(obj.operation, obj.state, obj.code) or "–"

    @display(description=_("took"))
    def show_latency(self, obj: Job) -> str:
        """Say how long it took, from being asked to being answered."""
        if obj.finished_at is None:
            return "–"
        took = (obj.finished_at - obj.created_at).total_seconds()
        return gettext("%(ms)d ms") % {"ms": round(took * 1000)}
