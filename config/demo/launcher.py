"""Serve the demo: a database, the seeded organizations, pages and jobs, until Ctrl-C ends all of it.

Runs inside .venv, but leaves Django to the programs it starts, so that a fault of theirs is a line here.
"""

import contextlib
import errno
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg

from config.demo import directory, keys, postgres
from config.demo.children import Children, private
from config.demo.directory import DirectoryProblem
from config.demo.samba.controller import Controller, Missing, SambaProblem, refuse_missing
from config.demo.tether import tie, tied
from config.demo.welcome import welcome

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "rekey"
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Problem(Exception):
    """The demo cannot run; the text says why, in one line for people."""


class Ended(BaseException):
    """Somebody asked us to end."""

    def __init__(self, number: int) -> None:
        """Remember by which signal."""
        super().__init__(number)
        self.status = 0 if number == signal.SIGINT else 128 + number


def main() -> int:
    """Run the demo and return its exit status."""
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup leaves it
            signal.signal(number, _end)
    tie(signal.SIGTERM, os.getppid())
    with contextlib.ExitStack() as stack:
        stack.callback(_say_nothing_more)
        try:
            status = run(stack)
        except (Problem, Missing, DirectoryProblem, SambaProblem, postgres.ServerError) as problem:
            say(str(problem), to=sys.stderr)
            status = 1
        except OSError as problem:
            say(f"The demo cannot run: {problem}", to=sys.stderr)
            status = 1
        except Ended as ended:
            say("\nStopping")
            status = ended.status
        _ignore_signals()
    return status


def run(stack: contextlib.ExitStack) -> int:
    """Start everything in order; return only when one of the programs has ended by itself."""
    port = read_port(os.environ.get("PORT", ""))
    refuse_taken(port)
    data = Path(os.environ.get("REKEY_DATA") or ROOT / ".rekey").absolute()
    hybrid = bool(os.environ.get("DIRECTORY"))
    if hybrid:
        refuse_missing()
        refuse_taken(read_port(str(port + 1)))
        directory.refuse_taken()
        directory.refuse_long(data)
        os.environ["REKEY_AGENT_WAIT_URL"] = f"http://{{host}}:{port + 1}/agent/v1/wait"
        os.environ["PYTHONPATH"] = str(directory.AGENT)
    make_folder(data)
    os.environ |= {"REKEY_DEMO": "1", "REKEY_DATA": str(data), "PORT": str(port)}
    for name, value in keys.kept(data / "demo.env").items():
        if not given(name):
            os.environ[name] = value
    children = Children(data)
    if not given("DATABASE_URL"):
        with step("Starting PostgreSQL"):
            server = postgres.start(data / "postgres")
            stack.callback(server.stop)
            children.watch("PostgreSQL", server.process, data / "postgres" / "server.log")
            create_database(server)
        os.environ["DATABASE_URL"] = server.database(DATABASE)
    people = prepare(data / "prepare.log", hybrid=hybrid)
    controller = start_domain(data, children, stack) if hybrid else None
    stack.callback(children.stop)
    with step("Starting the pages"):
        children.start("web", web(port), ROOT)
        await_pages(port, children)
    children.start("worker", worker(), ROOT)
    if controller is not None:
        start_agents(data, port, controller, children)
        people += directory.people()
    say(welcome(people, port, data))
    name = wait(children)
    say(
        f"The {name} program has ended, so everything ends. Its last words:\n{children.last_words(name)}",
        to=sys.stderr,
    )
    return 1


def web(port: int) -> list[str]:
    """Return the command that serves the pages."""
    where = ["--host", "127.0.0.1", "--port", str(port)]
    size = ["--workers", "2", "--blocking-threads", "2", "--workers-kill-timeout", "3"]
    return [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        *where,
        *size,
        "config.demo.serving:application",
    ]


def start_domain(data: Path, children: Children, stack: contextlib.ExitStack) -> Controller:
    """Start Northwind's domain controller."""
    controller = directory.controller(data)
    with step("Starting the domain controller"):
        directory.prepare(controller)
        controller.start()
        stack.callback(controller.stop)
        assert controller.process is not None
        children.watch("domain controller", controller.process, controller.folder / "log" / "out")
    return controller


def start_agents(data: Path, port: int, controller: Controller, children: Children) -> None:
    """Start the waits and the agents, and wait until they have brought the domain's people."""
    with step("Starting the agents"):
        children.start("waits", waits(port + 1), ROOT)
        directory.start_agents(data, port, controller, children)
    with step("Bringing people from the directory"):
        directory.await_people()


def waits(port: int) -> list[str]:
    """Return the command that serves the agents' waits."""
    where = ["--host", "127.0.0.1", "--port", str(port), "--workers-kill-timeout", "3"]
    return [sys.executable, "-m", "granian", "--interface", "asgi", *where, "config.demo.waits:application"]


def worker() -> list[str]:
    """Return the command that runs the jobs."""
    return [
        *(sys.executable, "manage.py", "procrastinate", "worker"),
        *("--concurrency", "8", "--shutdown-graceful-timeout", "3"),
        *("--delete-jobs", "successful"),
    ]


# --- before anything is started


def read_port(text: str) -> int:
    """Read PORT; not set means 8000."""
    if not text:
        return 8000
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise Problem(
            f"PORT={text} is not a port: it is a number from 1 to 65535, such as make demo PORT=8001"
        )
    return int(text)


def refuse_taken(port: int) -> None:
    """Find out that a port is taken before anything is started. Browsers ask at both loopback addresses."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with contextlib.suppress(_NoSuchFamily), _socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
                probe.listen()
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise Problem(
                        f"Port {port} is taken. Choose another: make demo PORT={port + 1}"
                    ) from error
                if error.errno == errno.EACCES:
                    raise Problem(
                        f"Port {port} is not for everybody. Choose another: make demo PORT=8000"
                    ) from error
                if family == socket.AF_INET:
                    raise


class _NoSuchFamily(Exception):
    """This machine has no addresses of that kind."""


def _socket(family: socket.AddressFamily) -> socket.socket:
    try:
        return socket.socket(family)
    except OSError as error:
        raise _NoSuchFamily from error


def make_folder(data: Path) -> None:
    """Make the folder of the demo's data. Others can pass through it, as PostgreSQL's user may have to, but not look."""
    if not data.exists():
        data.mkdir(parents=True)
        data.chmod(0o711)
    (data / "static").mkdir(exist_ok=True)


def given(name: str) -> bool:
    """Tell whether the person who started us set a variable, or the file to read it from."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


# --- the steps


def create_database(server: postgres.Server) -> None:
    """Create the demo's database in a server that has none."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
            connection.execute(f"create database {DATABASE}")


def prepare(log: Path, *, hybrid: bool = False) -> list[dict[str, str]]:
    """Bring schemas, catalogues and seeded organizations up to date, and return who can sign in where."""
    with open(log, "wb", opener=private) as errors, step("Bringing the organizations up to date"):
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", *(["--hybrid"] if hybrid else [])],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            preexec_fn=tied(signal.SIGTERM),  # noqa: PLW1509 - there are no threads here
            start_new_session=True,
        )
        try:
            output, _ = process.communicate()
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if process.returncode:
        words = log.read_text(errors="replace").strip().splitlines() or ["it said nothing"]
        raise Problem(f"The organizations could not be brought up to date: {words[-1]} (all of it: {log})")
    people: list[dict[str, str]] = json.loads(output.splitlines()[-1])
    return people


def await_pages(port: int, children: Children) -> None:
    """Wait until the pages answer."""
    deadline = time.monotonic() + 60
    while True:
        if name := children.ended():
            raise Problem(f"The {name} program did not start. Its last words:\n{children.last_words(name)}")
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/inbox/", headers={"Host": f"localhost:{port}"})
            if (status := connection.getresponse().status) < 500:
                return
            raise Problem(f"The pages answer {status}: see {children.log('web')}")
        if time.monotonic() > deadline:
            raise Problem(f"The pages did not answer within a minute: see {children.log('web')}")
        time.sleep(0.05)


def wait(children: Children) -> str:
    """Wait until a program ends by itself, and return its name. A terminal that is closed ends us, as Ctrl-C does.

    By looking again and again: a signal that comes just before a wait begins would not end that wait, and where
    make leads the terminal's session, the news that it is closed reaches make alone, which waits for us.
    """
    had_terminal = os.isatty(0)
    while not (name := children.ended()):
        if had_terminal and not os.isatty(0):
            raise Ended(signal.SIGHUP)
        time.sleep(0.2)
    return name


# --- speaking and ending


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    say(f"{title} ... ", end="")
    began = time.monotonic()
    try:
        yield
    except BaseException:
        say("")
        raise
    say(f"{time.monotonic() - began:.1f} s")


def say(text: str, *, end: str = "\n", to: Any = None) -> None:
    """Print at once; a terminal that is gone does not matter."""
    with contextlib.suppress(OSError, ValueError):
        print(text, end=end, file=to or sys.stdout, flush=True)


def _end(number: int, frame: FrameType | None) -> None:
    _ignore_signals()
    raise Ended(number)


def _ignore_signals() -> None:
    """Let nothing interrupt the ending, which takes seconds at most."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def _say_nothing_more() -> None:
    """Keep the interpreter from complaining at its exit about a terminal that is gone."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
