"""The desk's audit log: the newest events first, narrowed by filters, one event in full, and all of it as a file."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db.models import Field, Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from registration import audit, audit_export, audit_query, audit_settings_desk, audit_wording, pruning
from registration.audit import Activity
from registration.audit_query import Filters
from registration.audit_wording import CATEGORIES, SERVICES
from registration.labels import ROLES
from registration.models import AuditEvent, Device, Group, Policy, Telephony, User
from registration.origin import origin
from registration.proof import person
from registration.roles import Role
from tenants.branding.models import Brand
from tenants.context import current_schema
from tenants.desks import ReadOnlyAdmin
from tenants.tables import table

#: Where the name of a setting that was changed is looked up.
_OF_SETTINGS: tuple[type[Model], ...] = (Policy, User, Group, Telephony, Brand, Device)
#: What else stands in an event's details.
_KEYS: Mapping[str, Promise] = {
    "reference": _("reference"),
    "code": _("code"),
    "entry": _("entry"),
    "purpose": _("asked for"),
    "asked_from": _("asked from"),
    "notice": _("notice"),
    "people": _("people"),
    "days": _("days"),
    "roles": _("roles"),
    "group": _("group"),
    "groups": _("groups"),
    "deleted": _("deleted"),
    "kind": _("kind"),
    "object": _("object"),
    "verb": _("what was done"),
    "changes": _("changes"),
    "default_method": _("default sign-in method"),
    "format": _("format"),
    "filters": _("filters"),
    "events": _("events"),
    "older_than": _("older than"),
    "kept_days": _("days that events are kept"),
    "next_days": _("days that events are kept next"),
    "from": _("from"),
}


class AuditEventAdmin(ReadOnlyAdmin):
    """The audit log: read, never changed."""

    class Media:
        css = {"all": ["desk/insights.css"]}

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Add the file."""
        export = self.admin_site.admin_view(self._export)
        return [path("export/", export, name="registration_auditevent_export"), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Show what is known of an event: who is first, and nothing that is empty."""
        assert isinstance(obj, AuditEvent)
        kinds = {_is_change(one) for one in obj.data.values()}
        why = [("show_reason", obj.reason), ("show_method", obj.method), ("show_reference", _reference(obj))]
        who = [("show_target", obj.subject), ("actor", obj.actor), ("address", obj.address)]
        parts = [
            (_("What"), ("show_at", "show_activity", "show_status", *(name for name, it in why if it))),
            (_("Who"), tuple(name for name, it in who if it)),
            (_("What changed"), ("show_changes",) if True in kinds else ()),
            (_("Details"), ("show_details",) if False in kinds else ()),
            (_("Where it belongs"), ("show_service", "show_category", "id")),
        ]
        return [(title, {"fields": names}) for title, names in parts if names]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show a page of what the filters leave; nothing is counted, so that it is as quick on a million events."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        filters = Filters({name: request.GET.get(name, "") for name in Filters.base_fields})
        valid = filters.is_valid()
        before = request.GET.get("before", "")
        found = audit_query.page(audit_query.narrow(filters.cleaned_data), before) if valid else None
        given, outlook = filters.given if valid else {}, pruning.outlook()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": _now("Audit log"),
            "media": self.media,
            "is_fullwidth": "1",
            "filters": filters,
            "given": given,
            "events": [_row(event) for event in found.events] if found else [],
            "older": urlencode({**given, "before": found.older}) if found and found.older else "",
            "newest": urlencode(given) if before else None,
            "kept": outlook.keeping.days,
            "announcement": audit_settings_desk.announcement(outlook),
        }
        return TemplateResponse(request, "desk/audit.html", context)

    def _export(self, request: HttpRequest) -> HttpResponseBase:
        """Write down that, and with which filters, and answer with the file."""
        if request.method != "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        filters = Filters(request.POST)
        kind = request.POST.get("format")
        if not filters.is_valid() or kind not in set(audit_export.Format):
            messages.error(
                request, _now("Nothing was exported: choose the filters, and the format, once more.")
            )
            return redirect("admin:registration_auditevent_changelist")
        data = {"format": kind, "filters": filters.given}
        audit.record(Activity.AUDIT_EXPORTED, actor=person(request), origin=origin(request), data=data)
        name = f"audit-log-{current_schema()}-{timezone.now():%Y-%m-%d}"
        return audit_export.response(filters.cleaned_data, audit_export.Format(kind), name)

    @display(description=_("date (UTC)"))
    def show_at(self, obj: AuditEvent) -> str:
        """Say when, to the second."""
        return f"{obj.at:%Y-%m-%d %H:%M:%S}"

    @display(description=_("target"))
    def show_target(self, obj: AuditEvent) -> SafeString:
        """Name whom it was about, with the way to all of theirs."""
        where = reverse("admin:registration_auditevent_changelist")
        return format_html(
            '{} <a class="insights-link" href="{}?{}">{}</a>',
            obj.subject,
            where,
            urlencode({"q": obj.subject}),
            _now("All of theirs"),
        )

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return an event that is called by its activity's name."""
        found: AuditEvent | None = super().get_object(request, object_id, from_field)
        if found is not None:
            found.name = audit_wording.named(found)
        return found

    @display(description=_("service"))
    def show_service(self, obj: AuditEvent) -> str:
        """Name the service."""
        return str(SERVICES[audit_wording.place(obj.activity)[0]])

    @display(description=_("category"))
    def show_category(self, obj: AuditEvent) -> str:
        """Name the category."""
        return str(CATEGORIES[audit_wording.place(obj.activity)[1]])

    @display(description=_("activity"))
    def show_activity(self, obj: AuditEvent) -> str:
        """Name the activity."""
        return audit_wording.named(obj)

    @display(description=_("status"))
    def show_status(self, obj: AuditEvent) -> SafeString:
        """Say how it ended."""
        return format_html('<span class="insights-status {}">{}</span>', obj.status, obj.get_status_display())

    @display(description=_("status reason"))
    def show_reason(self, obj: AuditEvent) -> str:
        """Say why, with the code that help is asked for by."""
        words = {"reason": audit_wording.reason(obj.reason), "code": obj.reason}
        return _now("%(reason)s (%(code)s)") % words

    @display(description=_("method"))
    def show_method(self, obj: AuditEvent) -> str:
        """Name the methods."""
        return audit_wording.methods(obj.method)

    @display(description=_("reference"))
    def show_reference(self, obj: AuditEvent) -> SafeString:
        """Show what the person could read out, with the way to all events of the same."""
        where = reverse("admin:registration_auditevent_changelist")
        return format_html(
            '<bdi dir="ltr">{}</bdi> <a class="insights-link" href="{}?{}">{}</a>',
            _reference(obj),
            where,
            urlencode({"reference": _reference(obj), "q": obj.subject}),
            _now("All events with it"),
        )

    @display(description=_("before and after"))
    def show_changes(self, obj: AuditEvent) -> SafeString:
        """Show each setting that was changed, with what it was and is."""
        rows = [
            (_named(key), _said(key, one["before"]), _said(key, one["after"]))
            for key, one in obj.data.items()
            if _is_change(one)
        ]
        return table((_("Setting"), _("Before"), _("After")), rows)

    @display(description=_("details"))
    def show_details(self, obj: AuditEvent) -> SafeString:
        """Show what else is known."""
        rows = [(_named(key), _said(key, one)) for key, one in obj.data.items() if not _is_change(one)]
        return table((_("What"), _("Value")), rows)


PAGES = ((AuditEvent, AuditEventAdmin),)


def _row(event: AuditEvent) -> dict[str, Any]:
    """Return what the list shows of an event."""
    service, category = audit_wording.place(event.activity)
    return {
        "event": event,
        "service": SERVICES[service],
        "category": CATEGORIES[category],
        "activity": audit_wording.named(event),
        "reason": audit_wording.reason(event.reason) if event.reason else "",
        "method": audit_wording.methods(event.method),
        "reference": _reference(event),
    }


def _reference(event: AuditEvent) -> str:
    return str(event.data.get("reference") or "")


def _is_change(value: object) -> bool:
    return isinstance(value, Mapping) and set(value) == {"before", "after"}


def _field(key: str) -> "Field[Any, Any] | None":
    for model in _OF_SETTINGS:
        try:
            found = model._meta.get_field(key)
        except FieldDoesNotExist:
            continue
        if isinstance(found, Field):
            return found
    return None


def _named(key: str) -> str:
    """Name a setting or a detail: as the page calls it where it is set."""
    if key in _KEYS:
        return capfirst(str(_KEYS[key]))
    field = _field(key)
    return capfirst(str(field.verbose_name) if field else key.replace("_", " "))


def _said(key: str, value: object) -> str:
    """Say a value as a page would."""
    if isinstance(value, bool):
        return _now("yes") if value else _now("no")
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, list):
        return ", ".join(_said(key, one) for one in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{_named(str(name))}: {_said(str(name), one)}" for name, one in value.items())
    return _chosen(key, value)


def _chosen(key: str, value: object) -> str:
    if key == "roles" and value in set(Role):
        return str(ROLES[Role(str(value))])
    if key in {"methods", "default_method"}:
        return audit_wording.methods(str(value))
    field = _field(key)
    choices = dict(field.flatchoices) if field is not None and field.choices else {}
    return str(choices.get(value, value))
