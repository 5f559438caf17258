"""The desk's page Authentication methods: how many a reset asks for, and which people can register."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from registration import advice_desk
from registration.advice_desk import MethodsInput
from registration.method import registry
from registration.models import AuthenticationMethods, Policy
from registration.policy_pages.page import PolicyForm, PolicyPage, names_of


class MethodsForm(PolicyForm):
    """The number and the methods, each with its advice."""

    methods = forms.MultipleChoiceField(
        label=_("Methods available to users"),
        required=False,
        widget=MethodsInput,
        help_text=_("Enable two or more. An authenticator app is the strongest of them. Default: none."),
    )

    class Meta:
        model = AuthenticationMethods
        fields = ("required", "methods", "weak_alone_acknowledged", "users_may_change_office_phone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("methods")
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(kind, method.name) for kind, method in registry().items()]
            field.widget.beside = advice_desk.beside()

    def clean_methods(self) -> list[str]:
        """Keep what was chosen before the edition left it out, idle as it is, and refuse to choose it now."""
        wanted, off = set(self.cleaned_data["methods"]), advice_desk.not_included()
        saved = off.intersection(self.initial["methods"])
        if taken := wanted.intersection(off) - saved:
            names = ", ".join(names_of(taken))
            text = _now("Your organization can't use this now: %(methods)s.") % {"methods": names}
            raise ValidationError(text, code="not_included")
        if "methods" in self.held:
            return list(self.initial["methods"])
        return [kind for kind in registry() if kind in wanted.union(saved)]


class AuthenticationMethodsAdmin(PolicyPage):
    """By which methods, and how many."""

    form = MethodsForm
    saves = ("required", "methods", "weak_alone_acknowledged", "users_may_change_office_phone")
    about = _(
        "How many methods somebody proves to reset a password, and which methods they can register for it."
    )
    readonly_fields = ("show_methods", "show_advice")

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Offer the methods to who may choose, and name them to who may look."""
        methods = "methods" if self.has_change_permission(request, obj) else "show_methods"
        more = ("show_advice", "weak_alone_acknowledged", "users_may_change_office_phone")
        return [(None, {"fields": ("required", methods, *more)})]

    @display(description=_("methods available to users"))
    def show_methods(self, obj: Policy) -> str:
        """Name the methods."""
        return get_text_list(names_of(obj.methods), _now("and")) or _now("None")

    @display(description=_("advice"))
    def show_advice(self, obj: Policy) -> SafeString:
        """Say what could be better about the policy that is saved."""
        return advice_desk.panel()
