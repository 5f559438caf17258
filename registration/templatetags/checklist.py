"""The first-visit checklist, on the one page that has it."""

from django import template
from django.template import Context

from registration import checklist_desk
from registration.checklist_desk import Shown

register = template.Library()


@register.inclusion_tag("desk/checklist.html", takes_context=True)
def checklist(context: Context) -> dict[str, object]:
    """Return what leads to the first reset, as it stands now."""
    found: Shown | None = checklist_desk.shown(context["request"])
    return {"checklist": found, "csrf_token": context.get("csrf_token")}
