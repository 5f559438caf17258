"""Six letters in a picture, for browsers without JavaScript.

The page holds a signed key. Letters and drawing follow from the key by the organization's secret alone, so nothing is stored,
the same picture comes back on a second look, and nobody else can draw it again and compare. A key is good for one guess.
"""

import hmac
import io
import logging
import random
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.cache import caches
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from tenants.shield import signing
from tenants.shield.captcha import Captcha, Outcome
from tenants.shield.captchas.drawing import HEIGHT, WIDTH, draw
from tenants.shield.sealing import mac

logger = logging.getLogger(__name__)
ALPHABET = "ACDEFHJKLMNPRTUXY"  # none that looks like another
LENGTH = 6
LIFE = timedelta(minutes=10)
_PURPOSE = "captcha/characters"
_LONGEST_ANSWER = 200


class Characters(Captcha):
    """A picture to read and a field to type into."""

    kind = "characters"
    template_name = "captcha/characters.html"

    def context(self) -> dict[str, Any]:
        """Return a fresh key and where its picture is."""
        key = signing.dumps(secrets.token_hex(16), purpose=_PURPOSE)
        return {"key": key, "url": reverse("captcha", args=[self.kind]), "width": WIDTH, "height": HEIGHT}

    def challenge(self, request: HttpRequest) -> HttpResponse:
        """Answer with the picture of a key that this organization made."""
        nonce = _nonce(request.GET.get("key", ""))
        if nonce is None:
            raise Http404
        picture = draw(letters(nonce), random.Random(mac("captcha/characters/drawing", nonce)))  # noqa: S311  # its seed is secret
        with io.BytesIO() as file:
            picture.save(file, "PNG")
            return HttpResponse(file.getvalue(), content_type="image/png")

    def read(self, data: Mapping[str, Any], name: str) -> str:
        """Return key and letters together."""
        key, text = data.get(f"{name}_key") or "", data.get(f"{name}_text") or ""
        return f"{key} {text}" if text else ""

    def verify(self, answer: str) -> Outcome:
        """Spend the key, and only then look whether the letters are right."""
        key, _, text = answer[:_LONGEST_ANSWER].partition(" ")
        nonce = _nonce(key)
        if nonce is None:
            return Outcome.FAILED
        try:
            with transaction.atomic(durable=True):
                first = caches["shared"].add(f"{_PURPOSE}/{nonce}", 1, timeout=2 * LIFE.total_seconds())
        except Exception:  # whatever keeps the cache from answering, it must not let anybody through
            logger.exception("a captcha could not be judged")
            return Outcome.UNAVAILABLE
        if not first:
            return Outcome.REPLAYED
        typed = "".join(text.split()).upper().encode("utf-8", "replace")
        return Outcome.PASSED if hmac.compare_digest(typed, letters(nonce).encode()) else Outcome.FAILED


def letters(nonce: str) -> str:
    """Return the letters that belong to a key."""
    number = int(mac("captcha/characters/letters", nonce), 16)
    text = ""
    while len(text) < LENGTH:
        number, place = divmod(number, len(ALPHABET))
        text += ALPHABET[place]
    return text


def _nonce(key: str) -> str | None:
    try:
        return str(signing.loads(key, purpose=_PURPOSE, max_age=LIFE))
    except signing.BadSignature:
        return None
