"""The first run on any machine: which Python, which tools, what an interrupted run left."""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from config import installing
from tests.first_run.processes import ROOT, survivors, until

MAKE = shutil.which("make") or "make"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a folder with only what the first run reads, and a lock that installs in no time."""
    for name in ("Makefile", "config/__init__.py", "config/first_run.py", "config/installing.py"):
        (tmp_path / "clone" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / "clone" / name)
    (tmp_path / "clone" / "config" / "demo").mkdir()
    for name in ("__init__.py", "tether.py"):
        shutil.copy(ROOT / "config" / "demo" / name, tmp_path / "clone" / "config" / "demo" / name)
    (tmp_path / "clone" / "requirements").mkdir()
    for name in ("base", "dev"):
        (tmp_path / "clone" / "requirements" / f"{name}.txt").write_text("# nothing\n")
    return tmp_path / "clone"


@pytest.fixture
def tools(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that puts programs, each a shell script, into a folder to be the whole PATH."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in ("sh", "sed"):
        (folder / name).symlink_to(shutil.which(name) or f"/bin/{name}")

    def put(**scripts: str) -> Path:
        for name, script in scripts.items():
            path = folder / name.replace("_", ".")
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
        return folder

    return put


def run(clone: Path, path: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the clone with nothing in the environment but a PATH."""
    return subprocess.run(
        command, cwd=clone, env={"PATH": str(path)}, capture_output=True, text=True, check=False, timeout=120
    )


def modern(first: str = "") -> str:
    """Return a script that is the Python of these tests."""
    return f'{first}\nexec {sys.executable} "$@"'


def test_help_is_the_default_and_names_every_target(clone: Path, tools: Callable[..., Path]) -> None:
    said = run(clone, tools(), MAKE)
    targets = re.findall(r"^(\w+):.*## ", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert targets[0] == "help" and {"demo", "test", "lint", "bench"} <= set(targets)
    assert [line.split("\t")[0] for line in said.stdout.splitlines()] == [f"make {name}" for name in targets]


def test_without_an_interpreter_one_line_names_those_it_looked_for(
    clone: Path, tools: Callable[..., Path]
) -> None:
    said = run(clone, tools(), MAKE, "demo")
    assert said.returncode and len(said.stderr.splitlines()) == 1
    for word in ("3.11 or newer", "python3,", "python3.14", "python3.11", "PYTHON="):
        assert word in said.stderr


def test_an_old_interpreter_is_passed_over_for_a_newer_one(clone: Path, tools: Callable[..., Path]) -> None:
    path = tools(python3="exit 1", python3_12="exit 127", python3_11='[ "$1" = -c ] || echo "chosen: $*"')
    said = run(clone, path, MAKE, "demo")
    assert said.stdout.splitlines()[-1] == "chosen: -m config.first_run base python -m config.demo.launcher"


@pytest.mark.parametrize("version", ["2.7.18 (old)", "3.10.13 (old)"])
def test_an_old_interpreter_that_was_named_is_told_what_is_needed(clone: Path, version: str) -> None:
    number = version.partition(" ")[0]
    numbers = tuple(map(int, number.split(".")))
    pretend = f"import sys; sys.version_info = {numbers}; sys.version = {version!r}"
    said = subprocess.run(
        [sys.executable, "-c", f"{pretend}; import config.first_run"],
        cwd=clone,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode and len(said.stderr.splitlines()) == 1
    assert "needs Python 3.11 or newer" in said.stderr and number in said.stderr


def test_the_first_file_is_readable_to_old_interpreters() -> None:
    source = (ROOT / "config" / "first_run.py").read_text()
    assert not re.search(r"\bf[\"']|:=|->|\bmatch\b|\basync\b", source.partition("config.installing")[0])
    before = (ROOT / "config" / "__init__.py").read_text()
    assert re.fullmatch(r'(""".*"""\n)?', before), "it is imported before the version is looked at"


def test_a_missing_ensurepip_names_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(installing.Problem, match="apt install python3-venv") as problem:
        installing.make(tmp_path / ".venv", uv=None)
    assert "\n" not in str(problem.value)


def test_the_environment_is_made_once_and_told_in_few_lines(clone: Path, tools: Callable[..., Path]) -> None:
    uv = f'[ "$1" != venv ] || exec {sys.executable} -m venv --without-pip .venv'
    path = tools(python3=modern(), uv=uv)
    command = ("python3", "-m", "config.first_run", "base", "python", "-c", "import sys; print(sys.prefix)")
    first, second = run(clone, path, *command), run(clone, path, *command)
    assert first.stdout.splitlines()[-1] == str(clone / ".venv") and not first.stderr
    assert len(first.stdout.splitlines()) == 3
    assert second.stdout == f"{clone / '.venv'}\n" and not second.stderr


@pytest.fixture
def recorded(clone: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what would be made and installed, by a stand-in that takes no time."""
    done: list[str] = []

    def make(home: Path, uv: str | None) -> None:
        done.append("make")
        (home / "bin").mkdir(parents=True, exist_ok=True)
        (home / "bin" / "python").touch()

    monkeypatch.setattr(installing, "working_uv", lambda: None)
    monkeypatch.setattr(installing, "make", make)
    monkeypatch.setattr(installing, "install", lambda home, lock, uv: done.append(lock.stem))
    return done


def test_what_stands_is_left_alone(clone: Path, recorded: list[str]) -> None:
    for wanted in ("base", "dev", "base", "dev"):
        installing.prepare(clone, wanted)
    assert recorded == ["make", "base", "dev"], "what developing needs is added to what running needs"


@pytest.mark.parametrize(
    "spoil", ["interrupted", "unreadable", "moved", "upgraded", "no interpreter", "new lock"]
)
def test_what_does_not_stand_is_made_again(clone: Path, recorded: list[str], spoil: str) -> None:
    installing.prepare(clone, "dev")
    recorded.clear()
    stamp = clone / ".venv" / "rekey.json"
    said = json.loads(stamp.read_text())
    match spoil:
        case "interrupted":
            stamp.unlink()
        case "unreadable":
            stamp.write_text("{")
        case "moved":
            stamp.write_text(json.dumps({**said, "place": "/elsewhere"}))
        case "upgraded":
            stamp.write_text(json.dumps({**said, "python": "cpython-310"}))
        case "no interpreter":
            (clone / ".venv" / "bin" / "python").unlink()
        case "new lock":
            (clone / "requirements" / "base.txt").write_text("# something\n")
    installing.prepare(clone, "base")
    assert recorded == ["make", "base"]


def test_an_installation_that_fails_is_no_environment(
    clone: Path, recorded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    installing.prepare(clone, "base")

    def fail(*_: object) -> None:
        raise installing.Problem("no network")

    monkeypatch.setattr(installing, "install", fail)
    with pytest.raises(installing.Problem, match="no network"):
        installing.prepare(clone, "dev")
    assert not (clone / ".venv" / "rekey.json").exists(), "base may be damaged too: both are made again"


def test_a_second_run_waits_for_the_first(
    clone: Path, recorded: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    hold = "import sys; from pathlib import Path; from config.installing import alone\n"
    hold += "with alone(Path(sys.argv[1])): print('held', flush=True); import time; time.sleep(0.5)"
    first = subprocess.Popen(
        [sys.executable, "-c", hold, clone / ".venv.lock"], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert first.stdout and first.stdout.readline() == b"held\n"
    installing.prepare(clone, "base")
    assert first.wait(10) == 0
    first.stdout.close()
    assert "Another run is preparing .venv" in capsys.readouterr().out


def test_an_installer_ends_with_the_one_who_asked_for_it(clone: Path, tools: Callable[..., Path]) -> None:
    path = tools(
        uv='case "$1" in --version) exit;; venv) mkdir -p .venv/bin;; *) echo $$ > started; exec sleep 60;; esac',
        python3=modern(),
        mkdir='/bin/mkdir "$@"',
        sleep='exec /bin/sleep "$@"',
    )
    make = subprocess.Popen([MAKE, "demo"], cwd=clone, env={"PATH": str(path)}, stdout=subprocess.DEVNULL)
    started = clone / "started"
    assert until(lambda: started.exists() and started.read_text().strip())
    installer = int(started.read_text())
    make.kill()
    make.wait()
    assert survivors([installer]) == set()


def test_the_failing_installer_is_heard(clone: Path, tools: Callable[..., Path]) -> None:
    path = tools(uv='[ "$1" = --version ] && exit; echo "no such host" >&2; exit 2', python3=modern())
    said = run(clone, path, "python3", "-m", "config.first_run", "base", "python")
    assert said.returncode == 1
    assert said.stderr.splitlines()[0] == "no such host"
    assert said.stderr.splitlines()[-1].startswith("uv failed:")


def test_the_locks_are_whole_and_name_no_place() -> None:
    base, dev = ((ROOT / "requirements" / f"{name}.txt").read_text() for name in ("base", "dev"))
    pins = [re.findall(r"^([a-z0-9-]+==\S+)", text, flags=re.MULTILINE) for text in (base, dev)]
    assert len(pins[0]) > 20 and set(pins[0]) <= set(pins[1]), "what runs is what was tested"
    for text in (base, dev):
        assert "://" not in text and "--index" not in text
        assert text.count("==") <= text.count("--hash=sha256:")
