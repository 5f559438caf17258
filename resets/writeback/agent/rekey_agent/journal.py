"""Which jobs have been done, on disk: a job that comes again is not done again, whoever brings it, also after a restart."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Answer:
    """How a job came out."""

    outcome: str
    code: str = ""


class Journal:
    """Finished jobs and how they came out, kept until no such job is valid any more.

    One whose answer the portal has is never touched again. One whose answer was lost, because the agent ended just then, is
    answered again as it was, and not done again.
    """

    def __init__(self, folder: Path) -> None:
        self._open = sqlite3.connect(
            folder / "journal.sqlite3", isolation_level=None, check_same_thread=False
        )
        self._open.execute("pragma journal_mode=wal")
        self._open.execute("pragma synchronous=full")
        self._open.execute(
            "create table if not exists done (job text primary key, expires integer not null,"
            " outcome text not null, code text not null, told integer not null default 0)"
        )

    def is_told(self, job: str) -> bool:
        """Say whether a job was done here, and the portal knows how it came out."""
        return self._open.execute("select 1 from done where job = ? and told", [job]).fetchone() is not None

    def untold(self, job: str) -> Answer | None:
        """Return how a job came out that was done here, and whose answer the portal may lack."""
        found = self._open.execute(
            "select outcome, code from done where job = ? and not told", [job]
        ).fetchone()
        return Answer(*found) if found else None

    def note(self, job: str, expires: int, answer: Answer, now: float) -> None:
        """Keep how a job came out, on the disk before this returns, and forget those that have expired."""
        with self._open:
            self._open.execute("begin")
            self._open.execute(
                "insert or ignore into done (job, expires, outcome, code) values (?, ?, ?, ?)",
                [job, expires, answer.outcome, answer.code],
            )
            self._open.execute("delete from done where expires < ?", [int(now) - 600])

    def tell(self, job: str) -> None:
        """Keep that the portal knows."""
        self._open.execute("update done set told = 1 where job = ?", [job])

    def close(self) -> None:
        """Let go of the file."""
        self._open.close()
