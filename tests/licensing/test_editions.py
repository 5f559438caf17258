"""The table of editions, written out a second time, cell by cell, and the boundary of a trial's last day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.editions import (
    TABLE,
    Decision,
    Edition,
    Feature,
    Reason,
    Retention,
    Snapshot,
    decide,
    effective_edition,
    lacking,
    retention,
)

TODAY = date(2026, 4, 1)
YES = "included"
LACKS, TRIAL_LACKS, ENDED, NOBODY = "edition_lacks", "trial_lacks", "trial_ended", "no_subscription"
FEATURES = ("change_password", "reset_password", "writeback", "phone_calls", "banned_words")

#: edition, state: the reason for each of FEATURES. Literal on purpose: no code under test makes it.
EXPECTED = {
    ("free", "paid"): (YES, LACKS, LACKS, LACKS, LACKS),
    ("free", "trial"): (YES, LACKS, LACKS, LACKS, LACKS),
    ("free", "trial ended"): (YES, LACKS, LACKS, LACKS, LACKS),
    ("p1", "paid"): (YES, YES, YES, YES, YES),
    ("p1", "trial"): (YES, YES, YES, TRIAL_LACKS, YES),
    ("p1", "trial ended"): (YES, ENDED, ENDED, ENDED, ENDED),
    ("p2", "paid"): (YES, YES, YES, YES, YES),
    ("p2", "trial"): (YES, YES, YES, TRIAL_LACKS, YES),
    ("p2", "trial ended"): (YES, ENDED, ENDED, ENDED, ENDED),
    ("business", "paid"): (YES, YES, YES, YES, YES),
    ("business", "trial"): (YES, YES, YES, TRIAL_LACKS, YES),
    ("business", "trial ended"): (YES, ENDED, ENDED, ENDED, ENDED),
    ("m365", "paid"): (YES, YES, LACKS, YES, YES),
    ("m365", "trial"): (YES, YES, LACKS, TRIAL_LACKS, YES),
    ("m365", "trial ended"): (YES, ENDED, LACKS, ENDED, ENDED),
    ("none", "none"): (YES, NOBODY, NOBODY, NOBODY, NOBODY),
}
KEPT = {
    ("free", "paid"): (7, 7),
    ("free", "trial"): (7, 7),
    ("free", "trial ended"): (7, 7),
    ("p1", "paid"): (30, 365),
    ("p1", "trial"): (30, 365),
    ("p1", "trial ended"): (7, 7),
    ("p2", "paid"): (30, 365),
    ("p2", "trial"): (30, 365),
    ("p2", "trial ended"): (7, 7),
    ("business", "paid"): (30, 365),
    ("business", "trial"): (30, 365),
    ("business", "trial ended"): (7, 7),
    ("m365", "paid"): (30, 365),
    ("m365", "trial"): (30, 365),
    ("m365", "trial ended"): (7, 7),
    ("none", "none"): (7, 7),
}
TRIAL_ENDS = {"paid": None, "trial": TODAY, "trial ended": TODAY - timedelta(days=1)}
CELLS = [
    (edition, state, feature, reason)
    for (edition, state), row in EXPECTED.items()
    for feature, reason in zip(FEATURES, row, strict=True)
]


def subscription(edition: str, state: str) -> Snapshot | None:
    """Return the subscription of a row of the tables above."""
    return None if edition == "none" else Snapshot(Edition(edition), trial_ends=TRIAL_ENDS[state])


def test_the_literal_table_is_complete() -> None:
    """Every edition in every state, and every feature, is in the table above."""
    paid_or_not = {(edition.value, state) for edition in Edition for state in TRIAL_ENDS}
    assert set(EXPECTED) == set(KEPT) == paid_or_not | {("none", "none")}
    assert set(FEATURES) == {feature.value for feature in Feature}
    assert set(TABLE) == set(Edition)


@pytest.mark.parametrize(("edition", "state", "feature", "reason"), CELLS)
def test_each_cell(edition: str, state: str, feature: str, reason: str) -> None:
    """Edition x (paid, trial, trial ended, none) x feature gives this answer for this reason."""
    expected = Decision(reason == YES, Reason(reason))
    assert decide(subscription(edition, state), Feature(feature), TODAY) == expected


@pytest.mark.parametrize(("edition", "state"), EXPECTED)
def test_what_is_lacking(edition: str, state: str) -> None:
    """The set of what is lacking is exactly what is refused one by one."""
    row = zip(FEATURES, EXPECTED[edition, state], strict=True)
    assert lacking(subscription(edition, state), TODAY) == {
        feature for feature, reason in row if reason != YES
    }


@pytest.mark.parametrize(("edition", "state"), KEPT)
def test_retention(edition: str, state: str) -> None:
    """The audit trail is kept as long as the edition says: the default, and at most."""
    kept = retention(subscription(edition, state), TODAY)
    assert (kept.default_days, kept.maximum_days) == KEPT[edition, state]


@pytest.mark.parametrize(("chosen", "days"), [(None, 30), (1, 1), (0, 1), (-5, 1), (365, 365), (366, 365)])
def test_days_kept_stay_within_the_edition(chosen: int | None, days: int) -> None:
    """What the organization chose is held between one day and the most."""
    assert Retention(30, 365).days(chosen) == days


def test_a_trial_runs_through_its_last_day() -> None:
    """It is the edition's on the day that it ends, and Free on the next."""
    trial = Snapshot(Edition.P2, trial_ends=TODAY)
    days = (TODAY - timedelta(days=400), TODAY, TODAY + timedelta(days=1), TODAY + timedelta(days=400))
    assert [effective_edition(trial, day).value for day in days] == ["p2", "p2", "free", "free"]


def test_a_refusal_is_false() -> None:
    """A decision taken for a truth by mistake still refuses."""
    assert decide(Snapshot(Edition.P1), Feature.WRITEBACK, TODAY)
    assert not decide(None, Feature.WRITEBACK, TODAY)


DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))
SNAPSHOTS = st.none() | st.builds(Snapshot, st.sampled_from(Edition), st.none() | DAYS)


@given(SNAPSHOTS, DAYS)
def test_changing_a_known_password_is_in_every_edition(snapshot: Snapshot | None, day: date) -> None:
    """Whatever was bought or ended, somebody who is signed in changes their password."""
    assert decide(snapshot, Feature.CHANGE_PASSWORD, day).allowed


@given(SNAPSHOTS, st.sampled_from(Feature), DAYS, st.integers(0, 4000))
def test_time_alone_never_gives(snapshot: Snapshot | None, feature: Feature, day: date, days: int) -> None:
    """What is refused because nothing was bought stays refused, and an ended trial never runs again."""
    later = day + timedelta(days=days)
    if effective_edition(snapshot, day) is Edition.FREE:
        assert effective_edition(snapshot, later) is Edition.FREE
    if not decide(snapshot, feature, day).allowed:
        assert not decide(snapshot, feature, later).allowed


@given(SNAPSHOTS, DAYS)
def test_no_trial_calls_anybody(snapshot: Snapshot | None, day: date) -> None:
    """Phone calls are for organizations that have paid."""
    if decide(snapshot, Feature.PHONE_CALLS, day).allowed:
        assert snapshot is not None
        assert not snapshot.is_trial
