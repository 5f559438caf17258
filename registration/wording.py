"""The words for codes that rules and flows answer with: one place, so that a code never grows two sentences."""

from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from registration.audit import Activity
from registration.banned_words import TermProblem, WrongLine
from registration.enrolling import Problem
from registration.method import Method
from registration.password_rules import Rule, Violation

ACTIVITIES: dict[Activity, Promise] = {
    Activity.SIGNED_IN: _("Signed in"),
    Activity.SIGN_IN_FAILED: _("Sign-in failed"),
    Activity.SIGNED_OUT: _("Signed out"),
    Activity.PROVED_AGAIN: _("Proved identity again"),
    Activity.INFO_STARTED: _("User started security info registration"),
    Activity.INFO_REGISTERED: _("User registered security info"),
    Activity.INFO_CHANGED: _("User updated security info"),
    Activity.INFO_DELETED: _("User deleted security info"),
    Activity.ADMIN_REGISTERED: _("Admin registered security info"),
    Activity.ADMIN_UPDATED: _("Admin updated security info"),
    Activity.REGISTRATION_REQUIRED: _("Admin required re-registration of security info"),
    Activity.SESSIONS_ENDED: _("Admin ended all sessions"),
    Activity.DEFAULT_CHANGED: _("User changed default security info"),
    Activity.REGISTERED_ALL: _("User registered all required security info"),
    Activity.CODE_SENT: _("Verification code sent"),
    Activity.CODE_NOT_SENT: _("Verification code not sent"),
    Activity.REMINDED: _("Registration reminders sent"),
    Activity.REQUEST_DENIED: _("User denied a request"),
    Activity.INFO_REVIEWED: _("User reviewed security info"),
    Activity.REGISTRATION_SKIPPED: _("User put off security info registration"),
    Activity.OBJECTED: _("User objected to a change"),
    Activity.RESET_RELEASED: _("Self-service password reset released"),
    Activity.PASSWORD_DISOWNED: _("Password disowned by its user"),
    Activity.PASSWORD_CHANGED: _("Change password (self-service)"),
    Activity.PASSWORD_RESET: _("Reset password (self-service)"),
    Activity.RESET_STARTED: _("User started password reset"),
    Activity.RESET_STARTED_FOR: _("Admin started password reset"),
    Activity.RESET_GATE: _("Self-service password reset flow activity progress"),
    Activity.RESET_STOPPED: _("Self-service password reset stopped"),
    Activity.RESET_PASSWORD_REFUSED: _("New password refused"),
    Activity.ACTIVATED: _("Account activated"),
    Activity.ACTIVATION_SENT: _("Activation link made"),
    Activity.USER_ADDED: _("Person added"),
    Activity.USER_CHANGED: _("Person changed"),
    Activity.USER_DELETED: _("Person deleted"),
    Activity.PEOPLE_IMPORTED: _("People imported"),
    Activity.DOMAIN_ADDED: _("On-premises domain added"),
    Activity.DOMAIN_CHANGED: _("On-premises domain changed"),
    Activity.DOMAIN_REMOVED: _("On-premises domain removed"),
    Activity.AGENT_ADDED: _("Code for an agent made"),
    Activity.AGENT_ENROLLED: _("Agent enrolled"),
    Activity.AGENT_ROLLED: _("Agent's keys renewed"),
    Activity.AGENT_REVOKED: _("Agent revoked"),
    Activity.PEOPLE_BROUGHT: _("People brought from a directory"),
    Activity.PEOPLE_HELD: _("Removal of many people held"),
    Activity.ACCOUNT_TIED: _("Person tied to a directory account"),
    Activity.ACCOUNT_UNTIED: _("Person untied from a directory account"),
    Activity.ACCOUNT_UNLOCKED: _("Unlock user account (self-service)"),
    Activity.ACCOUNT_EXPIRED: _("Password change required in a directory"),
    Activity.AGENTS_LOST: _("No agent of a domain is heard of"),
    Activity.AGENTS_BACK: _("An agent of a domain is heard of again"),
    Activity.PEOPLE_EXPORTED: _("People exported"),
    Activity.GROUP_CHANGED: _("Group changed"),
    Activity.POLICY_CHANGED: _("Self-service password reset policy changes"),
    Activity.TELEPHONY_CHANGED: _("Text messages and calls changed"),
    Activity.TELEPHONY_CAPPED: _("Text messages and calls reached the month's limit"),
    Activity.BRANDING_CHANGED: _("Company branding changed"),
    Activity.PEOPLE_SEEN: _("Provider saw who may reset"),
    Activity.BRANDING_TRIED: _("Test of a text sent"),
    Activity.DESK_CHANGED: _("Changed in the admin"),
    Activity.DESK_REFUSED: _("Refused in the admin"),
    Activity.NOTICE_SENT: _("Notice sent"),
    Activity.AUDIT_EXPORTED: _("Audit log exported"),
    Activity.AUDIT_PRUNED: _("Old audit events deleted"),
    Activity.RETENTION_CHANGED: _("Audit log retention changed"),
    Activity.BASELINE_APPLIED: _("Provider's baseline applied"),
    Activity.BASELINE_RELEASED: _("Provider's baseline released"),
    Activity.PROVIDER_ENTERED: _("Provider entered the admin"),
    Activity.PROVIDER_LEFT: _("Provider left the admin"),
    Activity.REFUSED: _("Refused a page"),
}

PROBLEMS: dict[Problem, Promise] = {
    Problem.UNKNOWN_METHOD: _("This method is not available to you."),
    Problem.TOO_MANY: _("You have as many of these as you may. Remove one first."),
    Problem.FIXED: _("Your administrator set this number. Ask them, or the help desk, to change it."),
    Problem.ALREADY: _("You have registered this already."),
    Problem.EXPIRED: _("That code is no longer valid. Begin again to get a new one."),
    Problem.DENIED: _("The request was denied. If that wasn't you, tell the help desk."),
    Problem.EXHAUSTED: _("Too many wrong codes. Begin again to get a new one."),
}

_RULES: dict[Rule, Promise] = {
    Rule.TOO_LONG: _("Use at most %(number)d characters."),
    Rule.NOT_ASCII: _("Use only letters from A to Z without accents, digits, spaces and the usual symbols."),
    Rule.INVISIBLE: _("Leave out characters that can't be seen, such as tabs."),
    Rule.TOO_FEW_CLASSES: _("Mix at least three of: lower case, upper case, digits, symbols."),
    Rule.CONTAINS_NAME: _("Leave out your name and your organization's name."),
    Rule.TOO_EASY: _("Use more than common words with a few changes."),
    Rule.LISTED: _("Choose a password that is not on the list of common passwords."),
    Rule.SAME_AS_BEFORE: _("Choose another password than the one you have."),
}

TERM_PROBLEMS: dict[TermProblem, Promise] = {
    TermProblem.TOO_SHORT: _("Line %(line)d is too short: a word has 4 characters at least."),
    TermProblem.TOO_LONG: _("Line %(line)d is too long: a word has 16 characters at most."),
    TermProblem.TOO_MANY: _("Line %(line)d and those after it are too many: a list has 1,000 words at most."),
}


def once_more(method: Method) -> str:
    """Return the sentence for what was asked once more; it says nothing of whether it was sent."""
    return gettext("We are trying once more.") if method.waits else gettext("A new code is on its way.")


def too_often(wait: timedelta) -> str:
    """Return the sentence for a budget that is used up, in whole minutes."""
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    return ngettext(
        "That was too often. Please wait %(minutes)d minute.",
        "That was too often. Please wait %(minutes)d minutes.",
        minutes,
    ) % {"minutes": minutes}


def violation(found: Violation) -> str | Promise:
    """Return the sentence for one rule that a new password breaks, or that is told before."""
    if found.rule is Rule.TOO_SHORT:
        return ngettext_lazy(
            "Use at least %(number)d character.", "Use at least %(number)d characters.", found.number
        ) % {"number": found.number}
    if found.rule is Rule.SAME_AS_BEFORE and found.number > 1:
        return _("Choose a password that is none of your last %(number)d.") % {"number": found.number}
    sentence: str | Promise = _RULES[found.rule] % {"number": found.number}
    return sentence


def wrong_line(wrong: WrongLine) -> str:
    """Return the sentence for a line of a list of banned words that is no word."""
    return str(TERM_PROBLEMS[wrong.problem]) % {"line": wrong.line}
