"""A budget lets through exactly what it says, however many ask at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from django_tenants.utils import schema_context
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from tenants.models import Counter
from tenants.shield.throttle import Budget, Growth, Verdict, forget_expired, peek, release, spend

WINDOW = Budget("test/window", limit=3, seconds=60)
GROWING = Budget("test/growing", limit=2, seconds=3600, growth=Growth(first=30, longest=100))
ONCE = Budget("test/once", limit=1, seconds=60)
START = datetime(2026, 1, 1, tzinfo=UTC)
NOTHING = timedelta()


def after(seconds: float) -> datetime:
    """Return a moment so many seconds from the start."""
    return START + timedelta(seconds=seconds)


def seconds(number: float) -> timedelta:
    """Return a span of seconds."""
    return timedelta(seconds=number)


def outcomes(budget: Budget, *moments: float) -> list[tuple[bool, float]]:
    """Spend at these moments, and return what was answered."""
    verdicts = [spend(budget, "adele", at=after(moment)) for moment in moments]
    return [(verdict.allowed, verdict.retry_after.total_seconds()) for verdict in verdicts]


@pytest.mark.django_db
class TestBudgets:
    """The rules, one at a time."""

    def test_a_window_lets_through_its_limit_and_opens_again_at_its_end(self) -> None:
        """The window is counted from its first use; the last that passes says how long the next must wait."""
        assert outcomes(WINDOW, 0, 10, 20, 30, 59, 60) == [
            (True, 0),
            (True, 0),
            (True, 40),
            (False, 30),
            (False, 1),
            (True, 0),
        ]

    def test_waits_grow_and_stop_growing(self) -> None:
        """30 seconds, 60, then 100 at the most."""
        assert outcomes(GROWING, 0, 1, 2, 31, 91, 191, 290) == [
            (True, 0),
            (True, 30),
            (False, 29),
            (True, 60),
            (True, 100),
            (True, 100),
            (False, 1),
        ]

    def test_what_is_refused_does_not_lengthen_the_wait(self) -> None:
        """Otherwise a stranger could keep a name waiting for ever."""
        assert outcomes(GROWING, 0, 0, *range(1, 30), 30)[-1] == (True, 60)

    def test_the_first_that_is_refused_is_known_as_that(self) -> None:
        """Once for each wait, whoever refuses: the audit trail has one row of it."""
        first = [spend(GROWING, "adele", at=after(moment)).first for moment in (0, 1, 2, 3, 31, 32, 33, 91)]
        assert first == [False, False, True, False, False, True, False, False]
        assert not peek(GROWING, "adele", at=after(92)).first

    def test_growth_is_forgotten_after_a_quiet_time(self) -> None:
        """Not before, and then completely."""
        assert outcomes(GROWING, 0, 0, 3599) == [(True, 0), (True, 30), (True, 60)]
        assert outcomes(GROWING, 3599 + 3600) == [(True, 0)]

    def test_a_limit_of_one_makes_the_next_wait(self) -> None:
        """That is how "send the code again" is timed."""
        assert outcomes(ONCE, 0, 59, 60) == [(True, 60), (False, 1), (True, 60)]
        once_growing = Budget("test/once-growing", limit=1, seconds=3600, growth=Growth(5, 60))
        assert outcomes(once_growing, 0, 5, 15) == [(True, 5), (True, 10), (True, 20)]

    def test_a_look_costs_nothing_and_tells_the_same(self) -> None:
        """What it says is what the next one gets."""
        assert peek(ONCE, "adele", at=START) == Verdict(True, NOTHING)
        spend(ONCE, "adele", at=START)
        assert peek(ONCE, "adele", at=after(20)) == Verdict(False, seconds(40))
        assert peek(ONCE, "adele", at=after(20)) == Verdict(False, seconds(40))
        assert peek(ONCE, "adele", at=after(60)) == Verdict(True, NOTHING)

    def test_a_release_starts_anew(self) -> None:
        """And only for the one who is released."""
        spend(ONCE, "adele", at=START)
        spend(ONCE, "miriam", at=START)
        release(ONCE, "adele")
        release(ONCE, "nobody")
        assert peek(ONCE, "adele", at=START).allowed
        assert not peek(ONCE, "miriam", at=START).allowed

    def test_budgets_subjects_and_organizations_are_counted_apart(self) -> None:
        """One schema's people do not use up another's."""
        spend(ONCE, "adele", "10.0.0.0/24", at=START)
        assert spend(ONCE, "adele", "10.0.1.0/24", at=START).allowed
        assert spend(Budget("test/other", 1, 60), "adele", "10.0.0.0/24", at=START).allowed
        with schema_context("contoso"):
            assert spend(ONCE, "adele", "10.0.0.0/24", at=START).allowed
        assert not spend(ONCE, "adele", "10.0.0.0/24", at=START).allowed

    def test_no_name_stands_in_the_table(self) -> None:
        """A key is 64 hexadecimal digits, whatever was counted."""
        spend(ONCE, "adele@contoso.example")
        assert all(int(key, 16) and len(key) == 64 for key in Counter.objects.values_list("key", flat=True))

    def test_expired_rows_are_swept_and_no_others(self) -> None:
        """The job that calls this deletes what no verdict would look at."""
        spend(ONCE, "adele", at=START)
        spend(ONCE, "miriam", at=after(1))
        assert forget_expired(after(60)) == 1
        assert [peek(ONCE, who, at=after(59)).allowed for who in ("adele", "miriam")] == [True, False]

    def test_a_spend_inside_a_transaction_is_refused(self) -> None:
        """A rollback would give the guess back."""
        with pytest.raises(RuntimeError), transaction.atomic():
            spend(ONCE, "adele")

    def test_one_statement_counts(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        """Reading first and writing then would let two pass for one."""
        spend(WINDOW, "adele")  # the first one also sets the search path
        with django_assert_num_queries(1):
            spend(WINDOW, "adele")


@pytest.mark.parametrize(
    ("limit", "window", "growth"),
    [(0, 60, None), (1, 0, None), (1, 60, Growth(0, 10)), (1, 60, Growth(20, 10)), (1, 60, Growth(10, 61))],
)
def test_a_budget_that_makes_no_sense_is_refused(limit: int, window: int, growth: Growth | None) -> None:
    """It is a constant of the code, so it fails at import."""
    with pytest.raises(ValueError, match="makes no sense"):
        Budget("test/nonsense", limit, window, growth)


@dataclass
class Model:
    """What the statement should do, told a second time in another way."""

    budget: Budget
    uses: list[float]
    started: float = 0.0

    def spend(self, at: float) -> bool:
        """Say whether a use at this moment passes, and remember it if it does."""
        growth, used = self.budget.growth, self.uses
        if used and at >= (used[-1] if growth else self.started) + self.budget.seconds:
            used.clear()
        if used and at < self.opens():
            return False
        if not used:
            self.started = at
        used.append(at)
        return True

    def opens(self) -> float:
        """Return when the next use passes."""
        over = len(self.uses) - self.budget.limit
        if over < 0:
            return self.uses[-1]
        if self.budget.growth is None:
            return self.started + self.budget.seconds
        return self.uses[-1] + min(self.budget.growth.first * 2.0**over, self.budget.growth.longest)


growths = st.none() | st.tuples(st.integers(1, 20), st.integers(0, 100)).map(
    lambda pair: Growth(pair[0], sum(pair))
)
budgets = st.builds(Budget, st.just("test/any"), st.integers(1, 4), st.integers(120, 300), growths)


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(budgets, st.lists(st.integers(0, 60), min_size=1, max_size=25))
def test_the_statement_agrees_with_the_rule(budget: Budget, gaps: list[int]) -> None:
    """Any budget, any rhythm: the same ones pass, and each waits as long as it is told."""
    release(budget, "adele")
    model, at = Model(budget, []), 0
    for gap in gaps:
        at += gap
        told = peek(budget, "adele", at=after(at))
        verdict = spend(budget, "adele", at=after(at))
        assert verdict.allowed == told.allowed == model.spend(at)
        assert verdict.retry_after == max(seconds(model.opens() - at), NOTHING)
        if not verdict.allowed:
            assert told.retry_after == verdict.retry_after


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_the_limit_passes() -> None:
    """Real threads, each with a connection of its own, against PostgreSQL."""
    crowd = 12
    start = Barrier(crowd)

    def rush(budget: Budget) -> bool:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            return spend(budget, "adele", at=START).allowed
        finally:
            connection.close()

    with ThreadPoolExecutor(crowd) as pool:
        for budget in (WINDOW, GROWING, ONCE):
            assert sum(pool.map(rush, [budget] * crowd)) == budget.limit
            counter = Counter.objects.get()
            assert (counter.count, counter.refused) == (budget.limit, crowd - budget.limit)
            release(budget, "adele")
