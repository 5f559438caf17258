"""The desk's page Audit log settings: how long events are kept, and what is deleted next."""

from typing import Any

from django import forms
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from licensing import guards
from registration import configuring, pruning, retention
from registration.held_form import HeldForm
from registration.models import AuditSettings
from registration.origin import origin
from registration.proof import person
from registration.pruning import COUNTED, Outlook
from tenants.desks import SingletonAdmin


class AuditSettingsForm(HeldForm):
    """For how many days events are kept: no more than the edition allows."""

    audit_days = forms.IntegerField(
        label=_("Days that audit events are kept"), required=False, widget=UnfoldAdminIntegerFieldWidget
    )

    class Meta:
        model = AuditSettings
        fields = configuring.AUDIT

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "audit_days" in self.fields:
            self._explain(self.fields["audit_days"])

    def clean_audit_days(self) -> int | None:
        """Name the limits to who went over them."""
        days: int | None = self.cleaned_data["audit_days"]
        most, least = guards.retention().maximum_days, retention.SHORTEST
        if self.fields["audit_days"].disabled:
            return days  # what is saved, idle as it is
        if days is not None and not least <= days <= most:
            text = _now("Enter %(least)d to %(most)d days, or leave it empty.") % {
                "least": least,
                "most": most,
            }
            raise forms.ValidationError(text, code="out_of_range")
        return days

    def _explain(self, field: forms.Field) -> None:
        allowed = guards.retention()
        numbers = {
            "least": retention.SHORTEST,
            "most": allowed.maximum_days,
            "default": allowed.default_days,
        }
        short = allowed.maximum_days <= retention.SHORTEST
        field.disabled = field.disabled or short
        if short:
            text = _now(
                "Your organization's edition keeps events for %(most)d days; another edition keeps more."
            )
        else:
            text = _now(
                "%(least)d to %(most)d. A longer time holds at once, a shorter one a week after it is saved."
                " Default: empty, which is the %(default)d days of your edition."
            )
        field.help_text = format_html("{} {}", field.help_text, text % numbers)
        field.widget.attrs.update({"min": retention.SHORTEST, "max": allowed.maximum_days})


class AuditSettingsAdmin(SingletonAdmin):
    """Audit log settings. Nothing but age deletes an event, and nothing changes one."""

    form = AuditSettingsForm
    audited_by_flow = True
    readonly_fields = ("show_outlook",)
    fieldsets = (
        (
            _("Retention"),
            {
                "fields": ("audit_days", "show_outlook"),
                "description": _(
                    "Events are deleted by their age, once a day, and by nothing else; nobody can change one. Export the audit"
                    " log to keep it for longer."
                ),
            },
        ),
    )

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Save by the flow, which writes down what changed."""
        values = {field: form.cleaned_data[field] for field in configuring.AUDIT}
        configuring.configure(values, actor=person(request), origin=origin(request))

    @display(description=_("now and next"))
    def show_outlook(self, obj: AuditSettings) -> SafeString:
        """Say what is kept, since when there are events, and what goes when."""
        return format_html_join("", "<p>{}</p>", ((line,) for line in lines(pruning.outlook())))


PAGES = ((AuditSettings, AuditSettingsAdmin),)


def lines(outlook: Outlook) -> list[str]:
    """Return the sentences that say what is kept, and what goes when."""
    kept = outlook.keeping.days
    said = [
        ngettext("Events are kept for %(days)d day.", "Events are kept for %(days)d days.", kept)
        % {"days": kept}
    ]
    if outlook.oldest is not None:
        oldest = date_format(timezone.localtime(outlook.oldest), "Y-m-d H:i")
        said.append(_now("The oldest that is here is from %(at)s (UTC).") % {"at": oldest})
    return [*said, *announcement(outlook)]


def announcement(outlook: Outlook) -> list[str]:
    """Return the sentence that says what will be deleted that is not yet, if anything will."""
    next_days, at = outlook.keeping.next_days, outlook.keeping.next_at
    if next_days is None or at is None or outlook.going is None:
        return []
    number = number_format(COUNTED if outlook.more_going else outlook.going, force_grouping=True)
    text = (
        _now(
            "From %(at)s on, only %(days)d days are kept: more than %(number)s events that are here now are deleted."
        )
        if outlook.more_going
        else _now(
            "From %(at)s on, only %(days)d days are kept: %(number)s events that are here now are deleted."
        )
    )
    words = {"at": date_format(timezone.localtime(at), "DATE_FORMAT"), "days": next_days, "number": number}
    return [text % words]
