"""Operators at an organization's desk: a ticket at the provider, one visit for it at the organization, and its end.

The only writer of visits. Each is in the organization's audit log and in the journal: that somebody came, why, until when, and
how it ended. What is done meanwhile has the operator as its actor, marked as the provider's.

A ticket is good once, for a minute, in the organization that it was made for: it stands in the database as a digest that is
keyed by that organization. What it opens is a session that knows nobody, only the visit, in its own table; whether the
visit still holds is asked of `public` at each request.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from registration import audit, roles
from registration.audit import Activity
from registration.facts import rules
from registration.models import User
from registration.origin import Origin
from registration.visitor import Visitor, marked
from registration.visits import MINUTES, TICKET, End, Facts, is_reason, over
from tenants import journal
from tenants.context import PUBLIC, current, entered, is_provider
from tenants.jobs import organization_job
from tenants.models import Organization, Visit
from tenants.shield.sealing import mac

SESSION = "visit"


class VisitProblem(Exception):
    """A desk cannot be entered as asked: `field` is what to change."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class TicketRefused(Exception):
    """A ticket opens nothing: `reason` is a code, for who has to look into it; the browser is told nothing of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def checked(organization: Organization, *, reason: str, minutes: int) -> None:
    """Raise `VisitProblem` where this organization cannot be visited, for this time and reason."""
    if organization.schema_name == PUBLIC:
        raise VisitProblem("organization", _("This is your own: you are at its desk."))
    if organization.state != Organization.State.ACTIVE:
        raise VisitProblem(
            "organization", _("%(name)s is suspended: resume it first.") % {"name": organization}
        )
    if not rules(organization).provider_may_enter:
        raise VisitProblem(
            "organization",
            _("%(name)s does not let its provider enter. Ask its administrators.") % {"name": organization},
        )
    if not is_reason(reason):
        raise VisitProblem(
            "reason", _("Say why in a few words, or give the number of a ticket such as INC-4711.")
        )
    if minutes not in MINUTES:
        raise VisitProblem("minutes", _("Choose one of the times."))


@transaction.atomic
def ask(
    organization: Organization, *, operator: User, reason: str, minutes: int, may_change: bool
) -> tuple[Visit, str]:
    """Make a visit that has not begun, and the ticket by which it begins; the ticket is kept nowhere.

    Raises `VisitProblem`. The provider is entered, and its desk has asked for a second factor.
    """
    assert is_provider()
    assert operator.has_perm(roles.ENTER_ORGANIZATION)
    checked(organization, reason=reason, minutes=minutes)
    ticket = secrets.token_urlsafe(32)
    with entered(organization):
        digest = _digest(ticket)
    made = Visit.objects.create(
        organization=organization,
        operator=operator.pk,
        operator_name=str(operator),
        operator_sessions=_sessions(operator),
        reason=" ".join(reason.split()),
        minutes=minutes,
        may_change=may_change,
        digest=digest,
        ticket_until=timezone.now() + TICKET,
    )
    journal.record("desk_ticket", actor=str(operator), organization=organization, data=_told(made))
    return made, ticket


@transaction.atomic
def arrive(ticket: str, *, origin: Origin) -> Visit | TicketRefused:
    """Begin the visit of a ticket in the entered organization. A refusal is returned, so that what was written stays.

    A ticket that nobody made writes nothing: anybody can invent one.
    """
    found = Visit.objects.select_for_update().filter(digest=_digest(ticket), organization=current()).first()
    if found is None:
        return TicketRefused("ticket_unknown")
    now = timezone.now()
    if found.entered_at is not None or found.ended_at is not None:
        refused = "ticket_used"
    elif now > found.ticket_until:
        refused = "ticket_expired"
    elif not _operator_may(found):
        refused = End.OPERATOR.value
    else:
        refused = "" if rules().provider_may_enter else End.FORBIDDEN.value
    actor = marked(found.operator_name)
    if refused:
        audit.record(
            Activity.PROVIDER_ENTERED,
            actor=actor,
            origin=origin,
            reason=refused,
            failed=True,
            data=_told(found),
        )
        return TicketRefused(refused)
    found.entered_at, found.ends_at = now, now + timedelta(minutes=found.minutes)
    found.save(update_fields=["entered_at", "ends_at"])
    audit.record(Activity.PROVIDER_ENTERED, actor=actor, origin=origin, data=_told(found))
    journal.record("desk_entered", actor=found.operator_name, organization=current(), data=_told(found))
    return found


def visitor(request: HttpRequest) -> Visitor | End | None:
    """Return who visits in this session, why the visit is over, or nothing where there is none; what is over is ended."""
    found = _of_session(request)
    if found is None:
        return None
    why = over(_facts(found), timezone.now())
    if why is not None:
        end(found, why)
        return why
    return Visitor(found)


def leave(request: HttpRequest, why: End) -> None:
    """End the visit of this session, where there is one, and forget it."""
    found = _of_session(request)
    request.session.pop(SESSION, None)
    if found is not None:
        end(found, why)


@transaction.atomic
def end(visit: Visit, why: End) -> None:
    """End a visit of the entered organization, once, and write it down."""
    now = timezone.now()
    here = Visit.objects.filter(pk=visit.pk, organization=current(), ended_at=None)
    if here.update(ended_at=now, ended_by=why.value):
        data = {**_told(visit), "minutes_used": _minutes(visit, now)}
        audit.record(Activity.PROVIDER_LEFT, actor=marked(visit.operator_name), reason=why.value, data=data)
        data = {**data, "ended_by": why.value}
        journal.record("desk_left", actor=visit.operator_name, organization=current(), data=data)


def end_all_of(operator: User) -> None:
    """End all visits of an operator, who signs out at the provider; nothing happens elsewhere."""
    if is_provider():
        for visit in _open().filter(operator=operator.pk):
            with entered(visit.organization):
                end(visit, End.OPERATOR)


def end_all_at(organization: Organization, why: End) -> None:
    """End all visits of an organization, which has been entered."""
    for visit in _open().filter(organization=organization):
        end(visit, why)


@app.periodic(cron="*/5 * * * *")
@app.task(name="registration.visits_over")
def end_what_is_over(timestamp: int) -> None:
    """Write a job for each visit whose time is up, so that the audit log has its end though nobody came back."""
    late = _open().filter(ends_at__lte=timezone.now())
    visit_over.enqueue_in((visit.organization.schema_name, {"visit": str(visit.pk)}) for visit in late)


@organization_job(name="registration.visit_over")
def visit_over(*, visit: str) -> None:
    """End a visit of this organization whose time is up."""
    found = Visit.objects.filter(pk=UUID(visit), organization=current(), ends_at__lte=timezone.now()).first()
    if found is not None:
        end(found, End.EXPIRED)


def _open() -> QuerySet[Visit]:
    return Visit.objects.select_related("organization").exclude(entered_at=None).filter(ended_at=None)


def _of_session(request: HttpRequest) -> Visit | None:
    """Return the visit that this session began; one of another organization is none here."""
    pk = request.session.get(SESSION)
    return _open().filter(pk=UUID(pk), organization=current()).first() if pk else None


def _facts(visit: Visit) -> Facts:
    assert visit.ends_at is not None
    return Facts(visit.ends_at, operator_may=_operator_may(visit), allowed=rules().provider_may_enter)


def _operator_may(visit: Visit) -> bool:
    """Say whether the operator is still one, by whom no session was ended since."""
    with entered(Organization.objects.get(schema_name=PUBLIC)):
        operator = User.objects.filter(pk=visit.operator, is_active=True).first()
        return (
            operator is not None
            and operator.has_perm(roles.ENTER_ORGANIZATION)
            and secrets.compare_digest(_sessions(operator), visit.operator_sessions)
        )


def _sessions(operator: User) -> str:
    return hashlib.sha256(operator.get_session_auth_hash().encode()).hexdigest()


def _digest(ticket: str) -> str:
    return mac("registration.visit", ticket)


def _told(visit: Visit) -> dict[str, object]:
    return {
        "reason": visit.reason,
        "minutes": visit.minutes,
        "may_change": visit.may_change,
        "visit": str(visit.pk),
    }


def _minutes(visit: Visit, now: datetime) -> int:
    return int((now - visit.entered_at).total_seconds() // 60) if visit.entered_at else 0
