"""The two desks: the provider's and the organization's, each an admin site with a registry of its own.

One shared site would list all organizations to an organization's administrator, since `search_path` falls through to public
(reference/stack.md 5.1). Whoever enters has a role that opens a desk, and has passed a second factor in this session.
"""

import functools
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, cast

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db.models import DateField, Model, QuerySet
from django.dispatch import Signal
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure as csrf_failed
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from tenants.context import current, is_provider
from tenants.links import inward

View = Callable[..., HttpResponse]


class Refused(StrEnum):
    """Why a desk refused."""

    NO_ROLE = "no_role"  # no role that opens a desk
    FORBIDDEN = "forbidden"  # no role that allows this, or not for this person
    NOT_FOUND = "not_found"  # an id that nobody here has: deleted, made up, or another organization's
    BAD_REQUEST = "bad_request"  # what no page of ours asks for
    FORGED_CHOICE = "forged_choice"  # a form with a choice that it did not offer
    FORGED_FORM = "forged_form"  # a form without the token that our page gave it


#: Sent when a desk adds, changes or deletes a row; `registration.audit` writes it down. Takes request, objects, verb, data.
desk_changed = Signal()
#: Sent when a desk refuses something to somebody who is signed in, outside of any transaction. Takes request, code.
desk_refused = Signal()

#: The skin evaluates expressions and sets inline styles, so the policy is relaxed for the desks, and for them alone.
_RELAXED = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}
_NOT_SERVED = {"password_change_done", "view_on_site"}
#: How Django's filters compare: every column, and dates.
_EQUALS = frozenset({"", "exact", "in", "isnull"})
_NOT_OFFERED = frozenset({"invalid_choice", "invalid_pk_value"})
_RANGES = frozenset({"gte", "gt", "lte", "lt"})


class Desk(UnfoldAdminSite):
    """An admin site that is served in its own kind of organization only."""

    provider = False
    index_template = "desk/index.html"

    def has_permission(self, request: HttpRequest) -> bool:
        """Say whether this person may enter: the right host, a role that opens a desk, a second factor passed."""
        user: Any = request.user
        return is_provider() == self.provider and user.is_active and user.opens_desk and user.is_verified()

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send to the organization's own sign-in page, or to the second factor when only that is missing."""
        user: Any = request.user
        to = inward(request, request.GET.get("next", ""), resolve_url("admin:index"))
        if not user.is_authenticated:
            return redirect_to_login(to)
        if not user.opens_desk:
            desk_refused.send(sender=type(self), request=request, code=Refused.NO_ROLE)
            raise PermissionDenied
        return redirect_to_login(to, resolve_url("verify"))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sign out, and go to the organization's own sign-in page."""
        if request.method == "POST":
            logout(request)
            return redirect(settings.LOGIN_URL)
        return redirect("account_logout")

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send to the one page that changes a password."""
        return redirect("password")

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send to the start: how the code is cut into apps means nothing to whoever works here."""
        return redirect("admin:index")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Leave out stock pages that no page of ours leads to."""
        return [url for url in super().get_urls() if getattr(url, "name", None) not in _NOT_SERVED]

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Relax the content security policy for the skin, and announce what is refused."""
        served = super().admin_view(_announcing(view), cacheable)

        @functools.wraps(served)
        def knocked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            user: Any = request.user
            # Who only looks is sent on to `login`, which announces it.
            if request.method == "POST" and user.is_authenticated and not user.opens_desk:
                desk_refused.send(sender=type(self), request=request, code=Refused.NO_ROLE)
            return cast(HttpResponse, served(request, *args, **kwargs))

        return cast(View, csp_update(_RELAXED)(knocked))


def _announcing(view: View) -> View:
    """Announce what a view refuses, by raising or by `note_refusal`; an address that is no page is none."""

    @functools.wraps(view)
    def announced(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except PermissionDenied:
            note_refusal(request, Refused.FORBIDDEN)
            raise
        except Http404:
            if request.resolver_match and request.resolver_match.url_name:
                note_refusal(request, Refused.NOT_FOUND)
            raise
        except SuspiciousOperation:
            note_refusal(request, Refused.BAD_REQUEST)
            raise
        finally:
            if code := getattr(request, _NOTED, None):
                desk_refused.send(sender=Desk, request=request, code=code)

    return announced


_NOTED = "desk_refusal"


def note_refusal(request: HttpRequest, code: Refused) -> None:
    """Keep that something is refused with a page of its own; it is announced once the view has answered."""
    setattr(request, _NOTED, code)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without our token as Django does, and announce it where it was for a desk: somebody may be lured."""
    page: Any = request.resolver_match
    if page is not None and "admin" in page.namespaces and request.user.is_authenticated:
        desk_refused.send(sender=Desk, request=request, code=Refused.FORGED_FORM)
    return csrf_failed(request, reason)


class OrganizationDesk(Desk):
    """Where an organization's administrators work."""

    settings_name = "UNFOLD_ORGANIZATION"


class ProviderDesk(Desk):
    """Where the provider's operators work."""

    provider = True
    settings_name = "UNFOLD_PROVIDER"


organization_desk = OrganizationDesk("admin")
provider_desk = ProviderDesk("admin")


def title(request: HttpRequest) -> str:
    """Name the desk after its organization."""
    return current().name


class DeskModelAdmin(ModelAdmin):
    """What all pages of a desk share: changes go to the audit trail, since Django's own log stands in public alone."""

    list_fullwidth = True
    warn_unsaved_form = True
    compressed_fields = False
    #: Set by pages that save through a flow: it has written down what changed, with before and after.
    audited_by_flow = False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow what the page's filters ask, and nothing else: by any other look-up a column that is not shown, such as
        a password's hash, could be guessed letter by letter from the number of rows, or the database be kept busy.
        """
        name, _separator, how = lookup.partition("__")
        if name not in {one for one in self.list_filter if isinstance(one, str)}:
            return False
        ranges = _RANGES if isinstance(self.model._meta.get_field(name), DateField) else frozenset()
        return how in _EQUALS | ranges

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Note a choice that the form did not offer, such as the id of another organization's."""
        answer: HttpResponse = super().changeform_view(request, object_id, form_url, extra_context)
        shown = getattr(answer, "context_data", None) or {}
        if request.method == "POST" and (page := shown.get("adminform")) is not None:
            problems = (problem for found in page.form.errors.as_data().values() for problem in found)
            if any(problem.code in _NOT_OFFERED for problem in problems):
                note_refusal(request, Refused.FORGED_CHOICE)
        return answer

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str | None
    ) -> HttpResponse:
        """Note an id that nobody here has."""
        note_refusal(request, Refused.NOT_FOUND)
        answer: HttpResponse = super()._get_obj_does_not_exist_redirect(request, opts, object_id)
        return answer

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """Announce a row that was added."""
        self._announce(request, [obj], "added", message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """Announce a row that was changed."""
        self._announce(request, [obj], "changed", message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Model]) -> None:
        """Announce rows that are about to be deleted."""
        self._announce(request, list(queryset), "deleted", [])

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Refuse: the history of an object is in the audit trail."""
        raise Http404(_("The history is in the audit trail."))

    def _announce(self, request: HttpRequest, objects: Iterable[Model], verb: str, message: Any) -> None:
        if not self.audited_by_flow:
            desk_changed.send(sender=self.model, request=request, objects=objects, verb=verb, data=message)


class ReadOnlyAdmin(DeskModelAdmin):
    """A page that shows rows and changes none."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse."""
        return False


class SingletonAdmin(DeskModelAdmin):
    """A page of the one row that an organization has of something: no list, no adding, no deleting."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: the row is made with the organization."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse."""
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Go straight to the one row, if it may be seen."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        meta = self.model._meta
        return redirect(
            f"admin:{meta.app_label}_{meta.model_name}_change", self.model._default_manager.get().pk
        )
