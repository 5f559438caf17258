"""Which texts an organization may say in its own words. Each room declares its own in a module `texts`, found by being there.

A default is the sentence that is translated; an organization's own stands in `BrandText`, one row for each text that it
changed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenants.branding import placeholders, segments
from tenants.branding.placeholders import Flaw, Found

Words = str | Promise
HEADING, SENTENCE, TEXT, LETTER, SPOKEN, MESSAGE = 120, 400, 1024, 4000, 200, 300
KEY = 64
#: A number whose sentence has its number in it, in every language: some have a word for two.
SEVERAL = 5
#: A message of more parts costs each of them.
MOST_MESSAGES = 3


class Group(StrEnum):
    """What a text is part of."""

    PAGES = "pages"
    MAILS = "mails"
    MESSAGES = "messages"
    SENTENCES = "sentences"


GROUPS: Mapping[Group, Words] = {
    Group.PAGES: _("Pages"),
    Group.MAILS: _("Mails"),
    Group.MESSAGES: _("Text messages and calls"),
    Group.SENTENCES: _("Buttons, labels and everything else on pages"),
}


@dataclass(frozen=True)
class Placeholder:
    """What stands in its place: in words for the desk, and a sample for previews."""

    about: Words
    sample: Words


PLACEHOLDERS: Mapping[str, Placeholder] = {
    "organization": Placeholder(_("your organization's name"), ""),
    "name": Placeholder(_("the person's name"), "Adele"),
    "sign_in_name": Placeholder(_("the person's sign-in name"), "adele@contoso.example"),
    "code": Placeholder(_("the code"), "123456"),
    "link": Placeholder(_("the link; on a line of its own it becomes a button"), ""),
    "date": Placeholder(_("date and time"), ""),
    "address": Placeholder(_("the network address it came from"), "203.0.113.7"),
    "days": Placeholder(_("the number of days"), "3"),
    "what": Placeholder(_("what happened, in the words of its own text"), ""),
    "origin": Placeholder(_("where it came from, in the words of its own text"), ""),
    "advice": Placeholder(_("what to do, in the words of its own text"), ""),
    "method": Placeholder(_("the method"), _("Email")),
    "who": Placeholder(_("whom it is about"), "bo@contoso.example"),
    "by": Placeholder(_("who did it"), "chief@contoso.example"),
    "new": Placeholder(_("who is new"), "bo@contoso.example"),
    "browser": Placeholder(_("the browser"), "Firefox"),
    "system": Placeholder(_("the system"), "Windows"),
    "cap": Placeholder(_("the month's limit"), "50.00 EUR"),
    "domain": Placeholder(_("the on-premises domain"), "corp.example.com"),
    "missing": Placeholder(_("how many methods are missing"), "2"),
}


@dataclass(frozen=True)
class Section:
    """Texts that belong together: a page, a mail, a message. `preview` names the page that shows them."""

    key: str
    name: Words
    group: Group
    preview: str = ""


@dataclass(frozen=True)
class Replaceable:
    """One text. `default` are its paragraphs; `stays` is what we add, and nobody can take away."""

    key: str
    section: Section
    name: Words
    default: tuple[Words, ...]
    longest: int = SENTENCE
    lines: bool = False
    known: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    stays: tuple[Words, ...] = ()
    is_message: bool = False
    #: Where a number decides which sentence is the default; the organization's own is said for every number.
    counted: str = ""
    #: The page that shows it, where it is another than its section's.
    preview: str = ""

    def words(self, number: int = SEVERAL) -> str:
        """Return the default in the active language, its placeholders unfilled."""
        return "\n\n".join(self._said(one, number) for one in self.default)

    def flaws(self, text: str) -> list[Found]:
        """Return all that is wrong with words for it."""
        found = placeholders.check(
            text,
            known=self.known,
            required=self.required,
            longest=self.longest,
            lines=self.lines,
            links=self.section.group in {Group.PAGES, Group.SENTENCES},
        )
        if self.is_message and not found and (parts := segments.count(self.sent(text))) > MOST_MESSAGES:
            found.append(Found(Flaw.TOO_MANY_MESSAGES, number=parts))
        return found

    def sent(self, text: str) -> str:
        """Return a text message as it is sent, with what we add; a sample's host is as long as hosts are."""
        values = {name: placeholder(name).sample or "Contoso Suites Ltd" for name in self.known}
        return " ".join([placeholders.fill(text, values), *map(str, self.stays)]) + (
            "\n\n@password.contoso.example #123456" if self.is_message else ""
        )

    def _said(self, words: Words, number: int) -> str:
        if not self.counted or not isinstance(words, Promise) or not hasattr(words, "_get_number_value"):
            return str(words)
        kept = {name: f"%({name})s" for name in self.known}
        return str(words % {**kept, self.counted: _Kept(number, f"%({self.counted})s")})


class _Kept(int):
    """A number that chooses the sentence, and is written as its placeholder."""

    written: str

    def __new__(cls, number: int, written: str) -> "_Kept":
        """Make one."""
        one = super().__new__(cls, number)
        one.written = written
        return one

    def __str__(self) -> str:
        return self.written


_declared: dict[str, Replaceable] = {}
_gathered: list[Callable[[], Mapping[str, Replaceable]]] = []


def declare(*texts: Replaceable) -> None:
    """Let texts be replaced. A key is stored, so it never changes its meaning."""
    for text in texts:
        assert _declared.get(text.key, text) == text, f"{text.key} is declared twice"
        assert len(text.key) <= KEY, text.key
        assert set(text.required) <= set(text.known) <= set(PLACEHOLDERS), text.key
        _declared[text.key] = text


def contribute(gather: Callable[[], Mapping[str, Replaceable]]) -> None:
    """Let texts be replaced that are gathered when they are first asked for, by key."""
    _gathered.append(gather)


def find(key: str) -> Replaceable | None:
    """Return the text of this key; None where there is none (any more)."""
    return _declared.get(key) or next((found[key] for found in map(_call, _gathered) if key in found), None)


def placeholder(name: str) -> Placeholder:
    """Return what is said of a placeholder; one of a sentence that was gathered is known by its name alone."""
    return PLACEHOLDERS.get(name) or Placeholder(_("filled in by the page"), name)


def _call(gather: Callable[[], Mapping[str, Replaceable]]) -> Mapping[str, Replaceable]:
    return gather()


def every() -> Iterable[Replaceable]:
    """Return every text, by what it is part of, in the order of their declaration."""
    order = list(Group)
    gathered = [one for found in map(_call, _gathered) for one in found.values()]
    named = sorted(gathered, key=lambda one: str(one.section.name))
    return sorted([*_declared.values(), *named], key=lambda one: order.index(one.section.group))
