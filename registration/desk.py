"""The desk's page of the policy, and all pages of this room; the same classes serve both desks."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from licensing.editions import Feature
from licensing.guards import decision
from registration import (
    advice_desk,
    audit_desk,
    audit_settings_desk,
    configuring,
    people_desk,
    standing,
    telephony_desk,
    usage_desk,
)
from registration import policy as rules
from registration.advice_desk import MethodsInput
from registration.labels import POLICY
from registration.licences import lacking
from registration.method import registry, traits
from registration.models import PasswordProtection, Policy, SecurityQuestions
from registration.origin import origin
from registration.proof import person
from registration.protection_desk import ProtectionAdmin
from registration.questions_desk import QuestionsAdmin
from tenants.desks import SingletonAdmin


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


PAGES = (
    (Policy, PolicyAdmin),
    (PasswordProtection, ProtectionAdmin),
    (SecurityQuestions, QuestionsAdmin),
    *telephony_desk.PAGES,
    *people_desk.PAGES,
    *audit_desk.PAGES,
    *audit_settings_desk.PAGES,
    *usage_desk.PAGES,
)


def _weak_alone(chosen: Mapping[str, Any]) -> bool:
    weak = {method.kind for method in registry().values() if not method.traits.sole_gate}
    return chosen["required"] == 1 and bool(weak.intersection(chosen["methods"]))


def _with_choices(field: forms.Field, choices: list[tuple[str, Any]]) -> forms.Field:
    assert isinstance(field, forms.MultipleChoiceField)
    field.choices = choices
    return field
