"""What administrators are told of domains and agents: checks, answers, states, each with its remedy."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from registration import audit_wording
from resets.writeback.brought_rows import RowFlaw
from resets.writeback.codes import Outcome, Refusal
from resets.writeback.homes import Hindrance
from resets.writeback.models import Job

Words = str | Promise

#: What a directory or an agent answered, and what to do about it.
ANSWERS: Mapping[str, tuple[Words, Words]] = MappingProxyType(
    {
        Refusal.POLICY: (
            _("The password breaks a rule of the domain."),
            _("Nothing to mend: the person was told to choose another. Windows does not say which rule."),
        ),
        Refusal.LENGTH: (_("The password is too short for the domain."), _("Nothing to mend.")),
        Refusal.COMPLEXITY: (_("The password is not complex enough for the domain."), _("Nothing to mend.")),
        Refusal.HISTORY: (_("The password was used before."), _("Nothing to mend.")),
        Refusal.MIN_AGE: (
            _("The password was changed too short a time ago."),
            _("Set the domain's minimum password age to 0, or people wait as long as it says."),
        ),
        Refusal.WRONG_CURRENT: (_("The current password was wrong."), _("Nothing to mend.")),
        Refusal.ACCESS_DENIED: (
            _("The agent's account may not do this to this person."),
            _(
                "Delegate the rights on the place where the person is; docs/agent.md has the lines. Inheritance has to be on."
            ),
        ),
        Refusal.USER_NOT_FOUND: (
            _("The account is not there, or was moved where the agent does not look."),
            _("Bring people now, or add its place to the agent's configuration."),
        ),
        Refusal.CAPABILITY: (
            _("The directory cannot do this."),
            _("Look at the agent's checks: the directory does not know a control that is needed."),
        ),
        Refusal.DISABLED: (
            _("The account is disabled in the domain."),
            _("Enable it there, if it should be used."),
        ),
        Refusal.EXPIRED: (
            _("The account has expired in the domain."),
            _("Give it another end there, if it should be used."),
        ),
        Refusal.PROTECTED: (
            _("The account is a privileged one: agents never touch these."),
            _("An administrator of the domain resets it there."),
        ),
        Refusal.UNREACHABLE: (
            _("The agent did not reach a domain controller."),
            _("Is the domain controller running, and may the agent's machine reach it by LDAPS (636)?"),
        ),
        Refusal.TLS: (
            _("The domain controller's certificate was not accepted."),
            _(
                "Give the agent the authority that issued it (ca_file), and the name that stands in it (valid_name)."
            ),
        ),
        Refusal.TIMED_OUT: (
            _("The domain controller did not answer in time."),
            _("Look at its load, and at the network between it and the agent."),
        ),
        Refusal.NO_ANSWER: (
            _("No agent took the job within 30 seconds."),
            _("Is the agent's machine running, and does it reach this site by HTTPS?"),
        ),
        Refusal.AGENT_FAULT: (
            _("The agent met something that it does not know."),
            _("Its log says more, at the same moment."),
        ),
        Refusal.SIGNATURE: (
            _("The agent did not know the portal's signature."),
            _("Enrol it anew. If it happens again, somebody may be changing jobs: tell your provider."),
        ),
        Refusal.ADDRESS: (
            _("The job was meant for another agent."),
            _("Enrol it anew. If it happens again, somebody may be changing jobs: tell your provider."),
        ),
        Refusal.JOB_EXPIRED: (
            _("The job came too late."),
            _("Look at the network between the agent and this site."),
        ),
        Refusal.REPLAYED: (
            _("The job had been done before."),
            _("If it happens again, somebody may be repeating jobs: tell your provider."),
        ),
        Refusal.SEALED: (
            _("The agent could not open the job."),
            _("Have it renew its keys; if that does not help, enrol it anew."),
        ),
        Outcome.SUPERSEDED: (
            _("Somebody set another password at the same moment."),
            _("Nothing to mend: the newer one holds, and the person was told."),
        ),
        Outcome.UNKNOWN: (
            _("Nobody knows whether it was done: the agent fell silent, or the directory did."),
            _("The person was told to try the new password. Look at the agent's log at that moment."),
        ),
    }
)
#: What an agent checks at its directory.
CHECKS: Mapping[str, tuple[Words, Words]] = MappingProxyType(
    {
        "connection": (_("The directory answers"), ANSWERS[Refusal.UNREACHABLE][1]),
        "tls": (_("Its certificate is accepted"), ANSWERS[Refusal.TLS][1]),
        "bind": (
            _("The agent's account may sign in"),
            _(
                "Look at the account's name and password in the agent's configuration, and whether it is locked or expired."
            ),
        ),
        "writable": (
            _("It takes changes"),
            _("This domain controller is read only. Name another one in the agent's configuration (url)."),
        ),
        "rights": (_("It has the rights that it needs"), ANSWERS[Refusal.ACCESS_DENIED][1]),
        "places": (
            _("Its places are there"),
            _("Correct the places (ous) in the agent's configuration."),
        ),
        "controls": (
            _("Former passwords count in a reset"),
            _(
                "This directory does not check them when a forgotten password is reset; in a change it does. Samba cannot;"
                " Windows can."
            ),
        ),
        "policy": (
            _("The domain's rules can be read"),
            _(
                "Let the agent's account read the head of the domain, so that people are told the rules before they type."
            ),
        ),
        "people": (
            _("People come from it"),
            _(
                "The agent's log says more. Where the directory shows a part of the people only (size_limit), give the agent's"
                " account no such limit; where it may not see them (access_denied), let it read."
            ),
        ),
        "protected": (
            _("It is not privileged itself"),
            _("Take the agent's account out of the privileged groups: the delegated rights are enough."),
        ),
    }
)
#: An agent of which nothing is heard, and what to do about it.
UNHEARD: tuple[Words, Words] = (
    _("Nothing was heard of it for a minute."),
    _(
        "Does its machine run, and does it reach this site by HTTPS? Its log says more: journalctl -u rekey-agent."
    ),
)
STATES: Mapping[str, tuple[Words, str]] = MappingProxyType(
    {
        "ok": (_("Working"), "success"),
        "degraded": (_("Something to mend"), "warning"),
        "away": (_("Directory not reached"), "danger"),
        "lost": (_("No agent is heard of"), "danger"),
        "none": (_("No agent yet"), "info"),
    }
)
FLAWS: Mapping[str, Words] = MappingProxyType(
    {
        RowFlaw.NAME_MISSING: _("has no sign-in name in the directory"),
        RowFlaw.NAME_MALFORMED: _("has a sign-in name that cannot be one"),
        RowFlaw.NAME_FOREIGN: _("has a sign-in name that is not one of this organization's"),
        RowFlaw.NAME_TAKEN: _("has the sign-in name of somebody who is here already"),
        RowFlaw.DUPLICATE: _("was said twice"),
        RowFlaw.LAST_ADMINISTRATOR: _("is the last who can grant roles here, so stays enabled"),
    }
)

#: How the answer begins that came when nobody waited for it any more (`queue.settle`).
_LATE = "late/"

audit_wording.contribute(
    {
        **{code: words for code, (words, _remedy) in ANSWERS.items()},
        Hindrance.NOT_ENABLED: _("Passwords are not written back to the person's domain."),
        Hindrance.ADMINISTRATOR: _("Only an administrator of the domain can change the account."),
        Hindrance.AWAY: _("No agent of the person's domain was there."),
        "held": _(
            "A directory missed more than half of its people: nothing was changed until an administrator looks."
        ),
    }
)


def answer(state: str, code: str) -> Words:
    """Return what to say of how a job ended."""
    ended = ANSWERS[state][0] if state in {Outcome.SUPERSEDED, Outcome.UNKNOWN} else ""
    if ended and code.startswith(_LATE):
        late = dict(Job.State.choices).get(code.removeprefix(_LATE), code)
        return format_lazy("{} {}: {}", ended, _("Its agent said later"), late)
    return ended or (ANSWERS[code][0] if code in ANSWERS else code)


def remedy(state: str, code: str) -> Words:
    """Return what to do about it; nothing where all is well."""
    ended = state if state in {Outcome.SUPERSEDED, Outcome.UNKNOWN} else code
    return ANSWERS[ended][1] if ended in ANSWERS else ""


def check(code: str) -> tuple[Words, Words]:
    """Return what an agent checked and what to do where it fails; one that nobody knows stands for itself."""
    return CHECKS.get(code, (code, ""))
