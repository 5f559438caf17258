"""The bounds of docs/security.md: how likely a code is guessed, and for how long an outsider keeps its owner out."""

from datetime import timedelta

import pytest

from registration import guessing
from registration.methods.app_code import AppCode
from resets.budgets import START_NAME, TELL_ANYWHERE, TELL_SHARE
from tenants.shield.throttle import Budget
from tests.building import Org
from tests.guessing.attack import RIGHT_AT_ONCE, Attack, attack, with_the_password

#: The chance that any code of one person is guessed in a day, by all doors together.
MOST = 1e-4


_PLAYED: list[Attack] = []


@pytest.fixture
def two_days(contoso: Org) -> Attack:
    """Strangers in six networks, for two days; played once, since it is the same for each test."""
    if not _PLAYED:
        _PLAYED.append(attack(6, 2, knocks=8))
    return _PLAYED[0]


def test_what_is_right_at_once() -> None:
    assert RIGHT_AT_ONCE == AppCode.most * 3 == 15


def test_only_a_few_short_answers_are_judged_whoever_asks(two_days: Attack) -> None:
    assert two_days.short == guessing.SHORT.limit
    assert two_days.resets > 6 * START_NAME.limit
    assert two_days.long == 5 * two_days.resets - guessing.SHORT.limit


def test_the_owner_is_never_kept_out_at_home(two_days: Attack) -> None:
    assert two_days.codes_sent > TELL_ANYWHERE.limit
    assert len(two_days.owner_waits) == 8
    assert two_days.longest == timedelta()


def test_beside_a_stranger_one_waits_for_a_turn(two_days: Attack) -> None:
    assert START_NAME.growth is not None
    assert timedelta() < two_days.longest_beside <= timedelta(seconds=START_NAME.growth.longest)


def test_a_mailbox_is_not_flooded(two_days: Attack) -> None:
    most = TELL_ANYWHERE.limit * 24 * 2 + TELL_SHARE.limit * 2 * 6
    assert two_days.codes_sent <= most + 8


def test_any_code_of_one_person_in_a_day(two_days: Attack) -> None:
    """From outside, and by somebody who has the password, who asks one app and not five at once."""
    inside = with_the_password(1)
    assert inside.short == guessing.SHORT.limit
    assert two_days.chance + inside.chance / AppCode.most < MOST


def test_without_longer_codes_it_would_be_guessed(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is reckoned here moves when the limit is gone: this is no figure that always holds."""
    monkeypatch.setattr(guessing, "SHORT", Budget("guess/none", limit=10**6, seconds=86_400))
    assert attack(2, 1, knocks=1).chance > MOST
