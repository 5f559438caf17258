"""How a page of a reset is rendered: on a kiosk with its time, and with nothing that the browser would remember of a form."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.forms.widgets import Input, Select
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_any
from django.utils import timezone

from resets import kiosk
from resets.journey import UNTOUCHED, Entry


def render(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, status: int | None = None
) -> HttpResponse:
    """Render a page of a reset as the entry asks for it."""
    context = {**(context or {})}
    if kiosk.here(request):
        for form in _forms(context):
            _remember_nothing(form)
        context |= {"kiosk": _time(context), "sign_in_name": ""}
    return render_any(request, template, context, status=status)


def _time(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return how long the page stays, and whether the server keeps time as well: where a reset is open."""
    deadline = context.get("deadline")
    untouched = UNTOUCHED[Entry.KIOSK]
    left = deadline - timezone.now() if deadline else untouched
    return {
        "held": deadline is not None,
        "seconds": max(1, int(left.total_seconds())),
        "minutes": int(untouched.total_seconds() // 60),
    }


def _forms(context: Mapping[str, Any]) -> Iterator[forms.BaseForm]:
    """Return the page's form, and those of the methods that it offers."""
    offered = context.get("options") or ()
    found = [context.get("form"), *(one.get("form") for one in offered if isinstance(one, dict))]
    return (one for one in found if isinstance(one, forms.BaseForm))


def _remember_nothing(form: forms.BaseForm) -> None:
    for field in form.fields.values():
        if isinstance(field.widget, Input | Select):
            field.widget.attrs["autocomplete"] = "off"
