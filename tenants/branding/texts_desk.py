"""The desk's pages of texts: all that people read, with the default beside the organization's own words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _now
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from tenants.branding import painting, placeholders, previews, replaceable, segments, trying_out
from tenants.branding.context import here
from tenants.branding.flaws import sentence
from tenants.branding.models import BrandText
from tenants.branding.preview_desk import PREFIX, languages, named, panel, served, shown
from tenants.branding.replaceable import GROUPS, Group, Replaceable
from tenants.desks import DeskModelAdmin

_CUT = 120
_PLACEHOLDER = re.compile(r"(%\(\w+\)s)")


@dataclass
class Column:
    """A text in one language: the default, what stands in its field, and what is wrong with that."""

    code: str
    name: str
    direction: str
    default: str
    text: str
    saved: str
    errors: list[str] = field(default_factory=list)
    note: str = ""

    @property
    def field(self) -> str:
        """Return the name of the field."""
        return BrandText.column(self.code)

    @property
    def shown(self) -> SafeString:
        """Return the default for a page."""
        return _marked(self.default)


class BrandTextAdmin(DeskModelAdmin):
    """Texts: a list of all, and one page for each, with every language on it."""

    audited_by_flow = True

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: texts are given."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: an empty text is the default."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Serve a text under its key, since one that is not changed has no row."""
        found: list[URLPattern] = super().get_urls()
        return [
            path(
                "<str:key>/preview/", served(self.admin_site, self.preview), name="branding_brandtext_preview"
            ),
            *found,
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """List every text under what it is part of, found by its words, default or own, in any language."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        wanted, group = request.GET.get("q", "").strip()[:100], request.GET.get("group", "")
        only_changed = bool(request.GET.get("changed"))
        saved = {row.place: row.written() for row in BrandText.objects.all()}
        rows = [
            row
            for row in (_row(text, saved.get(text.key, {})) for text in replaceable.every())
            if (not group or row["group"] == group)
            and (not only_changed or row["changed"])
            and wanted.casefold() in row["searched"]
        ]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": _now("Texts"),
            "sections": _sections(rows),
            "number": len(rows),
            "groups": [(one.value, GROUPS[one], one.value == group) for one in Group],
            "q": wanted,
            "changed": only_changed,
        }
        return render(request, "desk/texts.html", context)

    @method_decorator(never_cache)
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a text in every language, save it, or send it to who asks as a test."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        if (key := _key_of_row(object_id)) is not None:
            return redirect("admin:branding_brandtext_change", key)
        text, may = _found(object_id), self.has_change_permission(request)
        columns = _columns(text, request.POST if request.method == "POST" and may else {})
        if request.method == "POST":
            if not may:
                raise PermissionDenied
            if "_test" in request.POST:
                self._send_test(request, text, columns)
            elif (answer := self._save(request, text, columns)) is not None:
                return answer
        pages = previews.offered(text)
        address = reverse("admin:branding_brandtext_preview", args=[text.key])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": f"{text.section.name}: {text.name}",
            "text": text,
            "columns": columns,
            "placeholders": [
                (f"%({name})s", replaceable.placeholder(name).about, name in text.required)
                for name in text.known
            ],
            "may_change": may,
            "may_test": may and text.section.group not in {Group.PAGES, Group.SENTENCES},
            "to": getattr(request.user, "primary_address", ""),  # a visitor has none, and changes no text
            "preview": panel(address, pages, width="phone") if pages else "",
        }
        return render(request, "desk/text.html", context)

    @method_decorator(never_cache)
    def preview(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show the page, mail or message of a text as it is typed. Nothing is saved."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        text, facts = _found(key), here()
        if request.method == "POST" and self.has_change_permission(request):
            typed = {column.code: column.text for column in _columns(text, request.POST) if not column.errors}
            facts = previews.with_text(facts, text.key, typed)
        return shown(request, facts, previews.offered(text), text.key)

    def _save(self, request: HttpRequest, text: Replaceable, columns: list[Column]) -> HttpResponse | None:
        """Save every language, or bring the default back in one; None where something is wrong."""
        reset = request.POST.get("_reset", "")
        if reset:
            if reset not in languages():
                raise Http404
            painting.save_text(text.key, {reset: ""}, actor=request.user)
            messages.success(
                request, _now("The default is back in this language: %(name)s.") % {"name": named(reset)}
            )
            return redirect("admin:branding_brandtext_change", text.key)
        try:
            painting.save_text(text.key, {column.code: column.text for column in columns}, actor=request.user)
        except ValidationError:
            messages.error(request, _now("Nothing is saved yet. Please mend what is marked below."))
            return None
        messages.success(request, _now("Saved. People see it within ten seconds."))
        stay = "_continue" in request.POST
        return (
            redirect("admin:branding_brandtext_change", text.key)
            if stay
            else redirect("admin:branding_brandtext_changelist")
        )

    def _send_test(self, request: HttpRequest, text: Replaceable, columns: list[Column]) -> None:
        """Send the text, as it is typed in the preview's language, to who asks."""
        wanted = request.POST.get(f"{PREFIX}language", "")
        column = next((one for one in columns if one.code == wanted), columns[0])
        if text.section.group in {Group.PAGES, Group.SENTENCES}:
            raise Http404
        if column.errors:
            messages.error(request, _now("No test is sent yet. Please mend what is marked below."))
            return
        refused = trying_out.send(text, column.code, column.text, person=request.user)
        if refused:
            messages.error(request, refused)
        else:
            messages.success(
                request, _now("A test is on its way to your address. What you typed is not saved by it.")
            )


def _found(key: str) -> Replaceable:
    text = replaceable.find(key)
    if text is None:
        raise Http404
    return text


def _key_of_row(written: str) -> str | None:
    """Return the key of a text that is named by the id of its row."""
    try:
        return BrandText.objects.filter(pk=UUID(written)).values_list("place", flat=True).first()
    except ValueError:
        return None


def _columns(text: Replaceable, typed: Mapping[str, Any]) -> list[Column]:
    """Return a text in each language, as it is saved, or as it is typed with what is wrong with it."""
    row, found = BrandText.objects.filter(place=text.key).first(), []
    saved = row.written() if row else {}  # as it stands: what this process remembers may be seconds old
    for code in languages():
        with translation.override(code):
            default = text.words()
        column = Column(
            code=code,
            name=named(code),
            direction="rtl" if translation.get_language_info(code)["bidi"] else "ltr",
            default=default,
            text=saved.get(code, ""),
            saved=saved.get(code, ""),
        )
        if column.field in typed:
            column.text = placeholders.cleaned(str(typed[column.field]))
            column.errors = [str(sentence(one).messages[0]) for one in text.flaws(column.text)]
        if text.is_message:
            column.note = _parts(text, column)
        found.append(column)
    return found


def _parts(text: Replaceable, column: Column) -> str:
    """Say as how many messages it is sent."""
    with translation.override(column.code):
        sent = text.sent(column.text or column.default)
    parts = segments.count(sent)
    return ngettext("Sent as %(number)d message.", "Sent as %(number)d messages.", parts) % {"number": parts}


def _row(text: Replaceable, own: Mapping[str, str]) -> dict[str, Any]:
    """Return a text as the list shows it, and all that it is found by."""
    default, mine = text.words(), own.get(translation.get_language() or "", "")
    return {
        "key": text.key,
        "section": text.section,
        "group": text.section.group.value,
        "name": text.name,
        "default": _cut(default),
        "own": _cut(mine),
        "changed": [named(code) for code in languages() if code in own],
        "searched": " ".join(
            (str(text.section.name), str(text.name), text.key, default, *own.values())
        ).casefold(),
    }


def _cut(text: str) -> SafeString:
    words = " ".join(text.split())
    return _marked(words if len(words) <= _CUT else f"{words[:_CUT].rsplit(' ', 1)[0]} …")


def _marked(text: str) -> SafeString:
    """Return a text for a page, each placeholder whole and from left to right in whatever it is written."""
    words = _PLACEHOLDER.sub(r'<bdi dir="ltr">\1</bdi>', escape(text))
    return mark_safe(words.replace("\n", "<br>"))  # noqa: S308  # escaped here


def _sections(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put rows under what they are part of, in their order."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        section = row["section"]
        entry = found.setdefault(
            section.key, {"name": section.name, "group": GROUPS[section.group], "rows": []}
        )
        entry["rows"].append(row)
    return list(found.values())
