"""Which jobs have been done, on disk: a job that comes again is not done again, whoever brings it, also after a restart."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

#: Seconds for which a job is kept; one is valid for a minute.
_KEPT = 600


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

    def is_over(self, job: str, expires: int) -> bool:
        """Say whether a job was done here, and the portal knows how it came out; or is so old that it would be forgotten.

        How old counts by the newest job, which the portal signed, and by no clock: whoever sets that one back revives nothing.
        """
        found = self._open.execute(
            "select exists (select 1 from done where job = ? and told)"
            " or exists (select 1 from done where expires > ?)",
            [job, expires + _KEPT],
        ).fetchone()
        return bool(found[0])

    def untold(self, job: str) -> Answer | None:
        """Return how a job came out that was done here, and whose answer the portal may lack."""
        found = self._open.execute(
            "select outcome, code from done where job = ? and not told", [job]
        ).fetchone()
        return Answer(*found) if found else None

    def note(self, job: str, expires: int, answer: Answer) -> None:
        """Keep how a job came out, on the disk before this returns, and forget those that are much older than the newest."""
        with self._open:
            self._open.execute("begin")
            self._open.execute(
                "insert or ignore into done (job, expires, outcome, code) values (?, ?, ?, ?)",
                [job, expires, answer.outcome, answer.code],
            )
            self._open.execute(
                "delete from done where expires < (select max(expires) from done) - ?", [_KEPT]
            )

    def tell(self, job: str) -> None:
        """Keep that the portal knows."""
        self._open.execute("update done set told = 1 where job = ?", [job])

    def close(self) -> None:
        """Let go of the file."""
        self._open.close()
