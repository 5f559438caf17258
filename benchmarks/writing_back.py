"""A password from its submission to the directory's answer, through portal, agent and domain controller, against one
bare modify.

The pages and the waits are served by programs of their own, the agent is one too, and the domain controller is
Samba's: it needs
root, and Debian's packages. The bare modify is the same one, by the same library, on a connection that is open.
"""

import contextlib
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from config.demo.samba.controller import SERVICE_PASSWORD, Controller, Missing, refuse_missing
from config.demo.tether import tied
from registration import configuring, people
from registration.models import User
from registration.onboarding import onboard
from resets.writeback import accounts, agents, domains, queue, reach
from resets.writeback.models import Account
from tenants.context import entered

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "resets" / "writeback" / "agent"))

from rekey_agent.directories import made  # the agent is a package of its own
from rekey_agent.directories.directory import Directory, DirectorySettings

#: How many times a bare modify the median may take.
MOST_TIMES = 2.0
ROUNDS, WARM = 50, 5
ROOT = Path(__file__).resolve().parents[1]
AGENT = ROOT / "resets" / "writeback" / "agent"


@dataclass(frozen=True)
class Written:
    """Seconds of each way, in order; `why_not` where it could not be measured here."""

    whole: tuple[float, ...] = ()
    bare: tuple[float, ...] = ()
    why_not: str = ""

    @property
    def holds(self) -> bool:
        """Say whether the median keeps to its limit."""
        return bool(self.why_not) or self._median(self.whole) <= MOST_TIMES * self._median(self.bare)

    def __str__(self) -> str:
        if self.why_not:
            return f"writing a password back: not measured. {self.why_not}"
        times = self._median(self.whole) / self._median(self.bare)
        verdict = "" if self.holds else "  PAST THE LIMIT"
        return (
            f"writing a password back, of {len(self.whole)}: {times:.2f} times one bare modify at the median"
            f" (median {self._ms(self.whole)} and {self._ms(self.bare)}, p95 {self._p95(self.whole)} and"
            f" {self._p95(self.bare)}), at most {MOST_TIMES}{verdict}"
        )

    @staticmethod
    def _median(taken: tuple[float, ...]) -> float:
        return statistics.median(taken)

    def _ms(self, taken: tuple[float, ...]) -> str:
        return f"{self._median(taken) * 1000:.0f} ms"

    def _p95(self, taken: tuple[float, ...]) -> str:
        return f"{statistics.quantiles(taken, n=20)[-1] * 1000:.0f} ms"


def measure() -> Written:
    """Write passwords back, in turns with bare modifies of the same account's."""
    try:
        refuse_missing()
    except Missing as missing:
        return Written(why_not=str(missing))
    organization = onboard(
        "northwind",
        name="Northwind",
        sign_in_name="northwind.example",
        edition="p2",
        administrator="chief@northwind.example",
        address="chief@post.example",
        actor="benchmark",
    ).organization
    with tempfile.TemporaryDirectory(prefix="rekey-bench-") as text, contextlib.ExitStack() as stack:
        controller = Controller(Path(text) / "dc", realm="BENCH.TEST", address="127.0.0.6")
        controller.provision()
        controller.start()
        stack.callback(controller.stop)
        waits = stack.enter_context(_served("asgi", "config.asgi:application"))
        address = f"http://{{host}}:{waits}/agent/v1/wait"
        pages = stack.enter_context(_served("wsgi", "config.wsgi:application", REKEY_AGENT_WAIT_URL=address))
        with entered(organization):
            account = _account(controller)
            stack.enter_context(_agent(Path(text), controller, account, pages))
            return _in_turns(controller, account)


def _in_turns(controller: Controller, account: Account) -> Written:
    """Measure both ways, one after the other in each round, so that both meet the same machine."""
    directory = made_directory(controller)
    directory.read(account.guid)
    whole, bare = [], []
    for number in range(WARM + ROUNDS):
        began = time.perf_counter()
        job = queue.submit(
            account, "reset", secret={"password": f"Round-{number}-Passw0rd", "old": ""}, after={}
        )
        while not (ended := queue.look(job.pk)).is_over:
            time.sleep(0.002)
        taken = time.perf_counter() - began
        assert ended.state == "done", ended.code
        began = time.perf_counter()
        directory.reset(account.guid, f"Bare-{number}-Passw0rd")
        if number >= WARM:
            bare.append(time.perf_counter() - began)
            whole.append(taken)
    directory.close()
    return Written(tuple(whole), tuple(bare))


def _account(controller: Controller) -> Account:
    configuring.configure({"write_back": True}, actor="benchmark")
    guid = controller.do(
        "person",
        name="adele",
        password=SERVICE_PASSWORD,
        place="People",
        attributes={"mail": "adele@post.example"},
    )
    user = people.add("adele@northwind.example", actor="benchmark")
    domain = domains.add(controller.domain, "connect", actor="benchmark")
    accounts.tie(user, domain, str(guid), actor="benchmark")
    found = accounts.of(User.objects.get(pk=user.pk))
    assert found is not None
    return found


@contextlib.contextmanager
def _agent(folder: Path, controller: Controller, account: Account, pages: int) -> Iterator[None]:
    """Enrol an agent and run it."""
    (folder / "password").touch(mode=0o600)
    (folder / "password").write_text(SERVICE_PASSWORD)
    file = folder / "agent.toml"
    file.write_text(
        f'portal = "http://northwind.localhost:{pages}"\nstate = "{folder}/state"\nname = "bench"\n[directory]\n'
        f'kind = "active_directory"\nurl = "{controller.url}"\nbind_dn = "{controller.service}"\n'
        f'password_file = "{folder}/password"\nca_file = "{controller.ca_file}"\nbase = "{controller.base}"\n'
        f'ous = ["{controller.people}"]\n'
    )
    _agent_row, code = agents.prepare(account.domain, actor="benchmark")
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(AGENT), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", "rekey_agent"]
    subprocess.run(  # noqa: S603  # our own words
        [*command, "enrol", "--config", str(file), "--code", code],
        check=True,
        capture_output=True,
        env=environ,
    )
    process = subprocess.Popen(  # noqa: S603  # our own words
        [*command, "run", "--config", str(file)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environ,
        preexec_fn=tied(signal.SIGTERM),  # noqa: PLW1509  # no threads are there
    )
    try:
        deadline = time.monotonic() + 30
        while not reach.alive(account.domain):
            assert time.monotonic() < deadline, "the agent is not heard of"
            time.sleep(0.1)
        time.sleep(2)  # its heartbeat and its people are over
        yield
    finally:
        process.terminate()
        process.wait(15)


@contextlib.contextmanager
def _served(interface: str, application: str, **environ: str) -> Iterator[int]:
    """Serve an application by the web server, as an operator would; give the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    where: dict[str, Any] = settings.DATABASES["default"]
    host = where.get("HOST") or where.get("OPTIONS", {}).get("host", "")
    known = {name: value for name, value in os.environ.items() if not name.startswith("REKEY_")}
    process = subprocess.Popen(  # noqa: S603  # our own words
        [
            *(sys.executable, "-m", "granian", "--interface", interface, "--host", "127.0.0.1"),
            *("--port", str(port), "--workers", "1", application),
        ],
        cwd=ROOT,
        env={
            **known,
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "DATABASE_URL": f"postgresql://postgres@/{where['NAME']}?host={host}",
            **{f"BENCH_{name}": value for name, value in environ.items()},
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=tied(signal.SIGTERM),  # noqa: PLW1509  # no threads are there
    )
    try:
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None, f"{application} ended"
            assert time.monotonic() < deadline, f"{application} is not served"
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(15)


def made_directory(controller: Controller) -> Directory:
    """Return the directory as the agent has it."""
    return made(
        DirectorySettings(
            kind="active_directory",
            url=controller.url,
            bind_dn=controller.service,
            password=SERVICE_PASSWORD,
            base=controller.base,
            ous=(controller.people,),
            ca_file=str(controller.ca_file),
        )
    )
