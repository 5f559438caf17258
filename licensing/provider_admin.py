"""The provider's desk: which organization has which edition."""

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from licensing import foreseeing, subscribing
from licensing.editions import Edition, Snapshot
from licensing.foreseeing import Subscribed
from licensing.models import Subscription
from licensing.subscribing import SubscriptionProblem
from tenants.desks import provider_desk
from tenants.models import Organization
from tenants.previewing import Preview, Previewed, PreviewedForm


class SubscriptionForm(PreviewedForm):
    """A subscription, refused by the same rules as everywhere."""

    class Meta:
        model = Subscription
        fields = ("organization", "edition", "trial_ends", "seats")

    def clean(self) -> dict[str, Any]:
        """Put what the writer would refuse beside its field."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                subscribing.checked(**_terms(cleaned))
            except SubscriptionProblem as problem:
                self.add_error(problem.field, str(problem))
        return cleaned


@admin.register(Subscription, site=provider_desk)
class SubscriptionAdmin(Previewed):
    """Subscriptions: assigned, changed, ended."""

    form = SubscriptionForm
    audited_by_flow = True  # the journal has it
    list_display = ("organization", "edition", "show_state", "trial_ends", "seats")
    list_select_related = ("organization",)
    list_filter = ("edition",)
    search_fields = ("organization__name", "organization__schema_name")
    fields = ("organization", "edition", "trial_ends", "seats")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the organization once it is there."""
        return ("organization",) if obj else ()

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the organizations that have no subscription yet."""
        if db_field.name == "organization":
            kwargs["queryset"] = Organization.objects.filter(subscription=None)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def preview(self, request: HttpRequest, form: Any, obj: Any) -> Preview | None:
        """Say what becomes of the organization's people, with the organization held as the writer holds it."""
        wanted = obj.organization if obj else form.cleaned_data["organization"]
        organization = Organization.objects.select_for_update().get(pk=wanted.pk)
        after = Snapshot(Edition(form.cleaned_data["edition"]), form.cleaned_data["trial_ends"])
        return foreseeing.foresee(request, Subscribed(organization, _saved(organization), after))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say before how many people lose what they have."""
        obj: Any = self.get_object(request, unquote(object_id))
        if request.method == "GET" and obj and self.has_delete_permission(request, obj):
            ended = Subscribed(obj.organization, obj.snapshot, None)
            found = foreseeing.foresee(request, ended)
            for line in found.lines if found else ():
                messages.warning(request, line)
        response: HttpResponse = super().delete_view(request, object_id, extra_context)
        return response

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Assign by the writer, with the operator as the actor."""
        assigned = subscribing.assign(obj.organization, actor=str(request.user), **_terms(form.cleaned_data))
        obj.pk, obj._state.adding = assigned.pk, False

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """End by the writer."""
        subscribing.end(obj.organization, actor=str(request.user))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        """End each by the writer."""
        for subscription in queryset.select_related("organization"):
            self.delete_model(request, subscription)

    @display(description=_("state"), label={"paid": "success", "trial": "info", "ended": "danger"})
    def show_state(self, obj: Subscription) -> tuple[str, Any]:
        """Say whether it is paid, on trial, or ended."""
        return _state(obj, timezone.now().date())


def _saved(organization: Organization) -> Snapshot | None:
    found = Subscription.objects.filter(organization=organization).first()
    return found.snapshot if found else None


def _terms(cleaned: dict[str, Any]) -> dict[str, Any]:
    return {field: cleaned[field] for field in ("edition", "trial_ends", "seats")}


def _state(subscription: Subscription, today: date) -> tuple[str, Any]:
    if not subscription.snapshot.is_trial:
        return "paid", _("paid")
    return ("ended", _("trial ended")) if subscription.snapshot.has_ended(today) else ("trial", _("on trial"))
