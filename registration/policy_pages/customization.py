"""The desk's page Customization: where people turn who cannot help themselves. The brand keeps it, and its flow writes it."""

import re
from typing import Any

from django import forms
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from registration.models import Customization, Policy
from registration.policy_pages.page import PolicyForm, PolicyPage
from tenants.branding import painting
from tenants.branding.links import in_words, validate_helpdesk_link
from tenants.branding.models import Brand

_NUMBER = re.compile(r"\+?[0-9][0-9 ().\-]{2,40}", re.ASCII)


class CustomizationForm(PolicyForm):
    """A link; an address or a number is taken for one."""

    helpdesk = forms.CharField(
        label=_("Help-desk link or address"),
        required=False,
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"dir": "ltr", "spellcheck": "false"}),
        help_text=_(
            "Shown wherever somebody can't go on: an address with https://, an email address, or a phone number. Default:"
            " empty, and nothing is shown."
        ),
    )

    class Meta:
        model = Customization
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "helpdesk" in self.fields:
            self.initial["helpdesk"] = _saved()

    def clean_helpdesk(self) -> str:
        """Make an address or a number a link, and refuse a link that no page may have."""
        link = linked(self.cleaned_data["helpdesk"])
        if link:
            validate_helpdesk_link(link)
        return link


class CustomizationAdmin(PolicyPage):
    """Where people turn for help."""

    form = CustomizationForm
    about = _("Where people turn who cannot reset their password by themselves: your help desk.")
    readonly_fields = ("show_helpdesk",)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Offer the field to who may change it."""
        return [
            (None, {"fields": ("helpdesk" if self.has_change_permission(request, obj) else "show_helpdesk",)})
        ]

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Save by the brand's flow, which writes down what changed."""
        painting.save_brand({"helpdesk": form.cleaned_data["helpdesk"]}, actor=request.user)

    @display(description=_("help-desk link or address"))
    def show_helpdesk(self, obj: Policy) -> str:
        """Show it as people read it."""
        return in_words(_saved())

    def _settings(self) -> tuple[str, ...]:
        return ("helpdesk",)


def linked(text: str) -> str:
    """Return an address or a number as a link; anything else as it is.

    >>> linked("help@contoso.example"), linked("+49 30 123-456"), linked("https://help.contoso.example")
    ('mailto:help@contoso.example', 'tel:+4930123456', 'https://help.contoso.example')
    """
    if "@" in text and ":" not in text and "/" not in text:
        return f"mailto:{text}"
    return f"tel:{re.sub(r'[^+0-9]', '', text)}" if _NUMBER.fullmatch(text) else text


def _saved() -> str:
    return str(Brand.objects.values_list("helpdesk", flat=True).first() or "")
