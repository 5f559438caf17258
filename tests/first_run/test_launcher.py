"""The demo's tree of processes: up in order, and gone together however one of them ends."""

import contextlib
import http.client
import os
import pty
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config.demo import launcher, postgres
from config.demo.keys import kept
from config.demo.welcome import welcome
from tests.first_run.processes import ROOT, alive, family, survivors

Demo = subprocess.Popen[str]


def read_until_up(demo: Demo) -> str:
    """Return what is said up to the end of the welcome."""
    assert demo.stdout
    said = ""
    while "Ctrl-C ends everything" not in said:
        line = demo.stdout.readline()
        assert line, said
        said += line
    return said


def programs(demo: Demo) -> dict[str, int]:
    """Return the main process of each program of a tree."""
    words = {
        "launcher": "config.demo.launcher",
        "web": "granian",
        "worker": "procrastinate",
        "PostgreSQL": "postgres -D",
    }
    found: dict[str, int] = {"make": demo.pid}
    for process in sorted(family(demo.pid) - {demo.pid}):
        command = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        for name, word in words.items():
            if word in command:
                found.setdefault(name, process)
    assert len(found) == 5, found
    return found


def listening(port: int) -> set[str]:
    """Return the addresses on which anybody listens at a port, in the kernel's hexadecimal."""
    files = [file for file in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")) if file.exists()]
    sockets = [line.split() for file in files for line in file.read_text().splitlines()[1:]]
    return {
        each[1].partition(":")[0] for each in sockets if each[3] == "0A" and each[1].endswith(f":{port:04X}")
    }


@pytest.mark.parametrize(
    ("who", "number"),
    [
        (("launcher",), signal.SIGKILL),
        (("make",), signal.SIGKILL),
        (("make",), signal.SIGTERM),
        (("launcher", "web"), signal.SIGKILL),
        (("make", "launcher", "web", "worker"), signal.SIGKILL),
    ],
)
def test_nothing_outlives_a_part_that_is_killed(
    stand_in: Demo, who: tuple[str, ...], number: signal.Signals
) -> None:
    read_until_up(stand_in)
    tree, parts = family(stand_in.pid), programs(stand_in)
    assert len(tree) >= 7 and all(map(alive, tree))
    for name in who:
        os.kill(parts[name], number)
    stand_in.communicate()
    assert survivors(tree) == set()


@pytest.mark.parametrize("name", ["web", "worker", "PostgreSQL"])
def test_the_end_of_one_program_is_said_and_ends_the_others(stand_in: Demo, name: str) -> None:
    read_until_up(stand_in)
    tree = family(stand_in.pid)
    os.kill(programs(stand_in)[name], signal.SIGKILL)
    said, _ = stand_in.communicate(timeout=20)
    assert f"The {name} program has ended" in said
    assert stand_in.returncode
    assert survivors(tree) == set()


def test_ctrl_c_ends_everything_quietly(stand_in: Demo, port: int) -> None:
    read_until_up(stand_in)
    tree = family(stand_in.pid)
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
        os.killpg(stand_in.pid, signal.SIGINT)
        said, _ = stand_in.communicate(timeout=20)
    assert said.split() == ["Stopping"]
    assert survivors(tree) == set()


def test_a_terminal_that_is_closed_ends_everything(software: Path, environ: dict[str, str]) -> None:
    make, terminal = pty.fork()
    if not make:
        os.chdir(software)
        os.execvpe("make", ["make", "demo"], environ)
    said = b""
    while b"Ctrl-C ends everything" not in said:
        said += os.read(terminal, 4096)
    tree = family(make)
    os.close(terminal)
    os.waitpid(make, 0)
    assert len(tree) >= 7 and survivors(tree) == set()


def test_the_pages_answer_on_loopback_alone_and_the_screen_says_where(stand_in: Demo, port: int) -> None:
    said = read_until_up(stand_in)
    for word in (f"http://localhost:{port}/", "/inbox/", "kim@here.example", "Secret-7", "operator"):
        assert word in said
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/")
    assert connection.getresponse().read() == b"hello"
    connection.close()
    assert listening(port) == {"0100007F"}, "127.0.0.1, as the kernel writes it"


def test_a_fault_of_the_software_is_one_line(software: Path, environ: dict[str, str]) -> None:
    environ["FAULT"] = "No such thing."
    demo = subprocess.run(
        ["make", "demo"], cwd=software, env=environ, capture_output=True, text=True, timeout=30, check=False
    )
    assert demo.returncode
    assert demo.stderr.startswith(
        "The organizations could not be brought up to date: No such thing. (all of it: "
    )


# --- before anything is started


def launch(tmp_path: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the launcher where it should refuse."""
    return subprocess.run(
        [sys.executable, "-m", "config.demo.launcher"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "REKEY_DATA": str(tmp_path / "data"), **environ},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_a_taken_port_is_found_before_anything_is_started(tmp_path: Path, family: int, address: str) -> None:
    if family == socket.AF_INET6 and not Path("/proc/net/if_inet6").exists():
        family, address = socket.AF_INET, "127.0.0.1"
    with socket.create_server((address, 0), family=family) as taken:
        number = taken.getsockname()[1]
        said = launch(tmp_path, PORT=str(number))
    assert said.returncode == 1 and not said.stdout
    assert said.stderr == f"Port {number} is taken. Choose another: make demo PORT={number + 1}\n"
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "٣"])
def test_a_port_that_is_none_is_said_so(tmp_path: Path, port: str) -> None:
    said = launch(tmp_path, PORT=port)
    assert said.returncode == 1 and said.stderr.startswith(f"PORT={port} is not a port")


def test_a_second_start_beside_the_first_is_refused(stand_in: Demo, cluster: Path, tmp_path: Path) -> None:
    read_until_up(stand_in)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        other = probe.getsockname()[1]
    said = launch(tmp_path, PORT=str(other), REKEY_DATA=str(cluster.parent))
    assert said.returncode == 1
    assert said.stderr.startswith("Another run is using the database in")


def test_a_server_of_ones_own_is_used_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("no server is to be started")

    asked: list[str] = []

    def prepare(_log: Path, *, hybrid: bool) -> list[dict[str, str]]:
        asked.append(os.environ["DATABASE_URL"])
        raise launcher.Problem("far enough")

    for name in ("PORT", "REKEY_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://me@db.example/rekey")
    monkeypatch.setattr(os, "environ", os.environ.copy())
    os.environ["REKEY_DATA"] = str(tmp_path)
    monkeypatch.setattr(launcher, "refuse_taken", lambda _port: None)
    monkeypatch.setattr(postgres, "start", refuse)
    monkeypatch.setattr(launcher, "prepare", prepare)
    with pytest.raises(launcher.Problem, match="far enough"), contextlib.ExitStack() as stack:
        launcher.run(stack)
    assert asked == ["postgresql://me@db.example/rekey"]


# --- what is kept and said


def test_secrets_are_made_once_and_are_private(tmp_path: Path) -> None:
    path = tmp_path / "demo.env"
    first = kept(path)
    assert kept(path) == first and len(first["REKEY_SECRET_KEY"]) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("\n".join(path.read_text().splitlines()[:1]))
    assert kept(path)["REKEY_SECRET_KEY"] == first["REKEY_SECRET_KEY"], (
        "a missing one is added, none is changed"
    )
    assert [each.name for each in tmp_path.iterdir()] == ["demo.env"]


def test_the_welcome_lists_people_below_their_hosts(tmp_path: Path) -> None:
    people = [
        {"host": "localhost", "sign_in_name": "kim@localhost", "password": "Secret-7", "note": "operator"},
        {
            "host": "contoso.localhost",
            "sign_in_name": "adele@contoso.example",
            "password": "Secret-7",
            "note": "user",
        },
    ]
    lines = welcome(people, 8001, tmp_path).splitlines()
    assert lines[3:8] == [
        "  http://localhost:8001/",
        "    kim@localhost           Secret-7   operator",
        "",
        "  http://contoso.localhost:8001/",
        "    adele@contoso.example   Secret-7   user",
    ]
