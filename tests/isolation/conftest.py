"""Contoso furnished once for each file, in a transaction that is never committed; each test in a savepoint of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from tests.building import Org
from tests.isolation.furnished import Furnished, furnish


@contextmanager
def undone() -> Iterator[None]:
    """Roll back what is written within; what counts tries may commit inside, as in any test."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # as TestCase does for its own
    with block:
        yield
        transaction.set_rollback(True)
    connection.set_schema_to_public()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def _furnished(django_db_setup: None, django_db_blocker: Any) -> Iterator[Furnished]:
    with django_db_blocker.unblock(), undone():
        yield furnish(Org("contoso"), Org("fabrikam"), Org("public"))


@pytest.fixture
def had(_furnished: Furnished, django_db_blocker: Any) -> Iterator[Furnished]:
    """What Contoso has; it is entered."""
    with django_db_blocker.unblock(), undone():
        connection.set_tenant(_furnished.org.row)  # type: ignore[attr-defined]
        yield _furnished
