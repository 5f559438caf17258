"""The command: what it prints, how it exits; as a process where the end of one matters."""

import base64
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import rekey_agent.command as command  # noqa: PLR0402  # mypy finds it by this name alone
from rekey_agent.directories.directory import Unreachable
from rekey_agent.journal import Answer, Journal
from rekey_agent.keys import Identity, Pair, Store
from tests.agent.fakes import FakeDirectory
from tests.agent.portals import CUT_AFTER, Desk

ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(desk: Desk, tmp_path: Path) -> Path:
    """Write a whole configuration, whose directory is the tests'."""
    password = tmp_path / "password"
    password.write_text("Bind-Secret-1\n")
    password.chmod(0o600)
    text = f"""
        portal = "{desk.url}"
        name = "dc1"
        state = "{tmp_path}/state"

        [directory]
        kind = "fake"
        url = "ldaps://dc1.corp.contoso.example"
        bind_dn = "CN=svc"
        password_file = "{password}"
        base = "DC=corp"
        ous = ["OU=People"]
    """
    path = tmp_path / "agent.toml"
    path.write_text(textwrap.dedent(text))
    return path


@pytest.fixture
def run(file: Path) -> Callable[..., int]:
    return lambda *words: command.main([*words, "--config", str(file)])


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "state")


def code_of(desk: Desk) -> str:
    key = desk.signing.public_key().public_bytes_raw()
    plain = "ABCDEFGHIJKLMNOP" + base64.b32encode(sha256(key).digest()).decode()[:16]
    return "-".join(plain[at : at + 4] for at in range(0, 32, 4))


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert (command.main(["version"]), capsys.readouterr().out) == (0, "0.1.0\n")


class TestEnrolling:
    def test_keeps_keys_and_tells_the_portal_their_public_halves(
        self, desk: Desk, run: Callable[..., int], store: Store, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("enrol", "--code", code_of(desk).lower()) == 0
        found = store.load()
        assert found is not None
        (said,) = desk.acts("enrol")
        assert {name: said[name] for name in found.current.public} == found.current.public
        assert (said["name"], said["version"], said["kind"]) == ("dc1", "0.1.0", "fake")
        assert (found.agent, found.organization, found.domain) == (
            desk.identity,
            desk.organization,
            desk.domain,
        )
        assert "Enrolled for corp.contoso.example" in capsys.readouterr().out

    def test_asks_for_the_code_where_it_is_not_given(
        self, desk: Desk, run: Callable[..., int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("builtins.input", lambda prompt: code_of(desk))
        assert run("enrol") == 0

    def test_refuses_a_portal_that_the_code_does_not_name(
        self, desk: Desk, run: Callable[..., int], store: Store, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("enrol", "--code", "ABCD-" * 7 + "ABCD") == 1
        assert "Somebody may be in between" in capsys.readouterr().err
        assert store.load() is None

    def test_sends_nothing_that_can_be_no_code(self, desk: Desk, run: Callable[..., int]) -> None:
        assert (run("enrol", "--code", "ABCD"), desk.asked) == (1, [])

    def test_says_that_a_code_opens_nothing(
        self, desk: Desk, run: Callable[..., int], store: Store, capsys: pytest.CaptureFixture[str]
    ) -> None:
        desk.next["enrol"] = [(404, {"error": "code", "text": "This code opens nothing."})]
        assert run("enrol", "--code", code_of(desk)) == 1
        assert "code: This code opens nothing." in capsys.readouterr().err
        assert store.load() is None

    def test_takes_nobodys_place_unasked(self, desk: Desk, run: Callable[..., int], store: Store) -> None:
        run("enrol", "--code", code_of(desk))
        first = store.load()
        assert run("enrol", "--code", code_of(desk)) == 2
        assert len(desk.acts("enrol")) == 1
        assert run("enrol", "--again", "--code", code_of(desk)) == 0
        second = store.load()
        assert first is not None
        assert second is not None
        assert first.current.public != second.current.public

    @pytest.mark.parametrize("said", [{}, {"portal_key": "!"}, {"portal_key": "AAAA"}])
    def test_takes_no_half_answer(
        self, desk: Desk, run: Callable[..., int], store: Store, said: dict[str, Any]
    ) -> None:
        desk.next["enrol"] = [(200, said)]
        assert run("enrol", "--code", code_of(desk)) == 1
        assert store.load() is None

    def test_leaves_a_running_agent_alone(
        self, desk: Desk, run: Callable[..., int], store: Store, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert store.lock()
        assert run("enrol", "--code", code_of(desk)) == 2
        assert "another rekey-agent uses" in capsys.readouterr().err
        assert desk.asked == []


class TestChecking:
    def test_all_is_well(
        self, desk: Desk, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
    ) -> None:
        run("enrol", "--code", code_of(desk))
        capsys.readouterr()
        assert run("check") == 0
        assert capsys.readouterr().out.splitlines() == [
            "ok   enrolled: corp.contoso.example",
            f"ok   portal: {desk.url}",
            "ok   clock",
            "ok   connection",
        ]

    def test_the_directory_is_checked_ahead_of_enrolment(
        self, desk: Desk, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("check") == 0
        assert capsys.readouterr().out.splitlines()[::2] == ["note enrolled: not yet", "ok   connection"]

    def test_what_fails_is_said_with_its_remedy(
        self, desk: Desk, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
    ) -> None:
        FakeDirectory.usual = {"away": Unreachable("dc_unreachable")}
        assert run("check") == 1
        lines = capsys.readouterr().out.splitlines()
        assert lines[-2:] == [
            "BAD  connection",
            "     Is the directory running, and directory.url right? Nothing answers there.",
        ]

    def test_a_portal_that_refuses(
        self, desk: Desk, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
    ) -> None:
        run("enrol", "--code", code_of(desk))
        desk.next["check"] = [(403, {"error": "revoked", "text": "This agent was revoked."})]
        assert run("check") == 1
        assert "BAD  portal: revoked: This agent was revoked." in capsys.readouterr().out

    def test_a_clock_that_is_off_is_worth_a_note(
        self, desk: Desk, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
    ) -> None:
        run("enrol", "--code", code_of(desk))
        desk.ahead = 600
        assert run("check") == 0
        assert re.search(
            r"note clock: this machine's clock is (599|600|601) seconds behind", capsys.readouterr().out
        )


class TestConfiguration:
    def test_a_wrong_one_is_status_2(
        self, file: Path, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
    ) -> None:
        file.write_text(file.read_text().replace("portal =", "portall ="))
        assert run("run") == 2
        assert capsys.readouterr().err.startswith("portall is no setting.")

    def test_so_is_a_directory_of_another_kind(
        self, file: Path, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
    ) -> None:
        file.write_text(file.read_text().replace('"fake"', '"novell"'))
        assert run("run") == 2
        assert capsys.readouterr().err.startswith("directory.kind is one of active_directory, ")

    def test_keys_that_others_can_read_start_nothing(
        self, desk: Desk, run: Callable[..., int], store: Store
    ) -> None:
        run("enrol", "--code", code_of(desk))
        (store.folder / "identity.json").chmod(0o644)
        assert [run(act) for act in ("run", "check", "roll")] == [2, 2, 2]

    def test_who_is_not_enrolled_is_nobody(self, run: Callable[..., int]) -> None:
        assert [run(act) for act in ("run", "roll")] == [3, 3]


class TestRenewing:
    def test_when_no_agent_runs(self, desk: Desk, run: Callable[..., int], store: Store) -> None:
        run("enrol", "--code", code_of(desk))
        before = store.load()
        assert run("roll") == 0
        after = store.load()
        assert before is not None
        assert after is not None
        assert after.current.public != before.current.public
        assert desk.known == after.current.signing.public_key().public_bytes_raw()

    def test_when_one_runs_it_is_asked(
        self, desk: Desk, run: Callable[..., int], tmp_path: Path, store: Store
    ) -> None:
        run("enrol", "--code", code_of(desk))
        assert store.lock()
        found = store.load()
        assert found is not None

        def rolled() -> None:
            desk.waited_for(store.is_asked_to_roll)
            from dataclasses import replace

            store.save(replace(found, current=Pair.new()))

        thread = threading.Thread(target=rolled)
        thread.start()
        assert run("roll") == 0
        thread.join()
        assert desk.acts("roll") == []

    def test_who_is_revoked_hears_it(self, desk: Desk, run: Callable[..., int]) -> None:
        run("enrol", "--code", code_of(desk))
        desk.next["roll"] = [(403, {"error": "revoked", "text": ""})]
        assert run("roll") == 3


class TestAsAProcess:
    """The agent as it is run, with a directory that keeps what it knows in a file."""

    @pytest.fixture
    def start(self, desk: Desk, run: Callable[..., int], file: Path, tmp_path: Path) -> Callable[..., Any]:
        run("enrol", "--code", code_of(desk))
        text = """
            import json, sys
            from dataclasses import replace
            from pathlib import Path
            from rekey_agent.command import main
            from tests.agent.fakes import FakeDirectory
            file = Path(sys.argv[1])
            asked, given = FakeDirectory._asked, FakeDirectory.set
            def known(self, act):
                if file.exists():
                    before, self.password = json.loads(file.read_text())
                    self.entry = replace(self.entry, before=before)
                asked(self, act)
            def kept(self, password):
                given(self, password)
                file.write_text(json.dumps([self.entry.before + "0", password]))
                with file.with_suffix(".sets").open("a") as sets:
                    sets.write("x")
            FakeDirectory._asked, FakeDirectory.set = known, kept
            sys.exit(main(sys.argv[2:]))
        """
        script = tmp_path / "run.py"
        script.write_text(textwrap.dedent(text))

        def begin(die_at: str = "") -> subprocess.Popen[str]:
            paths = f"{ROOT}:{ROOT / 'resets' / 'writeback' / 'agent'}"
            environment = {**os.environ, "PYTHONPATH": paths, "REKEY_AGENT_DIE_AT": die_at}
            words = [sys.executable, str(script), str(tmp_path / "kept.json"), "run", "--config", str(file)]
            return subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True)

        return begin

    def test_it_ends_well_at_sigterm(self, desk: Desk, start: Callable[..., Any]) -> None:
        with start() as process:
            desk.waited_for(lambda: desk.acts("wait") and desk.acts("heartbeat"))
            process.send_signal(signal.SIGTERM)
            _out, said = process.communicate(timeout=20)
        assert process.returncode == 0, said
        lines = said.splitlines()
        assert lines[0].endswith("INFO MainThread: rekey-agent 0.1.0 for corp.contoso.example")
        assert lines[-1].endswith("INFO MainThread: ended")
        assert all(
            re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (INFO|WARNING|ERROR) \w+: ", line)
            for line in lines
        )

    def test_it_ends_with_3_when_it_is_revoked(self, desk: Desk, start: Callable[..., Any]) -> None:
        desk.next["heartbeat"] = [(403, {"error": "revoked", "text": ""})]
        with start() as process:
            _out, said = process.communicate(timeout=20)
        assert process.returncode == 3
        assert "this agent is none: revoked. Enrol it anew." in said

    def test_two_do_not_run_in_one_folder(self, desk: Desk, start: Callable[..., Any]) -> None:
        with start() as first:
            desk.waited_for(lambda: desk.acts("wait"))
            with start() as second:
                _out, said = second.communicate(timeout=20)
            assert (second.returncode, "another rekey-agent uses" in said) == (2, True)
            first.send_signal(signal.SIGTERM)
            first.communicate(timeout=20)

    @pytest.mark.parametrize(
        ("point", "effects"),
        [
            ("before_claim", 0),
            ("after_claim", 0),
            ("after_intent", 0),
            ("after_effect", 1),
            ("before_answer", 1),
        ],
    )
    def test_wherever_it_dies_the_next_one_does_it_once_and_says_so(
        self, desk: Desk, start: Callable[..., Any], tmp_path: Path, point: str, effects: int
    ) -> None:
        sets = tmp_path / "kept.sets"
        job = desk.job()
        desk.jobs = [job]
        with start(point) as process:
            process.communicate(timeout=20)
        assert process.returncode == 9
        assert (len(sets.read_text()) if sets.exists() else 0) == effects
        assert desk.acts("result") == []
        begun = desk.acts("intent")
        again = {**job, "attempt": 2, "before": begun[0]["before"] if begun else None}
        desk.jobs = [again]
        with start() as process:
            desk.waited_for(lambda: desk.acts("result"))
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)
        (told,) = desk.acts("result")
        assert (told["attempt"], told["outcome"], told["code"]) == (2, "done", "")
        assert sets.read_text() == "x"
        assert json.loads((tmp_path / "kept.json").read_text())[1] == "Neu-und-9-lang"

    def test_no_secret_is_in_the_log(self, desk: Desk, start: Callable[..., Any], store: Store) -> None:
        desk.jobs = [desk.job(), desk.job(operation="delete")]
        desk.next["result"] = [CUT_AFTER]
        with start() as process:
            desk.waited_for(lambda: len(desk.acts("result")) > 2)
            process.send_signal(signal.SIGTERM)
            _out, said = process.communicate(timeout=20)
        found: Identity | None = store.load()
        assert found is not None
        for secret in ("Neu-und-9-lang", "Bind-Secret-1", *found.current.written().values()):
            assert secret not in said
        assert "capability_missing" in said


def test_what_was_done_is_on_the_disk_ahead_of_its_answer(
    desk: Desk, run: Callable[..., int], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("enrol", "--code", code_of(desk))
    job, found, given = desk.job(), [], desk.answer

    def answer(asked: Any) -> Any:
        if asked.act == "result":
            found.append(Journal(store.folder).untold(job["id"]))
            desk.next["wait"] = [(403, {"error": "revoked", "text": ""})]
        return given(asked)

    monkeypatch.setattr(desk, "answer", answer)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    desk.jobs = [job]
    assert run("run") == 3
    assert found == [Answer("done")]
