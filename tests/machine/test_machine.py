"""No order of requests reaches a new password without the gates."""

import os

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.play import Play
from tests.machine.rules import Machine
from tests.machine.stage import Stage

#: How many orders are tried, and how long each is. REKEY_TESTS_MACHINE has room for a night's run; see CONTRIBUTING.md.
EXAMPLES, STEPS = int(os.environ.get("MACHINE_EXAMPLES", "60")), 30


@pytest.fixture
def stage(db: None, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return the two organizations."""
    return Stage(monkeypatch)


def test_no_order_reaches_a_new_password_without_the_gates(stage: Stage) -> None:
    done: list[int] = []

    def played(play: Play) -> None:
        done.append(play.resets)

    chosen = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(__import__("hypothesis").HealthCheck),
    )
    run_state_machine_as_test(lambda: Machine(stage, played), settings=chosen)  # type: ignore[arg-type]
    print(len(done), sum(done), sum(1 for one in done if one))
    assert sum(done)
