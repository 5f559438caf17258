"""Every mail the demo sends, kept as a file each instead of being delivered."""

import email.policy
import os
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage as Parsed
from email.parser import BytesParser
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

KEPT = 500
ENVELOPE = "X-Envelope-To"
_NAME = re.compile(r"\d{20}-[0-9a-f]{8}")


@dataclass(frozen=True)
class Mail:
    """A mail as a person reads it."""

    name: str
    sent_at: datetime
    sender: str
    to: str
    subject: str
    text: str
    html: str


class Backend(BaseEmailBackend):
    """Put mails into the inbox."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write each message as a whole or not at all, and return how many were written."""
        for message in email_messages:
            _write(message)
        _forget_old()
        return len(email_messages)


def names() -> list[str]:
    """Return the name of each mail, the newest first."""
    return sorted((path.stem for path in _folder().glob("*.eml") if _NAME.fullmatch(path.stem)), reverse=True)


def read(name: str) -> Mail | None:
    """Return a mail, unless there is none of that name."""
    if not _NAME.fullmatch(name):
        return None
    try:
        content = (_folder() / f"{name}.eml").read_bytes()
    except FileNotFoundError:
        return None
    message = BytesParser(policy=email.policy.default).parsebytes(content)
    return Mail(
        name=name,
        sent_at=datetime.fromtimestamp(int(name.partition("-")[0]) / 1e9, tz=UTC),
        sender=str(message.get("From", "")),
        to=str(message.get(ENVELOPE) or message.get("To", "")),
        subject=str(message.get("Subject", "")),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _folder() -> Path:
    return Path(settings.REKEY_DATA) / "inbox"


def _write(message: EmailMessage) -> None:
    parsed = message.message()
    parsed[ENVELOPE] = ", ".join(message.recipients())
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{time.time_ns():020}-{secrets.token_hex(4)}.eml"
    unfinished = path.with_suffix(".new")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(parsed.as_bytes())
    unfinished.replace(path)


def _forget_old() -> None:
    for name in names()[KEPT:]:
        (_folder() / f"{name}.eml").unlink(missing_ok=True)


def _body(message: Parsed, kind: str) -> str:
    part = message.get_body((kind,))
    return "" if part is None else str(part.get_content()).strip()
