"""The one door for outgoing mail: an organization's look, the person's language, and three templates for each event.

`mail/<event>/` holds `subject.txt`, `body.txt` and `body.html`. Only jobs send: what raises here is tried again by the job.
"""

from collections.abc import Mapping
from email.utils import formataddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from tenants import speaking
from tenants.branding.context import here
from tenants.context import current


def send(event: str, *, to: str, language: str, context: Mapping[str, object]) -> None:
    """Send one mail to one address; raise what the mail server answers.

    A language that is none of ours is the organization's.
    """
    organization = current()
    spoken = speaking.known(language) or speaking.known(here().language) or settings.LANGUAGE_CODE
    with translation.override(spoken):
        words = {**context, "organization": organization.name, "brand": here()}
        words["LANGUAGE_CODE"] = translation.get_language()
        words["LANGUAGE_BIDI"] = translation.get_language_bidi()
        subject = " ".join(render_to_string(f"mail/{event}/subject.txt", words).split())
        message = EmailMultiAlternatives(
            subject,
            render_to_string(f"mail/{event}/body.txt", words),
            formataddr((organization.name, settings.DEFAULT_FROM_EMAIL)),
            [to],
            headers={"Auto-Submitted": "auto-generated"},
        )
        message.attach_alternative(render_to_string(f"mail/{event}/body.html", words), "text/html")
    message.send()
