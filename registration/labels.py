"""The words for roles, for the policy's answers and for advice, in one place; the rules themselves answer in codes."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registration import roles
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

#: What each role is for, in one sentence, on the page of roles.
ROLES_ABOUT: Mapping[Role, Promise] = MappingProxyType(
    {
        Role.GLOBAL_ADMINISTRATOR: _(
            "Does everything here, and alone grants roles. Have two of them, and few more."
        ),
        Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR: _(
            "Helps everybody with their methods, administrators too."
        ),
        Role.AUTHENTICATION_POLICY_ADMINISTRATOR: _(
            "Decides who may reset, by which methods, and by which rules."
        ),
        Role.AUTHENTICATION_ADMINISTRATOR: _("Helps people with their methods, and starts resets for them."),
        Role.USER_ADMINISTRATOR: _(
            "Adds, changes and deletes people and groups, and starts resets for them."
        ),
        Role.HELPDESK_ADMINISTRATOR: _("Starts resets for people, ends waits and sessions."),
        Role.PASSWORD_ADMINISTRATOR: _("Starts resets for people, and ends waits."),
        Role.REPORTS_READER: _("Reads the audit log, the messages and the resets, and changes nothing."),
        Role.OWNER: _(
            "Does everything for the provider, and alone grants its roles. Have two of them, and few more."
        ),
        Role.OPERATOR: _(
            "Serves organizations: adds, suspends, changes them, and enters their desk with a reason."
        ),
        Role.SUPPORT: _("Looks at organizations, and changes nothing."),
    }
)

#: What the actions are that are no verb on a page.
ACTIONS: Mapping[str, Promise] = MappingProxyType(
    {
        roles.RESET_FOR: _("Start a password reset for somebody"),
        roles.ISSUE_PASS: _(
            "Give out a code that is enough alone, for somebody of whom nothing can be asked"
        ),
        roles.RELEASE_RESET: _("End somebody's wait"),
        roles.REQUIRE_REGISTRATION: _("Require somebody to register their methods anew"),
        roles.END_SESSIONS: _("End somebody's sessions"),
        roles.REMIND: _("Remind everybody who lacks methods"),
        roles.GRANT_ROLES: _("Grant and take roles"),
        roles.VIEW_ROLES: _("See who has which role"),
        roles.SUSPEND_ORGANIZATION: _("Suspend organizations, and resume them"),
        roles.ENTER_ORGANIZATION: _("Enter an organization's desk, with a reason and for a limited time"),
        roles.EXPORT_PEOPLE: _("Download people as a file"),
        roles.SEE_PEOPLE_OF_CUSTOMERS: _("See by name whom a change of an edition concerns"),
        roles.INVITE_FIRST: _("Invite an organization's first administrator"),
        roles.INVITE_ANOTHER: _("Invite another administrator of an organization"),
        roles.APPLY_BASELINE: _("Apply a baseline to organizations"),
        "tenants.view_operator": _("See who the operators are"),
    }
)

#: Django's verbs, on the rows of a page.
VERBS: Mapping[str, Promise] = MappingProxyType(
    {"view": _("see"), "add": _("add"), "change": _("change"), "delete": _("delete")}
)
