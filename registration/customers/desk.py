"""The provider's desk: all organizations with their state at a glance, the page of one, and the page that makes one.

What the list tells of an organization was looked at by a job (`tenants.glances`), so that a request costs the same however
many organizations there are.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from unfold.decorators import display

from licensing.labels import edition_choices
from registration import roles
from registration.customers import administrators, creating, operators_desk, parts
from registration.customers.acts import ACTS, Act, Doing
from registration.customers.administrators import Sent
from registration.customers.forms import CreationForm
from registration.people import PersonProblem
from registration.policy import Scope
from registration.proof import person
from tenants import glances, naming
from tenants.context import PUBLIC
from tenants.desks import ReadOnlyAdmin
from tenants.journal_words import words
from tenants.models import Creation, Domain, Glance, JournalEntry, Organization, SignInName
from tenants.provisioning import ProvisioningProblem

SOON = timedelta(days=30)
HALF = 50
LATEST = 8
_SCOPES = {Scope.NONE: _("nobody"), Scope.SELECTED: _("selected groups"), Scope.ALL: _("everybody")}


class _Choice(admin.SimpleListFilter):
    """A filter of a few choices, each a condition."""

    choices_: Sequence[tuple[str, Any]] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, Any]]:
        """List them."""
        return self.choices_

    def queryset(self, request: HttpRequest, queryset: QuerySet[Organization]) -> QuerySet[Organization]:
        """Narrow by the chosen one."""
        known = {code for code, _words in self.choices_}
        return self.narrowed(queryset, str(self.value())) if self.value() in known else queryset

    def narrowed(self, queryset: QuerySet[Organization], code: str) -> QuerySet[Organization]:
        """Narrow by a code that is one of the choices."""
        raise NotImplementedError


class EditionFilter(_Choice):
    """By edition, and by a trial that is about to end."""

    title, parameter_name = _("edition"), "edition"
    choices_ = (*edition_choices(), ("none", _("None")))

    def narrowed(self, queryset: QuerySet[Organization], code: str) -> QuerySet[Organization]:
        """Narrow to an edition."""
        if code == "none":
            return queryset.filter(subscription=None)
        return queryset.filter(subscription__edition=code)


class TrialFilter(_Choice):
    """By a trial."""

    title, parameter_name = _("trial"), "trial"
    choices_ = (("soon", _("Ends within 30 days")), ("ended", _("Ended")), ("on", _("On trial")))

    def narrowed(self, queryset: QuerySet[Organization], code: str) -> QuerySet[Organization]:
        """Narrow by the last day of a trial, in Universal Time."""
        today = timezone.now().date()
        if code == "ended":
            return queryset.filter(subscription__trial_ends__lt=today)
        on = queryset.filter(subscription__trial_ends__gte=today)
        return on.filter(subscription__trial_ends__lte=today + SOON) if code == "soon" else on


class ResetFilter(_Choice):
    """By whom reset is enabled for."""

    title, parameter_name = _("password reset"), "reset"
    choices_ = (("off", _("Not enabled")), ("selected", _("Selected groups")), ("all", _("Everybody")))

    def narrowed(self, queryset: QuerySet[Organization], code: str) -> QuerySet[Organization]:
        """Narrow by what was seen last."""
        return queryset.filter(glance__scope="none" if code == "off" else code)


class RegisteredFilter(_Choice):
    """By how many have registered."""

    title, parameter_name = _("registered"), "registered"
    choices_ = (("low", _("Below 50 %")), ("high", _("At least 50 %")))

    def narrowed(self, queryset: QuerySet[Organization], code: str) -> QuerySet[Organization]:
        """Narrow by what was seen last; where there is nobody, nobody is missing."""
        return queryset.filter(**{"glance__percent__lt" if code == "low" else "glance__percent__gte": HALF})


class DeliveryFilter(_Choice):
    """By deliveries that failed."""

    title, parameter_name = _("failed deliveries"), "failed"
    choices_ = (("some", _("Some within 24 hours")),)

    def narrowed(self, queryset: QuerySet[Organization], code: str) -> QuerySet[Organization]:
        """Narrow by what was seen last."""
        return queryset.filter(glance__failed__gt=0)


class DomainsFilter(_Choice):
    """By on-premises domains."""

    title, parameter_name = _("on-premises domains"), "domains"
    choices_ = (("some", _("Some")), ("away", _("Some are not reached")))

    def narrowed(self, queryset: QuerySet[Organization], code: str) -> QuerySet[Organization]:
        """Narrow by what was seen last."""
        return queryset.filter(**{"glance__domains_away__gt" if code == "away" else "glance__domains__gt": 0})


class OrganizationAdmin(ReadOnlyAdmin):
    """Organizations: made, seen, found, steered."""

    list_display = (
        "name",
        "show_state",
        "show_scope",
        "show_registered",
        "show_failed",
        "show_last_reset",
        "show_domains",
        "show_edition",
        "show_trial",
        "show_seats",
        "show_as_of",
    )
    list_select_related = ("subscription", "glance")
    list_filter = (
        "state",
        EditionFilter,
        TrialFilter,
        ResetFilter,
        RegisteredFilter,
        DeliveryFilter,
        DomainsFilter,
    )
    list_filter_sheet = True
    list_per_page = 50
    list_before_template = "desk/organizations_before.html"
    show_full_result_count = False
    search_fields = ("name", "schema_name", "domains__domain", "sign_in_names__name")
    search_help_text = _("Name, short name, host or sign-in name")

    class Media:
        css = {"all": ["customers.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Ask the roles."""
        return person(request).has_perm("tenants.add_organization")

    @display(description=_("state"), ordering="state", label={"active": "success", "suspended": "danger"})
    def show_state(self, obj: Organization) -> tuple[str, str]:
        """Colour the state."""
        return obj.state, obj.get_state_display()

    @display(
        description=_("reset enabled for"),
        ordering="glance__scope",
        label={"none": "warning", "selected": "info", "all": "success"},
    )
    def show_scope(self, obj: Organization) -> Any:
        """Say for whom."""
        seen = _seen(obj)
        return (seen.scope, scope_words(seen.scope)) if seen else None

    @display(description=_("registered"), ordering="glance__percent")
    def show_registered(self, obj: Organization) -> str:
        """Say how many of a hundred, and how many that is."""
        return registered_words(obj)

    @display(description=_("failed deliveries, 24 h"), ordering="glance__failed")
    def show_failed(self, obj: Organization) -> Any:
        """Say how many."""
        seen = _seen(obj)
        return seen.failed if seen else None

    @display(description=_("last reset"), ordering="glance__last_reset_at")
    def show_last_reset(self, obj: Organization) -> Any:
        """Say when."""
        seen = _seen(obj)
        return seen.last_reset_at if seen else None

    @display(
        description=_("on-premises domains"),
        ordering="glance__domains_away",
        label={"fine": "success", "away": "danger"},
    )
    def show_domains(self, obj: Organization) -> Any:
        """Say how many there are, and whether any of them is not reached."""
        seen = _seen(obj)
        if seen is None or not seen.domains:
            return None
        return ("away" if seen.domains_away else "fine"), domains_words(seen)

    @display(description=_("edition"), ordering="subscription__edition")
    def show_edition(self, obj: Organization) -> Any:
        """Name the edition."""
        bought = _bought(obj)
        return bought.get_edition_display() if bought else None

    @display(
        description=_("trial ends"),
        ordering="subscription__trial_ends",
        label={"on": "info", "soon": "warning", "ended": "danger"},
    )
    def show_trial(self, obj: Organization) -> Any:
        """Say when, and whether that is near."""
        bought = _bought(obj)
        if bought is None or bought.trial_ends is None:
            return None
        today = timezone.now().date()
        how = "ended" if bought.trial_ends < today else "soon" if bought.trial_ends <= today + SOON else "on"
        return how, date_format(bought.trial_ends, "SHORT_DATE_FORMAT")

    @display(description=_("seats used"), ordering="glance__people")
    def show_seats(self, obj: Organization) -> str | None:
        """Say how many of those that were agreed on."""
        return seats_words(obj)

    @display(description=_("as of"), ordering="glance__as_of")
    def show_as_of(self, obj: Organization) -> Any:
        """Say from when this is."""
        seen = _seen(obj)
        return seen.as_of if seen else None

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of making one and of each act."""
        wrap = self.admin_site.admin_view
        mine = [
            path("look/", wrap(require_POST(self.look_at_all)), name="tenants_organization_look"),
            path("operators/", wrap(never_cache(self.operators)), name="tenants_operator_changelist"),
            path("made/<uuid:pk>/", wrap(never_cache(self.made)), name="tenants_organization_made"),
            path(
                "made/<uuid:pk>/link/", wrap(require_POST(self.first_link)), name="tenants_organization_link"
            ),
            path("<uuid:pk>/do/<slug:what>/", wrap(never_cache(self.act)), name="tenants_organization_do"),
        ]
        return [*mine, *super().get_urls()]

    def look_at_all(self, request: HttpRequest) -> HttpResponse:
        """Have every organization looked at now."""
        self._allow(request, "tenants.view_organization")
        glances.look_at_all.defer()
        messages.success(
            request, gettext("All organizations are being looked at. Load this page again in a moment.")
        )
        return redirect("admin:tenants_organization_changelist")

    def operators(self, request: HttpRequest) -> HttpResponse:
        """Show who works here, and what each role may do."""
        self._allow(request, "tenants.view_operator")
        return self._page(
            request,
            "desk/operators.html",
            gettext("Operators"),
            operators=operators_desk.everybody(),
            names=operators_desk.names(),
            table=operators_desk.table(),
            may_add=person(request).has_perm("registration.add_user")
            and bool(roles.grantable(person(request).roles_in_force)),
            may_see=person(request).has_perm("registration.view_user"),
        )

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for what a new organization needs, and have a job make it."""
        self._allow(request, "tenants.add_organization")
        form = CreationForm(request.POST or None, initial=self._again(request))
        if request.method == "POST" and form.is_valid():
            try:
                asked = creating.ask(form.wanted(), actor=str(person(request)))
            except ProvisioningProblem as problem:  # taken since a moment ago
                form.add_error(problem.field, str(problem))
            else:
                return redirect("admin:tenants_organization_made", asked.pk)
        return self._page(request, "desk/organization_new.html", gettext("Create an organization"), form=form)

    def made(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show how far an organization has come that was asked for."""
        self._allow(request, "tenants.add_organization")
        asked = get_object_or_404(Creation.objects.select_related("organization"), pk=pk)
        title = gettext("Creating %(name)s") % {"name": asked}
        return self._page(
            request,
            "desk/organization_made.html",
            title,
            asked=asked,
            steps=_steps(asked),
            problem=creating.problem_of(asked) if asked.state == Creation.State.FAILED else "",
            field=_label_of(asked.field),
            pending=asked.state in {Creation.State.WAITING, Creation.State.RUNNING},
            mailed=bool(asked.organization) and _first_is_mailed(asked),
        )

    def first_link(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the first administrator's link, made this moment, where they have no address that it could go to."""
        self._allow(request, ACTS["send-link"].action)
        asked = get_object_or_404(Creation, pk=pk, organization__isnull=False)
        first = _first(asked)
        if asked.organization is None or first is None:
            raise Http404
        try:
            sent = administrators.send_link(asked.organization, first.pk, actor=person(request))
        except PersonProblem as problem:
            messages.error(request, str(problem))
            return redirect("admin:tenants_organization_made", pk)
        return self._sent(request, asked.organization, sent)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one organization with all that can be done to it, each by a page of its own."""
        self._allow(request, "tenants.view_organization")
        if request.method == "POST":
            raise PermissionDenied
        organization = self._found(object_id)
        seen = _seen(organization)
        may = {what: person(request).has_perm(act.action) for what, act in ACTS.items()}
        own = organization.schema_name == PUBLIC
        if own:
            may |= dict.fromkeys(("suspend", "resume", "erase", "invite", "send-link"), False)
        elif may["invite"]:
            may["invite"] = may["send-link"] = administrators.may_invite(person(request), organization)
        return self._page(
            request,
            "desk/organization.html",
            organization.name,
            organization=organization,
            at_home=True,
            own=own,
            may={what.replace("-", "_"): allowed for what, allowed in may.items()},
            seen=seen,
            scope=scope_words(seen.scope) if seen else "",
            registered=registered_words(organization),
            domains=domains_words(seen),
            parts=parts.of(seen),
            seats=seats_words(organization),
            trial=self.show_trial(organization),
            bought=_bought(organization),
            may_enter=not own
            and organization.state == organization.State.ACTIVE
            and person(request).has_perm(roles.ENTER_ORGANIZATION),
            may_sell=person(request).has_perm("licensing.change_subscription"),
            hosts=organization.domains.order_by("-is_primary", "domain"),
            names=organization.sign_in_names.order_by("name"),
            administrators=[] if own else administrators.of(organization),
            entries=[
                (entry, words(entry.event))
                for entry in JournalEntry.objects.filter(schema=organization.schema_name)[:LATEST]
            ],
            journal=f"{reverse('admin:tenants_journalentry_changelist')}?schema={organization.schema_name}",
        )

    def act(self, request: HttpRequest, pk: UUID, what: str) -> HttpResponse:
        """Ask before one thing is done to an organization, and do it."""
        act = ACTS.get(what)
        if act is None:
            raise Http404
        self._allow(request, act.action)
        organization = self._found(str(pk))
        row = self._row(request, organization, act, what)
        form = act.form(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                done = act.run(Doing(request, organization, row, form.cleaned_data))
            except (ProvisioningProblem, PersonProblem) as problem:
                field = problem.field if problem.field in form.fields else None
                form.add_error(field, ValidationError(str(problem), code=problem.field))
            else:
                if isinstance(done, Sent):
                    return self._sent(request, organization, done)
                messages.success(request, done)
                return redirect("admin:tenants_organization_change", pk)
        return self._page(
            request,
            "desk/act.html",
            str(act.title),
            organization=organization,
            act=act,
            row=row if act.on else "",
            form=form,
            place=naming.place_of(str(row)) if act.shows_text else "",
            text=naming.text_of(organization, str(row)) if act.shows_text else "",
        )

    def _row(self, request: HttpRequest, organization: Organization, act: Act, what: str) -> Any:
        """Return the row that an act is done to, which is this organization's, or 404."""
        on = request.GET.get("on", "")
        if act.on is None and what != "send-link":
            return None
        try:
            pk = UUID(on)
        except ValueError:
            raise Http404 from None
        if act.on is Domain:
            return get_object_or_404(organization.domains.select_related("tenant"), pk=pk)
        if act.on is SignInName:
            return get_object_or_404(organization.sign_in_names.select_related("organization"), pk=pk)
        return pk

    def _sent(self, request: HttpRequest, organization: Organization, sent: Sent) -> HttpResponse:
        """Say that a link was mailed; where there is no address, show it, this once."""
        if not sent.link:
            text = gettext("%(name)s is mailed a one-time link.") % {"name": sent.user}
            messages.success(request, text)
            return redirect("admin:tenants_organization_change", organization.pk)
        title = gettext("The one-time link of %(name)s") % {"name": sent.user}
        answer = self._page(request, "desk/link.html", title, organization=organization, link=sent.link)
        answer["Cache-Control"] = "no-store"
        return answer

    def _found(self, pk: str) -> Organization:
        try:
            UUID(pk)
        except ValueError:
            raise Http404 from None
        rows = Organization.objects.select_related("subscription", "glance")
        found: Organization = get_object_or_404(rows, pk=pk)
        return found

    def _again(self, request: HttpRequest) -> dict[str, Any]:
        """Return what was typed before, where a refusal is to be mended."""
        again = request.GET.get("again", "")
        try:
            asked = Creation.objects.filter(pk=UUID(again), state=Creation.State.FAILED).first()
        except ValueError:
            asked = None
        return asked.wanted if asked else {}

    def _allow(self, request: HttpRequest, action: str) -> None:
        if not person(request).has_perm(action):
            raise PermissionDenied

    def _page(self, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "title": title}
        return TemplateResponse(request, template, {**shared, **context})


def scope_words(scope: str) -> str:
    """Say for whom reset is enabled."""
    known = {str(code): text for code, text in _SCOPES.items()}
    return str(known.get(scope, scope))


def domains_words(seen: Glance | None) -> str:
    """Say how many on-premises domains an organization has, and how many of them are not reached."""
    if seen is None or not seen.domains:
        return ""
    if not seen.domains_away:
        text = ngettext("%(count)d, reached", "%(count)d, all reached", seen.domains)
        return text % {"count": seen.domains}
    text = gettext("%(count)d, of which %(away)d not reached")
    return text % {"count": seen.domains, "away": seen.domains_away}


def registered_words(organization: Organization) -> str:
    """Say how many of an organization's people have registered."""
    seen = _seen(organization)
    if seen is None or seen.percent is None:
        return ""
    text = gettext("%(percent)d %% (%(registered)d of %(people)d)")
    return text % {"percent": seen.percent, "registered": seen.registered, "people": seen.people}


def seats_words(organization: Organization) -> str | None:
    """Say how many seats are used, of how many that were agreed on."""
    seen, bought = _seen(organization), _bought(organization)
    if seen is None:
        return None
    if bought is None or bought.seats is None:
        return str(seen.people)
    return gettext("%(used)d of %(agreed)d") % {"used": seen.people, "agreed": bought.seats}


def _seen(organization: Organization) -> Any:
    return getattr(organization, "glance", None)


def _bought(organization: Organization) -> Any:
    return getattr(organization, "subscription", None)


def _steps(asked: Creation) -> list[tuple[Any, str]]:
    """Return each step's words with how far it is: done, now, later, or failed."""
    codes = list(creating.STEPS)
    at = codes.index(asked.step) if asked.step in codes else 0
    if asked.state == Creation.State.DONE:
        at = len(codes)
    now = {Creation.State.RUNNING: "now", Creation.State.FAILED: "failed"}.get(
        Creation.State(asked.state), "later"
    )
    return [
        (text, "done" if number < at and now != "failed" else now if number == at else "later")
        for number, text in enumerate(creating.STEPS.values())
    ]


def _label_of(field: str) -> Any:
    found = CreationForm.base_fields.get(field)
    return found.label if found else ""


def _first(asked: Creation) -> administrators.Administrator | None:
    """Return the administrator that an organization began with, while they are its only one."""
    found = administrators.of(asked.organization) if asked.organization else []
    return found[0] if len(found) == 1 and not found[0].has_come else None


def _first_is_mailed(asked: Creation) -> bool:
    first = _first(asked)
    return first is None or first.reachable
