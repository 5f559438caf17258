"""Programs that run together and end together."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from config.demo.tether import tied

PATIENCE = 6.0


class Children:
    """The programs of one run. They end when this process does; the first of them to end is told apart."""

    def __init__(self, logs: Path) -> None:
        """Write what each says to a file of its name in this folder."""
        self.logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._watched: dict[str, tuple[subprocess.Popen[bytes], Path]] = {}

    def start(
        self, name: str, command: Sequence[str | Path], cwd: Path, *, vital: bool = True
    ) -> subprocess.Popen[bytes]:
        """Start a program in a group of its own, so that Ctrl-C reaches us alone and we end it in order.

        One that is not vital may end by itself, and the others go on.
        """
        with open(self.log(name), "wb", opener=private) as log:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=tied(signal.SIGTERM),  # noqa: PLW1509 - there are no threads here
            )
        self._running[name] = process
        if vital:
            self.watch(name, process, self.log(name))
        return process

    def watch(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        """Count a program that somebody else starts and stops among those that must not end."""
        self._watched[name] = process, log

    def log(self, name: str) -> Path:
        """Return the file of what a program says."""
        return self.logs / f"{name}.log"

    def ended(self) -> str | None:
        """Return the name of a program that has ended, if one has."""
        return next(
            (name for name, (process, _) in self._watched.items() if process.poll() is not None), None
        )

    def last_words(self, name: str) -> str:
        """Return the end of what a program said."""
        return "\n".join(self._watched[name][1].read_text(errors="replace").splitlines()[-12:])

    def stop(self) -> None:
        """Ask every program to end; after a while make it, together with whatever it started."""
        for process in self._running.values():
            _signal(process.pid, signal.SIGTERM, group=False)
        deadline = time.monotonic() + PATIENCE
        for process in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            _signal(process.pid, signal.SIGKILL, group=True)
            process.wait()
        self._running.clear()


def private(path: str, flags: int) -> int:
    """Open a file that only its owner can read; an `opener` for open()."""
    return os.open(path, flags, 0o600)


def _signal(process: int, number: int, *, group: bool) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        (os.killpg if group else os.kill)(process, number)
