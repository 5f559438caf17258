"""Mails out of texts: an organization's own words or the defaults, as plain text and as HTML, with what stays below them.

A line that is a code, or a link, and nothing else, is shown large, or as a button. Everything is escaped, and nothing
is evaluated.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.template.defaultfilters import date as shown
from django.template.loader import render_to_string
from django.utils import translation

from tenants.branding import placeholders
from tenants.branding.context import here
from tenants.branding.replaceable import Words, find
from tenants.branding.saying import own, say

_ALONE = {"%(code)s": "code", "%(link)s": "link"}


@dataclass(frozen=True)
class Letter:
    """A mail of one event. `parts` are placeholders that are texts themselves: by which word of the context, and the cases."""

    event: str
    parts: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    button: bool = False
    stays: tuple[Words, ...] = ()
    objects: bool = False


@dataclass(frozen=True)
class Written:
    """A mail as it is sent."""

    subject: str
    text: str
    html: str


_letters: dict[str, Letter] = {}


def register(letter: Letter) -> None:
    """Let `mail.send` write an event by its texts, `mail.<event>.subject`, `.body` and their like."""
    _letters[letter.event] = letter


def of(event: str) -> Letter | None:
    """Return the mail of an event; None for one that is three templates."""
    return _letters.get(event)


def every() -> tuple[Letter, ...]:
    """Return every mail that is written by texts."""
    return tuple(_letters.values())


def write(letter: Letter, context: Mapping[str, object], *, notice: str = "") -> Written:
    """Write a mail in the active language. `notice` stands above it, and before its subject."""
    values = _values(letter, context)
    key = f"mail.{letter.event}"
    subject = " ".join(say(f"{key}.subject", **values).split())
    blocks = [*_blocks(f"{key}.body", values), *({"kind": "text", "text": str(one)} for one in letter.stays)]
    return _rendered(
        subject,
        {
            **context,
            "blocks": blocks,
            "button": say(f"{key}.button") if letter.button else "",
            "objection": context.get("objection", "") if letter.objects else "",
        },
        notice,
    )


def show(subject: str, text: str, *, notice: str) -> Written:
    """Write a mail about a text that is none of a mail."""
    return _rendered(subject, {"blocks": [{"kind": "text", "text": text}]}, notice)


def _rendered(subject: str, words: Mapping[str, object], notice: str) -> Written:
    context = {
        **words,
        "organization": here().name,
        "brand": here(),
        "LANGUAGE_CODE": translation.get_language(),
        "LANGUAGE_BIDI": translation.get_language_bidi(),
        "notice": notice,
    }
    return Written(
        f"[{notice}] {subject}" if notice else subject,
        render_to_string("mail/letter.txt", context),
        render_to_string("mail/letter.html", context),
    )


def _values(letter: Letter, context: Mapping[str, object]) -> dict[str, object]:
    """Return what is filled in: the context's words, the date as this language writes it, and the parts."""
    values: dict[str, object] = {
        name: value for name, value in context.items() if isinstance(value, str | int)
    }
    values["organization"] = here().name
    if isinstance(at := context.get("at"), datetime):
        values["date"] = shown(at, "DATETIME_FORMAT")
    by_browser = context.get("browser") and context.get("system")
    chosen = {**context, "seen_by": "browser" if by_browser else "address"}
    for placeholder, (by, cases) in letter.parts.items():
        case = str(chosen.get(by, ""))
        key = f"mail.{letter.event}.{placeholder}.{case if case in cases else cases[-1]}"
        values[placeholder] = say(key, **values)
    return values


def _blocks(key: str, values: Mapping[str, object]) -> Iterator[dict[str, str]]:
    """Cut the body into paragraphs, and each line that is a code or a link alone into one of its own."""
    text = find(key)
    assert text is not None
    number = values.get(text.counted) if text.counted else None
    for paragraph in (own(key) or text.words(int(str(number or 0)))).split("\n\n"):
        lines: list[str] = []
        for line in paragraph.split("\n"):
            if kind := _ALONE.get(line.strip()):
                yield from _text(lines, values)
                lines = []
                yield {"kind": kind, "text": placeholders.fill(line.strip(), values)}
            else:
                lines.append(line)
        yield from _text(lines, values)


def _text(lines: list[str], values: Mapping[str, object]) -> Iterator[dict[str, str]]:
    if any(line.strip() for line in lines):
        yield {"kind": "text", "text": placeholders.fill("\n".join(lines).strip(), values)}
