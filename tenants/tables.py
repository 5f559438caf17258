"""A table within a page of a desk, where no template draws it."""

from collections.abc import Iterable, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext as _


def table(head: Sequence[object], rows: Iterable[Sequence[object]]) -> SafeString:
    """Return rows under their headings; the first cell names its row. It scrolls by itself where it is wide."""
    heads = format_html_join("", '<th scope="col">{}</th>', ((one,) for one in head))
    body = format_html_join(
        "",
        '<tr><th scope="row" dir="auto">{}</th>{}</tr>',
        (
            (
                first,
                format_html_join(
                    "", '<td dir="auto">{}</td>', (("" if one is None else one,) for one in rest)
                ),
            )
            for first, *rest in rows
        ),
    )
    return format_html(
        '<div class="desk-scroll" tabindex="0" role="region" aria-label="{}"><table class="desk-table">'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
        get_text_list([str(one) for one in head], _("and")),
        heads,
        body,
    )
