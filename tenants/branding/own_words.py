"""Say an organization's own words wherever people's pages say a sentence: between gettext and its catalogue.

Django asks one object for each language. Ours looks first whether the organization whose page is being answered says this
sentence in words of its own. It has some where a page of people's is answered, and nowhere else: in no desk, job or command.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import translation
from django.utils.translation import trans_real

from tenants.branding import placeholders
from tenants.branding.context import here
from tenants.branding.facts import BrandFacts
from tenants.branding.said import key_of

#: The sentences of who is being served, by their keys; none where nothing is said in words of one's own.
_words: ContextVar[Mapping[str, Mapping[str, str]] | None] = ContextVar("own sentences", default=None)


class OwnTranslation(trans_real.DjangoTranslation):
    """A catalogue with an organization's own sentences before it."""

    def gettext(self, message: str) -> str:
        """Return a sentence."""
        look = super().gettext
        return _own(message) or look(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return a sentence with a number; an organization's own is said for every number."""
        look = super().ngettext
        return _own(msgid1) or look(msgid1, msgid2, n)


def install() -> None:
    """Put ours in the place of Django's; once, when the app is ready."""
    trans_real.DjangoTranslation = OwnTranslation  # type: ignore[misc]  # Django has no setting for it
    vars(trans_real).update(_translations={}, _default=None)  # made before, without ours


@contextmanager
def speaking(facts: BrandFacts | None = None) -> Iterator[None]:
    """Say own words within the block: those of a look that is tried out, or of whoever is being served."""
    try:
        words = (facts or here()).sentences
    except LookupError:  # a page of no organization
        words = {}
    before = _words.set(words or None)
    try:
        yield
    finally:
        _words.reset(before)


def say_nothing_own() -> None:
    """Say the default from here to the end of the block: it turned out to be a desk's page."""
    _words.set(None)


def _own(message: str) -> str:
    words = _words.get()
    if words is None:
        return ""
    found = words.get(key_of(message), {}).get(translation.get_language() or "", "")
    return placeholders.doubled(found) if found and "%(" in message else found
