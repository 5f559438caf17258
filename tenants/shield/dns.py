"""Ask the system's own name servers which texts stand beside a name: how somebody shows that a name is theirs.

Asked over TCP alone: a stranger who cannot read the line cannot answer in the server's place, and no answer is cut. Names are
given to it by operators; the servers are those of the machine, so nothing here chooses where a connection goes.
"""

import secrets
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tenants.shield.dns_message import NO_SUCH_NAME, Malformed, question, texts

PORT = 53
RESOLVERS = Path("/etc/resolv.conf")
#: For all servers together, in seconds: an operator waits for it.
PATIENCE = 4.0


class Unanswered(Exception):
    """No server has answered. The code says why: `no_server`, `unreachable` or `refused`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Server:
    """Where a name server listens."""

    address: str
    port: int = PORT


def servers() -> list[Server]:
    """Return the name servers that this machine uses, in their order."""
    with suppress(OSError):
        return listed(RESOLVERS.read_text("utf-8", "replace"))
    return []


def listed(text: str) -> list[Server]:
    r"""Return the servers that such a file names.

    >>> [server.address for server in listed("# nameserver 9.9.9.9\nnameserver 10.0.0.1\nsearch a.b\nnameserver ::1")]
    ['10.0.0.1', '::1']
    """
    lines = [line.split() for line in text.splitlines()]
    return [Server(line[1]) for line in lines if len(line) > 1 and line[0] == "nameserver"]


def lookup(name: str) -> list[str]:
    """Return the texts (TXT) of a name; none where there is no such name. Raises `Unanswered`."""
    asked = servers()
    if not asked:
        raise Unanswered("no_server")
    deadline, why = time.monotonic() + PATIENCE, "unreachable"
    for tried, server in enumerate(asked):
        share = (deadline - time.monotonic()) / (len(asked) - tried)
        if share <= 0:
            break
        with suppress(OSError, Malformed):
            code, found = _ask(server, name, share)
            if code in {0, NO_SUCH_NAME}:
                return found if code == 0 else []
            why = "refused"
    raise Unanswered(why)


def _ask(server: Server, name: str, patience: float) -> tuple[int, list[str]]:
    number, deadline = secrets.randbits(16), time.monotonic() + patience
    message = question(number, name)
    with socket.create_connection((server.address, server.port), patience) as line:
        line.sendall(len(message).to_bytes(2, "big") + message)
        length = int.from_bytes(_taken(line, 2, deadline), "big")
        return texts(_taken(line, length, deadline), number=number, name=name)


def _taken(line: socket.socket, size: int, deadline: float) -> bytes:
    """Read so many bytes, however they drip in, before the deadline."""
    found = b""
    while len(found) < size:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        line.settimeout(left)
        piece = line.recv(size - len(found))
        if not piece:
            raise Malformed("cut")
        found += piece
    return found
