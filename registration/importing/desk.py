"""The desk's pages of an import: a file is chosen, what it would do is shown, and then it is done, with progress."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadhandler import MemoryFileUploadHandler, StopUpload
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget

from registration.importing import flow
from registration.importing.flow import ImportProblem
from registration.importing.parsing import MOST_BYTES, MOST_ROWS, Column, Fault, Unreadable
from registration.importing.wording import COLUMNS, flaw, unreadable
from registration.models import PeopleImport
from registration.origin import origin
from registration.proof import person
from tenants import downloads
from tenants.desks import ReadOnlyAdmin

#: How many problems the page shows; the file has all.
SHOWN = 100
_State = PeopleImport.State
_MEGABYTES = MOST_BYTES // 1024**2


class FileForm(forms.Form):
    """Ask for the file."""

    file = forms.FileField(
        label=_("CSV file"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.txt,text/csv"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _now(
            "At most %(megabytes)d MB and %(rows)s people. Nothing is written before you have seen what it would do."
        ) % {"megabytes": _MEGABYTES, "rows": f"{MOST_ROWS:,}"}


class InMemory(MemoryFileUploadHandler):
    """Keep a file of people in memory, and no more of it than one may be long: no file of a stranger's touches a disk."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.had = 0

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        """Take what is larger than other pages take."""
        super().handle_raw_input(*args, **kwargs)
        self.activated = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Stop where it is too long."""
        self.had += len(raw_data)
        if self.had > MOST_BYTES:
            raise StopUpload(connection_reset=False)
        return super().receive_data_chunk(raw_data, start)


class ImportAdmin(ReadOnlyAdmin):
    """Imports of people from a file."""

    audited_by_flow = True
    list_display = (
        "created_at",
        "by_name",
        "show_state",
        "show_lines",
        "show_added",
        "show_changed",
        "show_wrong",
    )
    list_per_page = 50
    show_full_result_count = False

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Add the file's own way in, which may be long, the template, the buttons and the file of problems."""
        view = self.admin_site.admin_view
        name = "registration_peopleimport"
        return [
            path("add/", view(csrf_exempt(self._add)), name=f"{name}_add"),
            path("template/", view(self._template), name=f"{name}_template"),
            path("<uuid:pk>/begin/", view(self._begin), name=f"{name}_begin"),
            path("<uuid:pk>/cancel/", view(self._cancel), name=f"{name}_cancel"),
            path("<uuid:pk>/problems/", view(self._problems), name=f"{name}_problems"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PeopleImport]:
        """Leave out the parts."""
        found: QuerySet[PeopleImport] = super().get_queryset(request).filter(whole=None)
        return found.defer("sealed", "found")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Say whether a role allows it."""
        return person(request).has_perm(flow.MAY)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer none."""
        return {}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show how far an import has come, what it does, and what is wrong."""
        whole = self.get_object(request, object_id)
        if request.method == "POST" or not self.has_view_permission(request, whole):
            raise PermissionDenied
        if whole is None:
            raise Http404
        return self._page(request, "desk/import.html", _shown(whole, request))

    @display(description=_("state"), label={"done": "success", "stopped": "danger", "cancelled": "warning"})
    def show_state(self, obj: PeopleImport) -> tuple[str, str]:
        """Colour the state."""
        return obj.state, obj.get_state_display()

    @display(description=_("people"))
    def show_lines(self, obj: PeopleImport) -> int:
        """Count the lines of the file."""
        return int(obj.data.get("rows", 0))

    @display(description=_("added"))
    def show_added(self, obj: PeopleImport) -> int:
        """Count who was added."""
        return int(obj.data.get("imported", {}).get("added", 0))

    @display(description=_("changed"))
    def show_changed(self, obj: PeopleImport) -> int:
        """Count who was changed."""
        return int(obj.data.get("imported", {}).get("changed", 0))

    @display(description=_("with errors"))
    def show_wrong(self, obj: PeopleImport) -> int:
        """Count the lines in which something is wrong."""
        return int(_counts(obj).get("wrong", 0))

    def _add(self, request: HttpRequest) -> HttpResponseBase:
        """Let a long file in, where its sender may import at all: the form's token is checked with the file in memory."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        handler = InMemory(request)
        request.upload_handlers = [handler]
        return csrf_protect(self._take)(request, handler)

    def _take(self, request: HttpRequest, handler: InMemory) -> HttpResponse:
        form, files = FileForm(), request.FILES  # read now: the handler knows only then how long it is
        if request.method == "POST" and handler.had > MOST_BYTES:
            form = FileForm({})
            form.errors["file"] = form.error_class([unreadable(Unreadable(Fault.TOO_LARGE), MOST_BYTES)])
        elif request.method == "POST":
            form = FileForm(request.POST, files)
            if form.is_valid():
                try:
                    taken = flow.take(
                        form.cleaned_data["file"].file, actor=person(request), origin=origin(request)
                    )
                except Unreadable as problem:
                    form.add_error(
                        "file", ValidationError(unreadable(problem, MOST_BYTES), code=problem.fault)
                    )
                else:
                    return redirect("admin:registration_peopleimport_change", taken.pk)
        context = {"title": _now("Import people"), "form": form, "columns": list(COLUMNS.items())}
        return self._page(request, "desk/import_new.html", context)

    def _template(self, request: HttpRequest) -> HttpResponseBase:
        """Hand out a file with the headings, and one line to be replaced."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        example = {
            Column.SIGN_IN_NAME: "adele@contoso.example",
            Column.NAME: "Adele Vance",
            Column.PRIMARY_ADDRESS: "adele@post.example",
            Column.LANGUAGE: "en",
            Column.ENABLED: "yes",
        }
        return downloads.as_csv("people.csv", [*Column], [[example.get(column, "") for column in Column]])

    def _begin(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        whole = self._pressed(request, pk)
        try:
            flow.begin(whole.pk, links="links" in request.POST, actor=person(request))
        except ImportProblem:
            messages.warning(request, _now("This import cannot be begun now."))
        return redirect("admin:registration_peopleimport_change", whole.pk)

    def _cancel(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        whole = self._pressed(request, pk)
        try:
            flow.cancel(whole.pk, actor=person(request), origin=origin(request))
        except ImportProblem:
            messages.warning(request, _now("This import is over already."))
        else:
            messages.success(request, _now("The import was cancelled. What had been imported before stays."))
        return redirect("admin:registration_peopleimport_change", whole.pk)

    def _problems(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """Hand out all that is wrong."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        whole = get_object_or_404(self.get_queryset(request), pk=pk)
        found = ([line, name, problem.column, flaw(problem)] for line, name, problem in flow.problems(whole))
        headings = [_now("line"), Column.SIGN_IN_NAME, _now("column"), _now("problem")]
        return downloads.as_csv("problems.csv", headings, found)

    def _pressed(self, request: HttpRequest, pk: UUID) -> PeopleImport:
        if request.method != "POST" or not self.has_add_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request), pk=pk)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        mine = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, template, mine)


def _shown(whole: PeopleImport, request: HttpRequest) -> dict[str, Any]:
    """Return what the page of an import shows."""
    checked, counts = whole.data.get("checked", {}), _counts(whole)
    under_way = whole.state in {_State.CHECKING, _State.RUNNING}
    return {
        "title": _now("Import of people"),
        "original": whole,
        "subtitle": None,
        "whole": whole,
        "counts": counts,
        "changes": counts.get("added", 0) + counts.get("changed", 0),
        "under_way": under_way,
        "done": min(counts.get("parts", 0) * flow.PART, whole.data["rows"]) if under_way else 0,
        "may_begin": whole.state == _State.CHECKED and whole.by == person(request).pk,
        "may_cancel": whole.state in {_State.CHECKING, _State.CHECKED, _State.RUNNING}
        and person(request).has_perm(flow.MAY),
        "problems": [
            (line, name, problem.column, flaw(problem))
            for line, name, problem in ([] if under_way else flow.problems(whole, SHOWN))
        ],
        "shown": SHOWN,
        "links_sent": whole.data.get("links"),
        "checked": checked,
        "back": reverse("admin:registration_user_changelist"),
    }


def _counts(whole: PeopleImport) -> dict[str, int]:
    """Return what was imported, or before that, what would be."""
    running = whole.state == _State.RUNNING or "imported" in whole.data
    found: dict[str, int] = whole.data.get("imported" if running else "checked", {})
    return found


PAGES: tuple[tuple[type[Model], type[ReadOnlyAdmin]], ...] = ((PeopleImport, ImportAdmin),)
