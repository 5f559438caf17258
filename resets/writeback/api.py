"""What agents ask of the portal, under /agent/v1/. An agent has no session and no form: its signature counts.

docs/agent-protocol.md says it in words. Each view parses and answers; `agents`, `queue`, `domains` and `bringing`
decide and write.
"""

import logging
import time
from collections.abc import Callable
from functools import wraps
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from licensing.editions import Feature
from licensing.guards import decision
from registration.origin import origin
from resets.writeback import agents, bringing, domains, messages, portal_keys, queue, reach, signed
from resets.writeback.base64url import encoded
from resets.writeback.budgets import ENROL
from resets.writeback.codes import Outcome
from resets.writeback.messages import Malformed
from resets.writeback.models import Agent
from resets.writeback.waiting.looking import waits_for
from tenants.shield import throttle

logger = logging.getLogger(__name__)
Said = dict[str, object]
Act = Callable[[HttpRequest, Agent, Said], Said]
_NOBODY = "enrol"


class Refused(Exception):
    """A request is not served; `code` says why, and `status` is HTTP's."""

    def __init__(self, code: str, status: int, text: str, **more: object) -> None:
        super().__init__(code)
        self.code, self.status, self.text, self.more = code, status, text, more


def _served(view: Callable[[HttpRequest], Said]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer in JSON, refusals too; only organizations whose edition writes back have agents."""

    @csrf_exempt
    @never_cache
    @require_POST
    @wraps(view)
    def served(request: HttpRequest) -> HttpResponse:
        try:
            if not decision(Feature.WRITEBACK).allowed:
                raise Refused("not_included", 403, "The organization's edition does not write back.")
            return _answer(view(request))
        except Malformed as malformed:
            text = f"{malformed.field} cannot be read. See the protocol for what it is."
            return _refusal(Refused("malformed", 400, text, field=malformed.field))
        except Refused as refused:
            return _refusal(refused)

    return served


def _from_agent(act: Act) -> Callable[[HttpRequest], HttpResponse]:
    """Make a view of what an agent that is known asks."""

    @wraps(act)
    def heard(request: HttpRequest) -> Said:
        agent = _agent(request)
        return act(request, agent, messages.parsed(_body(request)))

    return _served(heard)


@_served
def enrol(request: HttpRequest) -> Said:
    """Take a new agent by the code that an administrator was shown."""
    asked = messages.enrolment(messages.parsed(_body(request)))
    header = _header(request)
    if header.agent != _NOBODY:
        raise Refused("signature", 401, "An agent that enrols signs as nobody yet.")
    _verify(request, header, asked.signing_key)
    here = origin(request)
    verdict = throttle.spend(ENROL, here.network)
    if not verdict.allowed:
        wait = int(verdict.retry_after.total_seconds()) + 1
        raise Refused("too_often", 429, "Too many codes were tried from here. Wait.", retry_after=wait)
    agent = agents.enrol(
        asked.code,
        name=asked.name,
        version=asked.version,
        sealing_key=asked.sealing_key,
        signing_key=asked.signing_key,
        origin=here,
    )
    if agent is None:
        raise Refused("code", 404, "This code opens nothing. Ask an administrator for a new one.")
    throttle.release(ENROL, here.network)
    return {
        "agent": str(agent.pk),
        "domain": str(agent.domain_id),
        "domain_name": agent.domain.name,
        "deployment": agent.domain.deployment,
        "portal_key": encoded(portal_keys.public()),
        "organization": str(request.tenant.pk),  # type: ignore[attr-defined]  # the middleware's
        "wait_url": _wait_url(request),
    }


@_from_agent
def heartbeat(request: HttpRequest, agent: Agent, said: Said) -> Said:
    """Hear how an agent is, and tell it what is asked of it."""
    beat = messages.beat(said)
    health = {
        "kind": beat.kind,
        "reachable": beat.reachable,
        "code": beat.code,
        "checks": beat.checks,
        "latency_ms": beat.latency_ms,
    }
    with transaction.atomic():
        agents.heard(agent, version=beat.version, health=health)
        if beat.reachable:
            facts = {
                "kind": beat.kind,
                "policies": beat.policies,
                "capabilities": beat.capabilities,
                "ous": beat.ous,
            }
            domains.told(agent.domain, facts)
    queue.close_overdue()
    brings = reach.bringer(agent.domain) == agent
    return {
        "wait_url": _wait_url(request),
        "roll": agents.must_roll(agent),
        "portal_keys": [
            {"key": encoded(one.key), "by": encoded(one.by), "signature": encoded(one.signature)}
            for one in portal_keys.chain()
        ],
        "brings": brings,
        "bring": brings and agent.domain.bring_asked,
        "position": agent.domain.position,
    }


@_from_agent
def check(request: HttpRequest, agent: Agent, said: Said) -> Said:
    """Answer an agent that only looks whether it is heard. That is no sign that it runs."""
    return {}


@_from_agent
def wait(request: HttpRequest, agent: Agent, said: Said) -> Said:
    """Say at once whether a job waits: whoever would hold the line open does so elsewhere (`config.asgi`)."""
    agents.seen(agent)
    return {"job": waits_for(agent), "retry_after": 1}


@_from_agent
def claim(request: HttpRequest, agent: Agent, said: Said) -> Said:
    """Give the agent a job."""
    found = queue.claim(agent)
    if found is None:
        return {"job": None}
    return {
        "job": {
            "id": str(found.job.pk),
            "context": found.context,
            "envelope": encoded(found.envelope),
            "signature": encoded(found.signature),
            "attempt": found.job.attempt,
            "lease_seconds": int(queue.LEASE.total_seconds()),
            "before": found.before,
        }
    }


@_from_agent
def intent(request: HttpRequest, agent: Agent, said: Said) -> Said:
    """Let an agent begin."""
    word = messages.word(said)
    if not queue.intend(agent, word.job, word.attempt, word.before):
        raise _stale()
    return {}


@_from_agent
def result(request: HttpRequest, agent: Agent, said: Said) -> Said:
    """Hear how a job came out."""
    word = messages.word(said)
    try:
        outcome = Outcome(word.outcome)
    except ValueError:
        raise Malformed("outcome") from None
    if outcome is Outcome.PUT_BACK:
        taken = queue.put_back(agent, word.job, word.attempt, word.code)
    else:
        taken = queue.settle(agent, word.job, word.attempt, outcome, word.code)
    if not taken:
        raise _stale()
    return {}


@_from_agent
def people(request: HttpRequest, agent: Agent, said: Said) -> Said:
    """Take a page of the directory's people."""
    taken = bringing.heard(agent, said)
    return {
        "taken": taken.taken,
        "flaws": [{"guid": flaw.guid, "code": flaw.code} for flaw in taken.flaws],
    }


@_from_agent
def roll(request: HttpRequest, agent: Agent, said: Said) -> Said:
    """Take an agent's new keys, which the new one signs for, and the old one by the request."""
    keys = messages.new_keys(said)
    message = f"rekey-roll-v1\n{agent.pk}\n".encode() + keys.sealing_key + keys.signing_key
    try:
        Ed25519PublicKey.from_public_bytes(keys.signing_key).verify(keys.signature, message)
    except (InvalidSignature, ValueError):
        raise Malformed("signature") from None
    agents.roll(agent, sealing_key=keys.sealing_key, signing_key=keys.signing_key, origin=origin(request))
    return {}


def _body(request: HttpRequest) -> bytes:
    """Return what was sent, unless it is longer than anything that an agent says, or says so."""
    try:
        found = request.body
    except (ValueError, OSError, RequestDataTooBig):  # a length that is none, a line that was cut, too much
        raise Malformed("body") from None
    if len(found) > messages.LONGEST:
        raise Malformed("body")
    return found


def _agent(request: HttpRequest) -> Agent:
    """Return the agent whose key signed the request; nothing is told of ids that nobody has."""
    header = _header(request)
    try:
        pk = UUID(header.agent)
    except ValueError:
        raise Refused("unknown_agent", 401, "No such agent is enrolled here.") from None
    agent = Agent.objects.select_related("domain").filter(pk=pk).first()
    if agent is None or agent.signing_key is None:
        raise Refused("unknown_agent", 401, "No such agent is enrolled here.")
    _verify(request, header, bytes(agent.signing_key))
    if not agents.authentic(agent):
        raise Refused("revoked", 403, "This agent was revoked. Enrol it anew by a new code.")
    return agent


def _header(request: HttpRequest) -> signed.Header:
    try:
        return signed.parse(request.headers.get("Rekey-Agent", ""))
    except signed.Refusal as refused:
        raise Refused(refused.code, 401, "The header Rekey-Agent is missing or malformed.") from None


def _verify(request: HttpRequest, header: signed.Header, key: bytes) -> None:
    try:
        signed.verify(header, request.path, _body(request), key, time.time())
    except signed.Refusal as refused:
        text = (
            "The agent's clock is off; take `now` as the time."
            if refused.code == "clock"
            else "Not signed by this agent."
        )
        raise Refused(refused.code, 401, text) from None


def _wait_url(request: HttpRequest) -> str:
    return settings.REKEY_AGENT_WAIT_URL.replace("{host}", request.get_host().partition(":")[0])


def _stale() -> Refused:
    return Refused("stale", 409, "Another agent has this job by now, or it is over.")


def _answer(said: Said) -> JsonResponse:
    return JsonResponse({**said, "now": time.time()})


def _refusal(refused: Refused) -> JsonResponse:
    said = {"error": refused.code, "text": refused.text, "now": time.time(), **refused.more}
    return JsonResponse(said, status=refused.status)
