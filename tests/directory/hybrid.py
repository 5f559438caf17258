"""Contoso with a real directory behind it: served pages, the process of the waits, and agents as programs of their own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from config.demo.tether import tied
from registration import configuring
from registration.models import User
from resets.writeback import accounts, agents, domains, queue, reach
from resets.writeback.models import Agent, Job, OnPremisesDomain
from tests.building import Browser, Org, give_email
from tests.directory.controller import Samba
from tests.directory.slapd import Slapd
from tests.journeys.people import choose_password
from tests.resets.steps import begun, prove_email

ROOT = Path(__file__).resolve().parents[2]
AGENT = ROOT / "resets" / "writeback" / "agent"
#: Seconds in which a program is up, and in which a page has given up waiting for an agent.
_UP, _LONGEST = 20.0, 45.0
_WAIT = "/reset/wait/"


def until(condition: Any, seconds: float = _UP, what: str | Callable[[], str] = "it") -> Any:
    """Wait until something is true, and return it; a function says what it was by what is known at the end."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            told = what if isinstance(what, str) else what()
            raise AssertionError(f"{told} did not come true in {seconds} s")
        time.sleep(0.03)
    return found


@dataclass
class Running:
    """An agent that runs."""

    folder: Path
    pk: str
    process: subprocess.Popen[bytes] | None = None
    since: datetime | None = None

    @property
    def log(self) -> str:
        """What it said."""
        return (self.folder / "log").read_text()

    def start(self, *before: str, **environ: str) -> "Running":
        """Start it; `before` are programs that run it."""
        self.since = timezone.now()
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *before,
                    sys.executable,
                    "-m",
                    "rekey_agent",
                    "run",
                    "--config",
                    str(self.folder / "agent.toml"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**_environ(), **environ},
                preexec_fn=tied(signal.SIGKILL),  # noqa: PLW1509 - from the main thread
            )
        return self

    def await_alive(self) -> "Running":
        """Wait until the portal has heard of it since it was started, and that it reaches its directory."""
        until(self._is_alive, what=lambda: f"agent {self.folder.name}\n{self.log}")
        return self

    def _is_alive(self) -> bool:
        assert self.process is not None and self.since is not None
        assert self.process.poll() is None, f"it has ended\n{self.log}"
        row = Agent.objects.get(pk=self.pk)
        is_heard = row.seen_at is not None and row.seen_at >= self.since
        return is_heard and row.health.get("reachable") is True and row in reach.able(row.domain)

    def command(self, *words: str) -> str:
        """Run its command once, and return what it says."""
        done = subprocess.run(
            [sys.executable, "-m", "rekey_agent", *words, "--config", str(self.folder / "agent.toml")],
            capture_output=True,
            text=True,
            check=False,
            env=_environ(),
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout

    def stop(self) -> int:
        """End it, and return its exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.ended()

    def ended(self, seconds: float = _UP) -> int:
        """Wait until it has ended, and return its exit status."""
        assert self.process is not None
        return self.process.wait(seconds)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold it still for a while."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    @contextlib.contextmanager
    def held_until_end_of(self, other: "Running") -> Iterator[list[datetime]]:
        """Hold it still until another has ended, so that the other is the first that meets a job; give when that was."""
        assert self.process is not None
        running, ended_at = self.process, list[datetime]()

        def resume() -> None:
            try:
                other.ended()
                ended_at.append(timezone.now())
            finally:
                running.send_signal(signal.SIGCONT)

        running.send_signal(signal.SIGSTOP)
        watching = threading.Thread(target=resume)
        watching.start()
        try:
            yield ended_at
        finally:
            watching.join()


def _environ() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(AGENT), "PYTHONWARNINGS": "ignore"}


@dataclass
class Hybrid:
    """An organization with a domain, and what runs for it."""

    org: Org
    port: int
    samba: Any
    domain: OnPremisesDomain
    folder: Path
    running: list[Running] = field(default_factory=list)
    #: How agents that are enrolled from now on reach the portal; straight over loopback where nothing is said.
    way: str = ""

    def agent(self, *before: str, **environ: str) -> Running:
        """Enrol an agent by its command, and start it."""
        return self.enrolled().start(*before, **environ)

    def enrolled(self) -> Running:
        """Enrol an agent by its command."""
        folder = self.folder / f"agent{len(self.running)}"
        folder.mkdir()
        (folder / "password").touch(mode=0o600)
        (folder / "password").write_text(self.samba.settings.password)
        (folder / "agent.toml").write_text(self._configuration(folder))
        row, code = agents.prepare(self.domain, actor="tests")
        command = ["-m", "rekey_agent", "enrol", "--config", str(folder / "agent.toml"), "--code", code]
        done = subprocess.run(
            [sys.executable, *command], capture_output=True, text=True, check=False, env=_environ()
        )
        assert done.returncode == 0, done.stderr
        found = Running(folder, str(row.pk))
        (folder / "log").write_text(done.stdout + done.stderr)
        self.running.append(found)
        return found

    def person(self, **more: str) -> tuple[Any, User]:
        """Add somebody to the domain, and here with an address that can be proved."""
        there = self.samba.person(**more)
        # An agent that runs may have brought them by now.
        user, is_new = User.objects.get_or_create(
            sign_in_name=there.sign_in_name, defaults={"primary_address": f"{there.name}@post.example"}
        )
        if is_new:
            user.set_unusable_password()
            user.save()
        give_email(user, f"{there.name}@home.example")
        with contextlib.suppress(accounts.Taken):
            accounts.tie(user, self.domain, there.guid, actor="tests")
        return there, User.objects.get(pk=user.pk)

    def at_password(self, user: User) -> Browser:
        """Return a browser in which somebody has passed every gate."""
        browser = begun(self.org, user.sign_in_name)
        prove_email(browser, user.sign_in_name.replace("contoso", "home"))
        return browser

    def reset(self, user: User, password: str) -> Browser:
        """Reset a password by the pages, and wait on the page as a browser does."""
        browser = self.at_password(user)
        answered = choose_password(browser, password)
        assert answered.status_code in {302, 200, 503}
        if answered.headers.get("location") == _WAIT:
            until(lambda: browser.get(_WAIT).status_code == 302, _LONGEST, "an answer")
        return browser

    def job(self, seconds: float = _LONGEST) -> Job:
        """Return the newest job, once it is over."""
        newest = Job.objects.latest("created_at").pk
        return until(lambda: (found := queue.look(newest)).is_over and found, seconds, "an answer")  # type: ignore[no-any-return]

    def _configuration(self, folder: Path) -> str:
        found = self.samba.settings
        way = self.way or f'portal = "http://contoso.localhost:{self.port}"'
        return (
            f'{way}\nstate = "{folder}/state"\nname = "{folder.name}"\n'
            f'[directory]\nkind = "{found.kind}"\nurl = "{found.url}"\nbind_dn = "{found.bind_dn}"\n'
            f'password_file = "{folder}/password"\nca_file = "{found.ca_file}"\nbase = "{found.base}"\n'
            f'policy_dn = "{found.policy_dn}"\n'
            f"ous = [{', '.join(repr(ou) for ou in found.ous)}]\n"
        )


@contextlib.contextmanager
def waits(log: Path) -> Iterator[str]:
    """Run the process of the waits against this test's database; give the address that agents are told."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    where = settings.DATABASES["default"]
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("REKEY_")},
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"postgresql://postgres@/{where['NAME']}?host={where['HOST']}",
    }
    command = ["-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("ab") as said:
        process = subprocess.Popen(
            [sys.executable, *command, "--workers", "1", "config.asgi:application"],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            preexec_fn=tied(signal.SIGTERM),  # noqa: PLW1509 - from the main thread
        )
    try:
        until(lambda: process.poll() is not None or _answers(port), what="the waits")
        assert process.poll() is None, "the waits have ended"
        yield f"http://{{host}}:{port}/agent/v1/wait"
    finally:
        process.terminate()
        process.wait(15)


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextlib.contextmanager
def made(org: Org, url: str, samba: Samba | Slapd, deployment: str, name: str) -> Iterator[Hybrid]:
    """Make Contoso hybrid by a directory; what was started ends with it."""
    connection.set_tenant(org.row)  # type: ignore[attr-defined]
    configuring.configure({"write_back": True, "unlock_without_reset": True}, actor="tests")
    domain = domains.add(name, deployment, actor="tests")
    with tempfile.TemporaryDirectory(prefix="agents-") as folder:
        found = Hybrid(org, int(url.rpartition(":")[2]), samba, domain, Path(folder))
        try:
            yield found
        finally:
            for one in found.running:
                if one.process is not None and one.process.poll() is None:
                    one.process.kill()
                    one.process.wait()


@pytest.fixture
def waiting(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[None]:
    """Run the waits' process."""
    with waits(tmp_path / "waits.log") as address:
        settings.REKEY_AGENT_WAIT_URL = address
        yield


@pytest.fixture
def connect(contoso: Org, live_server: Any, connect_domain: Samba, waiting: None) -> Iterator[Hybrid]:
    """Contoso with the first domain, by Connect."""
    with made(contoso, live_server.url, connect_domain, "connect", connect_domain.controller.domain) as found:
        yield found


@pytest.fixture
def cloud(contoso: Org, live_server: Any, cloud_domain: Samba, waiting: None) -> Iterator[Hybrid]:
    """Contoso with the second domain, by cloud sync."""
    with made(contoso, live_server.url, cloud_domain, "cloud_sync", cloud_domain.controller.domain) as found:
        yield found


@pytest.fixture
def spoilt(contoso: Org, live_server: Any, own_domain: Samba, waiting: None) -> Iterator[Hybrid]:
    """Contoso with a domain that the test may stop and spoil."""
    with made(contoso, live_server.url, own_domain, "cloud_sync", own_domain.controller.domain) as found:
        yield found


@pytest.fixture
def ldap(contoso: Org, live_server: Any, openldap: Slapd, waiting: None) -> Iterator[Hybrid]:
    """Contoso with OpenLDAP."""
    with made(contoso, live_server.url, openldap, "connect", "ldap.test") as found:
        yield found
