"""One PostgreSQL for the run, one template database for each state of the code's migrations, one copy for each worker.

Two organizations stand in every copy, Contoso (P1) and Fabrikam (Free), each with the same people, and in each test an
outsider must see nothing of the other's.
"""

import fcntl
import gc
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core import mail
from django.db import connection, connections
from django.test import Client, TransactionTestCase
from django.utils import translation
from psycopg import sql

from config.catalogues import compile_all
from config.demo import postgres
from tenants import hosts, template
from tests import building, hashing
from tests.dropped.dropping import bell
from tests.telephones import phones

__all__ = ["bell", "phones"]  # fixtures of every test
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
    "true"  # playwright's sync API keeps a loop running in the main thread
)
ROOT = Path(__file__).parent.parent
_ADDRESS = "TESTS_POSTGRES"  # not REKEY_: tests.settings takes those away


def pytest_configure(config: pytest.Config) -> None:
    """Start the server in the controlling process; workers inherit its address."""
    os.environ.pop("REKEY_DEMO", None)
    if address := os.environ.get(_ADDRESS):
        settings.DATABASES["default"]["HOST"] = address
        return
    (ROOT / ".rekey").mkdir(exist_ok=True)
    options = ("-c", "fsync=off", "-c", "max_locks_per_transaction=256", "-c", "max_connections=100")
    server = _start(options)
    config.stash[_SERVER] = server
    os.environ[_ADDRESS] = server.host
    settings.DATABASES["default"]["HOST"] = server.host
    compile_all()


def _start(options: tuple[str, ...]) -> postgres.Server:
    """Start a server in the first folder that no other run holds, so that two runs at once do not wait for each other."""
    for number in range(1, 9):
        try:
            return postgres.start(ROOT / ".rekey" / f"tests-{number}", options=options)
        except postgres.InUse:
            continue
    raise postgres.ServerError("Eight runs of the tests are under way already.")


_SERVER: pytest.StashKey[postgres.Server] = pytest.StashKey()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server that this process started."""
    if server := config.stash.get(_SERVER, None):
        server.stop()
        os.environ.pop(_ADDRESS, None)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was skipped and why; in CI a skip is a failure."""
    for report in terminalreporter.stats.get("skipped", []):
        terminalreporter.write_line(f"skipped: {report.nodeid}: {report.longrepr[-1]}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run in CI that skipped something."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """Give this worker a copy of the template, building the template first when the migrations have changed."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    digest = hashlib.sha256(template.fingerprint().encode())
    for file in (__file__, building.__file__, hashing.__file__, template.__file__):
        digest.update(Path(file).read_bytes())
    name, mine = f"rekey_template_{digest.hexdigest()[:12]}", f"rekey_test_{worker}"
    host = str(settings.DATABASES["default"]["HOST"])
    with (
        psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as server,
        django_db_blocker.unblock(),
        (Path(host) / "template.lock").open("w") as lock,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        _make_template(server, name)
        fcntl.flock(lock, fcntl.LOCK_UN)
        _copy(server, name, mine)
        _use(mine)

        def renew(_test: TransactionTestCase) -> None:
            """Take a fresh copy after a test that committed: a flush would empty public and leave the schemas full."""
            connections.close_all()
            _copy(server, name, mine)

        gc.collect()
        gc.freeze()  # what stands now stays; looking through it again and again cost a tenth of a run
        TransactionTestCase._fixture_teardown = renew  # type: ignore[attr-defined]
        yield
        connections.close_all()
        server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(mine)))


def _make_template(server: psycopg.Connection, name: str) -> None:
    if server.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
        return
    for (old,) in server.execute(
        "select datname from pg_database where datname like 'rekey\\_template\\_%'"
    ).fetchall():
        server.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(old)))
    half = f"{name}_b"
    server.execute(sql.SQL("create database {}").format(sql.Identifier(half)))
    _use(half)
    building.build()
    connections.close_all()
    server.execute(
        sql.SQL("alter database {} rename to {}").format(sql.Identifier(half), sql.Identifier(name))
    )


def _copy(server: psycopg.Connection, name: str, mine: str) -> None:
    server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(mine)))
    server.execute(
        sql.SQL("create database {} template {}").format(sql.Identifier(mine), sql.Identifier(name))
    )


def _use(name: str) -> None:
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict.update(NAME=name, HOST=settings.DATABASES["default"]["HOST"])


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    """Begin each test with nothing that a process keeps between requests."""
    hosts.forget()
    mail.outbox = []
    yield
    translation.deactivate()  # the language of the last request
    hosts.forget()


@pytest.fixture
def contoso(db: None) -> Iterator[building.Org]:
    """Contoso (P1, one method, reset for all), entered."""
    yield from _entered("contoso")


@pytest.fixture
def fabrikam(db: None) -> Iterator[building.Org]:
    """Fabrikam (Free), with people of the same names; entered when it is asked for last."""
    yield from _entered("fabrikam")


@pytest.fixture
def provider(db: None) -> Iterator[building.Org]:
    """The provider's own organization, entered when it is asked for last."""
    yield from _entered("public")


def _entered(schema: str) -> Iterator[building.Org]:
    org = building.Org(schema)
    connection.set_tenant(org.row)  # type: ignore[attr-defined]
    yield org
    connection.set_schema_to_public()  # type: ignore[attr-defined]


@pytest.fixture
def jobs(db: None) -> Callable[[], list[str]]:
    """Run the waiting jobs of this test's own transaction, here and now; return their names."""
    return building.run_jobs


@pytest.fixture
def browser_of() -> Callable[[str], Client]:
    """Return a fresh browser on an organization's host: `browser_of("contoso")`."""
    return building.browser_of
