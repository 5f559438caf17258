"""Which jobs have been done, on disk: a job that comes again is not done again, whoever brings it, also after a restart."""

import sqlite3
from pathlib import Path


class Journal:
    """Ids of finished jobs, kept until no such job is valid any more."""

    def __init__(self, folder: Path) -> None:
        self._open = sqlite3.connect(folder / "journal.sqlite3", isolation_level=None, check_same_thread=False)
        self._open.execute("pragma journal_mode=wal")
        self._open.execute("pragma synchronous=full")
        self._open.execute("create table if not exists done (job text primary key, expires integer not null)")

    def is_done(self, job: str) -> bool:
        """Say whether a job was done here."""
        return self._open.execute("select 1 from done where job = ?", [job]).fetchone() is not None

    def note(self, job: str, expires: int, now: float) -> None:
        """Keep that a job is done, on the disk before this returns, and forget those that have expired."""
        self._open.execute("insert or ignore into done values (?, ?)", [job, expires])
        self._open.execute("delete from done where expires < ?", [int(now) - 600])

    def close(self) -> None:
        """Let go of the file."""
        self._open.close()
