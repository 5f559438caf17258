"""People from a file, from its upload to the last row, against COPY of the same rows into the same tables with their indexes.

`PEOPLE=1000 make bench ARGS=importing` takes fewer. Peak memory is what the process grew by, the file itself included.
"""

import io
import os
import resource
from dataclasses import dataclass
from typing import LiteralString

from django.db import connection
from psycopg import sql

from benchmarks.comparing import seconds
from registration.importing import flow
from registration.models import AuditEvent, Group, PeopleImport, User
from registration.onboarding import onboard
from registration.origin import NOWHERE
from tenants.context import entered
from tenants.models import Organization

#: How many times as long as COPY an import may take, its dry run included, and how much memory it may take.
MOST_TIMES = 25.0
CEILING_MB = 100.0
GROUPS = 20
#: The tables that an import fills, in the order in which their rows can be written.
TABLES = ("registration_user", "registration_user_groups", "registration_auditevent")


@dataclass(frozen=True)
class Imported:
    """How long each step took, and how much memory all of them."""

    people: int
    taken: float
    checked: float
    imported: float
    copied: float
    peak_mb: float

    @property
    def times(self) -> float:
        """How many times as long as COPY."""
        return (self.taken + self.checked + self.imported) / self.copied

    @property
    def holds(self) -> bool:
        """Say whether it keeps to both limits."""
        return self.times <= MOST_TIMES and self.peak_mb <= CEILING_MB

    def __str__(self) -> str:
        steps = f"upload {self.taken:.1f} s, dry run {self.checked:.1f} s, import {self.imported:.1f} s"
        verdict = "" if self.holds else "  PAST A LIMIT"
        return (
            f"importing {self.people:,} people: {self.times:.1f} times COPY of the same rows"
            f" ({steps}; COPY {self.copied:.2f} s), at most {MOST_TIMES:.0f};"
            f" peak memory +{self.peak_mb:.0f} MB, at most {CEILING_MB:.0f} MB{verdict}"
        )


def measure(people: int = 0) -> Imported:
    """Import into one organization, and copy its rows into another."""
    count = people or int(os.environ.get("PEOPLE", "100000"))
    source, copy = (_made(slug) for slug in ("imports", "copies"))
    with entered(source):
        Group.objects.bulk_create(Group(name=f"Group {number}") for number in range(GROUPS))
        chief, before = User.objects.get(), _peak_mb()
        file = _file(count)
        pk = [""]
        taken = seconds(lambda: pk.append(str(flow.take(file, actor=chief, origin=NOWHERE).pk)))
        checked = seconds(lambda: _work(pk[-1]))
        whole = PeopleImport.objects.get(pk=pk[-1])
        assert whole.data["checked"]["added"] == count, whole.data
        flow.begin(whole.pk, links=False, actor=chief)
        imported = seconds(lambda: _work(pk[-1]))
        grown = _peak_mb() - before
        assert User.objects.count() == count + 1
        assert AuditEvent.objects.filter(activity="user_added").count() >= count
    copied = _copied(source.schema_name, copy.schema_name)
    return Imported(count, taken, checked, imported, copied, grown)


def _made(slug: str) -> Organization:
    made = onboard(
        slug,
        name=slug,
        sign_in_name=f"{slug}.example",
        edition="p1",
        administrator=f"chief@{slug}.example",
        address="chief@post.example",
        actor="benchmark",
    )
    return made.organization


def _work(pk: str) -> None:
    while PeopleImport.objects.get(pk=pk).state in {"checking", "running"}:
        flow.work.work(pk=pk)


def _file(people: int) -> io.BytesIO:
    lines = (
        f"person{number}@imports.example,Person Number {number},person{number}@post.example,en,Group {number % GROUPS}\r\n"
        for number in range(people)
    )
    file = io.BytesIO()
    file.write(b"sign-in name,name,primary address,language,groups\r\n")
    for line in lines:
        file.write(line.encode())
    file.seek(0)
    return file


def _copied(source: str, copy: str) -> float:
    """Copy the rows from one schema into the other's tables, and return how long the writing took."""
    _copy(source, copy, "registration_group", "true")
    new = "sign_in_name like 'person%'"
    which = {
        "registration_user": new,
        "registration_user_groups": "true",
        "registration_auditevent": "activity = 'user_added' and subject like 'person%'",
    }
    return sum(_copy(source, copy, table, which[table]) for table in TABLES)


def _copy(source: str, copy: str, table: str, which: LiteralString) -> float:
    rows = io.BytesIO()
    read = sql.SQL("copy (select * from {} where {}) to stdout").format(
        sql.Identifier(source, table), sql.SQL(which)
    )
    write = sql.SQL("copy {} from stdin").format(sql.Identifier(copy, table))
    with connection.cursor() as cursor:
        with cursor.copy(read) as out:
            for block in out:
                rows.write(block)

        def filled() -> None:
            with cursor.copy(write) as into:
                into.write(rows.getvalue())

        return seconds(filled)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
