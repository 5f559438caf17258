"""What an operator types about an organization."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from licensing.editions import Edition
from licensing.labels import edition_choices
from licensing.subscribing import SubscriptionProblem
from registration.customers import creating
from registration.customers.creating import Wanted
from tenants.provisioning import ProvisioningProblem

_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}


def plain() -> UnfoldAdminTextInputWidget:
    """Return a field for what machines read: nothing is corrected or filled in."""
    return UnfoldAdminTextInputWidget(attrs=_PLAIN)


class CreationForm(forms.Form):
    """A new organization, refused by the same rules as everywhere."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_(
            "As its people know it. It stands on its pages and in its mails, and can be changed later."
        ),
    )
    slug = forms.CharField(
        label=_("Short name"),
        max_length=40,
        widget=plain(),
        help_text=_("2 to 40 of a to z, 0 to 9 and single hyphens. It cannot be changed later."),
    )
    host = forms.CharField(
        label=_("Host"),
        max_length=253,
        required=False,
        widget=plain(),
        help_text=_(
            "Where its people go. Default: the short name below the provider's own host. A host of its own can be added later."
        ),
    )
    sign_in_name = forms.CharField(
        label=_("Sign-in name"),
        max_length=253,
        widget=plain(),
        help_text=_(
            "What stands after the @, such as contoso.example. You vouch for this first one; further ones are verified."
        ),
    )
    edition = forms.ChoiceField(
        label=_("Edition"),
        choices=edition_choices,
        widget=UnfoldAdminSelectWidget,
        initial=Edition.P1.value,
        help_text=_("What it has bought. Free includes no reset of forgotten passwords. Default: P1."),
    )
    trial_ends = forms.DateField(
        label=_("Last day of the trial"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": " ".join(INPUT_CLASSES)}),
        help_text=_("In Universal Time. Empty: it is paid, and has no end. Default: empty."),
    )
    seats = forms.IntegerField(
        label=_("Seats"),
        required=False,
        min_value=1,
        max_value=2_000_000_000,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("How many people were agreed on. Empty: no number was. Default: empty."),
    )
    administrator = forms.CharField(
        label=_("First administrator"),
        max_length=113,
        widget=plain(),
        help_text=_("Their sign-in name, such as chief@contoso.example. They become Global Administrator."),
    )
    address = forms.EmailField(
        label=_("Their address"),
        required=False,
        widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "off"}),
        help_text=_(
            "Their one-time link is mailed here. Without an address you are shown the link once, to hand over yourself."
        ),
    )

    #: How the page groups them.
    GROUPS = (
        (_("The organization"), ("name", "slug", "host", "sign_in_name")),
        (_("What it has bought"), ("edition", "trial_ends", "seats")),
        (_("Who begins there"), ("administrator", "address")),
    )

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Return the fields under their headings."""
        return [(title, [self[name] for name in names]) for title, names in self.GROUPS]

    @property
    def below(self) -> str:
        """What stands behind the short name in the usual host."""
        return f".{settings.REKEY_BASE_DOMAIN}"

    def wanted(self) -> Wanted:
        """Return what is asked for."""
        return Wanted(**self.cleaned_data)

    def clean(self) -> dict[str, Any]:
        """Put what the flow would refuse beside its field."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                creating.checked(Wanted(**cleaned))
            except (ProvisioningProblem, SubscriptionProblem) as problem:
                self.add_error(problem.field, str(problem))
        return cleaned
