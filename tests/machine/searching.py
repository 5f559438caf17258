"""Hypothesis' search, with a fixed seed each time: short in a usual run, as long as somebody likes by `TESTS_MACHINE`."""

import os
from collections.abc import Callable

import hypothesis.core
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.play import Play
from tests.machine.rules import Machine
from tests.machine.stage import Stage

#: How many orders of moves each seed tries; see "Tests" in CONTRIBUTING.md.
EXAMPLES = int(os.environ.get("TESTS_MACHINE", "0"))
STEPS = 30
_USUAL = 7


def search(
    stage: Stage,
    patch: pytest.MonkeyPatch,
    *,
    seed: int,
    usual: int = _USUAL,
    played: Callable[[Play], object] = lambda _play: None,
) -> None:
    """Play orders of moves; raise what the first broken promise raises, and where somebody asked for a long run, shrunk."""
    patch.setattr(hypothesis.core, "global_force_seed", seed)  # what --hypothesis-seed sets
    chosen = settings(
        max_examples=EXAMPLES or usual,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=[Phase.generate, Phase.shrink] if EXAMPLES else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: Machine(stage, played), settings=chosen)  # type: ignore[arg-type]
