"""Keep one domain controller running for as long as a run of the tests: workers come and go, and share it.

python -m tests.directory.keeping FOLDER REALM ADDRESS PROCESS
"""

import shutil
import signal
import sys
import time
from pathlib import Path

from config.demo.samba.controller import Controller


def main(folder: str, realm: str, address: str, process: str) -> None:
    """Run it until that process is gone, and clear up after it."""
    found = Controller(Path(folder), realm=realm, address=address)
    found.start()
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    try:
        while Path(f"/proc/{process}").exists():
            time.sleep(0.3)
    finally:
        found.stop()
        shutil.rmtree(Path(folder).parent, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
