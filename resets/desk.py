"""The desk's page of resets: what the help desk looks at when somebody reads out a reference."""

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from resets.journey import Written
from resets.models import Reset
from resets.wording import STOPPED
from tenants.desks import ReadOnlyAdmin


class ResetAdmin(ReadOnlyAdmin):
    """Resets of the last days, found by the reference that a person reads out."""

    list_display = ("show_reference", "typed", "created_at", "entry", "show_outcome", "failures")
    list_filter = ("entry",)
    fields = (
        "show_reference",
        "typed",
        "entry",
        "helped_by",
        "created_at",
        "finished_at",
        "passed",
        "failures",
        "show_outcome",
    )
    search_fields = ("typed",)
    search_help_text = _("A reference such as 1A2B3C4D, or a sign-in name")
    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Reset], search_term: str
    ) -> tuple[QuerySet[Reset], bool]:
        """Find by sign-in name, and by the reference, with which the id begins."""
        term = search_term.strip().lower()
        named = queryset.annotate(text=Cast("pk", CharField()))
        return named.filter(Q(typed__icontains=term) | Q(text__startswith=term)), False

    @display(description=_("reference"))
    def show_reference(self, obj: Reset) -> str:
        """Return what the person saw."""
        return obj.reference

    @display(description=_("outcome"))
    def show_outcome(self, obj: Reset) -> str:
        """Say how it ended, or that it goes on."""
        return outcome(obj)


def outcome(reset: Reset) -> str:
    """Return the words for how a reset ended, or that it goes on."""
    if reset.written == Written.DONE:
        return str(_("Password reset"))
    return str(STOPPED[reset.stopped].title) if reset.stopped in STOPPED else str(_("not finished"))
