"""What lower rooms announce, written down or acted on here."""

from typing import Any

from allauth.account.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from registration import audit, connecting, interrupting
from registration.audit import Activity
from registration.authenticator import limits
from registration.budgets import DESK_REFUSED
from registration.models import Policy, User
from registration.origin import origin
from registration.proof import person
from registration.verification import proved
from tenants.branding.painting import brand_changed
from tenants.desks import desk_changed, desk_refused
from tenants.provisioning import organization_created
from tenants.shield import throttle


@receiver(organization_created)
def give_policy(**_kwargs: Any) -> None:
    """Give a new organization its policy, reset for nobody, as Entra begins, and its telephony, with no carrier chosen."""
    Policy.objects.create()
    connecting.complete()


@receiver(user_logged_in)
def write_sign_in(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Write down who signed in, and ask again what they have to do first."""
    audit.record(Activity.SIGNED_IN, actor=user, subject=user, origin=origin(request), method="password")
    interrupting.begin(request)


@receiver(user_logged_out)
def write_sign_out(request: HttpRequest, user: User | None, **_kwargs: Any) -> None:
    """Write down who signed out."""
    if user is not None:
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
def write_desk_refusal(request: HttpRequest, code: str, **_kwargs: Any) -> None:
    """Write down what a desk refused to whom: so many an hour of each person, then once that there were more."""
    by, page = person(request), request.resolver_match
    counted = throttle.spend(DESK_REFUSED, f"desk/{by.pk}")
    if not counted.allowed and not counted.first:
        return
    audit.record(
        Activity.DESK_REFUSED,
        actor=by,
        subject=by,
        origin=origin(request),
        reason=code if counted.allowed else "too_many_refusals",
        failed=True,
        data={
            "page": page.view_name if page else "",
            "path": request.path[:200],
            "request": request.method,
        },
    )


@receiver(brand_changed)
def write_brand_change(actor: object, data: Any, **_kwargs: Any) -> None:
    """Write down what changed in the company branding."""
    audit.record(Activity.BRANDING_CHANGED, actor=str(actor), data=data)
