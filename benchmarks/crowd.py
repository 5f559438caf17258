"""Agents that wait, thousands in one process, as the benchmark of the waits has them; not a benchmark of its own.

`python -m benchmarks.crowd PORT FILE`: FILE has `host agent key` for each agent. A number on stdin has so many of them wait
from then on; it is said back when they do. Each answer is told with its agent, the moment by the machine's monotonic clock,
and whether a job was told of; the agent waits anew at once.
"""

import asyncio
import sys
import time
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from resets.writeback.base64url import decoded, encoded

_PATH, _BODY = "/agent/v1/wait", b"{}"
_DIGEST = sha256(_BODY).hexdigest()
#: How many connect at the same time.
_AT_ONCE = 100


@dataclass
class Agent(asyncio.Protocol):
    """One that waits, on a connection that stays open."""

    number: int
    host: str
    pk: str
    key: Ed25519PrivateKey
    transport: asyncio.Transport | None = None
    heard: bytes = b""
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait."""
        self.transport = cast("asyncio.Transport", transport)
        self.wait()

    def wait(self) -> None:
        """Send a request."""
        at = int(time.time())
        signature = self.key.sign(f"rekey-agent-v1\n{_PATH}\n{self.pk}\n{at}\n{_DIGEST}".encode())
        head = (
            f"POST {_PATH} HTTP/1.1\r\nHost: {self.host}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
            f"Rekey-Agent: {self.pk};{at};{encoded(signature)}\r\n\r\n"
        )
        assert self.transport is not None
        self.transport.write(head.encode() + _BODY)

    def data_received(self, data: bytes) -> None:
        """Tell of an answer, and wait anew. An answer is a few dozen bytes and ends with its object."""
        now = time.monotonic()
        self.heard += data
        if self.heard.endswith(b"}"):
            status = self.heard.split(b" ", 2)[1].decode()
            has_job = b'"job": true' in self.heard
            self.heard = b""
            _say(status, self.number, now, has_job)
            self.wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell that the server hung up."""
        _say("lost", self.number, time.monotonic())


def _say(what: str, number: int, at: float, has_job: bool = False) -> None:
    sys.stdout.write(f"{what} {number} {at} {int(has_job)}\n")
    sys.stdout.flush()


async def main(port: int, file: Path) -> None:
    """Let as many wait as stdin says, until it ends."""
    loop = asyncio.get_running_loop()
    agents = []
    for number, line in enumerate(file.read_text().splitlines()):
        host, pk, key = line.split()
        agents.append(Agent(number, host, pk, Ed25519PrivateKey.from_private_bytes(decoded(key))))
    waiting, few = 0, asyncio.Semaphore(_AT_ONCE)

    async def join(agent: Agent) -> None:
        async with few:
            await loop.create_connection(lambda: agent, "127.0.0.1", port)

    while line := await loop.run_in_executor(None, sys.stdin.readline):
        await asyncio.gather(*map(join, agents[waiting : int(line)]))
        waiting = int(line)
        _say("open", waiting, time.monotonic())


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
