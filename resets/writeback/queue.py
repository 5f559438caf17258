"""The queue of what is to be done in directories: put in, claimed, begun, answered. The only writer of jobs.

Waiting for a job has no effect; claiming one is a short request of its own. Whoever claims it has it for a few seconds under a
number, and every later word of it carries that number: one that came too late, because another agent has it by then, is
refused. Before the directory is touched, its agent writes down how the account stood (the intent), so that another agent which
takes over can tell whether the password has been set already (reference/directory.md 5).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.dispatch import Signal
from django.utils import timezone

from resets.models import Reset
from resets.writeback import accounts, packing, portal_keys, reach
from resets.writeback.base64url import decoded, encoded
from resets.writeback.codes import Outcome, Refusal
from resets.writeback.models import Account, Agent, Job
from resets.writeback.packing import Context
from resets.writeback.ringing import ring
from tenants.context import current, current_schema
from tenants.shield.sealing import seal, unseal

#: For how long an agent may act on a job, by the portal's signature.
LIFE = timedelta(seconds=60)
#: For how long a person waits before we say that nobody answered.
PATIENCE = timedelta(seconds=30)
#: For how long an agent has a job that it claimed; longer than it waits for its directory (3 s), or two would act at once.
LEASE = timedelta(seconds=4)
#: How long what came of a job can be looked at.
KEPT = timedelta(days=30)

#: Sent in the transaction that ends a job. Takes job and after, what was given with it.
settled = Signal()


class Away(Exception):
    """Nobody is there who could do it."""


@dataclass(frozen=True)
class Claim:
    """A job as its agent gets it; `before` is how the account stood before an earlier attempt."""

    job: Job
    context: str
    envelope: bytes
    signature: bytes
    before: str | None


@transaction.atomic
def submit(
    account: Account,
    operation: str,
    *,
    secret: Mapping[str, str],
    after: Mapping[str, Any],
    reset: Reset | None = None,
) -> Job:
    """Put a job in, sealed to every agent that could do it; raises `Away` where there is none.

    `secret` is told to the agent alone; `after` is what is to be done here when it is done, and holds no password.
    """
    able = reach.able(account.domain)
    if not able or account.gone_at is not None or not accounts.authentic(account):
        raise Away
    now = timezone.now()
    job = Job(
        domain=account.domain,
        account=account,
        reset=reset,
        operation=operation,
        created_at=now,
        expires_at=now + LIFE,
    )
    job.envelopes = {str(agent.pk): _packed(job, agent, account.guid, dict(secret)) for agent in able}
    job.after = seal(json.dumps(dict(after)).encode(), context=job.context)
    job.save(force_insert=True)
    ring(current_schema(), job.domain_id)
    return job


def open_to(agent: Agent, at: datetime) -> QuerySet[Job]:
    """Return the jobs that an agent may claim: sealed to it, not tried by it, and nobody's at this moment."""
    free = Q(state=Job.State.WAITING) | Q(state=Job.State.CLAIMED, lease_until__lt=at)
    found = Job.objects.filter(free, domain_id=agent.domain_id, finished_at=None, expires_at__gt=at)
    return found.filter(envelopes__has_key=str(agent.pk)).exclude(tried__contains=[agent.pk])


@transaction.atomic
def claim(agent: Agent) -> Claim | None:
    """Give an agent the oldest job that is anybody's, under the next number; None where there is none."""
    now = timezone.now()
    job = open_to(agent, now).order_by("created_at").select_for_update(skip_locked=True).first()
    if job is None:
        return None
    job.state, job.agent, job.attempt = Job.State.CLAIMED, agent, job.attempt + 1
    job.lease_until = now + LEASE
    job.save(update_fields=["state", "agent", "attempt", "lease_until"])
    context, envelope, signature = job.envelopes[str(agent.pk)]
    before = job.intent if job.intent_attempt else None
    return Claim(job, context, decoded(envelope), decoded(signature), before)


def intend(agent: Agent, job_id: UUID, attempt: int, before: str) -> bool:
    """Let an agent begin, whose claim still holds, and keep how the account stood before anybody did; False when it may
    not.
    """
    now = timezone.now()
    mine = _claimed(agent, job_id, attempt).filter(lease_until__gt=now, expires_at__gt=now)
    first = mine.filter(intent_attempt=0)
    begun = first.update(intent=before, intent_attempt=F("attempt"), lease_until=now + LEASE)
    return bool(begun or mine.update(lease_until=now + LEASE))


@transaction.atomic
def settle(agent: Agent, job_id: UUID, attempt: int, outcome: Outcome, code: str = "") -> bool:
    """End a job as its agent says; False when another has it, or it is over. Raises what the listeners raise: it
    then comes again.

    One that we gave up on stays as it was told to its person; what its agent says of it later is kept beside.
    """
    job = _claimed(agent, job_id, attempt).select_for_update().first()
    if job is None:
        late = Job.objects.filter(pk=job_id, agent=agent, attempt=attempt, state=Job.State.UNKNOWN, code="")
        return bool(late.update(code=f"late/{outcome}"[:64]))
    _end(job, Job.State(outcome.value), code)
    return True


@transaction.atomic
def put_back(agent: Agent, job_id: UUID, attempt: int, code: str) -> bool:
    """Let another agent try what this one cannot, having sent nothing; without another, that is the answer."""
    job = _claimed(agent, job_id, attempt).select_for_update().first()
    if job is None:
        return False
    job.tried = [*job.tried, agent.pk]
    others = {str(one.pk) for one in reach.serving(job.domain) if one.pk not in job.tried}
    if others.intersection(job.envelopes) and not job.is_late(timezone.now()):
        job.state, job.lease_until = Job.State.WAITING, None
        job.save(update_fields=["state", "lease_until", "tried"])
        ring(current_schema(), job.domain_id)
    elif 0 < job.intent_attempt < attempt:  # an earlier one may have changed it, and nobody can look
        _end(job, Job.State.UNKNOWN, "")
    else:
        _end(job, Job.State.REFUSED, code)
    return True


def look(job_id: UUID) -> Job:
    """Return a job as it stands, ended where nobody's answer is awaited any longer."""
    job = Job.objects.get(pk=job_id)
    return _given_up(job_id) if _is_overdue(job, timezone.now()) else job


def close_overdue() -> None:
    """End every job that nobody waits for any longer."""
    for job_id in Job.objects.filter(finished_at=None, created_at__lt=timezone.now() - PATIENCE).values_list(
        "pk", flat=True
    )[:1000]:
        _given_up(job_id)


def forget(before: datetime) -> int:
    """Delete the jobs that ended before a moment; a job calls it."""
    count, _models = Job.objects.filter(finished_at__lt=before).delete()
    return count


@transaction.atomic
def _given_up(job_id: UUID) -> Job:
    """End a job that was waited for long enough: nothing was changed where nobody had begun, else nobody knows."""
    job = Job.objects.select_for_update().get(pk=job_id)
    if _is_overdue(job, timezone.now()):
        if job.intent_attempt:
            _end(job, Job.State.UNKNOWN, "")
        else:
            _end(job, Job.State.REFUSED, Refusal.NO_ANSWER)
    return job


def _is_overdue(job: Job, now: datetime) -> bool:
    if job.is_over or now < job.created_at + PATIENCE:
        return False
    return not (job.intent_attempt and job.lease_until and now < job.lease_until)


def _end(job: Job, state: Job.State, code: str) -> None:
    after: dict[str, Any] = {}
    if job.after is not None:
        after = json.loads(unseal(job.after, context=job.context))
    job.state, job.code, job.finished_at = state, code, timezone.now()
    job.envelopes, job.after, job.lease_until = {}, None, None
    job.save()
    settled.send(sender=Job, job=job, after=after)


def _claimed(agent: Agent, job_id: UUID, attempt: int) -> QuerySet[Job]:
    """Return a job while it is this agent's under this number, as rows to update or to lock."""
    return Job.objects.filter(
        pk=job_id, agent=agent, attempt=attempt, state=Job.State.CLAIMED, finished_at=None
    )


def _packed(job: Job, agent: Agent, guid: str, secret: dict[str, str]) -> list[str]:
    assert agent.sealing_key is not None
    context = Context(
        job=str(job.pk),
        organization=str(current().pk),
        domain=str(job.domain_id),
        agent=str(agent.pk),
        guid=guid,
        operation=job.operation,
        expires=int(job.expires_at.timestamp()),
    )
    packed = packing.pack(context, secret, sealing_key=bytes(agent.sealing_key), portal=portal_keys.newest())
    return [packed.context, encoded(packed.envelope), encoded(packed.signature)]
