"""Start a reset for somebody, at an administrator's word: in what it comes to them, and that they are told."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from registration import audit, notices, people, roles, standing, tickets
from registration import state as states
from registration.audit import Activity
from registration.licences import lacking
from registration.method import registry, traits
from registration.models import Device, User
from registration.origin import Origin
from registration.tickets import Ticket
from resets import helping
from resets.budgets import HELP_ACTOR, HELP_PERSON
from resets.helping import Help, Refusal
from tenants.shield import throttle


class NotNow(Exception):
    """No reset can be started for this person; `why` is the code."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Plan:
    """In what a reset would come to somebody, and where it is mailed: the address, and as much of it as may be shown."""

    help: Help
    address: str = ""
    shown: str = ""


def plan(user: User, *, actor: User) -> Plan | Refusal:
    """Return in what a reset would come to this person if this administrator started it, or why none can be."""
    row = standing.policy_row()
    confirmed = _confirmed_address(user)
    primary = user.primary_address if user.primary_address and not people.has_new_address(user) else ""
    found = helping.way(
        standing.policy(row),
        standing.person(user, row),
        traits(),
        lacking(),
        confirmed_address=bool(confirmed),
        primary_address=bool(primary),
        may_issue_pass=roles.may_for(actor.roles_in_force, roles.ISSUE_PASS, user.roles_in_force),
    )
    if isinstance(found, Refusal):
        return found
    if found is Help.MAILED:
        return Plan(found, confirmed, registry()["email"].masked({"address": confirmed}))
    return Plan(found, primary, primary) if found is Help.BOTH else Plan(found)


def may_start(user: User, *, actor: User) -> timedelta:
    """Count one more, and say how long to wait first; not part of a transaction, since it has to stay counted."""
    return throttle.wait((HELP_PERSON, (str(user.pk),)), (HELP_ACTOR, (f"actor/{actor.pk}",)))


@transaction.atomic
def start(user: User, *, actor: User, origin: Origin) -> tuple[Plan, Ticket]:
    """Make the ticket, void earlier ones, tell the person at every address, write it down. Raises `NotNow`."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    wanted = plan(user, actor=actor)
    if isinstance(wanted, Refusal):
        raise NotNow(wanted)
    ticket = tickets.issue(
        user, wanted.help, by=actor, address=wanted.address, with_code=wanted.help is not Help.MAILED
    )
    notices.reset_started(user, str(actor))
    audit.record(
        Activity.RESET_STARTED_FOR,
        actor=actor,
        subject=user,
        origin=origin,
        data={"help": wanted.help, "to": wanted.shown, "until": ticket.expires_at.isoformat()},
    )
    return wanted, ticket


def _confirmed_address(user: User) -> str:
    """Return the oldest confirmed email method: one that was added since may be a thief's."""
    own = Device.objects.filter(user=user, kind="email", confirmed=True).order_by("created_at").first()
    return states.of(own)["address"] if own else ""
