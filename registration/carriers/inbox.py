"""The demo's telephones: a text is kept as a file, and a call rings there until somebody answers it in the inbox."""

import json
import os
import secrets
import time
from pathlib import Path

from django.conf import settings as django_settings
from django.utils.translation import gettext_lazy as _

from registration.carrier import Carrier, Hooks, Settings
from registration.method import Undeliverable

KEPT = 500


class Inbox(Carrier):
    """The inbox of the demo, and of nothing else."""

    kind = "inbox"
    name = _("The demo's inbox")
    description = _("Text messages and calls end in the inbox of this demo, and cost nothing.")
    calls = True

    def is_offered(self) -> bool:
        """Say so in the demo."""
        return bool(django_settings.REKEY_DEMO)

    def text(self, settings: Settings, number: str, words: str, *, hooks: Hooks) -> str:
        """Put a text message there."""
        return _kept({"number": number, "words": words, **_whose(hooks)})

    def call(self, settings: Settings, number: str, *, hooks: Hooks) -> str:
        """Let it ring there."""
        return _kept({"number": number, **_whose(hooks)})


def folder() -> Path:
    """Return where they are kept; nobody but the owner of the demo's data can read it."""
    return Path(django_settings.REKEY_DATA) / "phones"


def _whose(hooks: Hooks) -> dict[str, str]:
    return {"schema": hooks.schema, "message": str(hooks.message)}


def _kept(content: dict[str, str]) -> str:
    """Write a file as a whole or not at all, and return its name."""
    if not django_settings.REKEY_DEMO:
        raise Undeliverable("no_carrier")
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{time.time_ns():020}-{secrets.token_hex(4)}"
    unfinished = folder() / f"{name}.new"
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file)
    unfinished.replace(unfinished.with_suffix(".json"))
    for old in sorted(folder().glob("*.json"))[:-KEPT]:
        old.unlink(missing_ok=True)
    return name
