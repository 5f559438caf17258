"""Who administers an organization, for the provider: seen, invited, sent their first link again.

Whoever can make a Global Administrator owns the organization. So an operator does it only while there is none who has come in
yet, as at the beginning; beside one who has, an owner alone may, and those that are there are told by mail. A link goes to the
address alone where there is one, so that the provider never holds it; nobody who has ever had a password is sent one here.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from registration import activation, census, notices, people, roles, standing
from registration.licences import lacking
from registration.method import traits
from registration.models import User
from registration.people import PersonProblem
from registration.policy import Person, is_registered
from registration.roles import Role
from tenants import journal
from tenants.context import entered
from tenants.models import Organization


@dataclass(frozen=True)
class Administrator:
    """One Global Administrator, as far as the provider sees them."""

    pk: UUID
    sign_in_name: str
    name: str
    enabled: bool
    has_come: bool
    registered: bool
    reachable: bool


@dataclass(frozen=True)
class Sent:
    """Who was sent a link; the link itself only where there is no address that it went to."""

    user: User
    link: str


def of(organization: Organization) -> list[Administrator]:
    """Return who holds Global Administrator there, in a number of queries that does not depend on how many."""
    with entered(organization):
        row = standing.policy_row()
        asked, offered, left_out = standing.policy(row), traits(), lacking()
        found = census.placed(_global(), row).order_by("sign_in_name")
        return [
            Administrator(
                user.pk,
                user.sign_in_name,
                user.name,
                user.is_active,
                not _is_new(user),
                is_registered(asked, person_of(user), offered, left_out),
                bool(user.primary_address),
            )
            for user in found
        ]


def may_invite(actor: User, organization: Organization) -> bool:
    """Say whether somebody may make another administrator there."""
    if actor.has_perm(roles.INVITE_ANOTHER):
        return True
    with entered(organization):
        return _may_first(actor)


@transaction.atomic
def invite(organization: Organization, sign_in_name: str, *, name: str, address: str, actor: User) -> Sent:
    """Add a Global Administrator, and send them their one-time link. Raises `PersonProblem`."""
    with entered(organization):
        if not (_has(actor, roles.INVITE_ANOTHER) or _may_first(actor)):
            raise PersonProblem(
                "sign_in_name", _("Only an owner adds an administrator beside those there are.")
            )
        others = [one for one in _global().filter(is_active=True) if not _is_new(one)]
        user = people.add(
            sign_in_name,
            name=name,
            primary_address=address,
            granted=(Role.GLOBAL_ADMINISTRATOR,),
            actor=str(actor),
        )
        link = activation.invite(user, actor=str(actor))
        for other in others:
            notices.tell(
                "administrator_invited", other, notices.addresses(other), new=user.sign_in_name, by=str(actor)
            )
    data = {"after": {"administrator": user.sign_in_name}}
    journal.record("administrator_invited", actor=str(actor), organization=organization, data=data)
    return Sent(user, "" if address else link)


@transaction.atomic
def send_link(organization: Organization, pk: UUID, *, actor: User) -> Sent:
    """Send an administrator who has not come in yet a new link; earlier ones are void. Raises `PersonProblem`."""
    with entered(organization):
        user = _global().select_for_update().filter(pk=pk).first()
        if user is None or not _is_new(user):
            raise PersonProblem(
                "administrator", _("They have chosen a password already: they reset it as everybody does.")
            )
        if not (_has(actor, roles.INVITE_ANOTHER) or _may_first(actor)):
            raise PersonProblem(
                "administrator", _("Only an owner sends this link, now that others have come.")
            )
        link = activation.invite(user, actor=str(actor))
        address = activation.address(user)
    data = {"administrator": user.sign_in_name, "mailed": bool(address)}
    journal.record("administrator_link_sent", actor=str(actor), organization=organization, data=data)
    return Sent(user, "" if address else link)


def _may_first(actor: User) -> bool:
    """Say whether an operator may begin here: as long as no administrator has come in."""
    return _has(actor, roles.INVITE_FIRST) and all(_is_new(one) for one in _global())


def _has(actor: User, action: str) -> bool:
    """Ask the provider's roles, also while a customer is entered, where they would mean nothing."""
    return actor.is_active and roles.may(roles.in_force(actor.roles, provider=True), action)


def _is_new(user: User) -> bool:
    return (
        user.password_changed_at is None
        and not user.has_usable_password()
        and user.source == User.Source.CLOUD
    )


def _global() -> QuerySet[User]:
    return User.objects.filter(roles__contains=[str(Role.GLOBAL_ADMINISTRATOR)])


def person_of(user: User) -> Person:
    """Return what the rules ask of somebody who was placed."""
    has = vars(user)
    return Person(
        has["administrator"],
        has["in_selected_group"],
        frozenset(has["registered"]),
        has["disabled"],
        has["blocked"],
    )
