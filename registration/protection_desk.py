"""The desk's page Password protection: the rules for new passwords, the organization's banned words, and a sample to try."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from licensing.editions import Feature
from licensing.guards import decision
from licensing.labels import REASONS
from registration import banned_words, common_passwords, configuring, password_rules, wording
from registration.banned_words import Words
from registration.held_form import HeldForm
from registration.models import PasswordProtection, User
from registration.origin import origin
from registration.password_rules import PROFILES, ProfileName
from registration.proof import person
from tenants.context import current
from tenants.desks import SingletonAdmin


class SampleInput(UnfoldAdminTextInputWidget):
    """A field with its own button, and below it what the rules said of what was typed."""

    template_name = "desk/sample.html"
    verdict: dict[str, Any] | None = None

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add the verdict."""
        return {**super().get_context(name, value, attrs), "verdict": self.verdict}


class ProtectionForm(HeldForm):
    """The rules. With a sample typed and tried, the page comes back with a verdict, and nothing is saved."""

    banned_words = forms.CharField(
        label=_("Banned words of your own"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 12, "dir": "auto", "spellcheck": "false"}),
    )
    sample = forms.CharField(
        label=_("Sample"),
        required=False,
        strip=False,
        max_length=1024,
        widget=SampleInput(attrs={"autocomplete": "off", "dir": "ltr", "spellcheck": "false"}),
        help_text=_(
            "Not a password that is in use. It is judged by what stands above, saved or not, and kept nowhere."
        ),
    )

    class Meta:
        model = PasswordProtection
        fields = configuring.PROTECTION

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "banned_words" in self.fields:
            self.initial["banned_words"] = "\n".join(self.instance.banned_words)
            self._explain(self.fields["banned_words"])

    @property
    def tries(self) -> bool:
        """Whether a sample is to be judged, and nothing saved. An empty sample is none: Enter in another field saves."""
        return "_try" in self.data and bool(self.data.get("sample"))

    def clean_banned_words(self) -> list[str]:
        """Return the words, or name every line that is none."""
        words, wrong = banned_words.read(self.cleaned_data["banned_words"])
        if wrong:
            raise ValidationError(
                [ValidationError(wording.wrong_line(one), code=one.problem) for one in wrong]
            )
        return words

    def is_valid(self) -> bool:
        """Judge a sample in place of saving."""
        valid = super().is_valid()
        if valid and self.tries:
            self.fields["sample"].widget.verdict = self._verdict()
        return valid and not self.tries

    def _explain(self, field: forms.Field) -> None:
        included = decision(Feature.BANNED_WORDS)
        limits = _now("One a line, 4 to 16 characters each, 1,000 at most; upper or lower case are the same.")
        idle = _now("Words that were saved are kept, and refuse nothing until they are included.")
        field.disabled = field.disabled or not included
        text = limits if included else f"{REASONS[included.reason]} {idle}"
        field.help_text = self.with_provider("banned_words", text)

    def _verdict(self) -> dict[str, Any]:
        sample = User.normal(self.cleaned_data["sample"])
        own = self.cleaned_data["banned_words"] if decision(Feature.BANNED_WORDS) else []
        lists, names = (common_passwords.words(), Words(own)), (current().name,)
        profile = PROFILES[ProfileName(self.cleaned_data["profile"])]
        found = password_rules.violations(sample, profile, lists=lists, names=names)
        weighed = banned_words.weigh(sample, *lists) if profile.fuzzy else None
        return {
            "broken": [wording.violation(one) for one in found],
            "weighed": weighed,
            "enough": banned_words.ENOUGH,
        }


@method_decorator(sensitive_post_parameters("sample"), name="changeform_view")
class ProtectionAdmin(SingletonAdmin):
    """Password protection: what a new password must be."""

    form = ProtectionForm
    audited_by_flow = True

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Offer the sample to who may change the rules."""
        shown = [
            (_("Rules"), {"fields": ("profile", "history")}),
            (_("Banned words"), {"fields": ("banned_words",)}),
        ]
        sample = (_("Try a sample"), {"fields": ("sample",)})
        return [*shown, sample] if self.has_change_permission(request, obj) else shown

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Save by the flow, which writes down what changed."""
        values = {field: form.cleaned_data[field] for field in configuring.PROTECTION}
        configuring.configure(values, actor=person(request), origin=origin(request))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """Serve the page; a sample stands in no error report."""
        response: HttpResponse = super().changeform_view(request, object_id, form_url, extra_context)
        return response
