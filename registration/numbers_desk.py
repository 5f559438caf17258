"""What a desk registers for a person without an answer of theirs: a phone or an address, as the directory has it.

It counts at once, so that they can reset before they ever registered anything. They are told at each address, and can object.
"""

import functools
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import INPUT_CLASSES, SELECT_CLASSES

from registration import enrolling, roles
from registration.enrolling import EnrolmentProblem
from registration.licences import why_not
from registration.method import Method, Unacceptable, registry
from registration.models import User
from registration.origin import origin
from registration.proof import person
from registration.wording import PROBLEMS
from tenants.desks import DeskModelAdmin


class PersonNumbers(DeskModelAdmin):
    """The part of a person's page that shows security info, and lets some of it be set."""

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Add a page for each method that administrators may set."""
        mine = [
            path(
                f"<uuid:pk>/set/{method.kind}/",
                self.admin_site.admin_view(functools.partial(self._set, kind=method.kind)),
                name=_name(method),
            )
            for method in _settable()
        ]
        return [*mine, *super().get_urls()]

    @display(description=_("security info"))
    def show_security_info(self, obj: User) -> SafeString:
        """List what they registered, masked, with a link to what may be set for them, or why it may not."""
        rows = [
            (row.method.name, row.masked, row.device.created_at.date()) for row in enrolling.registered(obj)
        ]
        links = [
            (
                reverse(f"admin:{_name(method)}", args=[obj.pk]),
                gettext("Set %(method)s") % {"method": method.name},
            )
            for method in _settable()
            if not why_not(method)
        ]
        idle = [(method.name, why_not(method)) for method in _settable() if why_not(method)]
        return format_html(
            "{}{}{}",
            format_html_join("", "<div>{}: {} ({})</div>", rows) or "–",
            format_html_join("", '<div><a class="underline" href="{}">{}</a></div>', links),
            format_html_join("", "<div>{}: {}</div>", idle),
        )

    def _set(self, request: HttpRequest, pk: UUID, kind: str) -> HttpResponse:
        """Ask for what the method asks, and register it."""
        method, user = registry()[kind], get_object_or_404(User, pk=pk)
        if (
            user.pk == person(request).pk
        ):  # whoever sits at an open desk must not make its owner's account their own
            messages.warning(request, gettext("Your own security info is on this page."))
            return redirect("security-info")
        if not roles.may_for(person(request).roles_in_force, "registration.add_device", user.roles_in_force):
            raise PermissionDenied
        if why_not(method):
            raise Http404
        form = _dressed(method.enrol_form()(request.POST if request.method == "POST" else None))
        if request.method == "POST" and form.is_valid() and self._kept(request, user, method, form):
            messages.success(request, gettext("%(method)s was set.") % {"method": method.name})
            return redirect("admin:registration_user_change", user.pk)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": gettext("%(method)s of %(name)s") % {"method": method.name, "name": user},
            "opts": self.model._meta,
            "original": user,
            "form": form,
        }
        return TemplateResponse(request, "desk/set_method.html", context)

    def _kept(self, request: HttpRequest, user: User, method: Method, form: forms.Form) -> bool:
        """Register it by the flow; say on the form what is against it."""
        by, here = person(request), origin(request)
        try:
            enrolling.put(user, method.kind, form.cleaned_data, actor=by, origin=here)
        except Unacceptable as problem:
            form.add_error(problem.field or None, ValidationError(str(problem.text), code=problem.code))
        except EnrolmentProblem as problem:
            form.add_error(None, ValidationError(str(PROBLEMS[problem.code]), code=problem.code))
        return not form.errors


def _settable() -> list[Method]:
    return [method for method in registry().values() if method.set_by_administrators]


def _name(method: Method) -> str:
    return f"registration_user_set_{method.kind}"


def _dressed(form: forms.Form) -> forms.Form:
    """Give the fields the skin's look; the browser fills in nothing, since it would be the administrator's own."""
    for field in form.fields.values():
        classes = SELECT_CLASSES if isinstance(field.widget, forms.Select) else INPUT_CLASSES
        field.widget.attrs |= {"class": " ".join(classes), "autocomplete": "off"}
    return form
