"""The desk's pages of on-premises domains: all of them with how they are, the page that adds one, and the page of one."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from unfold.decorators import display
from unfold.widgets import UnfoldAdminRadioSelectWidget

from licensing.editions import Feature
from licensing.guards import decision
from licensing.labels import REASONS
from registration import standing
from registration.origin import origin
from registration.proof import person
from resets.writeback import desk_words, domain_rules, domains, event_codes, health
from resets.writeback.domain_acts import ACTS, Act, agent_of
from resets.writeback.domains import DomainProblem
from resets.writeback.models import Account, Job, OnPremisesDomain
from tenants.desks import DeskModelAdmin

_CONFLICTS = 20
_TIMES = ("min_age", "max_age", "lockout")


class DomainForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A domain's name, and how agents stand in it."""

    class Meta:
        model = OnPremisesDomain
        fields = ("name", "deployment")
        widgets = {"deployment": UnfoldAdminRadioSelectWidget}
        help_texts = {"name": _("Its DNS name, such as corp.example.com.")}

    def clean_name(self) -> str:
        """Take a DNS name alone, in lower case."""
        try:
            return domains.checked_name(self.cleaned_data["name"])
        except DomainProblem as problem:
            raise ValidationError(problem.text, code="domain_malformed") from problem


class OnPremisesDomainAdmin(DeskModelAdmin):
    """On-premises domains."""

    form = DomainForm
    audited_by_flow = True
    list_display = ("name", "deployment", "show_state", "show_agents", "show_people", "brought_at")
    search_fields = ("name",)
    search_help_text = _("Name of the domain")
    list_before_template = "desk/on_premises_before.html"
    fieldsets = ((None, {"fields": ("name", "deployment")}),)
    change_form_outer_before_template = "desk/on_premises_compare.html"

    class Media:
        css = {"all": ["on-premises.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse where the edition does not write back."""
        return decision(Feature.WRITEBACK).allowed and super().has_add_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OnPremisesDomain]:
        """Count people and agents with the rows."""
        found: QuerySet[OnPremisesDomain] = super().get_queryset(request)
        return found.annotate(people=Count("accounts", filter=Q(accounts__gone_at=None))).prefetch_related(
            "agents"
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Say above the list whether anything is written back."""
        decided = decision(Feature.WRITEBACK)
        context = {
            **(extra_context or {}),
            "included": decided.allowed,
            "why_not": REASONS[decided.reason],
            "writes_back": standing.policy_row().write_back,
        }
        return super().changelist_view(request, context)

    @display(
        description=_("state"),
        label={colour: colour for _words, colour in desk_words.STATES.values()},
    )
    def show_state(self, obj: OnPremisesDomain) -> tuple[str, str]:
        """Say how it is."""
        words, colour = desk_words.STATES[health.state(obj.agents.all())]
        return colour, str(words)

    @display(description=_("agents"))
    def show_agents(self, obj: OnPremisesDomain) -> int:
        """Say how many are enrolled."""
        return sum(agent.is_enrolled for agent in obj.agents.all())

    @display(description=_("people"), ordering="people")
    def show_people(self, obj: Any) -> int:
        """Say how many."""
        return int(obj.people)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Add the page of each act."""
        view = self.admin_site.admin_view(never_cache(self._act))
        mine = path("<uuid:pk>/do/<slug:what>/", view, name="writeback_onpremisesdomain_do")
        return [mine, *super().get_urls()]

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Say so where somebody added the same domain a moment earlier."""
        try:
            return super().add_view(request, *args, **kwargs)
        except DomainProblem as problem:
            messages.error(request, problem.text)
            return redirect("admin:writeback_onpremisesdomain_changelist")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Add it by the flow, which writes it down."""
        values = form.cleaned_data
        made = domains.add(
            values["name"], values["deployment"], actor=person(request), origin=origin(request)
        )
        obj.pk = made.pk

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: it is removed on its page, which says what that means."""
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one domain: how it is, its agents, what was refused lately, its rules, and what can be done."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            raise PermissionDenied
        domain = self.get_object(request, object_id)
        if domain is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return self._page(
            request, "desk/on_premises_domain.html", domain.name, opts=None, **self._shown(request, domain)
        )

    def _shown(self, request: HttpRequest, domain: OnPremisesDomain) -> dict[str, Any]:
        found = health.of(domain)
        state, colour = desk_words.STATES[found.state]
        may = person(request).has_perm("writeback.change_onpremisesdomain")
        return {
            "domain": domain,
            "state": state,
            "colour": colour,
            "agents": [_agent(one) for one in found.agents],
            "refusals": [_job(job) for job in found.refusals],
            "rules": _rules(domain),
            "history_on_reset": (domain.facts.get("capabilities") or {}).get("history_on_reset", True),
            "places": domain.facts.get("ous", []),
            "people": Account.objects.filter(domain=domain, gone_at=None).count(),
            "held": domain.facts.get("held"),
            "conflicts": [
                {**one, "words": desk_words.FLAWS.get(one.get("code", ""), "")}
                for one in domain.facts.get("conflicts", [])[:_CONFLICTS]
            ],
            "acts": {name: act for name, act in ACTS.items() if not act.of_agent} if may else {},
            "may": may,
            "writes_back": standing.policy_row().write_back,
        }

    def _act(self, request: HttpRequest, pk: UUID, what: str) -> HttpResponse:
        """Say what an act means, and do it."""
        if not person(request).has_perm("writeback.change_onpremisesdomain"):
            raise PermissionDenied
        domain = get_object_or_404(OnPremisesDomain, pk=pk)
        act: Act | None = ACTS.get(what)
        if act is None or (what == "let-go" and not domain.facts.get("held")):
            raise Http404
        on = request.POST.get("agent", "") or request.GET.get("agent", "")
        agent = agent_of(domain, on) if act.of_agent else None
        people = Account.objects.filter(domain=domain).count() if what == "remove" else 0
        unconfirmed = bool(people) and request.method == "POST" and "confirm" not in request.POST
        if request.method == "POST" and not unconfirmed:
            answer = act.perform(request, domain, agent)
            if answer is not None:
                return self._page(request, answer.template, answer.title, domain=domain, **answer.given)
            if what == "remove":
                return redirect("admin:writeback_onpremisesdomain_changelist")
            return redirect("admin:writeback_onpremisesdomain_change", domain.pk)
        return self._page(
            request,
            "desk/on_premises_act.html",
            str(act.title),
            domain=domain,
            act=act,
            agent=agent,
            people=people,
            unconfirmed=unconfirmed,
        )

    def _page(self, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
        shown = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, **context}
        return TemplateResponse(request, template, shown)


def _agent(one: health.AgentHealth) -> dict[str, Any]:
    failed = [
        {"words": words, "ok": False, "remedy": remedy, "detail": check.get("detail", "")}
        for check in one.failed
        for words, remedy in [desk_words.check(str(check.get("check")))]
    ]
    passed = [{"words": desk_words.check(name)[0], "ok": True} for name in one.passed]
    waits = one.agent.code_expires_at
    return {
        "row": one.agent,
        "alive": one.alive,
        "reachable": one.reachable,
        "is_over": waits is not None and waits <= timezone.now(),
        "why": desk_words.ANSWERS.get(one.code) if one.alive else desk_words.UNHEARD,
        "latency_ms": one.latency_ms,
        "checks": [*failed, *passed],
    }


def _job(job: Job) -> dict[str, Any]:
    return {
        "row": job,
        "words": desk_words.answer(job.state, job.code),
        "remedy": desk_words.remedy(job.state, job.code),
        "event": event_codes.of(job.operation, job.state, job.code),
    }


def _rules(domain: OnPremisesDomain) -> list[tuple[str, dict[str, Any]]]:
    """Return the rules that the directory reported, its own first, with their times as people say them."""
    return [
        (name or domain.name, {**rules, **{key: _time(rules.get(f"{key}_seconds")) for key in _TIMES}})
        for name, rules in sorted((domain.facts.get("policies") or {}).items())
        if rules
    ]


def _time(seconds: Any) -> str:
    """Say a time in the unit that fits; nothing for none."""
    if not isinstance(seconds, int) or seconds <= 0:
        return ""
    unit, count = domain_rules.age(seconds)
    words = {
        "days": ngettext("%(count)d day", "%(count)d days", count),
        "hours": ngettext("%(count)d hour", "%(count)d hours", count),
        "minutes": ngettext("%(count)d minute", "%(count)d minutes", count),
    }
    return words[unit] % {"count": count}
