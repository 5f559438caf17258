"""What a captcha is: something that costs a person little and a crowd of bots much. One file per kind in `captchas/`.

The settings that this room needs, all of altcha-django:

    ALTCHA_CACHE_ALIAS = "shared"       claims of solved challenges, without the schema in their keys
    ALTCHA_CHALLENGE = {"cost": 2000, "max_number": 1000, "expires_seconds": 600}
    ALTCHA_HMAC_SECRET                  never used, since each organization has its own, but its system check
    asks for one ALTCHA_VERIFIER                     left alone ("local")
"""

import enum
import functools
import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse

from tenants.shield import captchas


class Outcome(enum.StrEnum):
    """What became of an answer. Only `PASSED` lets anybody through."""

    PASSED = "passed"
    FAILED = "failed"
    REPLAYED = "replayed"
    UNAVAILABLE = "unavailable"


class Captcha(ABC):
    """One kind of captcha. An instance holds no state: challenges live with the client or in the shared cache."""

    kind: ClassVar[str]
    template_name: ClassVar[str]

    @abstractmethod
    def context(self) -> dict[str, Any]:
        """Return what the template needs besides the field's name and id."""

    @abstractmethod
    def challenge(self, request: HttpRequest) -> HttpResponse:
        """Answer the browser's request for a challenge, which only this organization will accept solved."""

    @abstractmethod
    def verify(self, answer: str) -> Outcome:
        """Judge an answer and spend its challenge, so that the same answer never passes twice.

        Call it outside a transaction: a rollback would give the challenge back. What cannot be judged is
        `UNAVAILABLE`.
        """

    def read(self, data: Mapping[str, Any], name: str) -> str:
        """Return the answer from what a form posted; empty when there is none."""
        return str(data.get(name) or "")


@functools.cache
def kinds() -> dict[str, Captcha]:
    """Return every kind that a file in `captchas/` declares."""
    found: dict[str, Captcha] = {}
    for module in pkgutil.iter_modules(captchas.__path__):
        members = vars(importlib.import_module(f"{captchas.__name__}.{module.name}")).values()
        for member in members:
            if isinstance(member, type) and issubclass(member, Captcha) and member is not Captcha:
                found[member.kind] = member()
    return found


def find(kind: str) -> Captcha:
    """Return the captcha of a kind, or raise `LookupError`."""
    return kinds()[kind]
