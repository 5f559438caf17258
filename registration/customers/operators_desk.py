"""The page of the provider's operators: who they are, and what each role may do."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from registration import census, roles, standing
from registration.customers.administrators import person_of
from registration.labels import ROLES
from registration.licences import lacking
from registration.method import traits
from registration.models import User
from registration.policy import is_registered
from registration.roles import PROVIDER_ROLES, Role

#: What each role may do with customers, in this order: the words, and the action that stands for it.
DOES: tuple[tuple[Any, str], ...] = (
    (
        _("See organizations, hosts, sign-in names, subscriptions and the journal"),
        "tenants.view_organization",
    ),
    (_("Create an organization, and invite its first administrator"), "tenants.add_organization"),
    (_("Rename, add and verify hosts and sign-in names"), "tenants.change_domain"),
    (_("Suspend and resume"), roles.SUSPEND_ORGANIZATION),
    (_("Change edition, trial and seats"), "licensing.change_subscription"),
    (_("Enter an organization's desk, with a reason"), roles.ENTER_ORGANIZATION),
    (_("Invite an administrator beside those that an organization has"), roles.INVITE_ANOTHER),
    (_("Erase an organization"), "tenants.delete_organization"),
    (_("Grant and take roles here"), roles.GRANT_ROLES),
)


@dataclass(frozen=True)
class Operator:
    """One person with a role at the provider's."""

    user: User
    roles: tuple[Any, ...]
    registered: bool


def everybody() -> list[Operator]:
    """Return everybody with a role of the provider's, in a number of queries that does not depend on how many."""
    row = standing.policy_row()
    asked, offered, left_out = standing.policy(row), traits(), lacking()
    with_roles = User.objects.filter(roles__overlap=[str(role) for role in PROVIDER_ROLES])
    return [
        Operator(user, _named(user), is_registered(asked, person_of(user), offered, left_out))
        for user in census.placed(with_roles, row).order_by("sign_in_name")
    ]


def table() -> list[tuple[Any, list[bool]]]:
    """Return what can be done, and whether each role may: from the very table that is asked."""
    return [(words, [roles.may([role], action) for role in in_order()]) for words, action in DOES]


def in_order() -> tuple[Role, ...]:
    """Return the provider's roles, the strongest first."""
    return roles.valid_roles(provider=True)


def names() -> list[Any]:
    """Return their names."""
    return [ROLES[role] for role in in_order()]


def _named(user: User) -> tuple[Any, ...]:
    return tuple(ROLES[role] for role in in_order() if role in user.roles_in_force)
