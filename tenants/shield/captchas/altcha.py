"""Proof of work: the browser computes for a second, the person does nothing (WCAG 3.3.8 and 3.3.9).

The challenge is signed with a secret of the organization's own, so what was solved at one is refused at
another, and it is claimed in the shared cache when it passes, so it passes once.
"""

import json
import logging
from typing import Any

from altcha_django import ErrorCode, LocalVerifier, build_challenge, run_verification
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tenants.shield import pressure
from tenants.shield.captcha import Captcha, Outcome
from tenants.shield.sealing import mac

logger = logging.getLogger(__name__)
LONGEST_ANSWER = 2000  # a real one has about 900 characters


class Altcha(Captcha):
    """The widget of altcha.org, served by ourselves."""

    kind = "altcha"
    template_name = "captcha/altcha.html"

    def context(self) -> dict[str, Any]:
        """Return where the challenge is fetched, how the widget behaves, and its words in the page's language."""
        texts = {
            "label": _("I'm a person"),
            "verifying": _("Checking that you're a person…"),
            "verified": _("Checked: you're a person"),
            "waitAlert": _("Please wait until the check is done."),
            "error": _("The check didn't work. Please try again in a moment."),
            "expired": _("The check is too old. Please try again."),
            "loading": _("Loading…"),
        }
        behaviour = {
            "hideFooter": True,
            "hideLogo": True,
            "humanInteractionSignature": False,
            "minDuration": 300,
        }
        return {
            "url": reverse("captcha", args=[self.kind]),
            "language": get_language(),
            "texts": json.dumps(texts),
            "behaviour": json.dumps(behaviour),
        }

    def challenge(self, request: HttpRequest) -> HttpResponse:
        """Answer with a fresh, signed challenge, a harder one while the organization has very many."""
        secret, key_secret = _secrets()
        cost = settings.ALTCHA_CHALLENGE["cost"] * pressure.factor()
        return JsonResponse(
            build_challenge(hmac_secret=secret, hmac_key_secret=key_secret, cost=cost).to_dict()
        )

    def verify(self, answer: str) -> Outcome:
        """Check signature, age and solution, then claim the challenge."""
        if not 0 < len(answer) <= LONGEST_ANSWER:
            return Outcome.FAILED
        secret, key_secret = _secrets()
        verifier = LocalVerifier(hmac_secret=secret, hmac_key_secret=key_secret)
        try:
            with transaction.atomic(durable=True):
                result = run_verification(answer, verifier=verifier)
        except RecursionError:  # deeply nested rubbish
            return Outcome.FAILED
        except Exception:  # whatever keeps the cache from answering, it must not let anybody through
            logger.exception("a captcha could not be judged")
            return Outcome.UNAVAILABLE
        if result.verified:
            return Outcome.PASSED
        return Outcome.REPLAYED if result.code == ErrorCode.REPLAYED.value else Outcome.FAILED


def _secrets() -> tuple[str, str]:
    """Return what signs the challenge, and what signs its solution: the latter spares the server solving it again."""
    return mac("captcha/altcha"), mac("captcha/altcha/key")
