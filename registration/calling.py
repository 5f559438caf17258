"""What a call says: the words, and nothing of how a carrier speaks them."""

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from registration.carrier import Spoken
from tenants import speaking
from tenants.branding.context import here
from tenants.branding.saying import say
from tenants.context import current


def code(digits: str, language: str) -> Spoken:
    """Read a code digit by digit, twice."""
    with translation.override(_spoken_in(language)):
        each = ", ".join(digits)
        return _spoken(
            say("call.code", organization=current().name),
            f"{each}.",
            say("call.again"),
            f"{each}.",
            say("call.goodbye"),
        )


def key(language: str) -> Spoken:
    """Ask for #."""
    with translation.override(_spoken_in(language)):
        return _spoken(
            say("call.key", organization=current().name),
            _("Somebody wants to prove by this call that they are you."),
            _("If it is you, press the hash key. If it is not, press the star key."),
            asks_key=True,
        )


def thanks(language: str) -> Spoken:
    """Say that it was understood."""
    with translation.override(_spoken_in(language)):
        return _spoken(say("call.thanks"))


def stopped(language: str) -> Spoken:
    """Say that nothing was proved."""
    with translation.override(_spoken_in(language)):
        return _spoken(say("call.stopped"))


def _spoken_in(language: str) -> str:
    """Return the person's language, else the organization's, as mails are written."""
    return speaking.known(language) or speaking.known(here().language) or settings.LANGUAGE_CODE


def _spoken(*sentences: str | Promise, asks_key: bool = False) -> Spoken:
    return Spoken(translation.get_language() or "", tuple(map(str, sentences)), asks_key)
