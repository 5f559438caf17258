"""Make a code for an agent, enrol it, renew its keys, revoke it, hear of it: the only writer of agents.

Only an agent whose proof holds counts: the proof is a digest, under a key that is not in the database, over whose
keys they are.
Without it, whoever can write the table could put a key of their own there, and passwords would be sealed to it.
"""

import base64
import hmac
import secrets
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from registration import audit
from registration.audit import Activity
from registration.models import User
from registration.origin import NOWHERE, Origin
from registration.visitor import Visitor
from resets.writeback import portal_keys
from resets.writeback.models import Agent, OnPremisesDomain
from resets.writeback.ringing import ring_agents
from tenants.context import current_schema
from tenants.shield import sealing

CODE_LIFE = timedelta(hours=1)
#: How old an agent's keys grow: six months, as Microsoft's (reference/entra.md b8).
KEY_LIFE = timedelta(days=180)
_SECRET = 16  # characters of base32: 80 bits
KEY_SIZE = 32  # bytes of either public key
Actor = User | Visitor | str


class TooMany(Exception):
    """Connect has one agent, and it is there."""


@transaction.atomic
def prepare(domain: OnPremisesDomain, *, actor: Actor, origin: Origin = NOWHERE) -> tuple[Agent, str]:
    """Make room for an agent, and the one-time code by which it enrols, shown this once. Raises `TooMany`.

    A code that nobody used makes way for a new one.
    """
    locked = OnPremisesDomain.objects.select_for_update(no_key=True).get(pk=domain.pk)
    Agent.objects.filter(domain=locked, enrolled_at=None).delete()
    there = Agent.objects.filter(domain=locked, revoked_at=None)
    if locked.deployment == OnPremisesDomain.Deployment.CONNECT and there.exists():
        raise TooMany
    secret = base64.b32encode(secrets.token_bytes(10)).decode()
    agent = Agent.objects.create(
        domain=locked,
        code_digest=sealing.mac("writeback.code", secret),
        code_expires_at=timezone.now() + CODE_LIFE,
        created_by=str(actor)[:254],
    )
    audit.record(Activity.AGENT_ADDED, actor=actor, subject=locked.name, origin=origin)
    text = secret + portal_keys.fingerprint()
    return agent, "-".join(text[at : at + 4] for at in range(0, len(text), 4))


@transaction.atomic
def enrol(
    code: str, *, name: str, version: str, sealing_key: bytes, signing_key: bytes, origin: Origin
) -> Agent | None:
    """Take an agent by its code, which is spent by it; None for a code that opens nothing."""
    plain = "".join(code.upper().split()).replace("-", "")[:_SECRET]
    digests = sealing.macs("writeback.code", plain)
    now = timezone.now()
    waiting = Agent.objects.select_for_update(of=("self",)).select_related("domain")
    agent = waiting.filter(code_digest__in=digests, code_expires_at__gt=now, enrolled_at=None).first()
    if agent is None or agent.revoked_at is not None:
        return None
    agent.code_digest, agent.code_expires_at = "", None
    agent.name, agent.version = name, version
    agent.enrolled_at = agent.rolled_at = agent.seen_at = now
    _take_keys(agent, sealing_key, signing_key)
    agent.save()
    ring_agents(current_schema(), agent.pk)
    data = {"domain": agent.domain.name, "version": version}
    audit.record(Activity.AGENT_ENROLLED, actor=name, subject=agent.domain.name, origin=origin, data=data)
    return agent


@transaction.atomic
def roll(agent: Agent, *, sealing_key: bytes, signing_key: bytes, origin: Origin) -> None:
    """Take new keys from an agent, by a request that its old key signed. What was sealed to the old one it still opens."""
    locked = Agent.objects.select_for_update().get(pk=agent.pk)
    _take_keys(locked, sealing_key, signing_key)
    locked.rolled_at, locked.roll_asked = timezone.now(), False
    locked.save(update_fields=["sealing_key", "signing_key", "proof", "rolled_at", "roll_asked"])
    ring_agents(current_schema(), locked.pk)
    audit.record(Activity.AGENT_ROLLED, actor=str(locked), subject=locked.domain.name, origin=origin)


@transaction.atomic
def revoke(agent: Agent, *, actor: Actor, origin: Origin = NOWHERE) -> None:
    """Let an agent do nothing more, at once; what it was doing, another does or nobody."""
    locked = Agent.objects.select_for_update(of=("self",)).select_related("domain").get(pk=agent.pk)
    if locked.revoked_at is None:
        locked.revoked_at, locked.proof, locked.code_digest = timezone.now(), "", ""
        locked.save(update_fields=["revoked_at", "proof", "code_digest"])
        ring_agents(current_schema(), locked.pk)
        data = {"agent": str(locked)}
        audit.record(
            Activity.AGENT_REVOKED, actor=actor, subject=locked.domain.name, origin=origin, data=data
        )


@transaction.atomic
def ask_to_roll(agent: Agent, *, actor: Actor, origin: Origin = NOWHERE) -> None:
    """Have an agent renew its keys at its next heartbeat."""
    Agent.objects.filter(pk=agent.pk, revoked_at=None).update(roll_asked=True)
    data = {"agent": str(agent), "roll": True}
    audit.record(Activity.DOMAIN_CHANGED, actor=actor, subject=agent.domain.name, origin=origin, data=data)


def heard(agent: Agent, *, version: str, health: Mapping[str, Any]) -> None:
    """Note a heartbeat."""
    agent.seen_at, agent.version, agent.health = timezone.now(), version, dict(health)
    agent.save(update_fields=["seen_at", "version", "health"])


def seen(agent: Agent) -> None:
    """Note that an agent asked for something; once in a while is enough."""
    now = timezone.now()
    if agent.seen_at is None or now - agent.seen_at > timedelta(seconds=20):
        Agent.objects.filter(pk=agent.pk).update(seen_at=now)


def seen_all(pks: Collection[UUID]) -> None:
    """Note that these agents wait."""
    Agent.objects.filter(pk__in=pks, revoked_at=None).update(seen_at=timezone.now())


def must_roll(agent: Agent) -> bool:
    """Say whether an agent is to renew its keys: an administrator asked, or they are old."""
    return agent.roll_asked or agent.rolled_at is None or timezone.now() - agent.rolled_at > KEY_LIFE


def authentic(agent: Agent) -> bool:
    """Say whether an enrolled agent's row is as it was written here."""
    if not agent.is_enrolled or agent.sealing_key is None or agent.signing_key is None:
        return False
    wanted = sealing.macs("writeback.agent", *_proved(agent))
    return any(hmac.compare_digest(agent.proof, one) for one in wanted)


def _take_keys(agent: Agent, sealing_key: bytes, signing_key: bytes) -> None:
    assert len(sealing_key) == len(signing_key) == KEY_SIZE
    agent.sealing_key, agent.signing_key = sealing_key, signing_key
    agent.proof = sealing.mac("writeback.agent", *_proved(agent))


def _proved(agent: Agent) -> tuple[str, ...]:
    keys = (bytes(agent.sealing_key or b"").hex(), bytes(agent.signing_key or b"").hex())
    return (str(agent.pk), str(agent.domain_id), *keys)
