"""Whether a job may be done: the portal's own, for this agent, of now, and not done before."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rekey_agent import packing
from rekey_agent.base64url import decoded
from rekey_agent.keys import Identity

#: Seconds that the portal's clock and ours may disagree at a job's end.
_SLACK = 0.0
OPERATIONS = frozenset({"reset", "change", "unlock", "expire"})


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

    def __repr__(self) -> str:
        return f"Job({self.id} {self.operation} attempt={self.attempt})"


def judged(
    said: dict[str, Any], identity: Identity, *, now: float, moment: float, is_done: Callable[[str], bool]
) -> Job:
    """Return the job that a claim gave, or raise `NotDone`. `now` is the portal's time, `moment` this machine's."""
    context, envelope, signature = _parts(said)
    if not packing.is_signed(context, envelope, signature, identity.portal_keys):
        raise NotDone("job_signature")
    about = json.loads(context)
    mine = (identity.agent, identity.domain, identity.organization, said.get("id"))
    if (about.get("agent"), about.get("domain"), about.get("organization"), about.get("job")) != mine:
        raise NotDone("job_address")
    if now >= about["expires"] + _SLACK:
        raise NotDone("job_expired")
    if is_done(about["job"]):
        raise NotDone("job_replayed")
    if about.get("operation") not in OPERATIONS:
        raise NotDone("capability_missing")
    try:
        secret = packing.opened(context, envelope, identity.opening(moment))
    except packing.Unopenable:
        raise NotDone("job_sealed") from None
    before = said.get("before")
    return Job(
        id=about["job"],
        attempt=int(said["attempt"]),
        guid=about["guid"],
        operation=about["operation"],
        expires=int(about["expires"]),
        before=before if isinstance(before, str) else None,
        password=secret.get("password", ""),
        old=secret.get("old", ""),
    )


def _parts(said: dict[str, Any]) -> tuple[str, bytes, bytes]:
    try:
        return str(said["context"]), decoded(said["envelope"]), decoded(said["signature"])
    except (KeyError, ValueError, TypeError):
        raise NotDone("job_signature") from None
