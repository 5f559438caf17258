"""Every role and every answer of the policy has its words."""

from registration.labels import POLICY, ROLES
from registration.policy import Code
from registration.roles import Role


def test_every_code_has_words() -> None:
    assert (set(ROLES), set(POLICY)) == (set(Role), set(Code))
    assert all(str(words) for words in (*ROLES.values(), *POLICY.values()))


def test_no_two_roles_share_a_name() -> None:
    assert len({str(words) for words in ROLES.values()}) == len(Role)
