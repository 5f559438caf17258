"""Who a visitor is: an operator at the desk of an organization in which they have no account.

What the desk asks of somebody who is signed in, a visitor answers; there is no row, no password, no method.
"""

from dataclasses import dataclass, field
from typing import Any

from registration import roles
from registration.roles import Visiting
from tenants.models import Visit

#: Beside the operator's name wherever an organization reads it. No sign-in name has a space.
MARK = " (provider)"


def marked(operator: str) -> str:
    """Return how an organization reads who of the provider did something.

    >>> marked("chief@provider.example")
    'chief@provider.example (provider)'
    """
    return operator[: 254 - len(MARK)] + MARK


@dataclass(frozen=True)
class Visitor:
    """An operator for the time of one visit. Their roles are those of the visit, whatever they are at the provider."""

    visit: Visit
    is_active: bool = True
    is_authenticated: bool = True
    is_anonymous: bool = False
    is_staff: bool = True
    is_superuser: bool = False
    opens_desk: bool = True
    language: str = ""
    groups: frozenset[str] = field(default_factory=frozenset)

    @property
    def pk(self) -> Any:
        """What is nobody's here: the id of the visit."""
        return self.visit.pk

    @property
    def sign_in_name(self) -> str:
        """The operator's name, marked."""
        return marked(self.visit.operator_name)

    @property
    def name(self) -> str:
        """The same: a visitor has no other."""
        return self.sign_in_name

    @property
    def roles_in_force(self) -> frozenset[Visiting]:
        """The one role that a visit has."""
        return frozenset({Visiting.CHANGING if self.visit.may_change else Visiting.LOOKING})

    def __str__(self) -> str:
        return self.sign_in_name

    def is_verified(self) -> bool:
        """Say yes: the provider's desk asked for a second factor before the visit began."""
        return True

    def has_perm(self, action: str, obj: object = None) -> bool:
        """Say whether the visit allows an action."""
        return roles.may(self.roles_in_force, action)

    def has_module_perms(self, app_label: str) -> bool:
        """Say whether anything of an app is open to the visit."""
        return roles.may_see(self.roles_in_force, app_label)

    def get_username(self) -> str:
        """Return the name."""
        return self.sign_in_name

    def get_short_name(self) -> str:
        """Return the name that a page greets with."""
        return self.sign_in_name

    def get_full_name(self) -> str:
        """Return the same."""
        return self.sign_in_name
