"""The desk's page Usage & insights: who is registered, how registrations and resets go, and the lists behind the numbers."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registration import (
    audit,
    audit_query,
    audit_settings_desk,
    audit_wording,
    charts,
    counting,
    pruning,
    roles,
    usage,
)
from registration.audit import Activity
from registration.counting import People, Standing
from registration.judged import Standings
from registration.models import AuditEvent, Policy, Usage, User
from registration.origin import origin
from registration.proof import person
from registration.standing import policy_row
from registration.usage import Days, Pair, Range, Summary
from tenants import downloads
from tenants.context import current_schema
from tenants.desks import ReadOnlyAdmin

PAGE = 50
RANGES: Mapping[Days, Promise] = {
    Days.ONE: _("24 hours"),
    Days.WEEK: _("7 days"),
    Days.MONTH: _("30 days"),
    Days.QUARTER: _("90 days"),
}
STANDINGS: Mapping[Standing, tuple[Promise, Promise]] = {
    Standing.REGISTERED: (
        _("Registered"),
        _("They have registered as many methods as a reset asks of them."),
    ),
    Standing.ENABLED: (_("Enabled"), _("The policy lets them reset, whether they are registered or not.")),
    Standing.CAPABLE: (_("Capable"), _("Registered and enabled: they can reset their password now.")),
    Standing.MISSING: (
        _("Not registered yet"),
        _("Enabled, and without enough methods: a reset would not succeed."),
    ),
}
ABOUT: Mapping[str, Promise] = {
    "reset": _("Reset"),
    "proof": _("Proof in a reset"),
    "password": _("New password"),
    "change": _("Password change"),
    "registration": _("Registration"),
    "message": _("Sending of a code"),
}
_TIME = pgettext_lazy("moment", "Time")
_SUCCEEDED, _FAILED = _("Succeeded"), _("Failed")


@dataclass(frozen=True)
class Chart:
    """What happened over time, drawn and as a table."""

    slug: str
    title: Promise
    pieces: Sequence[tuple[charts.Bar, str, Pair]]
    top: int
    total: Pair

    @property
    def first(self) -> str:
        """What the axis begins with."""
        return self.pieces[0][1]

    @property
    def last(self) -> str:
        """What it ends with."""
        return self.pieces[-1][1]


@dataclass(frozen=True)
class Table:
    """A table as a file has it."""

    title: Promise
    head: Sequence[object]
    rows: Callable[[Summary, Range], Iterable[Sequence[object]]]


def _of_time(pairs: Callable[[Summary], Mapping[datetime, Pair]]) -> Any:
    def rows(found: Summary, _over: Range) -> Iterable[Sequence[object]]:
        return ((at.isoformat(), one.done, one.failed) for at, one in pairs(found).items())

    return rows


def _of_methods(pairs: Callable[[Summary], Mapping[str, Pair]]) -> Any:
    def rows(found: Summary, _over: Range) -> Iterable[Sequence[object]]:
        return ((_method(kind), one.done, one.failed) for kind, one in pairs(found).items())

    return rows


def _of_reasons(found: Summary, _over: Range) -> Iterable[Sequence[object]]:
    return (
        (ABOUT[about], audit_wording.reason(reason), reason, number)
        for about, reason, number in found.reasons
    )


#: What can be had as a file without anybody's name in it.
TABLES: Mapping[str, Table] = {
    "resets": Table(
        _("Resets over time"), (_("Begins (UTC)"), _SUCCEEDED, _FAILED), _of_time(lambda found: found.resets)
    ),
    "registrations": Table(
        _("Registrations over time"),
        (_("Begins (UTC)"), _SUCCEEDED, _FAILED),
        _of_time(lambda found: found.registrations),
    ),
    "reset-methods": Table(
        _("Resets by method"),
        (_("Method"), _SUCCEEDED, _FAILED),
        _of_methods(lambda found: found.reset_methods),
    ),
    "registration-methods": Table(
        _("Registrations by method"),
        (_("Method"), _SUCCEEDED, _FAILED),
        _of_methods(lambda found: found.registration_methods),
    ),
    "reasons": Table(
        _("Top failure reasons"), (_("What failed"), _("Reason"), _("Code"), _("Times")), _of_reasons
    ),
}


class UsageAdmin(ReadOnlyAdmin):
    """Usage & insights. Counts are everybody's who may see the page; names ask for the right to see people, too."""

    class Media:
        css = {"all": ["desk/insights.css"]}

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Serve these pages and no page of a row: that is the audit log's."""
        each: tuple[tuple[str, Any, str], ...] = (
            ("", self.changelist_view, "changelist"),
            ("table/", self._table, "table"),
            ("events/", self._events, "events"),
            ("people/", self._people, "people"),
        )
        return [
            path(where, self.admin_site.admin_view(view), name=f"registration_usage_{name}")
            for where, view, name in each
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show everything of a range. The number of statements is the same however many people and events there are."""
        self._may(request)
        over, minutes = _range(request), _minutes(request)
        row, found = policy_row(), counting.counted(over)
        outlook = pruning.outlook(row)
        hours, rest = counting.span(found.saved(minutes))
        context = {
            **self._common(request, _now("Usage & insights"), over),
            "minutes": minutes,
            "default_minutes": usage.MINUTES,
            "people": _standings(counting.people(row)),
            "found": found,
            "saved": _now("%(hours)s h %(minutes)s min")
            % {"hours": number_format(hours, force_grouping=True), "minutes": rest},
            "charts": [
                _chart("resets", found.resets, over),
                _chart("registrations", found.registrations, over),
            ],
            "methods": [
                _bars("reset-methods", found.reset_methods),
                _bars("registration-methods", found.registration_methods),
            ],
            "reasons": [
                (ABOUT[about], audit_wording.reason(reason), number)
                for about, reason, number in found.reasons
            ],
            "oldest": outlook.oldest,
            "kept": outlook.keeping.days,
            "incomplete": outlook.keeping.days < over.days,
            "announcement": audit_settings_desk.announcement(outlook),
        }
        return TemplateResponse(request, "desk/usage.html", context)

    def _table(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with one table as a file; it names nobody."""
        self._may(request)
        over, name = _range(request), request.GET.get("table", "")
        table = TABLES.get(name)
        if table is None:
            raise Http404(_now("There is no such table."))
        return downloads.as_csv(_file(name, over), table.head, table.rows(counting.counted(over), over))

    def _events(self, request: HttpRequest) -> HttpResponseBase:
        """Show how each registration and each reset ended; a POST writes down that they are taken away as a file."""
        self._may(request)
        over, feature = _range(request), request.GET.get("feature", "")
        events = counting.details(over, feature)
        if request.method == "POST":
            self._write(request, "events", {"feature": feature, "days": int(over.days)})
            lines = chain.from_iterable(map(_event_rows, audit_query.pages(events)))
            return downloads.as_csv(_file("events", over), EVENT_HEAD, lines)
        before = request.GET.get("before", "")
        page = audit_query.page(events, before, PAGE)
        chosen = {"days": int(over.days), **({"feature": feature} if feature in FEATURES else {})}
        context = {
            **self._common(request, _now("Registration and reset events"), over),
            "features": [("", _("All")), *FEATURES.items()],
            "feature": feature if feature in FEATURES else "",
            "head": EVENT_HEAD,
            "rows": _event_rows(page.events, links=True),
            "query": urlencode(chosen),
            "older": urlencode({**chosen, "before": page.older}) if page.older else "",
            "paged": bool(before),
        }
        return TemplateResponse(request, "desk/usage_events.html", context)

    def _people(self, request: HttpRequest) -> HttpResponseBase:
        """Show who stands where; a POST writes down that they are taken away as a file."""
        self._may(request)
        if not person(request).has_perm("registration.view_user"):
            raise PermissionDenied
        row, wanted = policy_row(), _standing(request)
        everybody = counting.standing_there(row, wanted)
        if request.method == "POST":
            if not person(request).has_perm(roles.EXPORT_PEOPLE):
                raise PermissionDenied
            self._write(request, "people", {"standing": wanted or ""})
            name = f"registration-{current_schema()}-{timezone.now():%Y-%m-%d}.csv"
            return downloads.as_csv(name, PERSON_HEAD, _person_lines(row, everybody))
        after = request.GET.get("after", "")
        found = list(everybody.filter(sign_in_name__gt=after)[: PAGE + 1])
        shown, chosen = found[:PAGE], {"standing": wanted} if wanted else {}
        more = {**chosen, "after": shown[-1].sign_in_name} if len(found) > PAGE else {}
        context = {
            **self._common(request, _now("User registration details"), _range(request)),
            "standings": [("", _("All"), ""), *((one, *words) for one, words in STANDINGS.items())],
            "standing": wanted or "",
            "may_export": person(request).has_perm(roles.EXPORT_PEOPLE),
            "head": PERSON_HEAD,
            "rows": _person_rows(row, shown),
            "query": urlencode(chosen),
            "older": urlencode(more) if more else "",
            "paged": bool(after),
        }
        return TemplateResponse(request, "desk/usage_people.html", context)

    def _may(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _common(self, request: HttpRequest, title: str, over: Range) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": title,
            "media": self.media,
            "is_fullwidth": "1",
            "over": over,
            "ranges": RANGES.items(),
        }

    def _write(self, request: HttpRequest, what: str, filters: Mapping[str, object]) -> None:
        data = {"format": "csv", "kind": what, "filters": {name: it for name, it in filters.items() if it}}
        audit.record(Activity.AUDIT_EXPORTED, actor=person(request), origin=origin(request), data=data)


FEATURES: Mapping[str, Promise] = {"registration": _("Registration"), "reset": _("Reset")}
EVENT_HEAD = (
    _("Date (UTC)"),
    _("User"),
    _("Name"),
    _("Feature"),
    _("Method"),
    _("Status"),
    _("Failure reason"),
)
PERSON_HEAD = (_("User"), _("Name"), _("Registered"), _("Enabled"), _("Capable"), _("Methods registered"))
PAGES = ((Usage, UsageAdmin),)


def _range(request: HttpRequest) -> Range:
    """Return the range that is asked for; 30 days where none of ours is."""
    asked = request.GET.get("days", "")
    known = asked.isdecimal() and len(asked) < 4 and int(asked) in set(Days)
    return usage.range_of(Days(int(asked)) if known else Days.MONTH, timezone.now())


def _minutes(request: HttpRequest) -> int:
    asked = request.GET.get("minutes", "")
    known = asked.isdecimal() and len(asked) < 5
    return max(1, min(int(asked), usage.MOST_MINUTES)) if known else usage.MINUTES


def _standing(request: HttpRequest) -> Standing | None:
    asked = request.GET.get("standing", "")
    return Standing(asked) if asked in set(Standing) else None


def _standings(counted: People) -> list[dict[str, Any]]:
    return [
        {
            "standing": one,
            "name": STANDINGS[one][0],
            "about": STANDINGS[one][1],
            "number": counted.standing[one],
            "total": counted.total,
            "percent": round(usage.share(counted.standing[one], counted.total)),
        }
        for one in Standing
    ]


def _label(at: datetime, over: Range) -> str:
    """Name a piece of time."""
    here = timezone.localtime(at)
    if over.piece < timedelta(days=1):
        return date_format(here, "TIME_FORMAT")
    first = date_format(here, "MONTH_DAY_FORMAT")
    if over.piece == timedelta(days=1):
        return first
    last = date_format(here + over.piece - timedelta(days=1), "MONTH_DAY_FORMAT")
    return _now("%(first)s to %(last)s") % {"first": first, "last": last}


def _chart(slug: str, pairs: Mapping[datetime, Pair], over: Range) -> Chart:
    numbers = list(pairs.values())
    labels = [_label(at, over) for at in pairs]
    pieces = list(zip(charts.bars(numbers), labels, numbers, strict=True))
    total = Pair(sum(one.done for one in numbers), sum(one.failed for one in numbers))
    return Chart(slug, TABLES[slug].title, pieces, charts.top(numbers), total)


def _bars(slug: str, pairs: Mapping[str, Pair]) -> dict[str, Any]:
    """Return a table by method, each with the lengths of its bar, of 100."""
    most = max((one.total for one in pairs.values()), default=1)
    rows = [
        {
            "name": _method(kind),
            "pair": one,
            "done": round(100 * one.done / most, 1),
            "failed": round(100 * one.failed / most, 1),
        }
        for kind, one in pairs.items()
    ]
    return {"slug": slug, "title": TABLES[slug].title, "rows": rows}


def _method(kinds: str) -> str:
    return audit_wording.methods(kinds) or _now("None chosen")


def _file(name: str, over: Range) -> str:
    return f"{name}-{current_schema()}-{over.days:d}-days-{timezone.now():%Y-%m-%d}.csv"


def _event_rows(events: Sequence[AuditEvent], *, links: bool = False) -> list[Sequence[object]]:
    """Return the lines of the details; the names of their people are read at once."""
    names = dict(
        User.objects.filter(pk__in={one.subject_id for one in events if one.subject_id}).values_list(
            "pk", "name"
        )
    )
    return [
        (
            one if links else one.at.isoformat(timespec="seconds"),
            one.subject,
            names.get(one.subject_id, "") if one.subject_id else "",
            FEATURES[counting.feature_of(one)],
            audit_wording.methods(one.method),
            one.get_status_display(),
            audit_wording.reason(one.reason) if one.reason else "",
        )
        for one in events
    ]


def _person_rows(row: Policy, found: Sequence[User]) -> list[Sequence[object]]:
    """Return the lines of people: where each stands, by the same rules as the numbers."""
    judged, said = Standings(row), {True: _now("Yes"), False: _now("No")}
    rows: list[Sequence[object]] = []
    for user in found:
        who = counting.person_of(user)
        stands = counting.where(judged, who)
        three = (Standing.REGISTERED, Standing.ENABLED, Standing.CAPABLE)
        kinds = audit_wording.methods("+".join(sorted(who.registered)))
        rows.append((user.sign_in_name, user.name, *(said[one in stands] for one in three), kinds))
    return rows


def _person_lines(row: Policy, everybody: QuerySet[User]) -> Iterator[Sequence[object]]:
    """Yield the lines of all of them, by sign-in name, a page at a time."""
    after, more = "", True
    while more:
        found = list(everybody.filter(sign_in_name__gt=after)[: audit_query.PIECE])
        yield from _person_rows(row, found)
        more, after = len(found) == audit_query.PIECE, found[-1].sign_in_name if found else ""
