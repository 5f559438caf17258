"""Which events of the audit log are looked at, a page at a time: nothing is counted, and no page is slower than the first."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from registration import audit_wording, refusal_search
from registration.audit import Activity
from registration.audit_wording import SERVICES
from registration.models import AuditEvent

PAGE = 50
_ANY = [("", _("All"))]


class DayInput(UnfoldAdminTextInputWidget):
    """A day, as browsers let one choose it."""

    input_type = "date"


class Filters(forms.Form):
    """What the audit log is narrowed to; nothing of it has to be given."""

    since = forms.DateField(label=_("From"), required=False, widget=DayInput)
    until = forms.DateField(label=pgettext_lazy("range", "To"), required=False, widget=DayInput)
    service = forms.ChoiceField(widget=UnfoldAdminSelectWidget, label=_("Service"), required=False)
    activity = forms.ChoiceField(widget=UnfoldAdminSelectWidget, label=_("Activity"), required=False)
    status = forms.ChoiceField(widget=UnfoldAdminSelectWidget, label=_("Status"), required=False)
    method = forms.ChoiceField(widget=UnfoldAdminSelectWidget, label=_("Method"), required=False)
    q = forms.CharField(
        label=_("Target or initiated by"),
        required=False,
        max_length=254,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("The beginning of a name."),
    )
    reference = forms.CharField(
        label=_("Reference"),
        required=False,
        max_length=36,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
        help_text=_("As a person reads it out."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = sorted(
            ((code.value, audit_wording.activity(code)) for code in Activity), key=lambda it: it[1]
        )
        self._offer("service", [(code.value, words) for code, words in SERVICES.items()])
        self._offer("activity", named)
        self._offer("status", list(AuditEvent.Status.choices))
        self._offer("method", list(audit_wording.method_choices()))

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the beginning."""
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            text = _now("“To” is before “From”: choose a later day.")
            self.add_error("until", ValidationError(text, code="before"))
        return cleaned

    @property
    def given(self) -> dict[str, str]:
        """What is narrowed by, as texts."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*_ANY, *choices]


@dataclass(frozen=True)
class Page:
    """Some events, the newest first, and from where the older ones go on; nothing where there are none."""

    events: list[AuditEvent]
    older: str


def narrow(wanted: dict[str, Any]) -> QuerySet[AuditEvent]:
    """Return the events that the filters, which were found valid, leave."""
    found = AuditEvent.objects.order_by("-at", "-pk")
    if wanted["since"]:
        found = found.filter(at__gte=datetime.combine(wanted["since"], time.min, UTC))
    if wanted["until"]:
        found = found.filter(at__lte=datetime.combine(wanted["until"], time.max, UTC))
    if wanted["service"]:
        found = found.filter(activity__in=audit_wording.activities_of(wanted["service"]))
    for name in ("activity", "status"):
        if wanted[name]:
            found = found.filter(**{name: wanted[name]})
    if kind := wanted["method"]:
        several = Q(method=kind) | Q(method__startswith=f"{kind}+") | Q(method__contains=f"+{kind}")
        found = found.filter(several)
    if name := wanted["q"].strip():
        found = found.filter(_named(name) | _named(name.lower()))
    if reference := wanted["reference"].strip():
        read_out = refusal_search.by_what_is_read_out(reference)
        found = found.filter(read_out or Q(data__reference=reference.upper()))
    return found


def page(found: QuerySet[AuditEvent], before: str = "", size: int = PAGE) -> Page:
    """Return those that come next after a place in the log; one more is read, to know whether there are older ones."""
    if place := _place(before):
        at, pk = place
        found = found.filter(Q(at__lt=at) | Q(pk__lt=pk), at__lte=at)
    events = list(found[: size + 1])
    shown = events[:size]
    return Page(shown, f"{shown[-1].at.isoformat()}~{shown[-1].pk}" if len(events) > size else "")


def _named(name: str) -> Q:
    return Q(subject__startswith=name) | Q(actor__startswith=name)


def _place(text: str) -> tuple[datetime, UUID] | None:
    at, _separator, pk = text.partition("~")
    try:
        when, one = parse_datetime(at), UUID(pk)
    except ValueError:
        return None
    return (when, one) if when is not None and when.tzinfo is not None else None
