"""Answer "Which organization am I?" on the provider's host, from a sign-in name to the host where it signs in.

Decided by what stands after the @ alone, which the organization's mail tells everybody; nobody is looked up. Whatever is typed
costs the same one query and is answered by the same page, which differs in where it leads. What was typed is kept nowhere, and
stands in no address.
"""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from registration.forms import SIGN_IN_NAME
from registration.origin import origin
from registration.people import NAME_MOST
from registration.wording import too_often
from tenants.links import on_host
from tenants.models import Domain, Organization
from tenants.shield import throttle
from tenants.shield.throttle import Budget

#: Names that one network looks up: an office has many people, and a list of all customers is not read off quickly.
FIND = Budget("find/network", limit=60, seconds=10 * 60)


class FindForm(forms.Form):
    """A sign-in name."""

    sign_in_name = forms.CharField(
        label=_("Sign-in name"),
        max_length=NAME_MOST,
        widget=forms.TextInput(attrs={**SIGN_IN_NAME, "autofocus": True}),
        help_text=_("Such as adele@contoso.example. We look at what stands after the @ alone."),
    )

    def clean_sign_in_name(self) -> str:
        """Return what stands after the @."""
        _local, at, suffix = self.cleaned_data["sign_in_name"].rpartition("@")
        if not at or not suffix.strip():
            raise forms.ValidationError(
                _("Type the whole name, with the @ and what stands after it."), code="no_suffix"
            )
        return str(suffix).strip().rstrip(".").lower()


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Ask for a sign-in name, and say where it signs in."""
    form = FindForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        verdict = throttle.spend(FIND, origin(request).network)
        if verdict.allowed:
            return render(request, "people/found.html", {"host": host_of(form.cleaned_data["sign_in_name"])})
        form.add_error(None, too_often(verdict.retry_after))
    return render(request, "people/find.html", {"form": form})


def host_of(suffix: str) -> dict[str, str]:
    """Return the name and the sign-in page of the host that serves a sign-in name; empty where none does, in one query.

    One that is not verified, and an organization that is suspended, are answered like one that nobody has.
    """
    found = Domain.objects.filter(
        tenant__sign_in_names__name=suffix,
        tenant__sign_in_names__verified_at__isnull=False,
        tenant__state=Organization.State.ACTIVE,
        is_primary=True,
        verified_at__isnull=False,
    ).values_list("domain", flat=True)
    host = next(iter(found[:1]), "")
    return {"name": host, "page": on_host(host, "account_login")} if host else {}
