"""A page of the desk that says, before it saves, who would lose and who would gain the ability to reset.

What was typed is posted once more from the preview, and judged again by the form. It is saved where the change and its numbers
are those that were shown: their keyed digest comes back with it, and the policy's row is held from the check to the saving.
Otherwise the preview is shown again. Works without JavaScript, and keeps nothing anywhere in between.
"""

import csv
import io
import json
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registration import impact_wording, reminding, roles
from registration.foreseeing import SHOWN, Change
from registration.impact import Cause, Turn
from registration.models import Policy
from registration.origin import origin
from registration.proof import person
from tenants.context import current, entered
from tenants.desks import DeskModelAdmin
from tenants.models import Organization
from tenants.shield.sealing import mac

#: The preview's own fields; whatever else was posted is posted again.
SEEN, CONFIRM, BACK, FILE, REMIND = "_seen", "_confirm", "_back", "_file", "_remind"
_OWN = frozenset({"csrfmiddlewaretoken", SEEN, CONFIRM, BACK, FILE, REMIND})
#: What a spreadsheet takes for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Previewed(DeskModelAdmin):
    """A page whose saving is previewed. Its form comes back from `BACK` unsaved, as it was typed."""

    def foreseen(self, form: Any, row: Policy) -> Change | None:
        """Return what saving this valid form would change, or nothing where it cannot touch who may reset."""
        raise NotImplementedError

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show the preview where somebody would lose or gain, and save what was previewed."""
        if request.method != "POST" or BACK in request.POST:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            change = self._foreseen(request, object_id)
            if change is None or not change.impact.matters:
                response = super().changeform_view(request, object_id, form_url, extra_context)
                if change is not None and _is_saved(response):
                    _say_who_has_to_register(request, change)
                return response
            mark = _mark(request, self.model, object_id, change)
            if FILE in request.POST:
                return (
                    people_file(change) if _may_see_people(request) else self._preview(request, change, mark)
                )
            if CONFIRM not in request.POST or not constant_time_compare(request.POST.get(SEEN, ""), mark):
                return self._preview(request, change, mark)
            response = super().changeform_view(request, object_id, form_url, extra_context)
            if _is_saved(response) and REMIND in request.POST and _may_remind(request):
                _say_reminded(request, change)
            return response

    def _foreseen(self, request: HttpRequest, object_id: str | None) -> Change | None:
        """Return what would change, with the policy's row held; nothing where the form or the person is refused anyway."""
        row = Policy.objects.select_for_update().get()
        obj = self.get_object(request, unquote(object_id)) if object_id else None
        if not (self._may_save(request, obj) if obj or not object_id else False):
            return None
        form = self.get_form(request, obj, change=obj is not None)(
            request.POST, request.FILES, instance=obj or self.model()
        )
        return self.foreseen(form, row) if form.is_valid() else None

    def _may_save(self, request: HttpRequest, obj: Model | None) -> bool:
        return bool(self.has_change_permission(request, obj) if obj else self.has_add_permission(request))

    def _preview(self, request: HttpRequest, change: Change, mark: str) -> HttpResponse:
        posted = [
            (name, value) for name, values in request.POST.lists() if name not in _OWN for value in values
        ]
        context = {
            **self.admin_site.each_context(request),
            **shown(change, names=_may_see_people(request)),
            "opts": self.model._meta,
            "title": _("Before you save"),
            "posted": posted,
            "mark": mark,
            "again": CONFIRM in request.POST,
            "may_remind": _may_remind(request),
            "reachable": _reachable(request, change),
        }
        return render(request, "desk/impact.html", context)


def shown(change: Change, *, names: bool) -> dict[str, Any]:
    """Return what a preview shows of a change: the sums in words, and the first people by name where they may be seen."""
    found = change.impact
    sums = [
        {
            "turn": turn,
            "people": found.people(turn),
            "causes": [
                {"words": impact_wording.cause(turn, one.cause), "people": one.people}
                for one in found.causes(turn)
            ],
        }
        for turn in Turn
    ]
    turned = sum(one.people for one in found.sums)
    return {
        "sums": sums,
        "turned": turned,
        "may_register": found.may_register,
        "names": names,
        "people": [_in_words(one) for one in islice(change.people(), SHOWN)] if names else [],
        "more": max(0, turned - SHOWN),
    }


def people_file(change: Change) -> StreamingHttpResponse:
    """Return everybody of whom something becomes as CSV, written while it is read."""
    words = {
        (turn, why): (str(impact_wording.TURNS[turn]), str(impact_wording.cause(turn, why)))
        for turn in Turn
        for why in Cause
    }
    head = (_("Sign-in name"), _("Name"), _("What becomes of them"), _("Why"), _("Code"))
    rows = (
        (one.sign_in_name, one.name, *words[one.turned.turn, one.turned.cause], one.turned.cause.value)
        for one in change.people()
    )
    name = f"who-may-reset-{timezone.now():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        _written(current(), head, rows),
        content_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )


def cell(text: str) -> str:
    """Return a text so that no spreadsheet takes it for a formula.

    >>> cell("=1+1"), cell("Adele"), cell("")
    ("'=1+1", 'Adele', '')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def _written(
    organization: Organization, head: tuple[str, ...], rows: Iterator[tuple[str, ...]]
) -> Iterator[str]:
    """Yield lines. They are asked for when the request's organization has been left again, so it is entered."""
    buffer = io.StringIO("\ufeff", newline="")
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer)
    with entered(organization):
        for number, row in enumerate(chain([head], rows)):
            writer.writerow([cell(text) for text in row])
            if number % 500 == 0:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
        yield buffer.getvalue()


def _in_words(one: Any) -> dict[str, Any]:
    turn, why = one.turned.turn, one.turned.cause
    return {
        "pk": one.pk,
        "name": one.name,
        "sign_in_name": one.sign_in_name,
        "turn": impact_wording.TURNS[turn],
        "loses": turn is Turn.LOSES,
        "why": impact_wording.cause(turn, why),
    }


def _mark(request: HttpRequest, model: type[Model], object_id: str | None, change: Change) -> str:
    """Return a digest of what is previewed: whose page, both sides, and the numbers; keyed by the organization."""
    sums = [(one.turn, one.cause, one.people) for one in change.impact.sums]
    said = [change.before.as_values(), change.after.as_values(), sums]
    text = json.dumps(said, sort_keys=True)
    return mac("registration.preview", model._meta.label, object_id or "", str(person(request).pk), text)


def _is_saved(response: HttpResponseBase) -> bool:
    return response.status_code == 302


def _may_see_people(request: HttpRequest) -> bool:
    return person(request).has_perm("registration.view_user")


def _may_remind(request: HttpRequest) -> bool:
    return person(request).has_perm(roles.REMIND)


def _reachable(request: HttpRequest, change: Change) -> int:
    if not change.impact.may_register or not _may_remind(request):
        return 0
    return change.impact_on(reminding.reachable(timezone.now())).may_register


def _say_reminded(request: HttpRequest, change: Change) -> None:
    count = reminding.remind_changed(change, actor=person(request), origin=origin(request))
    text = ngettext(
        "%(number)d person is reminded by mail.", "%(number)d people are reminded by mail.", count
    )
    messages.success(request, text % {"number": count})


def _say_who_has_to_register(request: HttpRequest, change: Change) -> None:
    if count := change.impact.people(Turn.HAS_TO_REGISTER):
        text = ngettext(
            "%(number)d person can reset once they have registered: the list of people has a reminder.",
            "%(number)d people can reset once they have registered: the list of people has a reminder.",
            count,
        )
        messages.info(request, text % {"number": count})
