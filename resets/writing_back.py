"""What a reset writes to a directory: the job, and what is done here when its answer comes. With `flow`, the writer of Reset.

The directory is asked outside of every transaction. What its answer brings here happens in the one in which the
answer is taken:
if that fails, the agent says it again.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from registration import audit, passwords, standing
from registration.audit import Activity
from registration.models import User
from registration.origin import Origin
from resets import notices
from resets.journey import Written
from resets.models import Reset
from resets.writeback import codes, domain_rules, queue
from resets.writeback.codes import OF_THE_ACCOUNT, Outcome
from resets.writeback.domain_rules import DomainRules
from resets.writeback.homes import Hindrance
from resets.writeback.models import Account, Job, OnPremisesDomain

#: For how long a page looks for the answer before it lets the browser wait, in seconds; and how often, slower each time.
PATIENCE, FIRST_LOOK, LAST_LOOK = 1.5, 0.02, 0.15
#: What Entra's audit log calls an agent (reference/entra.md b10).
AGENTS = {OnPremisesDomain.Deployment.CONNECT: "Connect", OnPremisesDomain.Deployment.CLOUD_SYNC: "CloudSync"}
Finish = Callable[[Reset, User, Origin], None]


def rules_of(account: Account) -> DomainRules:
    """Return what the domain asks of this account's password."""
    policies = account.domain.facts.get("policies") or {}
    return domain_rules.of(policies, str(account.facts.get("rules") or ""))


def write(
    reset: Reset, account: Account, password: str, *, data: Mapping[str, object], origin: Origin
) -> None:
    """Have a new password set in the directory. Raises `passwords.Refused` and `queue.Away`."""
    assert reset.user is not None
    hashed = passwords.prepared(
        reset.user, password, activity=Activity.PASSWORD_RESET, floor=rules_of(account).floor
    )
    _submit(
        reset,
        account,
        Job.Operation.RESET,
        User.normal(password),
        {"hash": hashed, "data": dict(data)},
        origin,
    )


def unlock(reset: Reset, account: Account, *, data: Mapping[str, object], origin: Origin) -> None:
    """Have the account unlocked, and its password left as it is. Raises `queue.Away`."""
    _submit(reset, account, Job.Operation.UNLOCK, "", {"data": dict(data)}, origin)


def await_answer(job_id: Any) -> Job:
    """Look for the answer for a moment; return the job as it stands then."""
    until, pause = time.monotonic() + PATIENCE, FIRST_LOOK
    while not (job := queue.look(job_id)).is_over and time.monotonic() < until:
        time.sleep(pause)
        pause = min(pause * 1.5, LAST_LOOK)
    return job


def open_job(reset: Reset) -> Job | None:
    """Return the job whose answer a reset awaits."""
    return Job.objects.filter(reset=reset).order_by("-created_at").first()


@transaction.atomic
def settle(job: Job, after: Mapping[str, Any], finish: Finish) -> None:
    """Act on a directory's answer. `finish` is what every reset that sets a password ends with."""
    # The person first, then the reset, as whoever ends a reset does.
    assert job.reset_id is not None
    User.objects.select_for_update(no_key=True).filter(resets=job.reset_id).first()
    reset = (
        Reset.objects.select_for_update(of=("self",)).select_related("user").filter(pk=job.reset_id).first()
    )
    if reset is None or reset.user is None or reset.written != Written.PENDING:
        return
    origin = Origin(**after["origin"])
    if job.state == Job.State.DONE:
        _done(reset, reset.user, job, after, origin, finish)
    elif job.state == Job.State.UNKNOWN:
        reset.written, reset.finished_at = Written.UNKNOWN, timezone.now()
        reset.save(update_fields=["written", "finished_at"])
        _write(reset, Activity.RESET_STOPPED, origin, job, reason=Written.UNKNOWN)
    else:
        _refused(reset, job, origin)


def directory(job: Job) -> dict[str, object]:
    """Return what an audit event says of the directory that was asked."""
    agent = AGENTS[OnPremisesDomain.Deployment(job.domain.deployment)]
    return {"domain": job.domain.name, "on_premises_agent": agent, "attempts": job.attempt}


def _submit(
    reset: Reset, account: Account, operation: str, password: str, after: dict[str, Any], origin: Origin
) -> None:
    told = {"address": origin.address, "network": origin.network, "agent": origin.agent}
    secret = {"password": password, "old": ""}
    queue.submit(account, operation, secret=secret, after={**after, "origin": told}, reset=reset)
    reset.written, reset.refused = Written.PENDING, ""
    reset.unlocks = operation == Job.Operation.UNLOCK
    reset.save(update_fields=["written", "refused", "unlocks"])


def _done(
    reset: Reset, user: User, job: Job, after: Mapping[str, Any], origin: Origin, finish: Finish
) -> None:
    data = {**after["data"], **directory(job)}
    ended = bool(reset.stopped)  # meanwhile, by its owner
    reset.written, reset.finished_at = Written.DONE, timezone.now()
    reset.save(update_fields=["written", "finished_at"])
    if reset.unlocks:
        audit.record(Activity.ACCOUNT_UNLOCKED, actor=user, subject=user, origin=origin, data=data)
        notices.account_unlocked(user, standing.policy_row(), origin)
    elif ended:
        audit.record(
            Activity.PASSWORD_RESET, actor=user, subject=user, origin=origin, data={**data, "here": False}
        )
    else:
        method = "+".join(reset.passed)
        passwords.set_prepared(
            user,
            after["hash"],
            activity=Activity.PASSWORD_RESET,
            actor=user,
            origin=origin,
            method=method,
            data=data,
        )
        finish(reset, user, origin)


def _refused(reset: Reset, job: Job, origin: Origin) -> None:
    code = Outcome.SUPERSEDED.value if job.state == Job.State.SUPERSEDED else job.code
    reset.written, reset.refused = Written.NOT_YET, code
    if code in OF_THE_ACCOUNT and not reset.stopped:
        reset.stopped = Hindrance.ADMINISTRATOR
        _write(reset, Activity.RESET_STOPPED, origin, job, reason=Hindrance.ADMINISTRATOR)
    else:
        _write(reset, Activity.RESET_PASSWORD_REFUSED, origin, job, reason=codes.reason(code))
    reset.save(update_fields=["written", "refused", "stopped"])


def _write(reset: Reset, activity: Activity, origin: Origin, job: Job, *, reason: str) -> None:
    data = {"reference": reset.reference, "entry": reset.entry, "answer": job.code, **directory(job)}
    subject = reset.user or reset.typed
    audit.record(
        activity, actor=subject, subject=subject, origin=origin, reason=reason, failed=True, data=data
    )
