"""What stands in every table of every schema, as digests: what was written anywhere shows when it is taken again."""

from collections.abc import Collection

from django.db import connection
from psycopg import sql

SCHEMAS = ("contoso", "fabrikam", "public")


def state() -> dict[str, str]:
    """Return a digest of the rows of each table, as `schema.table`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select schemaname::text, tablename::text from pg_tables where schemaname = any(%s)",
            [list(SCHEMAS)],
        )
        parts = [
            sql.SQL(
                "select {}, md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {} t"
            ).format(sql.Literal(f"{schema}.{table}"), sql.Identifier(schema, table))
            for schema, table in cursor.fetchall()
        ]
        cursor.execute(sql.SQL(" union all ").join(parts))
        return dict(cursor.fetchall())


def written(before: dict[str, str], *, but: Collection[str] = ()) -> list[str]:
    """Return the tables whose rows are not what they were; `but` names tables, or schemas, that may change."""
    after = state()
    return sorted(
        name
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name) and not {name, name.partition(".")[0]} & set(but)
    )
