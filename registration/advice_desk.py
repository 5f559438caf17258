"""How advice stands on the desk: beside each method, and for the policy as it is saved, below them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from registration import advice, standing
from registration.labels import ADVICE, NOTES, SEVERITIES
from registration.licences import lacking, why_not
from registration.method import Words, registry, traits


@dataclass(frozen=True)
class Beside:
    """What stands beside a method: a sentence on it, and why it is not to be had, if it is not."""

    note: Promise
    reason: Words


class MethodsInput(UnfoldAdminCheckboxSelectMultipleWidget):
    """Methods to choose from, each with its advice; one that the edition lacks is shown, and cannot be chosen."""

    option_template_name = "desk/method.html"
    beside: Mapping[str, Beside] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add what stands beside it."""
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        found = self.beside.get(str(value))
        if found is not None:
            option["beside"] = found
            option["attrs"] |= {"aria-describedby": f"beside-{value}"}
            option["attrs"] |= {"disabled": True} if found.reason else {}
        return option


def beside() -> dict[str, Beside]:
    """Return what stands beside each method."""
    return {
        kind: Beside(NOTES[advice.note(method.traits)], why_not(method))
        for kind, method in registry().items()
    }


def not_included() -> frozenset[str]:
    """Return the kinds that cannot be used here now: the edition leaves them out, or nothing is set up that carries them."""
    return frozenset(kind for kind, method in registry().items() if why_not(method))


def panel() -> SafeString:
    """Return the advice on the policy that is saved, or that there is none."""
    found = [
        {
            "severity": one.severity,
            "label": SEVERITIES[one.severity],
            "text": ADVICE[one.code] % {"methods": _names(one.kinds)},
        }
        for one in advice.advise(standing.policy(), traits(), lacking())
    ]
    return render_to_string("desk/advice.html", {"found": found})


def _names(kinds: Collection[str]) -> str:
    known = registry()
    names = [str(known[kind].name) if kind in known else kind for kind in kinds]
    return get_text_list(names, _("and"))
