"""What the database reads of everybody is what is read of each one, and the number of statements does not grow with people."""

from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from registration import census, configuring, people, standing
from registration.models import Group, User
from registration.policy import Person
from registration.questions import PREDEFINED
from registration.roles import Role
from tests.building import Org, give_app, give_email, give_questions

OTHERS = [key for key in PREDEFINED if key not in {"pet", "teacher", "street", "toy", "job"}]


@pytest.fixture
def crowd(contoso: Org) -> list[User]:
    """People of every kind: roles, groups within groups, methods, disabled, blocked."""
    outer = Group.objects.get(name="Pilot")
    inner = Group.objects.create(name="Inner")
    outer.groups.add(inner)
    inner.groups.add(outer)  # a circle ends, too
    Group.objects.create(name="Not selected")
    ways = list(product([False, True], [None, inner, outer], ["", "email", "app", "questions", "both"]))
    made = [_one(number, *way) for number, way in enumerate(ways)]
    for number, user in enumerate(made):
        soon = timezone.now() + timedelta(hours=1 if number % 3 else -1)
        User.objects.filter(pk=user.pk).update(is_active=number % 5 > 0, reset_blocked_until=soon)
    return list(User.objects.all())


def _one(number: int, administrator: bool, group: Group | None, has: str) -> User:
    granted = (Role.HELPDESK_ADMINISTRATOR,) if administrator else ()
    user = people.add(f"person{number}@contoso.example", actor="tests", granted=granted)
    if group:
        people.put_into_only(user, [group], actor="tests")
    if has in {"email", "both"}:
        give_email(user, f"person{number}@home.example")
    if has in {"app", "both"}:
        give_app(user)
    if has == "questions":
        give_questions(user)
    return user


@pytest.mark.parametrize(
    "policy",
    [
        {},
        {"questions_to_answer": 5},
        {"questions_to_answer": 3, "predefined_questions": ["pet", "teacher", *OTHERS]},
    ],
)
def test_everybody_stands_where_each_stands(crowd: list[User], policy: dict[str, object]) -> None:
    configuring.configure(policy, actor="tests")
    expected = {user.pk: standing.person(user) for user in crowd}
    everybody = census.placed()
    counted = census.counted(everybody)
    assert sum(counted.values()) == len(crowd)
    assert set(counted) == set(expected.values())
    for person in counted:
        found = {user.pk for user in census.standing_as(everybody, [person])}
        assert found == {pk for pk, one in expected.items() if one == person}
        assert len(found) == counted[person]


def test_a_rule_finds_people(crowd: list[User]) -> None:
    found = census.who(census.placed(), lambda person: "email" in person.registered and not person.disabled)
    assert {user.pk for user in found} == {
        user.pk for user in crowd if user.is_active and user.devices.filter(kind="email").exists()
    }
    assert not census.who(census.placed(), lambda _person: False).exists()


def test_three_statements_however_many(
    crowd: list[User], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):  # the policy, the selected groups, the count
        census.counted(census.placed())


def test_nobody_of_another_organization_is_counted(crowd: list[User], fabrikam: Org) -> None:
    chief = Person(administrator=True)
    assert census.counted(census.placed()) == {Person(in_selected_group=True): 1, Person(): 1, chief: 1}
