"""Add, change and remove the on-premises domains of the organization: their only writer, but for what agents tell of them."""

import re
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from licensing.editions import Feature
from licensing.guards import decision
from registration import audit
from registration.audit import Activity
from registration.models import User
from registration.origin import NOWHERE, Origin
from registration.visitor import Visitor
from resets.writeback.models import Agent, OnPremisesDomain
from tenants import glances
from tenants.context import current

_NAME = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+\Z"
)
Actor = User | Visitor | str


class DomainProblem(Exception):
    """A domain cannot be added or changed as asked: `field` is what to change."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field, self.text = field, text


@transaction.atomic
def add(name: str, deployment: str, *, actor: Actor, origin: Origin = NOWHERE) -> OnPremisesDomain:
    """Add a domain by its DNS name. Raises `DomainProblem`."""
    if not decision(Feature.WRITEBACK).allowed:
        raise DomainProblem("name", gettext("Writing back is not part of this edition."))
    name = checked_name(name)
    if deployment not in OnPremisesDomain.Deployment.values:
        raise DomainProblem("deployment", gettext("Choose Connect or cloud sync."))
    try:
        with transaction.atomic():
            made = OnPremisesDomain.objects.create(name=name, deployment=deployment)
            glances.look_soon(current())  # the provider sees how it is, and it is watched over from now on
    except IntegrityError:
        raise DomainProblem("name", gettext("This domain is there already.")) from None
    data = {"domain": name, "deployment": deployment}
    audit.record(Activity.DOMAIN_ADDED, actor=actor, subject=name, origin=origin, data=data)
    return made


def checked_name(name: str) -> str:
    """Return a domain's DNS name in lower case, or raise `DomainProblem`."""
    name = name.strip().lower().rstrip(".")
    if not _NAME.match(name):
        raise DomainProblem("name", gettext("Give the domain's DNS name, such as corp.example.com."))
    return name


@transaction.atomic
def change_deployment(
    domain: OnPremisesDomain, deployment: str, *, actor: Actor, origin: Origin = NOWHERE
) -> None:
    """Make it Connect or cloud sync. Raises `DomainProblem` where Connect would have more than its one agent."""
    locked = OnPremisesDomain.objects.select_for_update(no_key=True).get(pk=domain.pk)
    if deployment not in OnPremisesDomain.Deployment.values:
        raise DomainProblem("deployment", gettext("Choose Connect or cloud sync."))
    if locked.deployment == deployment:
        return
    agents = Agent.objects.filter(domain=locked, revoked_at=None).count()
    if deployment == OnPremisesDomain.Deployment.CONNECT and agents > 1:
        text = gettext("Connect has one agent. Revoke the others first.")
        raise DomainProblem("deployment", text)
    data = {"deployment": {"before": locked.deployment, "after": deployment}}
    locked.deployment = deployment
    locked.save(update_fields=["deployment"])
    audit.record(Activity.DOMAIN_CHANGED, actor=actor, subject=locked.name, origin=origin, data=data)


@transaction.atomic
def remove(domain: OnPremisesDomain, *, actor: Actor, origin: Origin = NOWHERE) -> None:
    """Remove a domain with its agents. Its people stay, and live in the cloud from then on."""
    users = User.objects.filter(account__domain=domain)
    count = users.update(source=User.Source.CLOUD)
    data = {"domain": domain.name, "people": count}
    audit.record(Activity.DOMAIN_REMOVED, actor=actor, subject=domain.name, origin=origin, data=data)
    domain.delete()
    glances.look_soon(current())


@transaction.atomic
def ask_to_bring(domain: OnPremisesDomain, *, actor: Actor, origin: Origin = NOWHERE) -> None:
    """Have everybody brought anew at the next heartbeat of an agent."""
    OnPremisesDomain.objects.filter(pk=domain.pk).update(bring_asked=True)
    data = {"bring": True}
    audit.record(Activity.DOMAIN_CHANGED, actor=actor, subject=domain.name, origin=origin, data=data)


def told(domain: OnPremisesDomain, facts: dict[str, Any]) -> None:
    """Keep what an agent tells of the domain beside what is kept otherwise."""
    locked = OnPremisesDomain.objects.select_for_update(no_key=True).get(pk=domain.pk)
    merged = {**locked.facts, **facts}
    if merged != locked.facts:
        locked.facts = merged
        locked.save(update_fields=["facts"])
    domain.facts = merged


def tell_lost(domain: OnPremisesDomain, at: datetime | None) -> bool:
    """Note since when administrators know that nobody there is heard of, or that somebody is again; False when it is
    noted already.
    """
    here = OnPremisesDomain.objects.filter(pk=domain.pk, lost_told_at__isnull=at is not None)
    return bool(here.update(lost_told_at=at))
