"""Codes on their way out: a job opens the waiting code, sends it, and erases it.

The job carries the row's id alone, so that no code stands in a queue or a log. It is tried again while the code lives; a code
that could not be sent before it expired is not sent late, and one that its method refuses to send is not tried again.
"""

import json
from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy

from registration.audit import SYSTEM, Activity, record
from registration.method import Undeliverable, registry
from registration.models import Challenge
from registration.purpose import Purpose
from tenants.jobs import organization_job
from tenants.shield.sealing import seal, unseal

#: Tries within the five minutes that a code lives.
_WHILE_IT_LIVES = RetryStrategy(max_attempts=12, linear_wait=4)
#: Codes of one organization on their way at once: a carrier or mail server that does not answer holds no more workers.
_LANES = 3


@organization_job(name="registration.deliver", retry=_WHILE_IT_LIVES, queue="codes", lanes=_LANES)
def deliver(*, challenge: str) -> None:
    """Send the code of a challenge, unless it is a decoy's, was answered, or is too late."""
    asked = (
        Challenge.objects.select_related("user", "device").filter(pk=UUID(challenge), sent_at=None).first()
    )
    if asked is None or asked.user is None or asked.sealed is None or not asked.is_open(timezone.now()):
        return
    method = registry()[asked.kind]
    if not method.lets_through(asked):
        return
    content = json.loads(unseal(bytes(asked.sealed), context=asked.context))
    refused = ""
    try:
        method.deliver(
            content["state"],
            content.pop("code"),
            challenge=challenge,
            purpose=asked.purpose,
            language=content.pop("language"),
        )
    except Undeliverable as problem:
        refused = problem.code
    asked.sent_at = timezone.now()
    registering, waits = asked.purpose == Purpose.ENROL, method.waits
    if not registering:
        content["state"] = {}
    asked.sealed = seal(json.dumps(content).encode(), context=asked.context) if registering or waits else None
    asked.save(update_fields=["sent_at", "sealed"])
    record(
        Activity.CODE_NOT_SENT if refused else Activity.CODE_SENT,
        actor=SYSTEM,
        subject=asked.user,
        method=asked.kind,
        reason=refused,
        failed=bool(refused),
        data={"purpose": asked.purpose},
    )
