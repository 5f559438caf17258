"""Whose account in a directory is whose: the only writer of that tie.

A tie decides whose password in the domain a person sets by proving their methods here. It carries a digest under a key that is
not in the database, so that whoever can write the table cannot aim a reset at somebody else's account.
"""

import hmac
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from registration import audit
from registration.audit import Activity
from registration.models import User
from registration.origin import NOWHERE, Origin
from registration.visitor import Visitor
from resets.writeback.models import Account, OnPremisesDomain
from tenants.shield import sealing

Actor = User | Visitor | str


class Taken(Exception):
    """The person has an account already, or the account a person."""


def of(user: User) -> Account | None:
    """Return the account of somebody whose account lives in a domain, with its domain; None for who lives in the cloud.

    Of them nothing is asked: they are most people, and pay nothing for it.
    """
    if user.source == User.Source.CLOUD:
        return None
    return Account.objects.select_related("domain", "user").filter(user=user).first()


def authentic(account: Account) -> bool:
    """Say whether a tie is as it was written here."""
    wanted = sealing.macs("writeback.account", *_tied(account.user_id, account.domain_id, account.guid))
    return any(hmac.compare_digest(account.proof, one) for one in wanted)


def proof(user: UUID, domain: UUID, guid: str) -> str:
    """Return what makes a tie authentic."""
    return sealing.mac("writeback.account", *_tied(user, domain, guid))


@transaction.atomic
def tie(
    user: User,
    domain: OnPremisesDomain,
    guid: str,
    *,
    actor: Actor,
    origin: Origin = NOWHERE,
    place: str = "",
    facts: Mapping[str, Any] | None = None,
    contact: Mapping[str, str] | None = None,
) -> Account:
    """Say that a person's account is this one. Raises `Taken`."""
    try:
        with transaction.atomic():
            account = Account.objects.create(
                user=user,
                domain=domain,
                guid=guid,
                proof=proof(user.pk, domain.pk, guid),
                place=place,
                facts=dict(facts or {}),
                contact=dict(contact or {}),
                seen_at=timezone.now(),
            )
    except IntegrityError:
        raise Taken from None
    User.objects.filter(pk=user.pk).update(source=User.Source.DIRECTORY)
    user.source = User.Source.DIRECTORY
    data = {"domain": domain.name, "guid": guid}
    audit.record(Activity.ACCOUNT_TIED, actor=actor, subject=user, origin=origin, data=data)
    return account


@transaction.atomic
def untie(user: User, *, actor: Actor, origin: Origin = NOWHERE) -> None:
    """Let a person live in the cloud from now on."""
    account = of(user)
    if account is None:
        return
    data = {"domain": account.domain.name, "guid": account.guid}
    account.delete()
    User.objects.filter(pk=user.pk).update(source=User.Source.CLOUD)
    user.source = User.Source.CLOUD
    audit.record(Activity.ACCOUNT_UNTIED, actor=actor, subject=user, origin=origin, data=data)


def _tied(user: UUID, domain: UUID, guid: str) -> tuple[str, ...]:
    return str(user), str(domain), guid
