"""The provider's pages of baselines, of who stands where, and of what was rolled out."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from registration import baseline, baseline_words, baselining, roles
from registration.baseline import FIELDS, Mode, Rule
from registration.baseline_form import GROUPS, FullForm, mode_of, value_of
from registration.baselining import BaselineProblem
from registration.labels import POLICY
from registration.proof import person
from tenants import downloads
from tenants.context import PUBLIC
from tenants.desks import DeskModelAdmin, ReadOnlyAdmin
from tenants.models import Baseline, BaselineBoard, Organization, Rollout, RolloutLine
from tenants.tables import table

SHOWN = 200
State, Kind = RolloutLine.State, Rollout.Kind
HELP = _(
    "“Unset” leaves a setting to each organization, whatever stands beside it. “Default” is what a new one begins with,"
    " and may change. “At least” lets it only be stricter. “Locked” sets the value, and nobody there changes it."
)
#: What came of a line, where nothing was done yet.
TRIED = {
    State.CHANGED: _("would change"),
    State.UNCHANGED: _("would stay"),
    State.REFUSED: _("would be refused"),
}
#: Why an organization was refused, beside the codes of the policy's rules.
REASONS = {
    "suspended": _("It is suspended: resume it, and try again."),
    "baseline_changed": _("The baseline was changed or deleted meanwhile: make another dry run."),
    "not_possible": _(
        "Its other settings do not allow it: it could ask for more questions than are registered."
    ),
    "too_few_questions": _("It would offer fewer security questions than people have to register."),
    "failed": _("It did not work: the log of the worker says why. Try again."),
    "gone": _("It was erased meanwhile."),
}


class BaselineAdmin(DeskModelAdmin):
    """Baselines: which settings the provider holds, and how."""

    form = FullForm
    audited_by_flow = True  # the journal has it
    list_display = ("name", "for_new", "show_held", "show_uses", "changed_at")
    search_fields = ("name",)
    fieldsets = (
        (None, {"fields": ("name", "for_new"), "description": HELP}),
        *(
            (title, {"fields": [(mode_of(one), value_of(one)) for one in fields]})
            for title, fields in GROUPS.items()
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Baseline]:
        """Count who is held to each."""
        found: QuerySet[Baseline] = super().get_queryset(request)
        return found.annotate(number=Count("uses"))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no action on many at once."""
        return {}

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse while organizations are held to it."""
        used = isinstance(obj, Baseline) and obj.uses.exists()
        return not used and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save by the writer, with the operator as the actor."""
        kept = baselining.save(
            Baseline.objects.get(pk=obj.pk) if change else None,
            name=form.cleaned_data["name"],
            for_new=form.cleaned_data["for_new"],
            asked=form.asked,
            actor=str(request.user),
        )
        obj.pk, obj._state.adding = kept.pk, False
        messages.info(
            request,
            _now("Organizations stay as they are. The baseline board shows who is below it, and applies it."),
        )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete by the writer."""
        baselining.remove(obj, actor=str(request.user))

    @display(description=_("settings held"))
    def show_held(self, obj: Baseline) -> int:
        """Count them."""
        return len(baseline.read(obj.settings))

    @display(description=_("organizations"), ordering="number")
    def show_uses(self, obj: Any) -> int:
        """Count who is held to it."""
        return int(obj.number)


class BaselineFilter(admin.SimpleListFilter):
    """Narrow the board to one baseline."""

    title, parameter_name = _("baseline"), "baseline"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List them, and none."""
        return [
            ("none", _("None")),
            *((str(pk), name) for pk, name in Baseline.objects.values_list("pk", "name")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[BaselineBoard]) -> QuerySet[BaselineBoard]:
        """Narrow."""
        value = self.value()
        if value == "none":
            return queryset.filter(baseline_use=None)
        known = {key for key, _words in self.lookups(request, None)}
        return queryset.filter(baseline_use__baseline=value) if value in known else queryset


class StandingFilter(admin.SimpleListFilter):
    """Narrow the board to who is below, who is not, and who was not looked at yet."""

    title, parameter_name = _("standing"), "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List them."""
        return [("below", _("Below")), ("holds", _("Holds")), ("waiting", _("Not looked at yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[BaselineBoard]) -> QuerySet[BaselineBoard]:
        """Narrow."""
        held = queryset.exclude(baseline_use=None)
        looked_at, holds = Q(baseline_use__looked_at__isnull=False), Q(baseline_use__below={})
        found = {
            "below": held.filter(looked_at).exclude(holds),
            "holds": held.filter(looked_at & holds),
            "waiting": held.filter(~looked_at),
        }
        return found.get(self.value() or "", queryset)


class SettingFilter(admin.SimpleListFilter):
    """Narrow the board to who is below in one setting."""

    title, parameter_name = _("setting below"), "setting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List every setting."""
        return [(field, baseline_words.setting(field)) for field in FIELDS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[BaselineBoard]) -> QuerySet[BaselineBoard]:
        """Narrow."""
        return (
            queryset.filter(baseline_use__below__has_key=self.value()) if self.value() in FIELDS else queryset
        )


class BaselineBoardAdmin(ReadOnlyAdmin):
    """The baseline board: who is held to what, and what of it is below, as of when it was looked at."""

    list_display = ("name", "show_baseline", "show_standing", "show_below", "show_looked_at")
    list_filter = (BaselineFilter, StandingFilter, SettingFilter)
    list_select_related = ("baseline_use__baseline",)
    search_fields = ("name", "schema_name")
    fields = ("name", "show_baseline", "show_how", "show_details", "show_looked_at")
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[BaselineBoard]:
        """Leave out the provider's own: it holds itself to what it likes."""
        found: QuerySet[BaselineBoard] = super().get_queryset(request)
        return found.exclude(schema_name=PUBLIC)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer a dry run of each baseline, and what needs none: to be released, and to be looked at."""
        if not person(request).has_perm(roles.APPLY_BASELINE):
            return {}
        tries = {
            f"try_{row.pk.hex}": _now("Dry run of “%(name)s”") % {"name": row.name}
            for row in Baseline.objects.all()
        }
        words = {**tries, "release": _now("Release of their baseline"), "look": _now("Look again now")}
        return {name: (BaselineBoardAdmin._act, name, text) for name, text in words.items()}

    def _act(self, request: HttpRequest, queryset: QuerySet[BaselineBoard]) -> HttpResponse | None:
        """Do what was chosen; Django has looked that it is offered."""
        name = request.POST["action"]
        if name == "look":
            count = baselining.look_at(Organization.objects.filter(pk__in=queryset.values("pk")))
            text = ngettext(
                "%(number)d organization is looked at.", "%(number)d organizations are looked at.", count
            )
            messages.success(request, text % {"number": count})
            return None
        kind = Kind.RELEASE if name == "release" else Kind.DRY
        row = None if kind == Kind.RELEASE else Baseline.objects.get(pk=UUID(name.removeprefix("try_")))
        chosen = queryset.values_list("pk", "schema_name", "name")
        made = baselining.roll_out(kind, row, chosen, actor=str(request.user))
        return redirect("admin:tenants_rollout_change", made.pk)

    @display(description=_("baseline"), ordering="baseline_use__baseline__name")
    def show_baseline(self, obj: Any) -> str:
        """Name it."""
        use = getattr(obj, "baseline_use", None)
        return use.baseline.name if use else "–"

    @display(
        description=_("standing"),
        label={"below": "danger", "holds": "success", "waiting": "info"},
    )
    def show_standing(self, obj: Any) -> tuple[str, Any] | str:
        """Say whether it holds."""
        use = getattr(obj, "baseline_use", None)
        if use is None:
            return ""
        if use.looked_at is None:
            return "waiting", _("not looked at yet")
        return ("below", _("below")) if use.below else ("holds", _("holds"))

    @display(description=_("standing"))
    def show_how(self, obj: Any) -> str:
        """Say the same on the page of one, where there is no colour."""
        said = self.show_standing(obj)
        return str(said[1]) if said else "–"

    @display(description=_("below in"))
    def show_below(self, obj: Any) -> str:
        """Name the settings that are below."""
        use = getattr(obj, "baseline_use", None)
        return ", ".join(baseline_words.setting(one) for one in FIELDS if use and one in use.below)

    @display(description=_("looked at"), ordering="baseline_use__looked_at")
    def show_looked_at(self, obj: Any) -> str:
        """Say when."""
        use = getattr(obj, "baseline_use", None)
        return date_format(localtime(use.looked_at), "DATETIME_FORMAT") if use and use.looked_at else "–"

    @display(description=_("below in"))
    def show_details(self, obj: Any) -> SafeString | str:
        """Say of each setting that is below what it is, and what is asked."""
        use = getattr(obj, "baseline_use", None)
        rows = [
            (
                baseline_words.setting(field),
                baseline_words.value(field, kept["value"]),
                baseline_words.asked(field, Rule(Mode(kept["mode"]), kept["asked"])),
            )
            for field, kept in (use.below if use else {}).items()
        ]
        head = (_now("Setting"), _now("Is"), _now("Asked"))
        return table(head, rows) if rows else _now("Nothing.")


class RolloutAdmin(ReadOnlyAdmin):
    """What baselines were tried on, applied to, and taken from, with what came of it at each organization."""

    list_display = ("at", "kind", "baseline_name", "actor", "show_progress")
    list_filter = ("kind",)
    search_fields = ("baseline_name", "actor")
    fields = ("at", "kind", "baseline_name", "actor", "show_progress", "show_next", "show_lines", "show_csv")
    list_per_page = 50

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Add the buttons' addresses, and the CSV's."""
        each = (("apply", self._apply), ("again", self._again), ("csv", self._csv))
        mine = [
            path(f"<uuid:pk>/{name}/", self.admin_site.admin_view(view), name=f"tenants_rollout_{name}")
            for name, view in each
        ]
        return [*mine, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rollout]:
        """Count how far each has come."""
        found: QuerySet[Rollout] = super().get_queryset(request)
        gone = Q(lines__state=State.WAITING, lines__organization=None)
        return found.annotate(
            **{state: Count("lines", filter=Q(lines__state=state) & ~gone) for state in State},
            gone=Count("lines", filter=gone),
        )

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Offer what comes next to who may do it."""
        may = person(request).has_perm(roles.APPLY_BASELINE)
        return tuple(one for one in self.fields if may or one != "show_next")

    @display(description=_("result"))
    def show_progress(self, obj: Any) -> str:
        """Count the organizations by what came of it."""
        words = {**{state.value: _state(obj, state) for state in State}, "gone": _now("gone")}
        counts = [f"{getattr(obj, name)} {text}" for name, text in words.items() if getattr(obj, name)]
        return ", ".join(counts) or "–"

    @display(description=_("next"))
    def show_next(self, obj: Any) -> SafeString:
        """Offer what comes next."""
        buttons = []
        if obj.kind == Kind.DRY and not obj.waiting and obj.changed:
            buttons.append(("apply", _now("Apply to these organizations")))
        if obj.waiting or obj.refused or obj.failed:
            buttons.append(("again", _now("Try again what is not done")))
        shown = [(reverse(f"admin:tenants_rollout_{name}", args=[obj.pk]), words) for name, words in buttons]
        return format_html_join(
            " ",
            '<button type="submit" class="desk-button" formaction="{}" formmethod="post" formnovalidate>{}</button>',
            shown,
        )

    @display(description=_("all of it"))
    def show_csv(self, obj: Rollout) -> SafeString:
        """Offer it as a file."""
        to, words = reverse("admin:tenants_rollout_csv", args=[obj.pk]), _now("Download as CSV")
        return format_html('<a class="desk-button" href="{}">{}</a>', to, words)

    @display(description=_("organizations"))
    def show_lines(self, obj: Rollout) -> SafeString:
        """Show the first lines: what changes where, and how many people can reset."""
        rows = [tuple(_line(obj, one)) for one in obj.lines.all()[:SHOWN]]
        more = obj.lines.count() - len(rows)
        note = ngettext("%(number)d more is in the CSV.", "%(number)d more are in the CSV.", more) % {
            "number": more
        }
        return format_html("{}<p>{}</p>", table(_head(), rows), note if more > 0 else "")

    def _apply(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        tried = _asked_for(request, pk)
        try:
            made = baselining.apply_tried(tried, actor=str(request.user))
        except BaselineProblem as problem:
            messages.error(request, str(problem))
            return redirect("admin:tenants_rollout_change", tried.pk)
        return redirect("admin:tenants_rollout_change", made.pk)

    def _again(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        rollout = _asked_for(request, pk)
        count = baselining.again(rollout, actor=str(request.user))
        text = ngettext(
            "%(number)d organization is done again.", "%(number)d organizations are done again.", count
        )
        messages.success(request, text % {"number": count})
        return redirect("admin:tenants_rollout_change", rollout.pk)

    def _csv(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rollout = get_object_or_404(Rollout, pk=pk)
        rows = ((*_line(rollout, one),) for one in rollout.lines.all())
        return downloads.as_csv(f"baseline-{rollout.pk}.csv", _head(), rows)


PAGES = ((Baseline, BaselineAdmin), (BaselineBoard, BaselineBoardAdmin), (Rollout, RolloutAdmin))


def _head() -> tuple[str, ...]:
    return (
        _now("Organization"),
        _now("Result"),
        _now("Changes"),
        _now("Can reset before"),
        _now("Can reset after"),
        _now("Reason"),
    )


def _state(rollout: Rollout, state: str) -> str:
    known = State(state)
    return str(TRIED.get(known, known.label) if rollout.kind == Kind.DRY else known.label)


def _line(rollout: Rollout, one: RolloutLine) -> Iterator[object]:
    is_gone = one.state == State.WAITING and one.organization_id is None
    yield one.name
    yield _now("gone") if is_gone else _state(rollout, one.state)
    yield "; ".join(
        _now("%(setting)s: %(before)s → %(after)s")
        % {
            "setting": baseline_words.setting(field),
            "before": baseline_words.value(field, kept["before"]),
            "after": baseline_words.value(field, kept["after"]),
        }
        for field, kept in one.changes.items()
        if field in FIELDS
    )
    yield one.able_before
    yield one.able_after
    yield _reason("gone" if is_gone else one.reason)


def _reason(code: str) -> str:
    known = {**{each.value: words for each, words in POLICY.items()}, **REASONS}
    return str(known.get(code, code))


def _asked_for(request: HttpRequest, pk: UUID) -> Rollout:
    """Return the rollout of a button that was pressed."""
    if request.method != "POST" or not person(request).has_perm(roles.APPLY_BASELINE):
        raise PermissionDenied
    return get_object_or_404(Rollout, pk=pk)
