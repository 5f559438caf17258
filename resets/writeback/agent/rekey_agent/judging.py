"""Whether a job may be done: the portal's own, for this agent, of now, and not done before."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rekey_agent import packing
from rekey_agent.base64url import decoded
from rekey_agent.keys import Identity

_VERSION = 1
_OF_PASSWORDS = frozenset({"reset", "change"})
OPERATIONS = _OF_PASSWORDS | {"unlock", "expire"}


class NotDone(Exception):
    """A job is not done; `code` says why, to the portal."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Job:
    """A job that may be done. Its passwords stand in no text that is printed."""

    id: str
    attempt: int
    guid: str
    operation: str
    expires: int
    before: str | None
    password: str
    old: str

    @property
    def is_of_password(self) -> bool:
        """Whether it sets a password, which may be done once only."""
        return self.operation in _OF_PASSWORDS

    def __repr__(self) -> str:
        return f"Job({self.id} {self.operation} attempt={self.attempt})"


def judged(
    said: dict[str, Any], identity: Identity, *, now: float, is_over: Callable[[str, int], bool]
) -> Job:
    """Return the job that a claim gave, or raise `NotDone`. `now` is the portal's time; the journal knows what is over."""
    context, envelope, signature = _parts(said)
    if not packing.is_signed(context, envelope, signature, identity.trusted(now)):
        raise NotDone("job_signature")
    try:
        about = json.loads(context)
        job, operation, expires = str(about["job"]), str(about["operation"]), int(about["expires"])
        guid, attempt = str(about["guid"]), int(said["attempt"])
        here = (about["agent"], about["domain"], about["organization"], said["id"])
    except (ValueError, KeyError, TypeError):
        raise NotDone("agent_fault") from None
    if here != (identity.agent, identity.domain, identity.organization, job):
        raise NotDone("job_address")
    if now >= expires:
        raise NotDone("job_expired")
    if is_over(job, expires):
        raise NotDone("job_replayed")
    if about.get("v") != _VERSION or operation not in OPERATIONS:
        raise NotDone("capability_missing")
    try:
        secret = packing.opened(context, envelope, identity.opening(now))
    except packing.Unopenable:
        raise NotDone("job_sealed") from None
    if operation in _OF_PASSWORDS and not secret.get("password"):
        raise NotDone("agent_fault")  # nobody's password is emptied
    before = said.get("before")
    return Job(
        id=job,
        attempt=attempt,
        guid=guid,
        operation=operation,
        expires=expires,
        before=before if isinstance(before, str) else None,
        password=secret.get("password", ""),
        old=secret.get("old", ""),
    )


def _parts(said: dict[str, Any]) -> tuple[str, bytes, bytes]:
    try:
        return str(said["context"]), decoded(said["envelope"]), decoded(said["signature"])
    except (ValueError, KeyError, TypeError):
        raise NotDone("job_signature") from None
