"""The provider's desk: which organization has which edition."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from licensing import subscribing
from licensing.models import Subscription
from licensing.subscribing import SubscriptionProblem
from tenants.desks import DeskModelAdmin, provider_desk
from tenants.models import Organization


class SubscriptionForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
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
class SubscriptionAdmin(DeskModelAdmin):
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


def _terms(cleaned: dict[str, Any]) -> dict[str, Any]:
    return {field: cleaned[field] for field in ("edition", "trial_ends", "seats")}


def _state(subscription: Subscription, today: date) -> tuple[str, Any]:
    if not subscription.snapshot.is_trial:
        return "paid", _("paid")
    return ("ended", _("trial ended")) if subscription.snapshot.has_ended(today) else ("trial", _("on trial"))
