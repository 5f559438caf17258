"""What lower rooms announce, written down or acted on here."""

from typing import Any

from allauth.account.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from licensing import foreseeing
from registration import audit, baselining, connecting, downgrading, fixed, held_to, interrupting, visiting
from registration.audit import Activity
from registration.authenticator import limits
from registration.configuring import policy_changed
from registration.models import User
from registration.origin import origin
from registration.verification import proved
from registration.visitor import Visitor
from registration.visits import End
from tenants.branding.painting import brand_changed
from tenants.branding.trying_out import text_tried
from tenants.desks import desk_changed, desk_refused
from tenants.models import Organization
from tenants.provisioning import organization_created, organization_suspended

policy_changed.connect(baselining.policy_has_changed)

foreseeing.contribute(downgrading.foresee)
fixed.contribute(held_to.fixed_by_provider)


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


@receiver(desk_refused)
def write_desk_refusal(request: HttpRequest, **_kwargs: Any) -> None:
    """Write down who knocked at a desk without a role."""
    by = str(request.user)
    audit.record(
        Activity.DESK_REFUSED, actor=by, subject=by, origin=origin(request), reason="no_role", failed=True
    )


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
