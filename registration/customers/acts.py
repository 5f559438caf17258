"""What an operator can do to one organization: each a page that says what happens, asks what it must know, and does it.

An act names the permission that it needs, the form that it asks, and the flow that it calls; the flow decides and writes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminTextInputWidget

from registration import roles
from registration.customers import administrators, erasing
from registration.customers.administrators import Sent
from registration.customers.forms import plain
from registration.models import User
from registration.proof import person
from tenants import glances, naming, provisioning
from tenants.models import Domain, Organization, SignInName

CHANGE = "tenants.change_organization"
Words = str | Promise
#: What an act has to say when it is done: a sentence, or somebody who was sent a link.
Done = str | Sent


@dataclass(frozen=True)
class Doing:
    """One act under way: by whom, on which organization, on which of its rows, with what was typed."""

    request: HttpRequest
    organization: Organization
    row: Any
    typed: Mapping[str, Any]

    @property
    def actor(self) -> User:
        """Who does it."""
        return person(self.request)


class Confirmed(forms.Form):
    """Nothing but the click."""


class Reasoned(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        min_length=3,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_("It stands in the journal, with your name."),
    )


class Renamed(forms.Form):
    """A new name."""

    name = forms.CharField(
        label=_("New name"),
        max_length=100,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_("On its pages and in its mails, from now on. The short name stays."),
    )


class Typed(forms.Form):
    """The name once more, so that nobody erases the wrong one."""

    typed = forms.CharField(
        label=_("Its name"),
        max_length=100,
        widget=plain(),
        help_text=_("Type the organization's name as it stands above."),
    )


class Hosted(forms.Form):
    """A further host."""

    host = forms.CharField(
        label=_("Host"),
        max_length=253,
        widget=plain(),
        help_text=_("Such as reset.contoso.example. It is served once it is verified."),
    )


class Named(forms.Form):
    """A further sign-in name."""

    sign_in_name = forms.CharField(
        label=_("Sign-in name"),
        max_length=253,
        widget=plain(),
        help_text=_(
            "What stands after the @, such as contoso.example. People can be added once it is verified."
        ),
    )


class Invited(forms.Form):
    """A further administrator."""

    sign_in_name = forms.CharField(
        label=_("Sign-in name"),
        max_length=113,
        widget=plain(),
        help_text=_("It ends in one of the organization's verified sign-in names."),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_("How mails greet them. Default: none."),
    )
    address = forms.EmailField(
        label=_("Address"),
        required=False,
        widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "off"}),
        help_text=_("Their one-time link is mailed here. Without it you are shown the link once."),
    )


@dataclass(frozen=True)
class Act:
    """One thing to do. `on` is the kind of row it is done to, where that is not the organization itself."""

    title: Words
    about: Words
    button: Words
    action: str
    run: Callable[[Doing], Done]
    form: type[forms.Form] = Confirmed
    on: type[Domain | SignInName] | None = None
    danger: bool = False
    #: Whether the page shows the text that is to stand beside the name.
    shows_text: bool = False


def _rename(doing: Doing) -> str:
    provisioning.rename(doing.organization, name=doing.typed["name"], actor=str(doing.actor))
    return gettext("The organization has its new name.")


def _suspend(doing: Doing) -> str:
    provisioning.suspend(doing.organization, actor=str(doing.actor), reason=doing.typed["reason"])
    return gettext("The organization is suspended. Every server knows within ten seconds.")


def _resume(doing: Doing) -> str:
    provisioning.resume(doing.organization, actor=str(doing.actor), reason=doing.typed["reason"])
    glances.look_soon(doing.organization)
    return gettext("The organization is served again.")


def _erase(doing: Doing) -> str:
    erasing.ask(doing.organization, typed=doing.typed["typed"], actor=str(doing.actor))
    return gettext("The organization is suspended, and erased within a minute. Resume it now to keep it.")


def _add_host(doing: Doing) -> str:
    added = naming.add_host(doing.organization, doing.typed["host"], actor=str(doing.actor))
    if added.verified_at:
        return gettext("The host is served: it is below the provider's own.")
    return gettext("The host was added. Verify it now: it is not served before.")


def _add_name(doing: Doing) -> str:
    naming.add_sign_in_name(doing.organization, doing.typed["sign_in_name"], actor=str(doing.actor))
    return gettext("The sign-in name was added. Verify it now: nobody can be added under it before.")


def _verify(doing: Doing) -> str:
    naming.verify(doing.row, actor=str(doing.actor))
    return gettext("%(name)s is verified.") % {"name": doing.row}


def _vouch(doing: Doing) -> str:
    naming.vouch(doing.row, actor=str(doing.actor), reason=doing.typed["reason"])
    return gettext("%(name)s is verified by your word.") % {"name": doing.row}


def _make_primary(doing: Doing) -> str:
    naming.make_primary(doing.row, actor=str(doing.actor))
    return gettext("Links in mails lead to %(name)s from now on.") % {"name": doing.row}


def _remove_host(doing: Doing) -> str:
    naming.remove_host(doing.row, actor=str(doing.actor))
    return gettext("%(name)s was removed.") % {"name": doing.row}


def _remove_name(doing: Doing) -> str:
    naming.remove_sign_in_name(doing.row, actor=str(doing.actor))
    return gettext("%(name)s was removed.") % {"name": doing.row}


def _invite(doing: Doing) -> Sent:
    typed = doing.typed
    return administrators.invite(
        doing.organization,
        typed["sign_in_name"],
        name=typed["name"],
        address=typed["address"],
        actor=doing.actor,
    )


def _send_link(doing: Doing) -> Sent:
    return administrators.send_link(doing.organization, UUID(str(doing.row)), actor=doing.actor)


def _look(doing: Doing) -> str:
    glances.look_soon(doing.organization)
    return gettext("The organization is being looked at. Load this page again in a moment.")


_BESIDE = _(
    "Whoever has the name adds this TXT record where its DNS is kept. It shows that the name is theirs, and may be taken away"
    " again afterwards."
)
_WORD = _("Only where no record can be added: you answer for it that the name belongs to this organization.")

#: By the last part of the page's address.
ACTS: dict[str, Act] = {
    "rename": Act(
        _("Rename the organization"),
        _("Its people see the new name at once."),
        _("Rename"),
        CHANGE,
        _rename,
        Renamed,
    ),
    "suspend": Act(
        _("Suspend the organization"),
        _("Nobody there can sign in or reset until it is resumed. Nothing of it is lost."),
        _("Suspend"),
        roles.SUSPEND_ORGANIZATION,
        _suspend,
        Reasoned,
        danger=True,
    ),
    "resume": Act(
        _("Resume the organization"),
        _("Its people are served again, as they were before."),
        _("Resume"),
        roles.SUSPEND_ORGANIZATION,
        _resume,
        Reasoned,
    ),
    "erase": Act(
        _("Erase the organization"),
        _("Its people, methods, settings and audit log are deleted for good. It cannot be brought back."),
        _("Erase for good"),
        "tenants.delete_organization",
        _erase,
        Typed,
        danger=True,
    ),
    "add-host": Act(
        _("Add a host"),
        _("A further address at which its people are served."),
        _("Add"),
        "tenants.add_domain",
        _add_host,
        Hosted,
    ),
    "verify-host": Act(
        _("Verify a host"),
        _BESIDE,
        _("Look now"),
        "tenants.change_domain",
        _verify,
        on=Domain,
        shows_text=True,
    ),
    "vouch-host": Act(
        _("Vouch for a host"),
        _WORD,
        _("Mark as verified"),
        "tenants.change_domain",
        _vouch,
        Reasoned,
        on=Domain,
    ),
    "primary-host": Act(
        _("Make it the primary host"),
        _("Links that are mailed lead to it from now on. Links that were mailed before go on working."),
        _("Make primary"),
        "tenants.change_domain",
        _make_primary,
        on=Domain,
    ),
    "remove-host": Act(
        _("Remove a host"),
        _(
            "It is served no longer. Links that were mailed with it lead nowhere, and phones paired there stop working."
        ),
        _("Remove"),
        "tenants.delete_domain",
        _remove_host,
        on=Domain,
        danger=True,
    ),
    "add-name": Act(
        _("Add a sign-in name"),
        _("A further name that may stand after the @."),
        _("Add"),
        "tenants.add_signinname",
        _add_name,
        Named,
    ),
    "verify-name": Act(
        _("Verify a sign-in name"),
        _BESIDE,
        _("Look now"),
        "tenants.change_signinname",
        _verify,
        on=SignInName,
        shows_text=True,
    ),
    "vouch-name": Act(
        _("Vouch for a sign-in name"),
        _WORD,
        _("Mark as verified"),
        "tenants.change_signinname",
        _vouch,
        Reasoned,
        on=SignInName,
    ),
    "remove-name": Act(
        _("Remove a sign-in name"),
        _("Nobody can be added under it any more."),
        _("Remove"),
        "tenants.delete_signinname",
        _remove_name,
        on=SignInName,
        danger=True,
    ),
    "invite": Act(
        _("Invite an administrator"),
        _(
            "They become Global Administrator, and choose a password by a one-time link. The administrators there are told."
        ),
        _("Invite"),
        roles.INVITE_FIRST,
        _invite,
        Invited,
    ),
    "send-link": Act(
        _("Send the one-time link again"),
        _("It works once, within 72 hours; links that were sent before stop working."),
        _("Send"),
        roles.INVITE_FIRST,
        _send_link,
    ),
    "look": Act(
        _("Look at it now"),
        _("What stands at a glance is looked at every hour; this looks at once."),
        _("Look now"),
        "tenants.view_organization",
        _look,
    ),
}
