"""What the pages of the policy share: a sentence at the head, what is fixed, one writer, and the preview of who may reset."""

from copy import copy
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import Promise

from registration import configuring, standing
from registration import policy as rules
from registration.fixed import fixed
from registration.foreseeing import Change, Side
from registration.held_form import HeldForm
from registration.labels import POLICY
from registration.licences import lacking
from registration.method import registry, traits
from registration.models import Policy
from registration.origin import origin
from registration.previewing import PolicyPreviewed
from registration.proof import person
from tenants.desks import SingletonAdmin

#: What decides who may reset, and whether anybody could.
_JUDGED = frozenset({"scope", "methods", "required", "weak_alone_acknowledged", "administrators_may_reset"})


class PolicyForm(HeldForm):
    """A part of the policy, refused where nobody could satisfy the whole of it."""

    def clean(self) -> dict[str, Any]:
        """Refuse a policy that asks for more than it offers."""
        cleaned = super().clean()
        if self.errors or not _JUDGED.intersection(cleaned):
            return cleaned
        row = copy(self.instance)
        for field in configuring.RESET:
            setattr(row, field, cleaned.get(field, getattr(row, field)))
        if not _weak_alone(row):
            row.weak_alone_acknowledged = False  # it is given anew when it is needed again
            if "weak_alone_acknowledged" in cleaned:
                cleaned["weak_alone_acknowledged"] = False
        if found := rules.problems(standing.policy(row), traits(), lacking()):
            raise ValidationError([ValidationError(str(POLICY[code]), code=code) for code in found])
        return cleaned


class PolicyPage(PolicyPreviewed, SingletonAdmin):
    """A page of the policy. `saves` are the policy's fields on it, `about` is the sentence at its head."""

    form = PolicyForm
    audited_by_flow = True
    change_form_outer_before_template = "desk/policy_head.html"
    saves: ClassVar[tuple[str, ...]] = ()
    about: ClassVar[Promise]

    def values(self, form: Any) -> dict[str, object]:
        """Return the policy's fields as the form has them."""
        return {field: form.cleaned_data[field] for field in self.saves if field in form.cleaned_data}

    def foreseen(self, form: Any, row: Policy) -> Change | None:
        """Say what these values change; nothing is asked of the database where they change nothing."""
        values = self.values(form)
        judged = {*configuring.RESET, *configuring.QUESTIONS}
        if not any(values[field] != getattr(row, field) for field in judged.intersection(values)):
            return None
        before = Side.as_saved(row)
        return Change(
            before, before.with_values({name: values[name] for name in judged.intersection(values)})
        )

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Save by the flow, which writes down what changed."""
        configuring.configure(self.values(form), actor=person(request), origin=origin(request))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Say at the head why something here cannot be changed."""
        reasons = dict.fromkeys(str(why) for name, why in fixed().items() if name in self._settings())
        context = {**(extra_context or {}), "about": self.about, "reasons": list(reasons)}
        return super().changeform_view(request, object_id, form_url, context)

    def _settings(self) -> tuple[str, ...]:
        return self.saves


def names_of(kinds: Any) -> list[str]:
    """Return the names of methods, the strongest first."""
    return [str(method.name) for kind, method in registry().items() if kind in kinds]


def _weak_alone(row: Policy) -> bool:
    weak = {method.kind for method in registry().values() if not method.traits.sole_gate}
    return row.required == 1 and bool(weak.intersection(row.methods))
