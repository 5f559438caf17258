"""Requests to an address that a tenant chose: none goes anywhere but to the open internet.

The name is resolved once, every address it has must be public, and the connection is made to one of those very addresses, so a
name that means something else a moment later changes nothing. TLS is checked against the name. No redirect is followed, no
proxy of the environment is used, and both the time and the size of an answer end.
"""

import functools
import http.client
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from threading import Timer
from urllib.parse import urlsplit

from django.conf import settings

from tenants.shield.addresses import is_public

LIMIT = 64 * 1024
# Printable ASCII; a backslash is read in different ways. The last part of a name is never a number.
_TEXT = re.compile(r"[!-\[\]-~]+")
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}$)({_LABEL}\.)*(?=[a-z]){_LABEL}")
_OURS = frozenset({"host", "connection", "content-length", "transfer-encoding"})

Resolve = Callable[[str, int], list[str]]
Dial = Callable[[str, int, float], socket.socket]


class Undelivered(Exception):
    """There is no answer. The code says why; `sent` says whether the other side may have got the request all the same."""

    def __init__(self, code: str, *, sent: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.sent = sent


class Refused(Undelivered):
    """The request was not made, since it may not be: url, scheme, credentials, host, port, header, unresolved or private."""


@dataclass(frozen=True)
class Response:
    """What the other side answered. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Target:
    """Where a request goes: the parts of its address."""

    secure: bool
    host: str
    port: int
    path: str


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout: float = 5,
    limit: int = LIMIT,
) -> Response:
    """Make a request under the operator's rules, and return the answer whatever its status.

    The timeout is for all of it together. Raises `Refused` for what may not be asked, and `Undelivered` with `unreachable`,
    `tls`, `timeout`, `broken` or `too_large` where no whole answer came.
    """
    guard = Guard(private=settings.REKEY_ALLOW_PRIVATE_ADDRESSES)
    return guard.request(method, url, headers=headers or {}, body=body, timeout=timeout, limit=limit)


def refuse(url: str) -> None:
    """Raise `Refused` for an address that no request would be made to, as far as its text tells; none is made.

    What its name means is asked by the request itself, in a job: a slow name server must hold no page.
    """
    private = settings.REKEY_ALLOW_PRIVATE_ADDRESSES
    target = parse(url, private=private)
    with suppress(ValueError):
        if not private and not is_public(str(ipaddress.ip_address(target.host))):
            raise Refused("private")


def resolved(host: str, port: int) -> list[str]:
    """Return every address of a name, in the system's order of preference."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def dialled(address: str, port: int, timeout: float) -> socket.socket:
    """Open a connection to an address, which is none that would be resolved again."""
    return socket.create_connection((address, port), timeout)


def parse(url: str, *, private: bool = False) -> Target:
    """Take an address apart, or raise `Refused`. Private networks may also be spoken to in clear and on any port.

    >>> parse("https://api.example.com/2010/Messages.json?x=1#y")
    Target(secure=True, host='api.example.com', port=443, path='/2010/Messages.json?x=1')
    >>> parse("https://user@api.example.com/")
    Traceback (most recent call last):
    tenants.shield.egress.Refused: credentials
    """
    if not _TEXT.fullmatch(url):
        raise Refused("url")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("url") from None
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise Refused("scheme")
    if "@" in parts.netloc:
        raise Refused("credentials")
    secure = parts.scheme == "https"
    port = (443 if secure else 80) if port is None else port
    if not (port == 443 or port >= 1024 or (private and port > 0)):
        raise Refused("port")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(secure, _host(parts.hostname or ""), port, path)


def _host(text: str) -> str:
    """Return a name or an address; refuse the many other spellings of an address, such as 0x7f.1."""
    name = text.removesuffix(".")
    if _NAME.fullmatch(name):
        return name
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise Refused("host") from None


@functools.cache
def system_trust() -> ssl.SSLContext:
    """Return what the system trusts; a change of that needs a restart."""
    return ssl.create_default_context()


@dataclass(frozen=True)
class Guard:
    """How requests are made: whether private addresses may be asked and, for tests, what stands for the network."""

    private: bool = False
    resolve: Resolve = resolved
    dial: Dial = dialled
    trust: Callable[[], ssl.SSLContext] = system_trust

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout: float,
        limit: int,
    ) -> Response:
        """Make a request, as the function of this name says."""
        target = parse(url, private=self.private)
        if _OURS & {name.lower() for name in headers}:
            raise Refused("header")
        deadline = time.monotonic() + timeout
        line = self._connected(target, deadline)
        with _cut_at(deadline, line):
            try:
                talk = self._secured(target, line)
            except OSError as problem:
                raise Undelivered(_late(deadline, problem) or "tls") from problem
            with closing(talk):
                return _exchanged(talk, method, target.path, headers, body, limit, deadline)

    def addresses(self, target: Target) -> list[str]:
        """Return the addresses that a name has now, or raise `Refused`."""
        found = self.resolve(target.host, target.port)
        if not found:
            raise Refused("unresolved")
        if not self.private and not all(map(is_public, found)):
            raise Refused("private")
        return found

    def _connected(self, target: Target, deadline: float) -> socket.socket:
        """Connect to one of the addresses that the name has now, all of which must be public."""
        addresses = self.addresses(target)
        for tried, address in enumerate(addresses):
            share = (deadline - time.monotonic()) / (len(addresses) - tried)
            with suppress(OSError):
                if share > 0:
                    return self.dial(address, target.port, share)
        raise Undelivered(_late(deadline) or "unreachable")

    def _secured(self, target: Target, line: socket.socket) -> http.client.HTTPConnection:
        """Speak TLS over the line and check the certificate against the name, unless the request goes in clear."""
        if not target.secure:
            talk = http.client.HTTPConnection(target.host, target.port)
            talk.sock = line
            return talk
        trust = self.trust()
        talk = http.client.HTTPSConnection(target.host, target.port, context=trust)
        talk.sock = trust.wrap_socket(line, server_hostname=target.host)
        return talk


def _exchanged(
    talk: http.client.HTTPConnection,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes | None,
    limit: int,
    deadline: float,
) -> Response:
    """Send the request and read the whole answer, as long as neither time nor size runs out."""
    try:
        talk.request(method, path, body, {"User-Agent": "Rekey", "Connection": "close", **headers})
        with closing(talk.getresponse()) as answer:
            content = answer.read(limit + 1)
            missing = answer.length if len(content) <= limit else 0
    except (
        ValueError
    ) as problem:  # a line break or the like in a header or in the method: nothing has been sent yet
        raise Refused("header") from problem
    except (OSError, http.client.HTTPException) as problem:
        raise Undelivered(_late(deadline, problem) or "broken", sent=True) from problem
    if len(content) > limit:
        raise Undelivered("too_large", sent=True)
    late = _late(deadline)  # a line that was cut looks like an answer that ended
    if late or missing:
        raise Undelivered(late or "broken", sent=True)
    return Response(answer.status, {name.lower(): value for name, value in answer.getheaders()}, content)


def _late(deadline: float, problem: Exception | None = None) -> str:
    return "timeout" if isinstance(problem, TimeoutError) or time.monotonic() >= deadline else ""


@contextmanager
def _cut_at(deadline: float, line: socket.socket) -> Iterator[None]:
    """Cut a line at a moment. A timeout of the socket's own begins anew with every byte that drips in."""
    end = line.dup()

    def cut() -> None:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)

    line.settimeout(max(deadline - time.monotonic(), 0.001))
    timer = Timer(max(deadline - time.monotonic(), 0), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        end.close()
