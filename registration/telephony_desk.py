"""The desk's pages of text messages and calls: whose carrier, where to, for how much; and what became of each message."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Model, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from licensing.labels import REASONS
from registration import connecting, handing, phone_numbers, telephony
from registration.carrier import Carrier, registry
from registration.lines import line
from registration.models import PhoneMessage, Telephony
from registration.origin import origin
from registration.proof import person
from registration.telephony_wording import reason
from tenants.context import is_provider
from tenants.desks import ReadOnlyAdmin, SingletonAdmin

COUNTRIES_SHOWN = 5


def _carriers_fields() -> Iterator[tuple[str, forms.Field]]:
    """Return each carrier's fields under its name; whether they are needed depends on which is chosen."""
    for kind, carrier in registry().items():
        for name, field in carrier.form().base_fields.items():
            secret = name in carrier.secrets
            widget = UnfoldAdminPasswordWidget if secret else UnfoldAdminTextInputWidget
            attrs = {"autocomplete": "new-password" if secret else "off", "spellcheck": "false", "dir": "ltr"}
            yield (
                f"{kind}_{name}",
                forms.CharField(
                    label=field.label,
                    help_text=field.help_text,
                    initial=field.initial,
                    required=False,
                    max_length=getattr(field, "max_length", None),
                    widget=widget(attrs=attrs),
                ),
            )


class TelephonyForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """The carrier with what it needs, the countries, and what a month may cost."""

    carrier = forms.ChoiceField(
        label=_("Carrier"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_(
            "Who carries text messages and calls. Default: the provider's carrier, where there is one."
        ),
    )
    countries = forms.MultipleChoiceField(
        label=_("Countries"),
        required=False,
        widget=UnfoldAdminSelectMultipleWidget(attrs={"size": 12}),
        help_text=_(
            "Only numbers of these are texted and called. With none chosen, each country's may be, but few an hour: choose"
            " the countries of your people. Default: none."
        ),
    )
    #: What the chosen carrier was given, once it is valid; None where there is none.
    given: dict[str, str] | None = None

    class Meta:
        model = Telephony
        fields = connecting.FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("carrier", _offered())
        self._offer(
            "countries",
            [(one.code, str(one)) for one in phone_numbers.countries(translation.get_language() or "en")],
        )
        for name, text in self._kept(self.instance.carrier).items():
            key = f"{self.instance.carrier}_{name}"
            if key in self.fields and name not in registry()[self.instance.carrier].secrets:
                self.initial[key] = text

    def clean(self) -> dict[str, Any]:
        """Hold what stands at the chosen carrier to its own form."""
        cleaned: dict[str, Any] = super().clean() or {}
        carrier = registry().get(cleaned.get("carrier", ""))
        if carrier is not None:
            self._check(carrier, cleaned)
        if "countries" in cleaned:
            cleaned["countries"] = sorted(cleaned["countries"])
        return cleaned

    def _check(self, carrier: Carrier, cleaned: dict[str, Any]) -> None:
        """Take a secret that is not typed again from before, but for none that would go somewhere else now."""
        kept = self._kept(carrier.kind)
        given = {name: cleaned.get(f"{carrier.kind}_{name}", "") for name in carrier.form().base_fields}
        elsewhere = [name for name in carrier.destinations if kept and given[name] != kept.get(name)]
        for name in carrier.secrets:
            if not given[name] and not elsewhere:
                given[name] = kept.get(name, "")
        inner = carrier.form()(given)
        if inner.is_valid():
            self.given = {name: str(value) for name, value in inner.cleaned_data.items()}
        for name, errors in inner.errors.as_data().items():
            again = name in carrier.secrets and elsewhere
            text = _now("Enter it again, since it would go to another address now.")
            found = [ValidationError(text, code="elsewhere")] if again else errors
            self.add_error(f"{carrier.kind}_{name}", found)

    def _kept(self, kind: str) -> dict[str, str]:
        return connecting.kept(self.instance) if kind and self.instance.carrier == kind else {}

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields.get(name)
        if isinstance(field, forms.ChoiceField):
            field.choices = choices


#: The form with the fields of every carrier.
FullForm: type[TelephonyForm] = type("FullForm", (TelephonyForm,), dict(_carriers_fields()))


class TelephonyAdmin(SingletonAdmin):
    """Text messages and calls: by whom, where to, for how much, and what they have cost."""

    form = FullForm
    audited_by_flow = True
    readonly_fields = ("show_line", "show_spend")

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Offer the carriers' own fields to who may change them, and to serve others at the provider's alone."""
        chosen = ("carrier", "serves_others", "show_line") if is_provider() else ("carrier", "show_line")
        found: list[Any] = [(_("Carrier"), {"fields": chosen})]
        if self.has_change_permission(request, obj):
            found += [_of_carrier(one) for one in registry().values() if one.is_offered()]
        limits = ("countries", "cap", "currency", "sms_price", "call_price", "show_spend")
        return [*(one for one in found if one[1]["fields"]), (_("Limits and cost"), {"fields": limits})]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Make the row first where an organization is older than it."""
        connecting.complete()
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Save by the flow, which writes down what changed."""
        values = {
            field: form.cleaned_data[field] for field in connecting.FIELDS if field in form.cleaned_data
        }
        connecting.connect(values, settings=form.given, actor=person(request), origin=origin(request))

    @display(description=_("In use"))
    def show_line(self, obj: Telephony) -> str:
        """Say whose carrier serves the organization, and why there are no calls where there are none."""
        found, can = line(), telephony.available()
        if found is None:
            return reason("no_carrier")
        whose = _now("your own account") if found.is_own else _now("the provider's account")
        text = _now("%(carrier)s, by %(whose)s.") % {"carrier": found.carrier.name, "whose": whose}
        if not can.calls_included:
            return f"{text} {_now('No calls:')} {REASONS[can.calls_reason]}"
        return text if can.carrier_calls else f"{text} {reason('no_calls')}"

    @display(description=_("Spent"))
    def show_spend(self, obj: Telephony) -> SafeString:
        """Add up today, this month, and where the month's messages went."""
        now, found = timezone.now(), line()
        unit, cap = (found.currency, found.cap) if found else (obj.currency, obj.cap)
        sums = format_html(
            "<p>{}</p><p>{}</p>",
            _now("Today: %(sum)s %(unit)s")
            % {"sum": _amount(handing.spent(handing.today(now))), "unit": unit},
            _now("This month: %(sum)s of %(cap)s %(unit)s")
            % {"sum": _amount(handing.spent(handing.month(now))), "cap": _amount(cap), "unit": unit},
        )
        where = (
            PhoneMessage.objects.filter(at__gte=handing.month(now))
            .values("country")
            .annotate(number=Count("pk"), sum=Sum("cost"))
            .order_by("-sum", "country")[:COUNTRIES_SHOWN]
        )
        return sums + format_html_join(
            "",
            "<p>{}</p>",
            (
                (
                    _now("%(country)s: %(number)d, %(sum)s %(unit)s")
                    % {
                        "country": one["country"],
                        "number": one["number"],
                        "sum": _amount(one["sum"]),
                        "unit": unit,
                    },
                )
                for one in where
            ),
        )


class PhoneMessageAdmin(ReadOnlyAdmin):
    """What was sent, and what became of it. Numbers are masked, and nothing of what was said is kept."""

    list_display = ("at", "masked", "show_kind", "country", "show_state", "show_reason", "show_cost")
    fields = (*list_display, "show_carrier", "reference", "is_billed")
    list_filter = ("state", "kind")
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[PhoneMessage]:
        """Leave out what is sealed."""
        found: QuerySet[PhoneMessage] = super().get_queryset(request)
        return found.defer("sealed", "digest")

    @display(description=_("kind"), ordering="kind")
    def show_kind(self, obj: PhoneMessage) -> str:
        """Name the kind."""
        return obj.get_kind_display()

    @display(
        description=_("state"),
        label={
            "queued": "info",  # one that is not here is shown by its code
            "sent": "info",
            "delivered": "success",
            "failed": "danger",
            "unknown": "warning",
        },
    )
    def show_state(self, obj: PhoneMessage) -> tuple[str, str]:
        """Colour the state."""
        return obj.state, obj.get_state_display()

    @display(description=_("reason"))
    def show_reason(self, obj: PhoneMessage) -> str:
        """Say why it did not arrive."""
        return reason(obj.reason) if obj.reason else ""

    @display(description=_("cost"), ordering="cost")
    def show_cost(self, obj: PhoneMessage) -> str:
        """Show what it has cost, and whether that is an estimate."""
        return _amount(obj.cost) if obj.is_billed else _now("about %(sum)s") % {"sum": _amount(obj.cost)}

    @display(description=_("carrier"))
    def show_carrier(self, obj: PhoneMessage) -> str:
        """Name the carrier."""
        found = registry().get(obj.carrier)
        return str(found.name) if found else obj.carrier


PAGES = ((Telephony, TelephonyAdmin), (PhoneMessage, PhoneMessageAdmin))


def _offered() -> list[tuple[str, Any]]:
    none = _("None") if is_provider() else _("The provider's carrier")
    return [("", none), *((kind, one.name) for kind, one in registry().items() if one.is_offered())]


def _of_carrier(carrier: Carrier) -> Any:
    names = tuple(f"{carrier.kind}_{name}" for name in carrier.form().base_fields)
    return carrier.name, {"fields": names, "description": carrier.description}


def _amount(sum_: Any) -> str:
    return number_format(sum_ or 0, decimal_pos=2)
