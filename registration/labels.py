"""The words for roles, for the policy's answers and for advice, in one place; the rules themselves answer in codes."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registration.advice import Advice, Note, Severity
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

#: One sentence for each advice on a policy; `methods` are the names of those that it is about.
ADVICE: Mapping[Advice, Promise] = MappingProxyType(
    {
        Advice.WEAK_ALONE: _(
            "Ask for two methods: this alone can reset a password, and answers are guessed or found out (%(methods)s)."
        ),
        Advice.NEVER_COUNTS: _(
            "Nobody can be asked for this, so ask for two methods or take it away: %(methods)s."
        ),
        Advice.RESTRICTED_STRONGEST: _(
            "The strongest method here is %(methods)s, and text messages can be forged: enable the authenticator app."
        ),
        Advice.RESTRICTED_ALONE: _(
            "Ask for two methods: this alone can reset a password, and text messages can be forged (%(methods)s)."
        ),
        Advice.MAILBOX_ALONE: _(
            "Ask for two methods: whoever reads the mailbox can reset the password, which NIST calls AAL1 (%(methods)s)."
        ),
        Advice.TOO_FEW: _("Enable two methods or more, so that somebody who lost one is not lost."),
        Advice.NOBODY_WITHOUT_MOBILE: _(
            "Somebody without a mobile phone can't reset: enable email or the office phone as well."
        ),
        Advice.NO_SPARE: _(
            "Enable one method more than a reset asks for, so that somebody who lost one is not lost."
        ),
        Advice.NO_APP: _("Make the authenticator app the first method: it is the strongest."),
        Advice.IDLE: _("Enabled and idle, since your organization can't use it now: %(methods)s."),
    }
)

#: How much an advice matters, said before it.
SEVERITIES: Mapping[Severity, Promise] = MappingProxyType(
    {Severity.DANGER: _("Danger"), Severity.WARNING: _("Warning"), Severity.INFO: _("Advice")}
)

#: One sentence beside each method, whatever the policy.
NOTES: Mapping[Note, Promise] = MappingProxyType(
    {
        Note.FIRST: _("Recommended: make it the first one."),
        Note.WITHOUT_MOBILE: _("Suits people without a mobile phone."),
        Note.FORGEABLE: _("Not recommended: text messages can be forged."),
        Note.LEAST: _("Least recommended, and only ever beside another method."),
    }
)
