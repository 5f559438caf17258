"""The provider's page of visits: who was at whose desk and why, and the form by which one enters."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from registration import roles, visiting, visits
from registration.proof import person
from registration.visit_views import origin_of
from registration.visit_words import ENDED
from registration.visiting import VisitProblem
from registration.visits import End
from tenants.context import PUBLIC, entered
from tenants.desks import DeskModelAdmin
from tenants.links import absolute
from tenants.models import Visit

HELP = {
    "reason": _(
        "The organization reads it in its audit log. A few words, or the number of a ticket such as INC-4711."
    ),
    "may_change": _(
        "The policy's settings, and releasing people who wait. Never people, roles, methods, groups, the carrier, branding or"
        " texts. Default: no, only look."
    ),
}


class VisitForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Whose desk, why, for how long, and whether anything may be changed."""

    minutes = forms.TypedChoiceField(
        label=_("For how long"),
        coerce=int,
        initial=visits.USUAL,
        widget=UnfoldAdminSelectWidget,
        help_text=_("You can leave earlier. Default: 60 minutes."),
    )

    class Meta:
        model = Visit
        fields = ("organization", "reason", "minutes", "may_change")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        minutes = self.fields["minutes"]
        assert isinstance(minutes, forms.ChoiceField)
        minutes.choices = [
            (number, ngettext("%(number)d minute", "%(number)d minutes", number) % {"number": number})
            for number in visits.MINUTES
        ]
        for name, text in HELP.items():
            if name in self.fields:  # a visit that was is only shown
                self.fields[name].help_text = text

    def clean(self) -> dict[str, Any]:
        """Put what the flow would refuse beside its field."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                visiting.checked(
                    cleaned["organization"], reason=cleaned["reason"], minutes=cleaned["minutes"]
                )
            except VisitProblem as problem:
                self.add_error(problem.field, ValidationError(str(problem), code=problem.field))
        return cleaned


class VisitAdmin(DeskModelAdmin):
    """Visits: read, and begun."""

    form = VisitForm
    add_form_template = "desk/enter.html"
    audited_by_flow = True  # the journal has it, and the organization's audit log
    list_display = (
        "asked_at",
        "organization",
        "operator_name",
        "reason",
        "show_state",
        "ends_at",
        "ended_at",
    )
    list_filter = ("may_change",)
    list_select_related = ("organization",)
    search_fields = ("organization__name", "operator_name", "reason")
    autocomplete_fields = ("organization",)
    list_per_page = 50
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Ask for what is needed; of a visit show all."""
        asked = ("organization", "reason", "minutes", "may_change")
        return (
            (*asked, "operator_name", "asked_at", "entered_at", "ends_at", "ended_at", "show_end")
            if obj
            else asked
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Visit]:
        """Leave out what proves something."""
        found: QuerySet[Visit] = super().get_queryset(request)
        return found.defer("digest", "operator_sessions")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Ask the roles."""
        return person(request).has_perm(roles.ENTER_ORGANIZATION)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: it is what happened."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse."""
        return False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Leave out the links to other pages beside the organization."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "organization":
            widget = field.widget
            widget.can_add_related = widget.can_change_related = widget.can_delete_related = False
            widget.can_view_related = False
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Leave out the provider's own."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        field.queryset = field.queryset.exclude(schema_name=PUBLIC)
        return field

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say what it is."""
        title = {"title": _now("Enter an organization's admin")}
        response: HttpResponse = super().add_view(request, form_url, {**title, **(extra_context or {})})
        return response

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Make the visit by the flow; the ticket is handed on by the answer to this request, and kept nowhere."""
        values = form.cleaned_data
        made, ticket = visiting.ask(
            values["organization"],
            operator=person(request),
            reason=values["reason"],
            minutes=values["minutes"],
            may_change=values["may_change"],
        )
        obj.pk, obj._state.adding = made.pk, False
        obj.ticket = ticket

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Hand the ticket to the organization's host, by a form of this page: it stands in no address."""
        with entered(obj.organization):
            to = absolute("visit")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": _now("Enter %(name)s") % {"name": obj.organization},
            "organization": obj.organization,
            "to": to,
            "ticket": obj.ticket,
        }
        response = render(request, "desk/hand_over.html", context)
        response["Referrer-Policy"] = (
            "strict-origin"  # so that the organization's host is told whose page it comes from
        )
        response._csp_update = {"form-action": [origin_of(to)]}  # type: ignore[attr-defined]  # tenants.desks reads it
        return response

    @display(description=_("how it ended"))
    def show_end(self, obj: Visit) -> str:
        """Say why it ended, on the page of one."""
        return str(ENDED[End(obj.ended_by)]) if obj.ended_by else str(self.show_state(obj)[1])

    @display(
        description=_("state"),
        label={"there": "success", "asked": "info", **dict.fromkeys((one.value for one in End), "warning")},
    )
    def show_state(self, obj: Visit) -> tuple[str, Any]:
        """Say whether somebody is there."""
        if obj.ended_at:
            return obj.ended_by, _("ended")
        return ("there", _("there now")) if obj.entered_at else ("asked", _("not entered"))


PAGES = ((Visit, VisitAdmin),)
