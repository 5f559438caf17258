"""Run one domain controller for as long as a run of the tests: workers come and go, and share it.

python -m tests.directory.keeping FOLDER REALM ADDRESS PROCESS STATE

It says "ready" once the domain answers, or else what is wrong. Whatever it inherited, it holds until its end.
"""

import contextlib
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from config.demo.samba.controller import Controller


def main(folder: str, realm: str, address: str, process: str, state: str) -> None:
    """Run it until that process is over, and clear up after it."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    found = Controller(Path(folder), realm=realm, address=address)
    try:
        found.start()
        Path(state).write_text(json.dumps({"folder": folder, "address": address}))
        print("ready", flush=True)
        _let_go_of_output()
        while not _is_over(process):
            time.sleep(0.3)
    finally:
        Path(state).unlink(missing_ok=True)
        found.stop()
        shutil.rmtree(Path(folder).parent, ignore_errors=True)


def _let_go_of_output() -> None:
    """Have nobody wait for the end of what is said here."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
        os.dup2(nowhere.fileno(), sys.stderr.fileno())


def _is_over(process: str) -> bool:
    """Say whether a process has ended, though nobody may have asked for its exit status yet."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] in "ZX"
    return True


if __name__ == "__main__":
    main(*sys.argv[1:])
