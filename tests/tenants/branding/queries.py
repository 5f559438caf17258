"""Which queries a block asks."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext


@contextmanager
def asked() -> Iterator[list[str]]:
    """Collect the queries of a block, without the changes of the search path."""
    queries: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield queries
    queries += [one["sql"] for one in captured.captured_queries if "search_path" not in one["sql"]]
