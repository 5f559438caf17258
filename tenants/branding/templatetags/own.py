"""`{% text "reset.start.heading" %}`: a text that an organization may say in its own words."""

from django import template
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe

from tenants.branding.saying import say

register = template.Library()


@register.filter
def aside(value: object) -> SafeString:
    """Keep the letters around a value from turning its direction: an address within a sentence in Arabic."""
    return format_html("<bdi>{}</bdi>", value)


@register.simple_tag
def text(key: str, **values: object) -> SafeString:
    """Say a text on a page: escaped, its line breaks kept."""
    return mark_safe(  # noqa: S308  # escaped here
        conditional_escape(escape(say(key, **values))).replace("\n", "<br>")
    )
