"""Prepare .venv and run a command in it: python3 -m config.first_run base|dev COMMAND [ARGUMENT ...].

Run by whatever `python3` is, so even a very old one must be able to read this file.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this is the file that older ones are meant to run
    sys.exit(
        "Rekey needs Python 3.11 or newer, and " + sys.executable + " is " + sys.version.split()[0] + ". "
        "`make` looks on PATH for python3, python3.14, python3.13, python3.12 and python3.11; "
        "another is named by make PYTHON=/path/to/python3.11"
    )

from config.installing import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
