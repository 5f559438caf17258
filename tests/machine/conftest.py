"""The stage, for every test of the machine."""

import pytest

from tests.machine.stage import Stage


@pytest.fixture
def stage(db: None, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return the two organizations, their people, and the clock."""
    return Stage(monkeypatch)
