"""The list of people on a desk: what is found, how it is narrowed, where each of them stands, and what is done to many."""

from functools import partial
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display
from unfold.views import ChangeList
from unfold.widgets import SELECT_CLASSES

from registration import census, people_export, people_many, roles
from registration.judged import Standings
from registration.labels import ROLES
from registration.models import Group, User
from registration.origin import origin
from registration.people_filters import FILTERS
from registration.people_many import Act, Many, TooMany
from registration.proof import person
from tenants import downloads
from tenants.context import is_provider
from tenants.desks import DeskModelAdmin

#: Names that a page shows of those who are left out.
SHOWN = 20
#: Where it stands on a person of a page whether they are registered, and capable.
_SHOWN_AS = "shown_as"
_ACTS: dict[Act, tuple[Promise, Promise]] = {
    Act.ENABLE: (_("Enable"), _("They can sign in, and reset where the policy lets them.")),
    Act.DISABLE: (_("Disable"), _("They are signed out everywhere, and can neither sign in nor reset.")),
    Act.JOIN: (_("Add to a group"), _("A group can decide whether they may reset their password.")),
    Act.LEAVE: (_("Remove from a group"), _("A group can decide whether they may reset their password.")),
    Act.REMIND: (
        _("Send a reminder to register"),
        _("Who may reset, lacks methods and was not reminded within a week gets one mail."),
    ),
}


class GroupForm(forms.Form):
    """Ask for a group."""

    group = forms.ModelChoiceField(
        Group.objects.all(),
        label=_("Group"),
        widget=forms.Select(attrs={"class": " ".join(SELECT_CLASSES)}),
    )


class PeopleFound(ChangeList):
    """A page of people, each with where they stand: three statements more, however many there are."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        """Read where those of this page stand."""
        super().get_results(request)
        shown: list[User] = list(self.result_list)
        found = Standings()
        placed = census.placed(User.objects.filter(pk__in=[user.pk for user in shown]), found.row)
        standings = {pk: (found.registered(one), found.capable(one)) for pk, one in census.each(placed)}
        for user in shown:
            setattr(user, _SHOWN_AS, standings.get(user.pk, (False, False)))
        self.result_list = shown


class PeopleList(DeskModelAdmin):
    """The part of the desk's pages of people that is the list."""

    list_display = (
        "sign_in_name",
        "name",
        "show_registered",
        "show_capable",
        "show_enabled",
        "show_roles",
        "show_last_sign_in",
    )
    list_filter = FILTERS
    search_fields = ("sign_in_name", "name", "primary_address")
    search_help_text = _("Sign-in name, name or primary address")
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_before_template = "desk/people_before.html"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Add the export's address."""
        view = self.admin_site.admin_view(self._export)
        return [path("export/", view, name="registration_user_export"), *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Have where they stand read with each page."""
        return PeopleFound

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Tell the page what else this person may do with it."""
        by = person(request)
        mine = {
            "may_export": by.has_perm(roles.EXPORT_PEOPLE),
            "may_import": by.has_perm("registration.add_peopleimport"),
        }
        return cast(HttpResponse, super().changelist_view(request, {**mine, **(extra_context or {})}))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer what may be done to many: each person is weighed for itself all the same."""
        if "_popup" in request.GET:
            return {}
        by = person(request)
        return {
            act.value: (partial(_many, act=act), act.value, words)
            for act, (words, _about) in _ACTS.items()
            if by.has_perm(people_many.ACTIONS[act])
        }

    @display(description=_("registered"), label={True: "success", False: "warning"})
    def show_registered(self, obj: User) -> tuple[bool, str]:
        """Say whether they have registered as many methods as a reset asks of them."""
        return _badge(_standing(obj)[0])

    @display(description=_("capable"), label={True: "success", False: "warning"})
    def show_capable(self, obj: User) -> tuple[bool, str]:
        """Say whether they have, and may reset."""
        return _badge(_standing(obj)[1])

    @display(description=_("enabled"), ordering="is_active", label={True: "info", False: "danger"})
    def show_enabled(self, obj: User) -> tuple[bool, str]:
        """Say whether they can sign in."""
        return _badge(obj.is_active)

    @display(description=_("last sign-in"), ordering="last_login")
    def show_last_sign_in(self, obj: User) -> object:
        """Say when they signed in last."""
        return obj.last_login

    @display(description=_("roles"))
    def show_roles(self, obj: User) -> str:
        """Name the roles."""
        known = roles.in_force(obj.roles, provider=is_provider())
        return ", ".join(str(ROLES[role]) for role in sorted(known)) or "–"

    def _export(self, request: HttpRequest) -> HttpResponseBase:
        """Say how many would be exported, of those that the list's filters find; a click exports them."""
        by = person(request)
        if not by.has_perm(roles.EXPORT_PEOPLE):
            raise PermissionDenied
        try:
            found = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return redirect("admin:registration_user_changelist")
        if request.method == "POST":
            people_export.note(found.queryset, narrowed=sorted(request.GET), actor=by, origin=origin(request))
            lines = people_export.lines(found.queryset)
            return downloads.as_csv("people.csv", people_export.HEADINGS, lines)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _now("Export people"),
            "count": found.result_count,
            "narrowed": bool(request.GET),
            "headings": people_export.HEADINGS,
        }
        return TemplateResponse(request, "desk/people_export.html", context)


def _many(
    model_admin: PeopleList, request: HttpRequest, queryset: QuerySet[User], *, act: Act
) -> HttpResponse | None:
    """Show whom it would be done to and who is left out; a click on that page does it."""
    by, here = person(request), origin(request)
    try:
        many = people_many.weigh(queryset, act, actor=by)
    except TooMany:
        text = _now("At most %(most)d people at once. Narrow the list, or import a file.")
        messages.error(request, text % {"most": people_many.MOST})
        return None
    form = GroupForm(request.POST if "confirmed" in request.POST else None)
    asks = act in {Act.JOIN, Act.LEAVE}
    if "confirmed" in request.POST and (not asks or form.is_valid()):
        group = form.cleaned_data["group"] if asks else None
        count = people_many.do(act, many.able, group=group, actor=by, origin=here)
        _say(request, count, many)
        return redirect(request.get_full_path())
    words, about = _ACTS[act]
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": words,
        "about": about,
        "act": act.value,
        "many": many,
        "refused": many.refused[:SHOWN],
        "more": max(0, len(many.refused) - SHOWN),
        "form": form if asks else None,
        "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "across": request.POST.get("select_across", "0"),
    }
    return TemplateResponse(request, "desk/people_many.html", context)


def _say(request: HttpRequest, count: int, many: Many) -> None:
    done = ngettext("Done for %(number)d person.", "Done for %(number)d people.", count)
    messages.success(request, done % {"number": count})
    if many.refused:
        left = _now("Left out, since you may not change them: %(names)s")
        names = ", ".join(many.refused[:SHOWN]) + (" …" if len(many.refused) > SHOWN else "")
        messages.warning(request, left % {"names": names})


def _standing(user: User) -> tuple[bool, bool]:
    return cast(tuple[bool, bool], getattr(user, _SHOWN_AS, (False, False)))


def _badge(yes: bool) -> tuple[bool, str]:
    return yes, _now("Yes") if yes else _now("No")
