"""The telephones of the demo: what was texted, and calls, which ring until somebody answers them in the inbox.

Whoever answers does it in the organization that called, through the same door as a carrier's report.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from registration import telephony
from registration.carrier import Spoken
from registration.carriers import inbox
from tenants.context import entered
from tenants.models import Organization

KEYS = "123456789*0#"
_NAME = re.compile(r"\d{20}-[0-9a-f]{8}")


@dataclass(frozen=True)
class Phone:
    """A text message or a call, as the owner of the telephone sees it."""

    name: str
    at: datetime
    number: str
    organization: str
    words: str
    #: What a call has said so far; None while it rings.
    said: tuple[str, ...] | None
    language: str
    asks_key: bool

    @property
    def is_call(self) -> bool:
        """Whether it is a call."""
        return not self.words

    @property
    def rings(self) -> bool:
        """Whether nobody has answered it yet."""
        return self.is_call and self.said is None


def names() -> list[str]:
    """Return the name of each, the newest first."""
    found = (path.stem for path in inbox.folder().glob("*.json"))
    return sorted((name for name in found if _NAME.fullmatch(name)), reverse=True)


def read(name: str) -> Phone | None:
    """Return one, unless there is none of that name."""
    content = _content(name)
    if content is None:
        return None
    organization = Organization.objects.filter(schema_name=content["schema"]).first()
    return Phone(
        name=name,
        at=datetime.fromtimestamp(int(name.partition("-")[0]) / 1e9, tz=UTC),
        number=content["number"],
        organization=organization.name if organization else "",
        words=content.get("words", ""),
        said=tuple(content["said"]) if "said" in content else None,
        language=content.get("language", ""),
        asks_key=content.get("asks_key", False),
    )


def answer(name: str, *, by_machine: bool = False) -> None:
    """Answer a call that rings, as a person or as a mailbox would, and keep what it says."""
    content = _content(name)
    if content is not None and "words" not in content and "said" not in content:
        with entered(Organization.objects.get(schema_name=content["schema"])):
            _keep(name, content, telephony.answered(UUID(content["message"]), by_machine=by_machine))


def press(name: str, key: str) -> None:
    """Press a key in a call that asks for one, and keep what it says then."""
    content = _content(name)
    if content is not None and content.get("asks_key") and key in KEYS:
        with entered(Organization.objects.get(schema_name=content["schema"])):
            _keep(name, content, telephony.pressed(UUID(content["message"]), key))


def _content(name: str) -> dict[str, Any] | None:
    if not _NAME.fullmatch(name):
        return None
    try:
        found: dict[str, Any] = json.loads(_path(name).read_text())
    except FileNotFoundError:
        return None
    return found


def _keep(name: str, content: dict[str, Any], spoken: Spoken | None) -> None:
    """Add what was said to the file, as a whole or not at all."""
    said = [*content.get("said", []), *(spoken.sentences if spoken else ())]
    language = spoken.language if spoken else content.get("language", "")
    asks = spoken is not None and spoken.asks_key
    unfinished = _path(name).with_suffix(".new")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps({**content, "said": said, "language": language, "asks_key": asks}))
    unfinished.replace(_path(name))


def _path(name: str) -> Path:
    return inbox.folder() / f"{name}.json"
