"""The portal as the agent asks it: signed requests over a connection that stays open, by the portal's own time."""

import json
import math
import socket
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3 import exceptions
from urllib3.util import Timeout

from rekey_agent.base64url import encoded
from rekey_agent.keys import Pair

_CONNECT, _READ = 5.0, 10.0
#: A wait is answered within 25 s.
WAIT = 40.0
NOBODY = "enrol"
#: Bytes; the longest answer of a portal's is a job.
_LONGEST = 1_000_000
#: Header and body leave in two writes: without the first option, the second waits for an acknowledgement. The others notice a
#: connection that a firewall forgot, while nobody asks anything over it.
_OPTIONS = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *[
        (socket.IPPROTO_TCP, getattr(socket, name), seconds)
        for name, seconds in (("TCP_KEEPIDLE", 20), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))
        if hasattr(socket, name)
    ],
]
_WHY: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.NameResolutionError, "its name is not found"),
    (exceptions.NewConnectionError, "nobody listens there"),
    (exceptions.TimeoutError, "no answer in time"),
    (exceptions.ProtocolError, "the connection broke"),
)


class PortalDown(Exception):
    """The portal does not answer, or not as one does."""


class PortalFault(PortalDown):
    """The portal is there and fails at what it was asked (500)."""


@dataclass
class Refused(Exception):
    """The portal refuses; `code` says why."""

    code: str
    text: str = ""
    retry_after: float = 0.0

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"


class Clock:
    """The portal's time, kept by this machine's steady clock: how wrong its own date is does not matter."""

    def __init__(self) -> None:
        self._ahead = time.time() - time.monotonic()

    def now(self) -> float:
        """Return the portal's time in seconds of Unix time."""
        return time.monotonic() + self._ahead

    def set(self, now: object) -> None:
        """Take the portal's time from an answer of it."""
        if isinstance(now, int | float) and math.isfinite(now):
            self._ahead = float(now) - time.monotonic()


class Portal:
    """One connection to the portal. Not for two threads at once.

    Through a proxy goes what is said by TLS, in a tunnel (CONNECT), so that the proxy learns the portal's name and no more.
    What stays on this machine needs none.
    """

    def __init__(self, url: str, *, ca_file: str = "", proxy: str = "", clock: Clock | None = None) -> None:
        self.url, self.clock = url, clock or Clock()
        options: dict[str, Any] = {
            "num_pools": 2,
            "maxsize": 1,
            "retries": False,
            "cert_reqs": "CERT_REQUIRED",
            "ca_certs": ca_file or None,
            "socket_options": _OPTIONS,
            "headers": {"User-Agent": "rekey-agent"},
        }
        self._pool = urllib3.PoolManager(**options)
        self._tunnel = urllib3.ProxyManager(proxy, **options) if proxy else self._pool

    def ask(
        self, act: str, said: dict[str, Any], *, agent: str, pair: Pair, url: str = "", read: float = _READ
    ) -> dict[str, Any]:
        """Ask for something as an agent; raise `Refused` or `PortalDown`. A clock that is off is set, once."""
        try:
            return self._asked(act, said, agent, pair, url, read)
        except Refused as refused:
            if refused.code != "clock":
                raise
        return self._asked(act, said, agent, pair, url, read)

    def close(self) -> None:
        """Let go of the connection."""
        self._pool.clear()
        self._tunnel.clear()

    def _asked(
        self, act: str, said: dict[str, Any], agent: str, pair: Pair, url: str, read: float
    ) -> dict[str, Any]:
        where = url or f"{self.url}/agent/v1/{act}"
        body = json.dumps(said).encode()
        at = int(self.clock.now())
        text = f"rekey-agent-v1\n{urlsplit(where).path}\n{agent}\n{at}\n{sha256(body).hexdigest()}"
        headers = {
            "Content-Type": "application/json",
            "Rekey-Agent": f"{agent};{at};{encoded(pair.signing.sign(text.encode()))}",
        }
        try:
            return self._heard(self._sent(where, body, headers, read))
        except exceptions.HTTPError as problem:
            raise PortalDown(f"{urlsplit(where).netloc} does not answer: {_why(problem)}") from None

    def _sent(self, where: str, body: bytes, headers: dict[str, str], read: float) -> tuple[int, bytes]:
        """Send a request; once more where the server had let go of the connection meanwhile: nothing counts twice there."""
        timeout = Timeout(connect=_CONNECT, read=read)
        where, headers = _resolved(where, headers)
        pool = self._tunnel if where.startswith("https:") else self._pool
        try:
            return _whole(pool, where, body, headers, timeout)
        except exceptions.ProtocolError:
            return _whole(pool, where, body, headers, timeout)

    def _heard(self, answer: tuple[int, bytes]) -> dict[str, Any]:
        status, text = answer
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise _down(status)(f"the portal answers {status}, and not as a portal does")
        self.clock.set(told.get("now"))
        if status == 200:
            return told
        if "error" not in told or status >= 500:
            raise _down(status)(f"the portal answers {status}")
        retry = told.get("retry_after", 0)
        after = float(retry) if isinstance(retry, int | float) and 0 <= retry <= 3600 else 0.0
        raise Refused(str(told["error"])[:64], str(told.get("text", ""))[:200], after)


def _whole(
    pool: urllib3.PoolManager, where: str, body: bytes, headers: dict[str, str], timeout: Timeout
) -> tuple[int, bytes]:
    """Post, and return the status and the body; of one that is longer than any of a portal's, nothing."""
    answer = pool.request(
        "POST", where, body=body, headers=headers, timeout=timeout, redirect=False, preload_content=False
    )
    text = answer.read(_LONGEST + 1, decode_content=True)
    if len(text) > _LONGEST:
        answer.close()
        text = b""
    answer.release_conn()
    return answer.status, text


def _down(status: int) -> type[PortalDown]:
    return PortalFault if status == 500 else PortalDown


def _resolved(where: str, headers: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Send what is for a name below localhost to this machine, as RFC 6761 (6.3) has it: not every resolver knows.

    >>> _resolved("http://northwind.localhost:8000/agent/v1/claim", {})
    ('http://127.0.0.1:8000/agent/v1/claim', {'Host': 'northwind.localhost:8000'})
    """
    parts = urlsplit(where)
    if parts.scheme != "http" or not (parts.hostname or "").endswith(".localhost"):
        return where, headers
    here = parts._replace(netloc=f"127.0.0.1:{parts.port or 80}")
    return here.geturl(), {**headers, "Host": parts.netloc}


def _why(problem: exceptions.HTTPError) -> str:
    """Return what went wrong on the way, in words."""
    if isinstance(problem, exceptions.SSLError):
        return f"TLS fails ({str(problem)[:200]})"
    if isinstance(problem, exceptions.ProxyError):
        return f"the proxy does not let it through ({str(problem.original_error)[:200]})"
    return next((words for kind, words in _WHY if isinstance(problem, kind)), type(problem).__name__)
