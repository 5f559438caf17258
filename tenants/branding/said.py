"""Every other sentence that people's pages say: buttons, labels, hints, errors, what a page says once.

They are gathered from the catalogue of translations, which names the file of each, so that none has to be listed: whatever a
page of people's says, an organization may say in its own words. A room names the files that speak to people, in its `texts`.
"""

import functools
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation
from django.utils.functional import lazy
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext as translated_number
from django.utils.translation import pgettext as translated_in

from tenants.branding import placeholders
from tenants.branding.placeholders import Flaw, Found
from tenants.branding.replaceable import (
    HEADING,
    SEVERAL,
    TEXT,
    Group,
    Replaceable,
    Section,
    Words,
    contribute,
)

KEY = "said."
_SEPARATOR = "\x04"  # between a message's context and the message, as gettext has it
#: What a page may hold in a place that is no text: between quotes, or where a tag could begin.
_MARKUP = frozenset('<>&"')
_CUT = 60
#: Sentences of Django's own that our forms say to people.
DJANGO = ("This field is required.", "Enter a valid email address.", "Enter a valid value.")

_spoken: dict[str, tuple[Words, str]] = {}
_desks: list[Words] = []


def speak(name: Words, *files: str, preview: str = "") -> None:
    """Name files whose every sentence is for people, as the catalogue has them; a folder ends with a slash.

    `name` is what they are shown under, and `preview` the page that shows them.
    """
    _spoken.update(dict.fromkeys(files, (name, preview)))


def leave_out(words: Iterable[Words]) -> None:
    """Name sentences that only desks say, though their file speaks to people, too."""
    _desks.extend(words)


@functools.lru_cache(maxsize=8192)
def key_of(message: str) -> str:
    """Return the key of a sentence, by its text in the source.

    >>> key_of("Next") == key_of("Next") != key_of("next")
    True
    """
    return KEY + hashlib.sha256(message.encode()).hexdigest()[:24]


class Said(Replaceable):
    """One of these sentences: its default is the translation, and its words go to any place of a page."""

    @property
    def message(self) -> str:
        """The sentence as the source has it, with its context in front if it has one."""
        return str(self.default[0])

    def words(self, number: int = SEVERAL) -> str:
        """Return the translation in the active language, its placeholders unfilled, numbers written as any other."""
        return _translation(self.default, number)

    def flaws(self, text: str) -> list[Found]:
        """Return all that is wrong with words for it: besides the usual, what could be taken for markup."""
        marks = sorted(_MARKUP.intersection(text))
        return [*super().flaws(text), *([Found(Flaw.MARKUP, tuple(marks))] if marks else [])]


@functools.cache
def every() -> Mapping[str, Replaceable]:
    """Return all of them by key, read from the catalogue once in a process."""
    found: dict[str, Replaceable] = {}
    with translation.override(None):  # as the source has them
        desks = {str(words) for words in _desks}
    for message in _catalogue():
        if message.id and message.id not in desks and (place := _place(message)):
            one = _said(message, *place)
            found.setdefault(one.key, one)
    for text in DJANGO:
        one = _said(Message(text), _("Forms"), "")
        found.setdefault(one.key, one)
    return found


def _catalogue() -> list[Message]:
    file = next(iter(sorted(Path(settings.LOCALE_PATHS[0]).glob("*/LC_MESSAGES/django.po"))))
    with file.open("rb") as source:
        return list(read_po(source))


def _place(message: Message) -> tuple[Words, str] | None:
    for file, _line in message.locations:
        for one in (file, *(f"{folder}/" for folder in PurePosixPath(file).parents)):
            if one in _spoken:
                return _spoken[one]
    return None


def _said(message: Message, name: Words, preview: str) -> Said:
    ids = message.id if isinstance(message.id, list | tuple) else (message.id,)
    first = f"{message.context}{_SEPARATOR}{ids[0]}" if message.context else ids[0]
    known = tuple(sorted({one for text in ids for one in placeholders.names(_plain(text))}))
    section = Section(f"{KEY}{name}", name, Group.SENTENCES, preview)
    longest = HEADING if len(ids[-1]) <= _CUT else TEXT
    plural = (ids[1],) if len(ids) > 1 else ()
    default = (first, *plural)
    return Said(key_of(first), section, _name(default), default, longest=longest, known=known, required=known)


def _translation(default: Sequence[Words], number: int) -> str:
    context, separated, text = str(default[0]).rpartition(_SEPARATOR)
    if len(default) > 1:
        return _plain(translated_number(text, str(default[1]), number))
    return _plain(translated_in(context, text) if separated else translated(text))


def _cut(default: Sequence[Words]) -> str:
    """Return the beginning of a sentence in the active language: what it is called by."""
    whole = _translation(default, SEVERAL)
    return whole if len(whole) <= _CUT else f"{whole[:_CUT].rsplit(' ', 1)[0]} …"


_name = lazy(_cut, str)


def _plain(text: str) -> str:
    """Return a sentence with each number's placeholder as a text's.

    >>> _plain("%(number)d of %(name)s")
    '%(number)s of %(name)s'
    """
    return re.sub(r"%\((\w+)\)d", r"%(\1)s", text)


contribute(every)
speak(_("Every page"), "templates/base.html", "templates/elements/", preview="sign_in")
speak(
    _("Pages that refuse"),
    *(f"templates/{number}.html" for number in ("400", "403", "403_csrf", "404", "405", "413", "429")),
    "templates/tenants/",
    "licensing/templates/",
)
speak(
    _("Captcha"),
    "tenants/shield/captcha_form.py",
    "tenants/shield/captchas/",
    "tenants/templates/captcha/",
    preview="reset_start",
)
