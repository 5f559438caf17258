"""Email: a code sent to an address outside the organization.

An address whose mailbox opens with the lost password proves nothing to who lost it, so the
organization's own names are refused.
"""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from registration.method import Method, State, Unacceptable
from registration.models import User
from registration.policy import MethodTraits
from tenants import mail
from tenants.context import current
from tenants.models import SignInName


class AddressForm(forms.Form):
    """Ask for the address."""

    address = forms.EmailField(
        label=_("Email address"),
        max_length=254,
        help_text=_("A private address that you can open without your password here."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr", "spellcheck": "false"}),
    )


class Email(Method):
    """A code by mail."""

    kind = "email"
    name = _("Email")
    description = _("We send a code to a private email address.")
    prompt = _("Enter the code that we sent to your email address.")
    icon = "mail"
    strength = 40
    traits = MethodTraits(
        kind="email",
        gates=frozenset({1, 2}),
        for_administrators=True,
        sole_gate=True,
        needs=None,
        mailbox=True,
    )
    second_factor = False
    sends = True
    asks_address = True
    set_by_administrators = True
    most = 2  # NIST SP 800-63B-4, 4.2.1.2: two recovery addresses are supported
    changeable = True

    def enrol_form(self) -> type[forms.Form]:
        """Ask for the address."""
        return AddressForm

    def begin(self, data: Mapping[str, object], *, user: User) -> State:
        """Take the address, unless it belongs to the organization (code `address_inside`)."""
        address = str(data["address"]).strip()
        domain = _ascii(address.rpartition("@")[2])
        own = SignInName.objects.filter(organization=current()).values_list("name", flat=True)
        if any(domain == name or domain.endswith(f".{name}") for name in own):
            raise Unacceptable("address_inside", _("Enter an address outside your organization."))
        return {"address": address}

    def identity(self, state: State) -> str:
        """Compare addresses without regard to case."""
        return state["address"].lower()

    def label(self, state: State) -> str:
        """Return the address."""
        return state["address"]

    def masked(self, state: State) -> str:
        """Return the first two letters and the domain.

        >>> Email().masked({"address": "adele@home.example"})
        'ad•••@home.example'
        """
        local, _at, domain = state["address"].rpartition("@")
        return f"{local[: min(2, len(local) - 1)]}•••@{domain}"

    def aimed(self, state: State, chosen: State) -> State | None:
        """Compare the whole address."""
        return state if state["address"].lower() == chosen.get("address") else None

    def deliver(self, state: State, code: str, *, challenge: str, purpose: str, language: str) -> None:
        """Mail the code, a long one in groups."""
        grouped = " ".join(code[at : at + 6] for at in range(0, len(code), 6))
        context = {"code": grouped, "purpose": purpose}
        mail.send("code", to=state["address"], language=language, context=context)

    def decoy(self) -> State:
        """No address: the job finds nobody to send to."""
        return {"address": ""}


def _ascii(domain: str) -> str:
    """Return a domain as mail servers read it, so that other letters for the same one do not hide it.

    >>> _ascii("ｃontoso.EXAMPLE"), _ascii("bücher.example")
    ('contoso.example', 'xn--bcher-kva.example')
    """
    try:
        return domain.encode("idna").decode().lower()
    except UnicodeError:
        return domain.lower()
