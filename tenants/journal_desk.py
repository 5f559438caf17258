"""The journal on the provider's desk: every operator's action, found, read, exported."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET
from unfold.decorators import display

from tenants import downloads, journal
from tenants.context import current
from tenants.desks import ReadOnlyAdmin
from tenants.journal_words import known, words
from tenants.models import JournalEntry
from tenants.tables import table

_COLUMNS = ("at", "activity", "event", "organization", "schema", "actor", "details")
_AT_ONCE = 2000
_DAY = timedelta(days=1)
#: What a change is told by, and the other details after it.
_BEFORE, _AFTER = "before", "after"


class EventFilter(admin.SimpleListFilter):
    """By activity."""

    title, parameter_name = _("activity"), "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List every activity."""
        return [*known()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[JournalEntry]) -> QuerySet[JournalEntry]:
        """Narrow."""
        return queryset.filter(event=self.value()) if self.value() else queryset


class _Exactly(admin.SimpleListFilter):
    """By one value that a link names: all values would be as many as there are organizations."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the value that is asked for."""
        asked = str(request.GET.get(str(self.parameter_name), ""))[:254]
        return [(asked, asked)] if asked else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[JournalEntry]) -> QuerySet[JournalEntry]:
        """Narrow."""
        return queryset.filter(**{str(self.parameter_name): self.value()}) if self.value() else queryset


class OfFilter(_Exactly):
    """By organization: its schema's name, which no other ever has."""

    title, parameter_name = _("organization"), "schema"


class ByFilter(_Exactly):
    """By actor."""

    title, parameter_name = _("actor"), "actor"


class SinceFilter(_Exactly):
    """From a day on, in Universal Time."""

    title, parameter_name = _("from"), "since"

    def queryset(self, request: HttpRequest, queryset: QuerySet[JournalEntry]) -> QuerySet[JournalEntry]:
        """Narrow."""
        return queryset.filter(at__gte=_midnight(self.value())) if self.value() else queryset


class UntilFilter(_Exactly):
    """Through a day, in Universal Time."""

    title, parameter_name = _("through"), "until"

    def queryset(self, request: HttpRequest, queryset: QuerySet[JournalEntry]) -> QuerySet[JournalEntry]:
        """Narrow."""
        return queryset.filter(at__lt=_midnight(self.value()) + _DAY) if self.value() else queryset


class JournalEntryAdmin(ReadOnlyAdmin):
    """What operators, commands and the system did to organizations."""

    list_display = ("at", "show_event", "organization", "actor", "show_reason")
    fields = ("at", "show_event", "organization", "schema", "actor", "show_changes", "show_details")
    readonly_fields = fields
    list_filter = (EventFilter, OfFilter, ByFilter, SinceFilter, UntilFilter)
    list_filter_sheet = True
    list_before_template = "desk/journal_before.html"
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("organization", "schema", "actor")
    search_help_text = _("Organization, its short name, or the actor")

    class Media:
        css = {"all": ["customers.css"]}

    @display(description=_("activity"), ordering="event")
    def show_event(self, obj: JournalEntry) -> str:
        """Say it in words."""
        return words(obj.event)

    @display(description=_("reason"))
    def show_reason(self, obj: JournalEntry) -> str:
        """Say why, where somebody had to say."""
        return str(obj.data.get("reason") or obj.data.get(_AFTER, {}).get("reason", ""))

    @display(description=_("what changed"))
    def show_changes(self, obj: JournalEntry) -> SafeString | str:
        """Show each value before and after."""
        rows = changes(obj.data)
        return table((gettext("Field"), gettext("Before"), gettext("After")), rows) if rows else "–"

    @display(description=_("details"))
    def show_details(self, obj: JournalEntry) -> SafeString | str:
        """Show whatever else was written down."""
        more = {key: value for key, value in obj.data.items() if key not in {_BEFORE, _AFTER}}
        if not more:
            return "–"
        rows = ((key, _shown(value)) for key, value in more.items())
        return format_html(
            '<dl class="desk-facts">{}</dl>', format_html_join("", "<dt>{}</dt><dd>{}</dd>", rows)
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Leave out what was left empty, and show the range of days that is asked for."""
        asked = request.GET.copy()
        for name in [name for name, value in request.GET.items() if not value]:
            del asked[name]
        if len(asked) < len(request.GET):
            return redirect(f"{request.path}?{asked.urlencode()}")
        asked.pop("p", None)
        context = {
            "since": asked.get("since", ""),
            "until": asked.get("until", ""),
            "kept": [(name, value) for name, value in asked.items() if name not in {"since", "until", "e"}],
            "asked": f"?{asked.urlencode()}" if asked else "",
        }
        response: HttpResponse = super().changelist_view(request, {**(extra_context or {}), **context})
        return response

    def get_urls(self) -> list[URLPattern]:
        """Add the files."""
        file = self.admin_site.admin_view(require_GET(self.export))
        return [path("export/<slug:kind>/", file, name="tenants_journalentry_export"), *super().get_urls()]

    def export(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """Answer with what the filters find as a file, all of it; that is written down, too."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if kind not in {"csv", "jsonl"}:
            raise Http404
        found: QuerySet[JournalEntry] = self.get_changelist_instance(request).get_queryset(request)
        asked = {key: value for key, value in request.GET.items() if value}
        journal.record(
            "journal_exported",
            actor=str(request.user),
            organization=current(),
            data={"format": kind, "filters": asked, "entries": found.count()},
        )
        rows = (_row(one) for one in found.iterator(_AT_ONCE))
        name = f"journal-{localtime():%Y-%m-%d}.{kind}"
        if kind == "csv":
            return downloads.as_csv(name, _COLUMNS, _cells(rows))
        return downloads.as_json_lines(name, rows)


def _midnight(text: str | None) -> datetime:
    """Return when a day begins; what is no day leads back to the whole list, which says so."""
    try:
        return datetime.combine(date.fromisoformat(text or ""), time(), UTC)
    except ValueError as problem:
        raise IncorrectLookupParameters from problem


def changes(data: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return each field with its value before and after.

    >>> changes({"before": {"name": "A"}, "after": {"name": "B", "host": "b.example"}})
    [('name', 'A', 'B'), ('host', '–', 'b.example')]
    """
    before, after = _mapped(data.get(_BEFORE)), _mapped(data.get(_AFTER))
    return [
        (field, _shown(before.get(field)), _shown(after.get(field)))
        for field in dict.fromkeys([*before, *after])
    ]


def _mapped(value: Any) -> Mapping[str, Any]:
    """Return a part of an entry; older entries hold a text there."""
    return value if isinstance(value, dict) else {} if value is None else {"name": value}


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _row(one: JournalEntry) -> dict[str, Any]:
    return {
        "at": one.at.isoformat(),
        "activity": words(one.event),
        "event": one.event,
        "organization": one.organization,
        "schema": one.schema,
        "actor": one.actor,
        "details": one.data,
    }


def _cells(rows: Iterator[dict[str, Any]]) -> Iterator[Sequence[object]]:
    for row in rows:
        yield [
            json.dumps(cell, ensure_ascii=False) if isinstance(cell, dict) else cell for cell in row.values()
        ]
