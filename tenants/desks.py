"""The two desks: the provider's and the organization's, each an admin site with a registry of its own.

One shared site would list all organizations to an organization's administrator, since `search_path` falls through to public
(reference/stack.md 5.1). Whoever enters has a role that opens a desk, and has passed a second factor in this session.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import DateField, Model, QuerySet
from django.dispatch import Signal
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from tenants import refusing
from tenants.codes import Page
from tenants.context import current, is_provider
from tenants.links import inward

View = Callable[..., HttpResponse]

#: Sent when a desk adds, changes or deletes a row; `registration.audit` writes it down. Takes request, objects, verb, data.
desk_changed = Signal()

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
            refusing.refuse(request, Page.DESK_NO_ROLE)
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
        """Relax the content security policy for the skin, beside what the page itself asks of it, and tell what is refused."""
        inner = super().admin_view(_telling(view), cacheable)

        @wraps(inner)
        def relaxed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            user: Any = request.user
            # Who only looks is sent on to `login`, which refuses it.
            if request.method == "POST" and user.is_authenticated and not user.opens_desk:
                refusing.refuse(request, Page.DESK_NO_ROLE)
            response: HttpResponse = inner(request, *args, **kwargs)
            asked: dict[str, list[str]] = getattr(response, "_csp_update", {})
            response._csp_update = {**_RELAXED, **asked}  # type: ignore[attr-defined]  # what django-csp's decorator sets
            return response

        return relaxed


def _telling(view: View) -> View:
    """Tell what a view refused with a page of its own, once it has answered: within its transaction nothing is counted."""

    @wraps(view)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if why := request.META.get(_NOTED):
            refusing.refuse(request, why)
        return response

    return told


_NOTED = "rekey.noted"  # no header makes a key with a dot in it


def note_refusal(request: HttpRequest, why: Page) -> None:
    """Keep that something is refused with a page of its own."""
    request.META[_NOTED] = why


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
        if lookup in {getattr(one, "parameter_name", None) for one in self.list_filter}:
            return True  # a filter of ours, which judges the value
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
                note_refusal(request, Page.FORGED_CHOICE)
        return answer

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str | None
    ) -> HttpResponse:
        """Note an id that nobody here has."""
        note_refusal(request, Page.DESK_NOT_FOUND)
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
