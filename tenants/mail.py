"""The one door for outgoing mail: an organization's look and words, in the person's language.

An event's mail is made of texts that a room declares (`tenants.branding.letters`). One that nobody may reword is three
templates, `subject.txt`, `body.txt` and `body.html` in `mail/<event>/`. Only jobs send: what raises here is tried again.
"""

from collections.abc import Mapping
from email.utils import formataddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from tenants import speaking
from tenants.branding import letters
from tenants.branding.context import here
from tenants.branding.letters import Written
from tenants.context import current


def send(event: str, *, to: str, language: str, context: Mapping[str, object]) -> None:
    """Send one mail to one address; raise what the mail server answers.

    A language that is none of ours is the organization's.
    """
    with translation.override(spoken(language)):
        written = write(event, context)
    post(written, to=to)


def post(written: Written, *, to: str) -> None:
    """Send what is written to one address, in the organization's name."""
    message = EmailMultiAlternatives(
        written.subject,
        written.text,
        formataddr((current().name, settings.DEFAULT_FROM_EMAIL)),
        [to],
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(written.html, "text/html")
    message.send()


def spoken(language: str) -> str:
    """Return the language that a mail is written in, for one that was asked for."""
    return speaking.known(language) or speaking.known(here().language) or settings.LANGUAGE_CODE


def write(event: str, context: Mapping[str, object]) -> Written:
    """Write a mail in the active language: by its texts, which an organization may replace, else by three templates."""
    if letter := letters.of(event):
        return letters.write(letter, context)
    words = {**context, "organization": current().name, "brand": here()}
    words["LANGUAGE_CODE"] = translation.get_language()
    words["LANGUAGE_BIDI"] = translation.get_language_bidi()
    return Written(
        " ".join(render_to_string(f"mail/{event}/subject.txt", words).split()),
        render_to_string(f"mail/{event}/body.txt", words),
        render_to_string(f"mail/{event}/body.html", words),
    )
