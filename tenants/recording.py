"""Migrations as SQL text: run them once for real, and keep what they said to the database.

Unlike `sqlmigrate`, this holds for operations that look at the database before they write, and unlike a clone of a schema it
gives the constraint names that migrations give (reference/stack.md 5.1).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import RunPython

_NOT_KEPT = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET SEARCH_PATH", "SHOW", "WITH")


@contextmanager
def recorded() -> Iterator[list[str]]:
    """Collect, with their parameters filled in, the statements of the block that change the database."""
    statements: list[str] = []

    def keep(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not sql.lstrip().upper().startswith(_NOT_KEPT):
            whole = connection.ops.compose_sql(sql, params) if params else sql  # type: ignore[attr-defined]
            statements.append(whole.strip().rstrip(";"))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield statements


def migrate_here(targets: Sequence[tuple[str, str]] | None = None) -> None:
    """Run the migrations of the entered schema, to the newest when no targets are given; no signal is sent."""
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets) if targets else executor.loader.graph.leaf_nodes())


def is_plain_sql(migrations: Sequence[tuple[str, str]]) -> bool:
    """Say whether these migrations do the same in every schema: no Python that reads rows, nothing outside a transaction."""
    loader = MigrationExecutor(connection).loader
    found = [loader.get_migration(*key) for key in migrations]
    return all(m.atomic and not any(isinstance(o, RunPython) for o in m.operations) for m in found)


def script(statements: Sequence[str]) -> str:
    """Return one text that a single round trip executes."""
    return ";\n".join(statements) + ";\n"
