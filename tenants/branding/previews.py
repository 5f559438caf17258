"""What pages and mails look like with a look, and words, that are not saved. Nothing is kept, runs, or leads anywhere.

A room contributes its pages in a module `previews`, found by being there: each a template, and what it shows of nobody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation

from tenants.branding import samples, standing_still
from tenants.branding.context import here, trying
from tenants.branding.facts import BrandFacts
from tenants.branding.own_words import speaking
from tenants.branding.replaceable import Group, Replaceable, Words

SAMPLE_LINK = "https://www.contoso.example/"
Drawn = tuple[str, Mapping[str, Any]]
#: Takes the request and the key of the text that it is shown for, if any; returns a template and its context.
Draw = Callable[[HttpRequest, str], Drawn]


@dataclass(frozen=True)
class Page:
    """One page that can be looked at."""

    key: str
    name: Words
    draw: Draw
    #: Whether it is offered beside the form of the look, in which a few are enough.
    usual: bool


@dataclass(frozen=True)
class Asked:
    """How something is to be looked at."""

    page: str
    scheme: str
    language: str


_pages: dict[str, Page] = {}


def contribute(key: str, name: Words, draw: Draw, *, usual: bool = False) -> None:
    """Let a page be looked at."""
    _pages[key] = Page(key, name, draw, usual)


def usual() -> list[tuple[str, Words]]:
    """Return what is offered beside the form of the look."""
    return [(page.key, page.name) for page in _pages.values() if page.usual]


def offered(text: Replaceable) -> list[tuple[str, Words]]:
    """Return what shows a text."""
    if text.section.group is Group.MAILS:
        return [("mail", samples.NAMES["mail"]), ("mail_text", samples.NAMES["mail_text"])]
    if text.section.group is Group.MESSAGES:
        return [("message", text.section.name)]
    page = _pages.get(text.preview or text.section.preview)
    return [(page.key, page.name)] if page else []


def look(request: HttpRequest, asked: Asked, facts: BrandFacts, *, about: str = "") -> str:
    """Return a page or a mail as a document that stands still, with these facts and in this language.

    `about` is the key of the text that it is looked at for. Raises `LookupError` for a page that there is not.
    """
    with translation.override(asked.language), trying(_with_links(facts, about)), speaking(facts):
        page = _pages.get(asked.page)
        if page is None:
            return standing_still.still(
                samples.drawn(asked.page, about), scheme=asked.scheme, css=_css(asked.page)
            )
        template, context = page.draw(request, about)
        # Messages that wait for the administrator are not taken by a page that only looks like theirs.
        drawn = render_to_string(template, {"messages": [], **context}, request)
        return standing_still.still(drawn, scheme=asked.scheme, css=here().css)


def with_text(facts: BrandFacts, key: str, texts: Mapping[str, str]) -> BrandFacts:
    """Return facts in which a text is said so, in these languages."""
    written = {**facts.texts.get(key, {}), **texts}
    return replace(facts, texts={**facts.texts, key: {code: text for code, text in written.items() if text}})


def _with_links(facts: BrandFacts, about: str) -> BrandFacts:
    """Return facts with a link where a text about it would not be seen without one, and none where it would not with one."""
    if about == "help.nobody":
        return replace(facts, helpdesk="")
    if not about.startswith(("help.", "footer.")):
        return facts
    return replace(
        facts,
        helpdesk=facts.helpdesk or SAMPLE_LINK,
        privacy=facts.privacy or SAMPLE_LINK,
        terms=facts.terms or SAMPLE_LINK,
    )


def _css(page: str) -> str:
    """A mail brings its own style; what else there is has that of pages."""
    return "" if page == "mail" else here().css
