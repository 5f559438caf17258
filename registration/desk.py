"""The desk's pages of people, groups, the policy and the audit log; the same classes serve both desks."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from licensing.editions import Feature
from licensing.guards import decision
from registration import advice_desk, configuring, people_desk, refusal_search, standing, telephony_desk
from registration import policy as rules
from registration.advice_desk import MethodsInput
from registration.audit import Activity
from registration.labels import POLICY
from registration.licences import lacking
from registration.method import registry, traits
from registration.models import AuditEvent, PasswordProtection, Policy, SecurityQuestions
from registration.origin import origin
from registration.proof import person
from registration.protection_desk import ProtectionAdmin
from registration.questions_desk import QuestionsAdmin
from registration.wording import ACTIVITIES
from tenants.desks import ReadOnlyAdmin, SingletonAdmin


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """The policy, refused as a whole when nobody could satisfy it."""

    methods = forms.MultipleChoiceField(
        label=_("Methods available to users"),
        required=False,
        widget=MethodsInput,
        help_text=_("Enable two or more. An authenticator app is the strongest of them. Default: none."),
    )

    class Meta:
        model = Policy
        fields = (*configuring.RESET, *configuring.AT_SIGN_IN)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "methods" in self.fields:
            choices = [(kind, method.name) for kind, method in registry().items()]
            self.fields["methods"] = _with_choices(self.fields["methods"], choices)
            self.fields["methods"].widget.beside = advice_desk.beside()
        if "reconfirm_days" in self.fields:
            self.fields["reconfirm_days"].disabled = not self.instance.require_registration

    def clean_methods(self) -> list[str]:
        """Keep what was chosen before the edition left it out, idle as it is, and refuse to choose it now."""
        wanted, off = set(self.cleaned_data["methods"]), advice_desk.not_included()
        saved = off.intersection(self.initial["methods"])
        if taken := wanted.intersection(off) - saved:
            names = ", ".join(sorted(str(registry()[kind].name) for kind in taken))
            text = gettext("Your organization can't use this now: %(methods)s.") % {"methods": names}
            raise ValidationError(text, code="not_included")
        return [kind for kind in registry() if kind in wanted.union(saved)]

    def clean(self) -> dict[str, Any]:
        """Refuse a policy that asks for more than it offers."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not _weak_alone(cleaned):
            cleaned["weak_alone_acknowledged"] = False  # it is given anew when it is needed again
        if not self.errors:
            row = Policy(**{field: cleaned[field] for field in configuring.RESET})
            found = rules.problems(standing.policy(row), traits(), lacking())
            if found:
                raise ValidationError([ValidationError(str(POLICY[code]), code=code) for code in found])
        return cleaned


class PolicyAdmin(SingletonAdmin):
    """Password reset: for whom, by what, who is told."""

    form = PolicyForm
    audited_by_flow = True
    readonly_fields = ("show_advice",)
    fieldsets = (
        (_("Properties"), {"fields": ("scope", "administrators_may_reset")}),
        (
            _("Authentication methods"),
            {
                "fields": (
                    "required",
                    "methods",
                    "show_advice",
                    "weak_alone_acknowledged",
                    "users_may_change_office_phone",
                )
            },
        ),
        (_("Registration"), {"fields": ("require_registration", "reconfirm_days", "remind_days")}),
        (_("Password lifetime"), {"fields": ("password_lifetime_days",)}),
        (_("Notifications"), {"fields": ("notify_user", "notify_administrators")}),
    )

    @display(description=_("advice"))
    def show_advice(self, obj: Policy) -> SafeString:
        """Say what could be better about the policy that is saved."""
        return advice_desk.panel()

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Save by the flow, which writes down what changed."""
        values = {field: form.cleaned_data[field] for field in (*configuring.RESET, *configuring.AT_SIGN_IN)}
        configuring.configure(values, actor=person(request), origin=origin(request))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """Say so when the edition makes the settings idle."""
        if request.method == "GET" and not decision(Feature.RESET_PASSWORD).allowed:
            messages.warning(
                request,
                gettext(
                    "Your edition does not include password reset: nobody can reset until it is upgraded."
                ),
            )
        response: HttpResponse = super().changeform_view(request, object_id, form_url, extra_context)
        return response


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
    search_help_text = _(
        "A name, a reason, or what a person reads out: a reference or a code such as RK-RESET-013"
    )
    list_per_page = 50
    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent], search_term: str
    ) -> tuple[QuerySet[AuditEvent], bool]:
        """Find by what a person reads out, too."""
        if (read_out := refusal_search.by_what_is_read_out(search_term)) is not None:
            return queryset.filter(read_out), False
        found: tuple[QuerySet[AuditEvent], bool] = super().get_search_results(request, queryset, search_term)
        return found

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
    (Policy, PolicyAdmin),
    (PasswordProtection, ProtectionAdmin),
    (SecurityQuestions, QuestionsAdmin),
    *telephony_desk.PAGES,
    *people_desk.PAGES,
    (AuditEvent, AuditEventAdmin),
)


def _weak_alone(chosen: Mapping[str, Any]) -> bool:
    weak = {method.kind for method in registry().values() if not method.traits.sole_gate}
    return chosen["required"] == 1 and bool(weak.intersection(chosen["methods"]))


def _with_choices(field: forms.Field, choices: list[tuple[str, Any]]) -> forms.Field:
    assert isinstance(field, forms.MultipleChoiceField)
    field.choices = choices
    return field
