"""The desk's page Administrator policy: what is asked of administrators in any case, and whether they may reset at all."""

from django.db.models import Model
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from registration import configuring
from registration.licences import why_not
from registration.method import registry
from registration.models import AdministratorPolicy, Policy
from registration.policy import MOST_GATES
from registration.policy_pages.page import PolicyForm, PolicyPage
from registration.visitor import Visitor


class AdministratorPolicyForm(PolicyForm):
    """Whether administrators may reset, and whether the provider may enter."""

    class Meta:
        model = AdministratorPolicy
        fields = ("administrators_may_reset", *configuring.ACCESS)


class AdministratorPolicyAdmin(PolicyPage):
    """What is fixed, and what is not."""

    form = AdministratorPolicyForm
    saves = ("administrators_may_reset", *configuring.ACCESS)
    about = _(
        "What a reset asks of everybody with a role. It is the same in every organization, and cannot be made weaker."
    )
    readonly_fields = ("show_rules",)
    fieldsets = (
        (None, {"fields": ("administrators_may_reset",)}),
        (_("What is fixed"), {"fields": ("show_rules",)}),
        (_("Your provider"), {"fields": configuring.ACCESS}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Keep from a visitor whether the provider may enter: that is the organization's own say."""
        visits = isinstance(request.user, Visitor)
        return (*self.readonly_fields, *configuring.ACCESS) if visits else self.readonly_fields

    @display(description=_("for everybody with a role"))
    def show_rules(self, obj: Policy) -> SafeString:
        """List what holds, and which methods count."""
        methods = [
            {"name": method.name, "counts": method.traits.for_administrators, "reason": why_not(method)}
            for method in registry().values()
        ]
        return render_to_string("desk/administrators.html", {"methods": methods, "number": MOST_GATES})
