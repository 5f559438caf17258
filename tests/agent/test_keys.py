"""The agent's keys in its state folder: nobody else's to read, whole or not at all, two generations while they are renewed."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rekey_agent.config import ConfigProblem
from rekey_agent.keys import FORMER_LIFE, Identity, Pair, Store


def same(one: Identity | None, other: Identity) -> bool:
    assert one is not None
    return one.current.written() == other.current.written() and replace(one, current=other.current) == other


def test_what_is_saved_is_loaded(store: Store, identity: Identity) -> None:
    store.save(identity)
    assert same(store.load(), identity)


def test_all_generations_are(store: Store, identity: Identity) -> None:
    former, upcoming = Pair.new(), Pair.new()
    store.save(replace(identity, former=(former, 1000.5), next=upcoming))
    found = store.load()
    assert found is not None
    assert found.next is not None
    assert found.former is not None
    assert found.next.written() == upcoming.written()
    assert (found.former[0].written(), found.former[1]) == (former.written(), 1000.5)


def test_nobody_is_enrolled_in_an_empty_folder(store: Store) -> None:
    assert store.load() is None


def test_only_the_agent_can_read_it(store: Store, identity: Identity) -> None:
    store.save(identity)
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in store.folder.iterdir()}
    assert (modes, oct(store.folder.stat().st_mode & 0o777)) == ({"identity.json": "0o600"}, "0o700")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_keys_that_others_can_read_are_not_used(store: Store, identity: Identity, mode: int) -> None:
    store.save(identity)
    (store.folder / "identity.json").chmod(mode)
    with pytest.raises(ConfigProblem, match=r"others can read .*Revoke this agent"):
        store.load()


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o755])
def test_nor_a_folder_that_others_can_look_into(store: Store, mode: int) -> None:
    store.folder.chmod(mode)
    with pytest.raises(ConfigProblem, match="chmod 700"):
        store.load()


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"agent": "a"}'])
def test_damaged_keys_are_said_to_be(store: Store, identity: Identity, text: str) -> None:
    store.save(identity)
    (store.folder / "identity.json").write_text(text)
    with pytest.raises(ConfigProblem, match="is damaged"):
        store.load()


def test_no_word_of_a_damaged_file_is_told(store: Store, identity: Identity) -> None:
    store.save(identity)
    file = store.folder / "identity.json"
    said = json.loads(file.read_text())
    said["current"]["sealing"] = "secret!"
    file.write_text(json.dumps(said))
    with pytest.raises(ConfigProblem) as found:
        store.load()
    assert "secret!" not in str(found.value)
    assert found.value.__cause__ is None


def test_what_was_half_written_is_in_nobodys_way(store: Store, identity: Identity) -> None:
    (store.folder / "identity.new").write_text("half")
    store.save(identity)
    assert same(store.load(), identity)


def test_a_folder_is_one_processs_at_a_time(store: Store) -> None:
    other = Store(store.folder)
    assert store.lock()
    assert not other.lock()
    store.unlock()
    assert other.lock()


def test_the_former_key_opens_for_ten_minutes(identity: Identity) -> None:
    upcoming = Pair.new()
    both = replace(identity, next=upcoming)
    assert both.opening(1000) == [identity.current.sealing, upcoming.sealing]
    rolled = both.rolled(1000)
    assert (rolled.current, rolled.next) == (upcoming, None)
    assert rolled.opening(1000 + FORMER_LIFE - 1) == [upcoming.sealing, identity.current.sealing]
    assert rolled.opening(1000 + FORMER_LIFE) == [upcoming.sealing]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigProblem, match="cannot be used: Not a directory"):
        Store(tmp_path / "file" / "state").prepare()
