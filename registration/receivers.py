"""What lower rooms announce, written down or acted on here."""

from enum import StrEnum
from typing import Any

from allauth.account.signals import user_logged_in, user_logged_out
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest

from licensing import foreseeing
from registration import audit, baselining, connecting, downgrading, fixed, held_to, interrupting, visiting
from registration.audit import Activity
from registration.authenticator import limits
from registration.budgets import REFUSED_NETWORK, REFUSED_ORGANIZATION, REFUSED_PERSON
from registration.configuring import policy_changed
from registration.models import User
from registration.origin import Origin, origin
from registration.verification import proved
from registration.visitor import Visitor
from registration.visits import End
from tenants import refusing
from tenants.branding.painting import brand_changed
from tenants.branding.trying_out import text_tried
from tenants.codes import Page
from tenants.desks import desk_changed
from tenants.models import Organization
from tenants.provisioning import organization_created, organization_suspended
from tenants.refusals import Shown
from tenants.shield import throttle
from tenants.shield.throttle import Verdict

policy_changed.connect(baselining.policy_has_changed)

foreseeing.contribute(downgrading.foresee)
fixed.contribute(held_to.fixed_by_provider)

_LOOKED_FOR = {Page.NOT_FOUND, Page.BAD_REQUEST, Page.NOT_ALLOWED}


@receiver(organization_created)
def give_policy(organization: Organization, **_kwargs: Any) -> None:
    """Give a new organization its policy, reset for nobody, as Entra begins, and its telephony, with no carrier chosen."""
    baselining.begin_with(organization)
    connecting.complete()


@receiver(user_logged_in)
def write_sign_in(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Write down who signed in, and ask again what they have to do first."""
    visiting.leave(request, End.SIGNED_IN)
    audit.record(Activity.SIGNED_IN, actor=user, subject=user, origin=origin(request), method="password")
    interrupting.begin(request)


@receiver(user_logged_out)
def write_sign_out(request: HttpRequest, user: User | Visitor | None, **_kwargs: Any) -> None:
    """Write down who signed out; a visitor leaves by it, and an operator leaves all desks that they visit."""
    if isinstance(user, Visitor):
        visiting.leave(request, End.LEFT)
    elif user is not None:
        visiting.end_all_of(user)
        audit.record(Activity.SIGNED_OUT, actor=user, subject=user, origin=origin(request))


@receiver(proved)
def ring_again(user: User, kind: str, **_kwargs: Any) -> None:
    """Let a person's phones be rung again when they have proved another method."""
    limits.forgive(user, kind)


@receiver(desk_changed)
def write_desk_change(
    sender: type, request: HttpRequest, objects: list[Any], verb: str, data: Any, **_kwargs: Any
) -> None:
    """Write down what a desk did to rows that no flow of their own writes down."""
    for one in objects:
        audit.record(
            Activity.DESK_CHANGED,
            actor=str(request.user),
            origin=origin(request),
            data={"kind": sender.__name__.lower(), "object": str(one), "verb": verb, "changes": data},
        )


@receiver(refusing.refused)
def write_refusal(request: HttpRequest, why: StrEnum, shown: Shown, **_kwargs: Any) -> None:
    """Write down a page that refused, by its reference; but not what robots look for and do not find."""
    if why in _LOOKED_FOR and settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return
    here, who = origin(request), getattr(request, "user", None)  # nobody where the session could not be read
    by = who if isinstance(who, User | Visitor) else None
    counted = _counted(by, here)
    if not counted.allowed and not (by and counted.first):
        return
    page, at_desk = request.resolver_match, refusing.is_desk(request)
    data = (
        {"page": page.view_name} if page is not None and page.view_name else {}
    )  # an address may hold a token
    audit.record(
        Activity.DESK_REFUSED if at_desk else Activity.REFUSED,
        actor=by or "",
        subject=str(by or ""),
        origin=here,
        reason=why if counted.allowed else Page.TOO_MANY,
        failed=True,
        reference=shown.reference,
        data={**data, "request": request.method} if at_desk else data,
    )


def _counted(by: User | Visitor | None, here: Origin) -> Verdict:
    """Count each who is signed in alone: strangers who use up theirs do not hide what somebody inside tries."""
    if by is not None:
        return throttle.spend(REFUSED_PERSON, str(by.pk))
    return throttle.spend_all((REFUSED_NETWORK, (here.network,)), (REFUSED_ORGANIZATION, ()))


@receiver(brand_changed)
def write_brand_change(actor: object, data: Any, **_kwargs: Any) -> None:
    """Write down what changed in the company branding."""
    audit.record(Activity.BRANDING_CHANGED, actor=str(actor), data=data)


@receiver(text_tried)
def write_text_tried(actor: object, data: Any, **_kwargs: Any) -> None:
    """Write down which text somebody sent to themselves."""
    audit.record(Activity.BRANDING_TRIED, actor=str(actor), subject=str(actor), data=data)


@receiver(organization_suspended)
def end_visits(organization: Organization, **_kwargs: Any) -> None:
    """Send visitors away from an organization that is not served any more."""
    visiting.end_all_at(organization, End.SUSPENDED)
