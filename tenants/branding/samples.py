"""Mails, text messages and calls with samples in the place of what is somebody's: for previews, and to send to oneself."""

from collections.abc import Mapping
from types import MappingProxyType

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from tenants import links
from tenants.branding import letters, placeholders, segments
from tenants.branding.context import here
from tenants.branding.letters import Letter, Written
from tenants.branding.replaceable import PLACEHOLDERS, Replaceable, Words, find
from tenants.branding.saying import say

NAMES: Mapping[str, Words] = MappingProxyType(
    {"mail": _("Mail"), "mail_text": _("Mail, as plain text"), "message": _("Message")}
)
#: The mail beside the form of the look.
USUAL = "mail.code.body"
NOTICE = _("A test, with made-up values")


def values(text: Replaceable) -> dict[str, object]:
    """Return a sample for each placeholder of a text."""
    return {name: str(PLACEHOLDERS[name].sample) or here().name for name in text.known}


def mail(key: str, *, notice: str = "") -> Written:
    """Write the mail that a text is part of, in the active language. Raises `LookupError` where it is part of none."""
    letter = _letter(key)
    if letter is None:
        raise LookupError(f"{key} is no text of a mail")
    return letters.write(letter, _context(letter, key), notice=notice)


def message(text: Replaceable) -> str:
    """Return a text message as it is sent, or what a call says, with samples."""
    filled = placeholders.fill(say(text.key), values(text))
    return text.sent(filled) if text.is_message else filled


def message_by_mail(text: Replaceable, *, notice: str) -> Written:
    """Write a mail that shows a message."""
    return letters.show(str(text.section.name), message(text), notice=notice)


def drawn(page: str, about: str) -> str:
    """Return a document that shows a mail or a message. Raises `LookupError` for anything else."""
    if page == "mail":
        return mail(about or USUAL).html
    if page == "mail_text":
        written = mail(about or USUAL)
        return _document({"heading": written.subject, "text": written.text.strip()})
    text = find(about)
    if page != "message" or text is None:
        raise LookupError(f"{page} cannot be looked at")
    words = message(text)
    parts = segments.count(words) if text.is_message else 0
    return _document({"heading": text.section.name, "text": words, "parts": parts, "bubble": True})


def _document(words: Mapping[str, object]) -> str:
    return render_to_string(
        "desk/preview_message.html",
        {
            **words,
            "LANGUAGE_CODE": translation.get_language(),
            "LANGUAGE_BIDI": translation.get_language_bidi(),
        },
    )


def _letter(key: str) -> Letter | None:
    kind, _dot, rest = key.partition(".")
    return letters.of(rest.partition(".")[0]) if kind == "mail" else None


def _context(letter: Letter, key: str) -> dict[str, object]:
    """Return samples, and the case of which the text is a part."""
    link = links.absolute("account_login")
    context: dict[str, object] = {name: str(one.sample) for name, one in PLACEHOLDERS.items() if one.sample}
    context |= {"at": timezone.now(), "link": link, "objection": link if letter.objects else ""}
    placeholder, _dot, case = key.removeprefix(f"mail.{letter.event}.").partition(".")
    if case:
        context[letter.parts[placeholder][0]] = case
        if case == "address":
            context |= {"browser": "", "system": ""}
    return context
