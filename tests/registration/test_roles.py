"""Role x action written out a second time, the order of roles, and what no role may do."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration import roles
from registration.roles import Role

ORGANIZATION = (
    "global_administrator",
    "privileged_authentication_administrator",
    "authentication_policy_administrator",
    "authentication_administrator",
    "user_administrator",
    "helpdesk_administrator",
    "password_administrator",
    "reports_reader",
)
PROVIDER = ("owner", "operator", "support")

#: One letter a role, in the order above: Global, pRivileged, pOlicy, Authentication, User, Helpdesk, Password
#: and reports (V); at the provider owner (W), operator (E) and support (S). Literal on purpose: no code under
#: test makes these tables.
LETTERS = dict(zip("GROAUHPVWES", ORGANIZATION + PROVIDER, strict=True))
EXPECTED = {
    "registration.view_user": "GROAUHPVWE",
    "registration.add_user": "GUW",
    "registration.change_user": "GUW",
    "registration.delete_user": "GUW",
    "registration.view_group": "GROAUHPVWE",
    "registration.add_group": "GUW",
    "registration.change_group": "GUW",
    "registration.delete_group": "GUW",
    "registration.view_peopleimport": "GUW",
    "registration.add_peopleimport": "GUW",
    "registration.export_people": "GRAUVW",
    "registration.view_device": "GRAW",
    "registration.add_device": "GRAW",
    "registration.change_device": "GRAW",
    "registration.delete_device": "GRAW",
    "registration.view_policy": "GROAW",
    "registration.change_policy": "GOW",
    "registration.view_properties": "GROAW",
    "registration.change_properties": "GOW",
    "registration.view_authenticationmethods": "GROAW",
    "registration.change_authenticationmethods": "GOW",
    "registration.view_registration": "GROAW",
    "registration.change_registration": "GOW",
    "registration.view_notifications": "GROAW",
    "registration.change_notifications": "GOW",
    "registration.view_onpremises": "GROAW",
    "registration.change_onpremises": "GOW",
    "registration.view_administratorpolicy": "GROAW",
    "registration.change_administratorpolicy": "GOW",
    "registration.view_customization": "GROAW",
    "registration.change_customization": "GW",
    "registration.view_licence": "GROAW",
    "registration.view_passwordprotection": "GROAW",
    "registration.change_passwordprotection": "GOW",
    "registration.view_securityquestions": "GROAW",
    "registration.change_securityquestions": "GOW",
    "registration.view_telephony": "GOW",
    "registration.change_telephony": "GW",
    "registration.view_phonemessage": "GROAHVW",
    "registration.view_auditevent": "GVW",
    "registration.view_usage": "GVW",
    "registration.view_auditsettings": "GVW",
    "registration.change_auditsettings": "GW",
    "registration.reset_for": "GRAUHPWE",
    "registration.release_reset": "GRAUHPWE",
    "registration.require_registration": "GRAW",
    "registration.end_sessions": "GRAUHWE",
    "registration.issue_pass": "GRAW",
    "registration.view_role": "GROAUHPVWE",
    "registration.grant_roles": "GW",
    "registration.remind_unregistered": "GROAUW",
    "resets.view_reset": "GRAUHPVWE",
    "writeback.view_onpremisesdomain": "GROAHW",
    "writeback.add_onpremisesdomain": "GW",
    "writeback.change_onpremisesdomain": "GW",
    "writeback.delete_onpremisesdomain": "GW",
    "writeback.view_job": "GROAHW",
    "branding.view_brand": "GW",
    "branding.change_brand": "GW",
    "branding.view_brandtext": "GW",
    "branding.add_brandtext": "GW",
    "branding.change_brandtext": "GW",
    "branding.delete_brandtext": "GW",
    "tenants.view_organization": "WES",
    "tenants.add_organization": "WE",
    "tenants.change_organization": "WE",
    "tenants.delete_organization": "W",
    "tenants.suspend_organization": "WE",
    "tenants.see_people": "W",
    "tenants.enter_organization": "WE",
    "tenants.invite_first_administrator": "WE",
    "tenants.invite_another_administrator": "W",
    "tenants.view_operator": "WES",
    "tenants.view_domain": "WES",
    "tenants.add_domain": "WE",
    "tenants.change_domain": "WE",
    "tenants.delete_domain": "WE",
    "tenants.view_signinname": "WES",
    "tenants.add_signinname": "WE",
    "tenants.change_signinname": "WE",
    "tenants.delete_signinname": "WE",
    "tenants.view_journalentry": "WES",
    "tenants.view_baseline": "WES",
    "tenants.add_baseline": "WE",
    "tenants.change_baseline": "WE",
    "tenants.delete_baseline": "WE",
    "tenants.apply_baseline": "WE",
    "tenants.view_baselineboard": "WES",
    "tenants.view_rollout": "WES",
    "tenants.view_visit": "WES",
    "licensing.view_subscription": "WES",
    "licensing.add_subscription": "WE",
    "licensing.change_subscription": "WE",
    "licensing.delete_subscription": "W",
}
#: Whose account each role may act on, besides people without a role; a role that is absent acts on nobody's.
OVER = {
    "G": "GROAUHPV",
    "R": "GROAUHPV",
    "A": "APV",
    "U": "UHPV",
    "H": "HPV",
    "P": "P",
    "W": "WES",
    "E": "ES",
}
CELLS = list(itertools.product(LETTERS, EXPECTED))
ROLE_SETS = st.frozensets(st.sampled_from(Role))


def test_the_literal_table_is_complete() -> None:
    """Every role and every action of the code is in the table above."""
    assert set(LETTERS.values()) == {role.value for role in Role}
    assert set(EXPECTED) == roles.ACTIONS
    assert set(roles.TABLE) == set(Role)


@pytest.mark.parametrize(("letter", "action"), CELLS)
def test_each_cell(letter: str, action: str) -> None:
    """Role x action gives this answer."""
    assert roles.may([LETTERS[letter]], action) == (letter in EXPECTED[action])


@pytest.mark.parametrize(("actor", "other"), list(itertools.product(LETTERS, repeat=2)))
def test_each_pair(actor: str, other: str) -> None:
    """Who may act on whose account is Entra's table of who may reset whose password."""
    assert roles.may_act_on([LETTERS[actor]], [LETTERS[other]]) == (other in OVER.get(actor, ""))


@pytest.mark.parametrize("letter", LETTERS)
def test_people_without_a_role(letter: str) -> None:
    """Whoever may act on anybody may act on somebody without a role, who may act on nobody."""
    assert roles.may_act_on([LETTERS[letter]], []) == (letter in OVER)
    assert not roles.may_act_on([], [LETTERS[letter]])


def test_trails_are_never_changed() -> None:
    """No role writes the audit trail, the journal or a reset."""
    for model in ("registration.{}_auditevent", "tenants.{}_journalentry", "resets.{}_reset"):
        for verb in ("add", "change", "delete"):
            assert not roles.may(list(Role), model.format(verb))


@pytest.mark.parametrize(
    "action", ["", "registration", "registration.", "registration.view_challenge", "auth.add_user"]
)
def test_an_unknown_action_is_for_nobody(action: str) -> None:
    """What the table does not name is allowed to nobody, the strongest included."""
    assert not roles.may(list(Role), action)


def test_whoever_changes_may_also_see() -> None:
    """A page that may be changed can be opened."""
    for role, actions in roles.TABLE.items():
        for action in actions:
            app_label, _, rest = action.partition(".")
            verb, _, model = rest.partition("_")
            if verb in ("add", "change", "delete"):
                assert roles.may([role], f"{app_label}.view_{model}"), (role, action)


def test_every_role_opens_a_desk() -> None:
    """Whoever holds one is an administrator; whoever holds none, or a text that is no role, is not."""
    assert all(roles.opens_desk([role]) and roles.is_administrator([role.value]) for role in Role)
    for nothing in ([], ["emperor"], ["Owner"], [""]):
        assert not roles.opens_desk(nothing)
        assert not roles.is_administrator(nothing)


def test_a_role_means_something_on_its_own_side_only() -> None:
    """The provider's roles in public, the others in every other organization."""
    assert tuple(role.value for role in roles.valid_roles(provider=True)) == PROVIDER
    assert tuple(role.value for role in roles.valid_roles(provider=False)) == ORGANIZATION
    held = [*ORGANIZATION, *PROVIDER, "emperor"]
    assert roles.in_force(held, provider=True) == set(PROVIDER)
    assert roles.in_force(held, provider=False) == set(ORGANIZATION)


def test_no_organization_role_touches_the_provider() -> None:
    """Not what it owns, and not the people of its staff; and the other way round."""
    for role in roles.ORGANIZATION_ROLES:
        assert not roles.may_see([role], "tenants")
        assert not roles.may_see([role], "licensing")
        assert not any(roles.may_act_on([role], [other]) for other in roles.PROVIDER_ROLES)
        assert not any(roles.may_act_on([other], [role]) for other in roles.PROVIDER_ROLES)


@pytest.mark.parametrize(
    ("letter", "apps"),
    [
        ("G", {"registration", "resets", "branding"}),
        ("H", {"registration", "resets"}),
        ("V", {"registration", "resets"}),
        ("O", {"registration"}),
        ("W", {"registration", "resets", "branding", "tenants", "licensing"}),
        ("E", {"registration", "resets", "tenants", "licensing"}),
        ("S", {"tenants", "licensing"}),
    ],
)
def test_apps_to_be_seen(letter: str, apps: set[str]) -> None:
    """The desk lists the apps in which there is something to see."""
    known = ("registration", "resets", "branding", "tenants", "licensing", "auth", "contenttypes", "admin")
    assert {app for app in known if roles.may_see([LETTERS[letter]], app)} == apps


def test_only_the_highest_grant_roles() -> None:
    """Who can grant a role holds it, so nobody grants one who is not already over it."""
    assert roles.grantable(["global_administrator"]) == set(ORGANIZATION)
    assert roles.grantable(["owner"]) == set(PROVIDER)
    for role in set(Role) - {Role.GLOBAL_ADMINISTRATOR, Role.OWNER}:
        assert roles.grantable([role]) == frozenset()


def test_two_weak_roles_are_not_one_strong() -> None:
    """Somebody with both of two roles is out of reach of somebody for whom no single role is over both."""
    actor = ["authentication_administrator", "helpdesk_administrator"]
    assert roles.may_act_on(actor, ["authentication_administrator"])
    assert roles.may_act_on(actor, ["helpdesk_administrator"])
    assert not roles.may_act_on(actor, actor)


def test_the_role_that_allows_must_be_the_one_that_is_over() -> None:
    """Being over somebody by one role, and allowed the action by another, is not enough."""
    actor = ["user_administrator", "authentication_administrator"]
    remove = "registration.delete_device"
    assert roles.may(actor, remove)
    assert roles.may_act_on(actor, ["helpdesk_administrator"])
    assert not roles.may_for(actor, remove, ["helpdesk_administrator"])
    assert roles.may_for(actor, remove, ["password_administrator"])
    assert roles.may_for(["reports_reader"], "registration.view_user", ["global_administrator"])
    assert not roles.may_for(["reports_reader"], "registration.reset_for", [])


@given(ROLE_SETS, ROLE_SETS, ROLE_SETS)
def test_stronger_is_a_strict_partial_order(
    one: frozenset[Role], two: frozenset[Role], three: frozenset[Role]
) -> None:
    """Nobody is stronger than themselves, nor both ways round; the stronger of the stronger is stronger."""
    assert not roles.stronger(one, one)
    assert not (roles.stronger(one, two) and roles.stronger(two, one))
    if roles.stronger(one, two) and roles.stronger(two, three):
        assert roles.stronger(one, three)


@given(ROLE_SETS, ROLE_SETS)
def test_nobody_acts_on_a_stronger(actor: frozenset[Role], other: frozenset[Role]) -> None:
    """Whatever the action."""
    if roles.stronger(other, actor):
        assert not roles.may_act_on(actor, other)
        assert not any(roles.may_for(actor, action, other) for action in roles.ON_A_PERSON)


@given(ROLE_SETS, st.sampled_from(Role), ROLE_SETS)
def test_one_more_role_never_takes_away(held: frozenset[Role], more: Role, other: frozenset[Role]) -> None:
    """More roles, more allowed to their holder, and less to others on their holder."""
    assert all(roles.may(held | {more}, action) for action in roles.ACTIONS if roles.may(held, action))
    if roles.may_act_on(held, other):
        assert roles.may_act_on(held | {more}, other)
    if roles.may_act_on(other, held | {more}):
        assert roles.may_act_on(other, held)


POLICY = {
    "policy",
    "properties",
    "authenticationmethods",
    "registration",
    "notifications",
    "onpremises",
    "administratorpolicy",
    "passwordprotection",
    "securityquestions",
}
LOOKING = {
    "registration.view_user",
    "registration.view_group",
    "registration.view_device",
    "registration.view_role",
    *(f"registration.view_{page}" for page in (*POLICY, "customization", "licence")),
    "registration.view_telephony",
    "registration.view_phonemessage",
    "registration.view_auditevent",
    "registration.view_usage",
    "registration.view_auditsettings",
    "resets.view_reset",
    "writeback.view_onpremisesdomain",
    "writeback.view_job",
    "branding.view_brand",
    "branding.view_brandtext",
}
CHANGING = LOOKING | {*(f"registration.change_{page}" for page in POLICY), "registration.release_reset"}


@pytest.mark.parametrize(
    ("visit", "allowed"), [("visiting_looking", LOOKING), ("visiting_changing", CHANGING)]
)
def test_what_a_visit_allows(visit: str, allowed: set[str]) -> None:
    """Written out: nothing by which an operator could come back, or into anybody's account."""
    assert {action for action in roles.ACTIONS if roles.may([visit], action)} == allowed
    assert roles.grantable([visit]) == frozenset()
    assert not roles.may(["visiting_looking"], roles.RESET_FOR)


def test_a_visit_releases_people_without_a_role_and_nobody_else() -> None:
    assert roles.may_for(["visiting_changing"], roles.RELEASE_RESET, [])
    assert not any(roles.may_for(["visiting_changing"], roles.RELEASE_RESET, [role]) for role in Role)
    assert not roles.may_act_on(["visiting_looking"], [])


def test_a_visit_is_no_role_that_an_account_could_hold() -> None:
    for provider in (True, False):
        assert roles.in_force(["visiting_changing", "visiting_looking"], provider=provider) == frozenset()
    assert not {each.value for each in roles.Visiting} & {role.value for role in Role}
