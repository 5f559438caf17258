"""A page of a desk that says what saving would do, before it saves.

What was typed is posted once more from the preview, and judged again by the form. It is saved where the change and its numbers
are those that were shown: their keyed digest comes back with it. Otherwise the preview is shown again. It works without
JavaScript, and keeps nothing anywhere in between.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from tenants.desks import DeskModelAdmin
from tenants.shield.sealing import mac

#: The preview's own fields; whatever else was posted is posted again.
SEEN, CONFIRM, BACK, FILE, REMIND = "_seen", "_confirm", "_back", "_file", "_remind"
_OWN = frozenset({"csrfmiddlewaretoken", SEEN, CONFIRM, BACK, FILE, REMIND})


@dataclass(frozen=True)
class Preview:
    """What saving would do. Where it does not matter, it is saved at once.

    `said` is all that it says, as JSON holds it: what was shown is what is saved. `context` is what `template` shows, and
    `file` the whole of it as a file, for whoever may read it. `saved` is called when it was saved, and `lines` are the numbers
    in a sentence each, for where there is no page of its own.
    """

    matters: bool
    said: Any
    template: str
    context: Callable[[], Mapping[str, Any]]
    file: Callable[[], HttpResponseBase] | None = None
    saved: Callable[[], None] = lambda: None
    lines: tuple[str, ...] = ()


class PreviewedForm(ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A form that comes back from a preview unsaved, as it was typed."""

    def is_valid(self) -> bool:
        """Count as not valid where somebody goes back."""
        return super().is_valid() and BACK not in self.data


class Previewed(DeskModelAdmin):
    """A page whose saving is previewed."""

    def preview(self, request: HttpRequest, form: Any, obj: Any) -> Preview | None:
        """Return what saving this valid form would do, holding what it is reckoned from; or nothing to preview."""
        raise NotImplementedError

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show the preview where it matters, and save what was previewed."""
        if request.method != "POST" or BACK in request.POST:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            found = self._found(request, object_id)
            if found is not None and found.matters:
                mark = _mark(request, self.model, object_id, found)
                if FILE in request.POST and found.file is not None:
                    return found.file()
                if CONFIRM not in request.POST or not constant_time_compare(request.POST.get(SEEN, ""), mark):
                    return self._shown(request, found, mark)
            response: HttpResponseBase = super().changeform_view(request, object_id, form_url, extra_context)
            if found is not None and response.status_code == 302:
                found.saved()
            return response

    def _found(self, request: HttpRequest, object_id: str | None) -> Preview | None:
        """Return the preview; nothing where the form or the person is refused anyway."""
        obj = self.get_object(request, unquote(object_id)) if object_id else None
        if object_id and obj is None:
            return None
        if not (
            self.has_change_permission(request, obj) if obj is not None else self.has_add_permission(request)
        ):
            return None
        made = self.get_form(request, obj, change=obj is not None)
        form = made(request.POST, request.FILES, instance=obj if obj is not None else self.model())
        return self.preview(request, form, obj) if form.is_valid() else None

    def _shown(self, request: HttpRequest, found: Preview, mark: str) -> HttpResponse:
        posted = [
            (name, value) for name, values in request.POST.lists() if name not in _OWN for value in values
        ]
        context = {
            **self.admin_site.each_context(request),
            **found.context(),
            "opts": self.model._meta,
            "title": _("Before you save"),
            "posted": posted,
            "mark": mark,
            "again": CONFIRM in request.POST,
            "has_file": found.file is not None,
        }
        return render(request, found.template, context)


def _mark(request: HttpRequest, model: type[Model], object_id: str | None, found: Preview) -> str:
    """Return a digest of what is previewed, for whom and on which page; keyed by the organization."""
    text = json.dumps(found.said, sort_keys=True)
    return mac("tenants.preview", model._meta.label, object_id or "", str(request.user.pk), text)
