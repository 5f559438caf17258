"""Who may do what on the desks: role x action, and who may act on whom.

Roles are code, so that no table of permissions can drift from them. Those of an organization are Entra's, for
this purpose; those of the provider's own organization are three of ours. An action is a text in Django's
form, `app_label.verb_model`, or one of our own such as `registration.reset_for`. An action that is not in the
table is allowed to nobody.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a person can be trusted with. The values are stored, so they never change."""

    GLOBAL_ADMINISTRATOR = "global_administrator"
    PRIVILEGED_AUTHENTICATION_ADMINISTRATOR = "privileged_authentication_administrator"
    AUTHENTICATION_POLICY_ADMINISTRATOR = "authentication_policy_administrator"
    AUTHENTICATION_ADMINISTRATOR = "authentication_administrator"
    USER_ADMINISTRATOR = "user_administrator"
    HELPDESK_ADMINISTRATOR = "helpdesk_administrator"
    PASSWORD_ADMINISTRATOR = "password_administrator"
    REPORTS_READER = "reports_reader"
    OWNER = "owner"
    OPERATOR = "operator"
    SUPPORT = "support"


class Visiting(StrEnum):
    """What an operator who visits an organization's desk may do there. Nobody is granted it, and no account has it."""

    LOOKING = "visiting_looking"
    CHANGING = "visiting_changing"


PROVIDER_ROLES = frozenset({Role.OWNER, Role.OPERATOR, Role.SUPPORT})
ORGANIZATION_ROLES = frozenset(Role) - PROVIDER_ROLES

#: Our own actions, beside Django's four verbs. Those on a person are also under `may_act_on`.
RESET_FOR = "registration.reset_for"  # start a reset for somebody, who still passes their gates
ISSUE_PASS = "registration.issue_pass"  # the same for somebody of whom nothing can be asked: a code that is enough alone
RELEASE_RESET = "registration.release_reset"  # end somebody's wait after too many tries
REQUIRE_REGISTRATION = "registration.require_registration"  # have somebody register their methods again
END_SESSIONS = "registration.end_sessions"
REMIND = "registration.remind_unregistered"  # all who lack methods, by mail
EXPORT_PEOPLE = "registration.export_people"  # all of them as a file, with where they stand
GRANT_ROLES = "registration.grant_roles"
VIEW_ROLES = "registration.view_role"  # who has which role, and what each may do
SUSPEND_ORGANIZATION = "tenants.suspend_organization"  # and resume it
SEE_PEOPLE_OF_CUSTOMERS = "tenants.see_people"  # by name, before an edition is changed
INVITE_FIRST = "tenants.invite_first_administrator"  # while none of an organization's has a password yet
INVITE_ANOTHER = (
    "tenants.invite_another_administrator"  # beside those that are there: who can do this owns it
)
ENTER_ORGANIZATION = "tenants.enter_organization"  # its desk, with a reason and for a limited time
APPLY_BASELINE = "tenants.apply_baseline"  # to organizations, after a dry run; and release them of it

_VIEW = ("view",)
_ONE = ("view", "change")  # a page of one row: made with its organization, deleted with it
_ALL = ("view", "add", "change", "delete")
_IMPORT = ("view", "add")  # to add one is to check a file, to import it, to cancel it

_HELP = frozenset({RESET_FOR, RELEASE_RESET})
_CARE = _HELP | {ISSUE_PASS, REQUIRE_REGISTRATION, END_SESSIONS}


def _on(model: str, verbs: tuple[str, ...]) -> frozenset[str]:
    app_label, _, name = model.partition(".")
    return frozenset(f"{app_label}.{verb}_{name}" for verb in verbs)


#: The pages that the policy is shown on: who may read or change one may read or change them all.
_POLICY_PAGES = (
    "registration.policy",
    "registration.properties",
    "registration.authenticationmethods",
    "registration.registration",
    "registration.notifications",
    "registration.onpremises",
    "registration.administratorpolicy",
    "registration.passwordprotection",
    "registration.securityquestions",
)
_SEE_POLICY = frozenset[str]().union(
    *(_on(page, _VIEW) for page in _POLICY_PAGES),
    _on("registration.customization", _VIEW),
    _on("registration.licence", _VIEW),
)
_CHANGE_POLICY = _SEE_POLICY.union(*(_on(page, _ONE) for page in _POLICY_PAGES))

_ORGANIZATION_DESK = (
    _on("registration.user", _ALL)
    | _on("registration.group", _ALL)
    | _on("registration.peopleimport", _IMPORT)
    | _on("registration.device", _ALL)
    | _CHANGE_POLICY
    | _on("registration.customization", _ONE)
    | _on("registration.telephony", _ONE)
    | _on("registration.phonemessage", _VIEW)
    | _on("registration.auditevent", _VIEW)
    | _on("registration.usage", _VIEW)
    | _on("registration.auditsettings", _ONE)
    | _on("resets.reset", _VIEW)
    | _on("writeback.onpremisesdomain", _ALL)  # an agent is told passwords: who adds one is over everybody
    | _on("writeback.job", _VIEW)
    | _on("branding.brand", _ONE)
    | _on("branding.brandtext", _ALL)
    | _CARE
    | {GRANT_ROLES, VIEW_ROLES, REMIND, EXPORT_PEOPLE}
)
_SEE_DOMAINS = _on("writeback.onpremisesdomain", _VIEW) | _on("writeback.job", _VIEW)
_SEE_PEOPLE = _on("registration.user", _VIEW) | _on("registration.group", _VIEW) | {VIEW_ROLES}
_PROOFS = (
    _SEE_PEOPLE
    | _on("registration.device", _ALL)
    | _SEE_POLICY
    | _SEE_DOMAINS
    | _on("registration.phonemessage", _VIEW)
    | _on("resets.reset", _VIEW)
    | _CARE
    | {REMIND, EXPORT_PEOPLE}
)
_SEE_CUSTOMERS = (
    _on("tenants.organization", _VIEW)
    | _on("tenants.domain", _VIEW)
    | _on("tenants.signinname", _VIEW)
    | _on("tenants.journalentry", _VIEW)
    | _on("tenants.operator", _VIEW)  # who has a role at the provider's
    | _on("licensing.subscription", _VIEW)
    | _on("tenants.baseline", _VIEW)
    | _on("tenants.baselineboard", _VIEW)
    | _on("tenants.rollout", _VIEW)
    | _on("tenants.visit", _VIEW)
)
_SERVE_CUSTOMERS = (
    _SEE_CUSTOMERS
    | _on("tenants.organization", ("add", "change"))
    | _on("tenants.domain", ("add", "change", "delete"))
    | _on("tenants.signinname", ("add", "change", "delete"))
    | _on("licensing.subscription", ("add", "change"))
    | _on("tenants.baseline", ("add", "change", "delete"))
    | {SUSPEND_ORGANIZATION, ENTER_ORGANIZATION, APPLY_BASELINE, INVITE_FIRST}
)

TABLE: Mapping[Role, frozenset[str]] = MappingProxyType(
    {
        Role.GLOBAL_ADMINISTRATOR: _ORGANIZATION_DESK,
        Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR: _PROOFS,
        Role.AUTHENTICATION_POLICY_ADMINISTRATOR: _SEE_PEOPLE
        | _SEE_DOMAINS
        | _CHANGE_POLICY  # but not where people turn for help: whoever chooses that speaks to everybody, administrators too
        | _on("registration.telephony", _VIEW)  # a carrier reads every code: who chooses it is over everybody
        | _on("registration.phonemessage", _VIEW)
        | {REMIND},
        Role.AUTHENTICATION_ADMINISTRATOR: _PROOFS,
        Role.USER_ADMINISTRATOR: _on("registration.user", _ALL)
        | _on("registration.group", _ALL)
        | _on("registration.peopleimport", _IMPORT)
        | _on("resets.reset", _VIEW)
        | _HELP
        | {END_SESSIONS, VIEW_ROLES, REMIND, EXPORT_PEOPLE},
        Role.HELPDESK_ADMINISTRATOR: _SEE_PEOPLE
        | _SEE_DOMAINS
        | _on("registration.phonemessage", _VIEW)
        | _on("resets.reset", _VIEW)
        | _HELP
        | {END_SESSIONS},
        Role.PASSWORD_ADMINISTRATOR: _SEE_PEOPLE | _on("resets.reset", _VIEW) | _HELP,
        Role.REPORTS_READER: _SEE_PEOPLE
        | _on("registration.auditevent", _VIEW)
        | _on("registration.usage", _VIEW)
        | _on("registration.auditsettings", _VIEW)
        | _on("registration.phonemessage", _VIEW)
        | _on("resets.reset", _VIEW)
        | {EXPORT_PEOPLE},
        Role.OWNER: _ORGANIZATION_DESK
        | _SERVE_CUSTOMERS
        | _on("tenants.organization", ("delete",))
        | _on("licensing.subscription", ("delete",))
        | {SEE_PEOPLE_OF_CUSTOMERS, INVITE_ANOTHER},
        Role.OPERATOR: _SERVE_CUSTOMERS | _SEE_PEOPLE | _on("resets.reset", _VIEW) | _HELP | {END_SESSIONS},
        Role.SUPPORT: _SEE_CUSTOMERS,
    }
)
_LOOK = (
    _SEE_PEOPLE
    | _on("registration.device", _VIEW)
    | _SEE_POLICY
    | _on("registration.telephony", _VIEW)
    | _on("registration.phonemessage", _VIEW)
    | _on("registration.auditevent", _VIEW)
    | _on("registration.usage", _VIEW)
    | _on("registration.auditsettings", _VIEW)
    | _on("resets.reset", _VIEW)
    | _SEE_DOMAINS
    | _on("branding.brand", _VIEW)
    | _on("branding.brandtext", _VIEW)
)
#: What a visit allows. Nothing by which its operator could come back later, or into anybody's account: no role, no person,
#: no group, no method, no reset for somebody, no link, no carrier, which reads every code, and none of the words and
#: addresses by which the organization speaks to its people.
VISITS: Mapping[Visiting, frozenset[str]] = MappingProxyType(
    {
        Visiting.LOOKING: _LOOK,
        Visiting.CHANGING: _LOOK | _CHANGE_POLICY | {RELEASE_RESET},
    }
)
_ALLOWED: Mapping["Role | Visiting", frozenset[str]] = MappingProxyType(
    dict[Role | Visiting, frozenset[str]]([*TABLE.items(), *VISITS.items()])
)
#: Every action that some role allows.
ACTIONS = frozenset[str]().union(*TABLE.values())

#: Whose account each role may act on, as in Entra's "who can reset passwords": people without a role, and
#: holders of these. A role that is not here acts on nobody's account.
OVER: Mapping["Role | Visiting", frozenset[Role]] = MappingProxyType(
    {
        Visiting.CHANGING: frozenset(),  # people without a role, and nobody else
        Role.GLOBAL_ADMINISTRATOR: ORGANIZATION_ROLES,
        Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR: ORGANIZATION_ROLES,
        Role.AUTHENTICATION_ADMINISTRATOR: frozenset(
            {Role.AUTHENTICATION_ADMINISTRATOR, Role.PASSWORD_ADMINISTRATOR, Role.REPORTS_READER}
        ),
        Role.USER_ADMINISTRATOR: frozenset(
            {
                Role.USER_ADMINISTRATOR,
                Role.HELPDESK_ADMINISTRATOR,
                Role.PASSWORD_ADMINISTRATOR,
                Role.REPORTS_READER,
            }
        ),
        Role.HELPDESK_ADMINISTRATOR: frozenset(
            {Role.HELPDESK_ADMINISTRATOR, Role.PASSWORD_ADMINISTRATOR, Role.REPORTS_READER}
        ),
        Role.PASSWORD_ADMINISTRATOR: frozenset({Role.PASSWORD_ADMINISTRATOR}),
        Role.OWNER: PROVIDER_ROLES,
        Role.OPERATOR: frozenset({Role.OPERATOR, Role.SUPPORT}),
    }
)
#: The actions that `may_for` weighs against the other person's roles.
ON_A_PERSON = (
    _CARE
    | _on("registration.user", ("change", "delete"))
    | _on("registration.device", ("add", "change", "delete"))
)
_GRANTS: Mapping["Role | Visiting", frozenset[Role]] = MappingProxyType(
    {Role.GLOBAL_ADMINISTRATOR: ORGANIZATION_ROLES, Role.OWNER: PROVIDER_ROLES}
)


def valid_roles(provider: bool) -> tuple[Role, ...]:
    """Return the roles that mean something: the provider's in its own organization, elsewhere the others.

    >>> [role.value for role in valid_roles(provider=True)]
    ['owner', 'operator', 'support']
    """
    return tuple(role for role in Role if (role in PROVIDER_ROLES) == provider)


def in_force(roles: Iterable[str], *, provider: bool) -> frozenset[Role]:
    """Return those of a person's roles that mean something here; a text that is no role means nothing.

    >>> sorted(in_force(["owner", "reports_reader", "emperor"], provider=False))
    [<Role.REPORTS_READER: 'reports_reader'>]
    """
    return frozenset(valid_roles(provider)).intersection(_known(roles))


def may(roles: Iterable[str], action: str) -> bool:
    """Say whether one of these roles allows the action.

    >>> [may(["helpdesk_administrator"], action) for action in (RESET_FOR, "registration.delete_user")]
    [True, False]
    """
    return any(action in _ALLOWED[role] for role in _known(roles))


def may_see(roles: Iterable[str], app_label: str) -> bool:
    """Say whether one of these roles has anything to do in an app.

    >>> may_see(["support"], "licensing"), may_see(["support"], "resets")
    (True, False)
    """
    return any(action.startswith(f"{app_label}.") for role in _known(roles) for action in _ALLOWED[role])


def opens_desk(roles: Iterable[str]) -> bool:
    """Say whether one of these roles opens a desk, that is, lets its holder see something there.

    >>> opens_desk(["reports_reader"]), opens_desk([]), opens_desk(["emperor"])
    (True, False, False)
    """
    return any(".view_" in action for role in _known(roles) for action in _ALLOWED[role])


def is_administrator(roles: Iterable[str]) -> bool:
    """Say whether the holder is under the administrators' rule: two methods, and never by questions."""
    return opens_desk(roles)


def may_act_on(actor: Iterable[str], other: Iterable[str]) -> bool:
    """Say whether somebody with these roles may act on the account of somebody with the others.

    One single role of the actor must be over every role of the other: two weak roles do not add up to a
    strong one. Which actions the actor may take is `may`'s to say; both at once is `may_for`.

    >>> [may_act_on(["helpdesk_administrator"], other) for other in ([], ["global_administrator"])]
    [True, False]
    >>> may_act_on(["reports_reader"], [])
    False
    """
    below = frozenset(_known(other))
    return any(below <= OVER[role] for role in _known(actor) if role in OVER)


def may_for(actor: Iterable[str], action: str, other: Iterable[str]) -> bool:
    """Say whether somebody with these roles may take the action on the account of somebody with the others.

    The role that allows the action must be the one that is over the other person.

    >>> both = ["authentication_policy_administrator", "password_administrator"]
    >>> [may_for(both, RESET_FOR, other) for other in ([], ["user_administrator"])]
    [True, False]
    """
    able = [role for role in _known(actor) if action in _ALLOWED[role]]
    return may_act_on(able, other) if action in ON_A_PERSON else bool(able)


def stronger(roles: Iterable[str], than: Iterable[str]) -> bool:
    """Say whether these roles are over the others, and not the other way round: a strict partial order.

    >>> stronger(["global_administrator"], ["helpdesk_administrator"])
    True
    >>> stronger(["helpdesk_administrator"], ["authentication_administrator"])  # neither is over the other
    False
    """
    mine, others = list(roles), list(than)
    return may_act_on(mine, others) and not may_act_on(others, mine)


def grantable(actor: Iterable[str]) -> frozenset[Role]:
    """Return the roles that somebody with these roles may give and take.

    Nobody but a Global Administrator, and an owner at the provider's: who can grant a role holds it.

    >>> grantable(["user_administrator"])
    frozenset()
    """
    return frozenset(granted for role in _known(actor) for granted in _GRANTS.get(role, ()))


def highest(*, provider: bool) -> Role:
    """Return the role whose holders grant roles: somebody has to be left who holds it.

    >>> highest(provider=False).value, highest(provider=True).value
    ('global_administrator', 'owner')
    """
    return Role.OWNER if provider else Role.GLOBAL_ADMINISTRATOR


def _known(roles: Iterable[str]) -> "tuple[Role | Visiting, ...]":
    texts = frozenset(roles)
    return tuple(role for role in (*Role, *Visiting) if role in texts)
