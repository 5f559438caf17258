"""What tests of process trees share: watch processes come and go, and act as another user."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FAST = ("-c", "fsync=off")


def until(condition: Callable[[], object], seconds: float = 20) -> bool:
    """Wait for a condition, and tell whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def alive(process: int) -> bool:
    """Tell whether a process runs; one that has ended and only waits to be collected does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def family(process: int) -> set[int]:
    """Return a process and all below it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found, rest = set(), [process]
    while rest:
        one = rest.pop()
        found.add(one)
        rest.extend(parents.get(one, []))
    return found


def survivors(processes: Iterable[int], seconds: float = 20) -> set[int]:
    """Return those that still run after a while; nothing, once all have ended."""
    watched = set(processes)
    until(lambda: not any(map(alive, watched)), seconds)
    return {each for each in watched if alive(each)}


def python(code: str, *arguments: str | Path, before: Iterable[str] = ()) -> subprocess.Popen[str]:
    """Run code in a process of its own, from the root of the repository, and talk to it by pipes."""
    return subprocess.Popen(
        [*before, sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
