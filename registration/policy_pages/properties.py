"""The desk's page Properties: for whom self-service password reset is enabled."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.text import get_text_list
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectMultipleWidget

from registration import census, foreseeing, grouping
from registration.foreseeing import GROUPS, Change, Side
from registration.models import Group, Policy, Properties, User
from registration.origin import origin
from registration.policy import Scope
from registration.policy_pages.page import PolicyForm, PolicyPage
from registration.proof import person


class PropertiesForm(PolicyForm):
    """None, selected or all; and the groups, where it is for selected ones."""

    groups = forms.ModelMultipleChoiceField(
        label=_("Selected groups"),
        queryset=Group.objects.all(),
        required=False,
        widget=FilteredSelectMultiple(_("groups"), is_stacked=False),
        help_text=_(
            "One or more. The people of groups within them count, too. Kept while it is enabled for nobody or for everybody."
            " Default: none."
        ),
    )

    class Meta:
        model = Properties
        fields = ("scope",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if GROUPS in self.fields:
            if GROUPS in self.held:  # the widget of two lists would let them be moved
                self._show_only(self.fields[GROUPS])
            self.initial[GROUPS] = list(Group.objects.filter(may_reset=True).values_list("pk", flat=True))

    @staticmethod
    def _show_only(field: forms.Field) -> None:
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.widget = UnfoldAdminSelectMultipleWidget(choices=field.choices)
        field.widget.attrs["disabled"] = True

    def clean(self) -> dict[str, Any]:
        """Refuse to select nobody."""
        cleaned = super().clean()
        if not self.errors and cleaned["scope"] == Scope.SELECTED and not cleaned.get(GROUPS):
            text = _now("Choose one group or more, or enable it for nobody.")
            self.add_error(GROUPS, ValidationError(text, code="no_group"))
        return cleaned


class PropertiesAdmin(PolicyPage):
    """Who may reset."""

    form = PropertiesForm
    saves = ("scope",)
    about = _(
        "Who can reset a forgotten password by themselves: nobody, the people of selected groups, or everybody."
    )
    radio_fields: ClassVar[dict[str, int]] = {"scope": admin.VERTICAL}
    readonly_fields = ("show_groups", "show_people")

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Offer the groups to who may choose, and name them to who may look."""
        groups = GROUPS if self.has_change_permission(request, obj) else "show_groups"
        return [(None, {"fields": ("scope", groups, "show_people")})]

    def foreseen(self, form: Any, row: Policy) -> Change | None:
        """Say what the scope and the groups change."""
        wanted = {group.pk for group in form.cleaned_data[GROUPS]}
        scope = form.cleaned_data["scope"]
        if scope == row.scope and wanted == set(form.initial[GROUPS]):
            return None
        before = Side.as_saved(row)
        groups = foreseeing.counted(wanted)
        return Change(before, before.with_values({"scope": scope, GROUPS: groups}))

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Save both by their flows."""
        super().save_model(request, obj, form, change)
        chosen = [group.pk for group in form.cleaned_data[GROUPS]]
        grouping.select(chosen, actor=person(request), origin=origin(request))

    @display(description=_("selected groups"))
    def show_groups(self, obj: Policy) -> str:
        """Name the selected groups."""
        names = Group.objects.filter(may_reset=True).values_list("name", flat=True)
        return get_text_list(list(names), _now("and")) or _now("None")

    @display(description=_("people in the selected groups"))
    def show_people(self, obj: Policy) -> str:
        """Count the people of the groups that are saved, those of groups within them too."""
        chosen = Group.objects.filter(may_reset=True).values_list("pk", flat=True)
        number = User.objects.filter(census.among(foreseeing.counted(chosen))).count()
        text = ngettext(
            "%(number)d person, those of groups within them included.",
            "%(number)d people, those of groups within them included.",
            number,
        )
        return text % {"number": number}

    def _settings(self) -> tuple[str, ...]:
        return (*self.saves, GROUPS)
