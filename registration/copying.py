"""New rows by COPY: several times as fast as INSERT, where there are hundreds of them."""

from collections.abc import Sequence

from django.db import connection, models
from psycopg import sql


def copy_in(rows: Sequence[models.Model]) -> None:
    """Write new rows of one model, in the current transaction and schema, in one statement. No signal is sent."""
    if not rows:
        return
    meta = rows[0]._meta
    fields = [
        field
        for field in meta.concrete_fields
        if not (field.primary_key and isinstance(field, models.AutoField))
    ]
    columns = sql.SQL(", ").join([sql.Identifier(str(field.column)) for field in fields])
    statement = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(meta.db_table), columns)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(
                [field.get_db_prep_save(field.pre_save(row, True), connection=connection) for field in fields]
            )
