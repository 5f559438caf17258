"""Keep .venv as the lock asks for it, with the standard library alone: this runs before anything is installed.

Whatever an interrupted run left is repaired by the next one. A stamp in the folder says what has been installed by whom for
where; it is taken away before anything is changed, and written when all of it stands.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from config.demo.tether import tie, tied

ROOT = Path(__file__).resolve().parent.parent
# What running the software needs, and what working on it needs: the second contains the first.
PARTS = {"base": ("base",), "dev": ("base", "dev")}
REMINDER = 10.0


class Problem(Exception):
    """The environment cannot be made; the text says why and what to do, in one line."""


def main(arguments: Sequence[str]) -> int:
    """Prepare the environment and become the command; return an exit status only where that fails."""
    tie(signal.SIGTERM, os.getppid())
    try:
        if len(arguments) < 2 or arguments[0] not in PARTS:
            raise Problem("usage: python3 -m config.first_run base|dev COMMAND [ARGUMENT ...]")
        os.chdir(ROOT)
        python = prepare(ROOT, arguments[0])
        become(python, arguments[1:])
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def become(python: Path, command: Sequence[str]) -> NoReturn:
    """Replace this process by a command that finds the environment's programs first."""
    os.environ["PATH"] = os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)])
    os.environ["VIRTUAL_ENV"] = str(python.parent.parent)
    sys.stdout.flush()
    try:
        os.execvp(command[0], list(command))
    except OSError as error:
        raise Problem(f"{command[0]} cannot be run: {error.strerror}.") from error


def prepare(root: Path, wanted: str) -> Path:
    """Return the environment's interpreter, with everything that the wanted lock names installed beside it."""
    home = root / ".venv"
    stamp = home / "rekey.json"
    with alone(root / ".venv.lock"):
        found = read(stamp) if (home / "bin" / "python").exists() else {}
        if found.items() >= describe(root, home, wanted).items():
            return home / "bin" / "python"
        uv = working_uv()
        if found.items() >= describe(root, home, "base").items():
            stamp.unlink()
        else:
            make(home, uv)
        install(home, root / "requirements" / f"{wanted}.txt", uv)
        whole = stamp.with_suffix(".new")
        whole.write_text(json.dumps(describe(root, home, wanted)))
        whole.replace(stamp)
    return home / "bin" / "python"


def describe(root: Path, home: Path, wanted: str) -> dict[str, str]:
    """Say what an environment is made of: the kind of interpreter, its place (which it cannot leave), and the locks."""
    locks = {part: root / "requirements" / f"{part}.txt" for part in PARTS[wanted]}
    hashes = {part: hashlib.sha256(lock.read_bytes()).hexdigest() for part, lock in locks.items()}
    return {"python": str(sys.implementation.cache_tag), "place": str(home), **hashes}


def read(stamp: Path) -> dict[str, str]:
    """Return what the stamp says; a missing or damaged one says nothing."""
    try:
        found = json.loads(stamp.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let one run at a time prepare the environment; another waits for it."""
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another run is preparing .venv: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def working_uv() -> str | None:
    """Return uv where it is on PATH and runs."""
    uv = shutil.which("uv")
    if uv and subprocess.run([uv, "--version"], capture_output=True, check=False).returncode == 0:
        return uv
    return None


def make(home: Path, uv: str | None) -> None:
    """Make an empty environment in place of whatever is there."""
    if not uv and not importlib.util.find_spec("ensurepip"):
        raise Problem(
            f"{sys.executable} cannot make virtual environments, for its ensurepip is missing. "
            "On Debian and Ubuntu: apt install python3-venv. Having uv on PATH is enough too."
        )
    say("Making .venv anew: the one here is unfinished or out of date" if home.exists() else "Making .venv")
    if home.is_dir() and not home.is_symlink():
        shutil.rmtree(home)
    else:
        home.unlink(missing_ok=True)
    if uv:
        run([uv, "venv", "--quiet", "--python", sys.executable, str(home)])
    else:
        run([sys.executable, "-m", "venv", str(home)])


def install(home: Path, lock: Path, uv: str | None) -> None:
    """Install exactly what a lock names, each file checked by its hash."""
    python = str(home / "bin" / "python")
    say(f"Installing what {lock.relative_to(home.parent)} names, by {'uv' if uv else 'pip: about a minute'}")
    if uv:
        run([uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", str(lock)])
    else:
        quiet = ["--quiet", "--no-input", "--disable-pip-version-check"]
        run([python, "-m", "pip", "install", *quiet, "--no-compile", "--require-hashes", "-r", str(lock)])


def run(command: Sequence[str]) -> None:
    """Run a command to its end, silent unless it fails, with a word now and then while it takes long."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=tied(signal.SIGTERM),  # noqa: PLW1509 - there are no threads here
        )
        began = time.monotonic()
        while True:
            try:
                status = process.wait(REMINDER)
                break
            except subprocess.TimeoutExpired:
                say(f"  still at it after {time.monotonic() - began:.0f} s")
        if status:
            output.seek(0)
            sys.stderr.write(output.read().decode(errors="replace"))
            raise Problem(
                f"{Path(command[0]).name} failed: the reason is above. Running this again repairs it."
            )


def say(line: str) -> None:
    """Tell the person in front of the screen what is being done."""
    print(line, flush=True)
