"""How the agent logs: one line each to stderr; of an exception what it is and where, never its text: it may hold a secret."""

import logging
import sys
import traceback
from pathlib import Path


class OneLine(logging.Formatter):
    """Writes a record as one line, whatever stands in it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said = f"{self.formatTime(record)} {record.levelname} {record.threadName}: {record.getMessage()}"
        if record.exc_info and record.exc_info[1] is not None:
            said += f": {place(record.exc_info[1])}"
        return plain(said)


def begin() -> None:
    """Log to stderr from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def place(problem: BaseException) -> str:
    """Return which kind of exception it is, and where it was raised."""
    frames = traceback.extract_tb(problem.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(problem).__name__}{where}"


def plain(text: str) -> str:
    r"""Return a text on one line.

    >>> plain("a\nb\x1b[2J")
    'a b [2J'
    """
    return "".join(c if c.isprintable() else " " for c in text)
