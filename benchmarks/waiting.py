"""How soon an agent is woken while five thousand wait in one process on one core, against an agent that waits there alone.

`AGENTS=500 make bench ARGS=waiting` has fewer of them. They are a process of their own and ask over plain HTTP on loopback, in
five organizations, each agent in a domain of its own. They ask anew whenever their wait ends, so that the processor time of
the server is what it costs to keep them.
"""

import contextlib
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from statistics import median
from typing import IO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone

from config.demo.tether import tied
from registration.onboarding import onboard
from resets.writeback import agents
from resets.writeback.base64url import encoded
from resets.writeback.models import Agent, OnPremisesDomain
from resets.writeback.ringing import ring
from tenants.context import entered
from tenants.models import Organization

#: How many times as long as alone an agent may be woken among all.
MOST_TIMES = 5.0
ORGANIZATIONS, RINGS = 5, 100
#: Seconds between an answer and the next ring, in which who was answered waits anew; and in which processor time is counted:
#: in so many, each of those who wait does so anew.
_PAUSE, _COUNTED = 0.03, 25.0
_PATIENCE = 60.0
_SPARE = 200  # files beside the connections


@dataclass(frozen=True)
class Woken:
    """What was measured."""

    agents: int
    files: int
    alone: float
    among: float
    slowest: float
    all_at_once: float
    opened: float
    memory_mb: float
    processor: float

    @property
    def times(self) -> float:
        """How many times as long as alone."""
        return self.among / self.alone

    @property
    def holds(self) -> bool:
        """Say whether it keeps to the limit."""
        return self.times <= MOST_TIMES

    def __str__(self) -> str:
        verdict = "" if self.holds else "  PAST THE LIMIT"
        return (
            f"waking one of {self.agents:,} waiting agents: {self.times:.1f} times as long as one alone"
            f" (median {self.among * 1000:.1f} ms against {self.alone * 1000:.1f}, slowest of {RINGS}"
            f" {self.slowest * 1000:.1f}; all at once in {self.all_at_once:.1f} s; they came in {self.opened:.0f} s;"
            f" one core, of which keeping them takes {self.processor:.0%}; {self.memory_mb:.0f} MB;"
            f" file limit raised to {self.files:,}), at most {MOST_TIMES:.0f}{verdict}"
        )


@dataclass(frozen=True)
class Place:
    """Where an agent is rung for."""

    organization: Organization
    domain: OnPremisesDomain


class Crowd:
    """The agents' process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._said: SimpleQueue[tuple[str, int, float, bool]] = SimpleQueue()
        assert process.stdout is not None
        threading.Thread(target=self._read, args=(process.stdout,), daemon=True).start()

    def grow(self, count: int) -> None:
        """Have so many wait."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        self.hear(lambda said, number, _woken: (said, number) == ("open", count))

    def hear(self, wanted: Callable[[str, int, bool], bool], patience: float = _PATIENCE) -> float:
        """Return when the first thing was said that is wanted; whoever is refused or cut off ends the benchmark."""
        deadline = time.monotonic() + patience
        while True:
            try:
                said, number, at, woken = self._said.get(timeout=max(0.001, deadline - time.monotonic()))
            except Empty:
                raise TimeoutError("the agents heard nothing") from None
            assert said in {"200", "open"}, f"agent {number}: {said}"
            if wanted(said, number, woken):
                return at

    def skip(self) -> None:
        """Forget what was said up to now."""
        with contextlib.suppress(TimeoutError):
            self.hear(lambda _said, _number, _woken: False, patience=0)

    def _read(self, out: IO[str]) -> None:
        for line in out:
            said, number, at, woken = line.split()
            self._said.put((said, int(number), float(at), woken == "1"))


def measure() -> Woken:
    """Ring for one that waits alone, for one of all, and for all."""
    files = _raised()
    count = min(int(os.environ.get("AGENTS", "5000")), files - _SPARE)
    with tempfile.TemporaryDirectory(prefix="rekey-waits-") as folder:
        places = _made(count, Path(folder) / "agents")
        with _served() as (port, server), _crowd(port, Path(folder) / "agents") as crowd:
            crowd.grow(1)
            time.sleep(1)
            alone = [_woken(crowd, places, 0) for _ring in range(RINGS)]
            began = time.monotonic()
            crowd.grow(count)
            opened = _settled(server) - began
            before, counted_until = _processor(server), time.monotonic() + _COUNTED
            drawn = random.Random(5)  # noqa: S311  # any will do
            among = [_woken(crowd, places, drawn.randrange(count)) for _ring in range(RINGS)]
            time.sleep(max(0, counted_until - time.monotonic()))
            processor = (_processor(server) - before) / _COUNTED
            all_at_once = _all_woken(crowd, places)
            return Woken(
                agents=count,
                files=files,
                alone=median(alone),
                among=median(among),
                slowest=max(among),
                all_at_once=all_at_once,
                opened=opened,
                memory_mb=_memory_mb(server),
                processor=processor,
            )


def _woken(crowd: Crowd, places: list[Place], number: int) -> float:
    """Ring for an agent, and return how long it took until it was answered."""
    place = places[number]
    began = time.monotonic()
    ring(place.organization.schema_name, place.domain.pk)
    at = crowd.hear(lambda _said, heard, woken: woken and heard == number)
    time.sleep(_PAUSE)
    return at - began


def _all_woken(crowd: Crowd, places: list[Place]) -> float:
    """Ring for all, and return how long it took until all but one in a hundred were answered: those just wait anew."""
    crowd.skip()
    began = time.monotonic()
    for place in places:
        ring(place.organization.schema_name, place.domain.pk)
    left = set(range(len(places)))

    few = len(left) // 100

    def is_last(_said: str, heard: int, _woken: bool) -> bool:
        left.discard(heard)
        return len(left) <= few

    return crowd.hear(is_last) - began


# --- what is there


def _made(count: int, file: Path) -> list[Place]:
    """Enrol agents, spread over organizations; the file says who they are."""
    places, lines = [], []
    for at in range(ORGANIZATIONS):
        organization = _organization(f"waits{at}")
        with entered(organization):
            mine = range(at, count, ORGANIZATIONS)
            domains = OnPremisesDomain.objects.bulk_create(
                OnPremisesDomain(name=f"corp{number}.example", deployment="cloud_sync") for number in mine
            )
            rows = []
            for domain in domains:
                key, now = Ed25519PrivateKey.generate(), timezone.now()
                row = Agent(domain=domain, name="dc1", enrolled_at=now, rolled_at=now)
                agents._take_keys(row, bytes(32), key.public_key().public_bytes_raw())
                rows.append(row)
                lines.append(f"waits{at}.localhost {row.pk} {encoded(key.private_bytes_raw())}")
            Agent.objects.bulk_create(rows)
        places += [Place(organization, domain) for domain in domains]
    file.write_text("\n".join(lines))
    return places


def _organization(slug: str) -> Organization:
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


@contextlib.contextmanager
def _served() -> Iterator[tuple[int, int]]:
    """Run the waits on one core; give the port, and the process that serves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    size = ["--workers", "1", "--backlog", "8192", "--backpressure", "30000", "--workers-kill-timeout", "3"]
    command = ["-m", "granian", "--interface", "asgi", "--port", str(port), *size, "--no-ws", "--http", "1"]
    core = min(os.sched_getaffinity(0))
    process = subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, *command, "config.asgi:application"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        preexec_fn=tied(signal.SIGTERM, lambda: os.sched_setaffinity(0, {core})),  # noqa: PLW1509  # no threads yet
    )
    try:
        _await(lambda: _answers(port))
        server = int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[-1])
        yield port, server
        _settled(server)  # a signal that comes among thousands who hang up is lost
    finally:
        process.terminate()
        process.wait(30)


@contextlib.contextmanager
def _crowd(port: int, file: Path) -> Iterator[Crowd]:
    """Run the agents, on the other cores where there are any."""
    cores = os.sched_getaffinity(0)
    others = cores - {min(cores)} or cores
    process = subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-m", "benchmarks.crowd", str(port), str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=tied(signal.SIGTERM, lambda: os.sched_setaffinity(0, others)),  # noqa: PLW1509
    )
    try:
        yield Crowd(process)
    finally:
        process.kill()
        process.wait()


# --- what is looked at


def _raised() -> int:
    """Raise the limit of open files as far as this user may, and return it."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = min(hard, 65_536) if hard != resource.RLIM_INFINITY else 65_536
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def _settled(server: int) -> float:
    """Wait until the server has taken in everybody, and return when that was."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        before, at = _processor(server), time.monotonic()
        time.sleep(0.5)
        if _processor(server) - before < 0.25:
            return at
    raise TimeoutError("the server does not come to rest")


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def _await(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError("the waits did not start")
        time.sleep(0.05)


def _processor(pid: int) -> float:
    """Return the seconds of processor time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid: int) -> float:
    """Return how much memory a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024
