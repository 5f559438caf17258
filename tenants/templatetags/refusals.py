"""What a page says in small print when it refuses: the codes, and the reference that the help desk finds it by."""

from typing import Any

from django import forms, template
from django.template import Context

from tenants import refusing

register = template.Library()


@register.inclusion_tag("elements/codes.html", takes_context=True)
def dead_end(context: Context) -> dict[str, Any]:
    """Return why this page refuses, or why its form does; nothing for a page that does neither."""
    request, form = context.get("request"), context.get("form")
    found = refusing.shown(request) if request is not None else context.get("refused")
    if found is not None:
        return {"codes": [found.code], "reference": found.reference}
    codes = _of_form(form)
    return {"codes": codes, "reference": refusing.reference_if_any(request) if codes and request else ""}


@register.simple_tag(takes_context=True)
def error_codes(context: Context) -> str:
    """Return the codes of the form of a desk's page, in one text."""
    page = context.get("adminform")
    return ", ".join(_of_form(page.form if page is not None else context.get("form")))


def _of_form(form: object) -> list[str]:
    if not isinstance(form, forms.BaseForm) or not form.is_bound:
        return []
    return refusing.codes_of(form.errors.as_data().values())
