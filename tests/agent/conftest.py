"""What the agent's tests begin with: a portal, an identity that it knows, a state folder of one's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rekey_agent.keys import Identity, Pair, Store
from rekey_agent.session import Session
from tests.agent.fakes import FakeDirectory
from tests.agent.portals import Desk, portal


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Serve a portal."""
    with portal() as served:
        yield served


@pytest.fixture
def pair() -> Pair:
    """Make keys."""
    return Pair.new()


@pytest.fixture
def identity(desk: Desk, pair: Pair) -> Identity:
    """Enrol."""
    return desk.identity_of(pair)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Make a state folder."""
    made = Store(tmp_path / "state")
    made.prepare()
    return made


@pytest.fixture
def session(identity: Identity, store: Store) -> Session:
    """Run as the one who enrolled."""
    store.save(identity)
    return Session(identity, store)


@pytest.fixture
def directory() -> FakeDirectory:
    """Make a directory."""
    return FakeDirectory()


@pytest.fixture(autouse=True)
def _usual() -> Iterator[None]:
    """Make directories of the usual kind in each test."""
    FakeDirectory.made, FakeDirectory.usual = [], {}
    yield
    FakeDirectory.made, FakeDirectory.usual = [], {}
