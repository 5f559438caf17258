"""The words for roles and for the policy's answers, in one place; the rules themselves answer in codes."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registration.policy import Code
from registration.roles import Role

#: As Entra names them, so that its administrators find them again.
ROLES: Mapping[Role, Promise] = MappingProxyType(
    {
        Role.GLOBAL_ADMINISTRATOR: _("Global Administrator"),
        Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR: _("Privileged Authentication Administrator"),
        Role.AUTHENTICATION_POLICY_ADMINISTRATOR: _("Authentication Policy Administrator"),
        Role.AUTHENTICATION_ADMINISTRATOR: _("Authentication Administrator"),
        Role.USER_ADMINISTRATOR: _("User Administrator"),
        Role.HELPDESK_ADMINISTRATOR: _("Helpdesk Administrator"),
        Role.PASSWORD_ADMINISTRATOR: _("Password Administrator"),
        Role.REPORTS_READER: _("Reports Reader"),
        Role.OWNER: _("Owner"),
        Role.OPERATOR: _("Operator"),
        Role.SUPPORT: _("Support"),
    }
)

#: One sentence for each answer and each problem, about "this person" and to the administrator who reads it.
POLICY: Mapping[Code, Promise] = MappingProxyType(
    {
        Code.ALLOWED: _("This person can reset their password."),
        Code.EDITION_LACKS_RESET: _("The organization's edition does not include password reset."),
        Code.POLICY_NONE: _("Password reset is enabled for nobody."),
        Code.NOT_IN_SCOPE: _("This person is in none of the groups that are selected for password reset."),
        Code.ADMINISTRATORS_EXCLUDED: _("Administrators may not reset their own passwords here."),
        Code.ACCOUNT_DISABLED: _("This account is disabled."),
        Code.RESET_BLOCKED: _("This person said that a reset was not theirs: it is blocked for a day."),
        Code.NOT_ENOUGH_METHODS: _(
            "A reset asks for more methods than people can register. Enable more methods, or ask for one."
        ),
        Code.NOT_REGISTERED: _("This person has not registered enough methods."),
        Code.QUESTIONS_ALONE: _(
            "Security questions alone could reset a password, and answers can be guessed or found out. Ask for"
            " two methods, switch the questions off, or acknowledge the risk."
        ),
    }
)
