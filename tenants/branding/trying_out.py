"""Send a text to who is writing it, as a test: to their own address alone, with made-up values, and marked as a test."""

from typing import Any

from django.db import transaction
from django.dispatch import Signal
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tenants import mail
from tenants.branding import previews, replaceable, samples
from tenants.branding.context import here, trying
from tenants.branding.replaceable import Group, Replaceable
from tenants.jobs import organization_job
from tenants.shield import throttle
from tenants.shield.sealing import seal, unseal
from tenants.shield.throttle import Budget

#: Sent before a test goes out: what cannot be written down is not sent. Takes `actor`, and `data`: text and language.
text_tried = Signal()

TESTS = Budget("branding/test", limit=20, seconds=60 * 60)
_ADDRESS = "branding.trial.address"
_NOWHERE = _("You have no primary address. Ask a colleague to enter one on your page under People.")


def send(text: Replaceable, language: str, words: str, *, person: Any) -> str:
    """Write the job that sends it to the person's primary address; return why not, where it is not."""
    if not person.primary_address:
        return str(_NOWHERE)
    verdict = throttle.spend(TESTS, str(person.pk))
    if not verdict.allowed:
        minutes = max(1, -(-int(verdict.retry_after.total_seconds()) // 60))
        return ngettext(
            "That was too often. Please wait %(minutes)d minute.",
            "That was too often. Please wait %(minutes)d minutes.",
            minutes,
        ) % {"minutes": minutes}
    ask(text, language, words, person=person)
    return ""


def ask(text: Replaceable, language: str, words: str, *, person: Any) -> None:
    """Write the job; the address is sealed, so that the queue holds no one's private mailbox."""
    deliver.enqueue(
        text=text.key,
        language=language,
        words=words,
        to=seal(person.primary_address.encode(), context=_ADDRESS).hex(),
        by=person.sign_in_name,
    )


@organization_job(name="branding.trial", queue="notices")
def deliver(*, text: str, language: str, words: str, to: str, by: str) -> None:
    """Send one test to one address, in the words that were typed, saved or not."""
    tried = replaceable.find(text)
    if tried is None or tried.section.group is Group.PAGES or tried.flaws(words):
        return
    address = unseal(bytes.fromhex(to), context=_ADDRESS).decode()
    with (
        transaction.atomic(),
        translation.override(language),
        trying(previews.with_text(here(), text, {language: words})),
    ):
        text_tried.send(sender=Replaceable, actor=by, data={"text": text, "language": language})
        notice = str(samples.NOTICE)
        written = (
            samples.mail(text, notice=notice)
            if tried.section.group is Group.MAILS
            else samples.message_by_mail(tried, notice=notice)
        )
        mail.post(written, to=address)
