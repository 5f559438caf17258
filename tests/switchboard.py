"""A carrier of the tests: a server on this machine that speaks Twilio's REST over a real socket, and signs its reports.

What it answers next is queued in `next`: a status, or one of the accidents of a network. Without, it takes what it is asked.
"""

import base64
import hmac
import json
import socket
import struct
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from registration import connecting
from tenants import hosts
from tests.building import HOSTS, Org, browser_of

ACCOUNT, SECRET = "AC00000000000000000000000000000001", "a-secret-of-the-tests"
SENDER = "+4930901820"
#: Accidents: nothing is answered, the answer is cut after its head, or is no JSON; in each the message has been taken.
SILENT, CUT, GARBAGE = "silent", "cut", "garbage"
#: The line is closed before the request was read.
SLAMMED = "slammed"


@dataclass
class Taken:
    """A message or a call that the carrier has taken, with the fields that it was asked by."""

    sid: str
    what: str
    fields: dict[str, str]
    price: str | None = None


@dataclass
class Switchboard:
    """The carrier: what it has taken, what it was asked, and what it answers next."""

    taken: list[Taken] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    next: list[int | str] = field(default_factory=list)
    error: int = 21211
    url: str = ""
    secret: str = SECRET
    lock: Any = field(default_factory=Lock, repr=False)

    def settings(self, **changes: str) -> dict[str, str]:
        """Return what an organization enters about it."""
        given = {
            "account_sid": ACCOUNT,
            "auth_token": self.secret,
            "sender": SENDER,
            "caller": SENDER,
            "base_url": self.url,
        }
        return {**given, **changes}

    def connect(self, *, settings: Mapping[str, str] | None = None, **values: object) -> None:
        """Make it the carrier of the entered organization."""
        connecting.connect(
            {"carrier": "twilio", **values}, settings=settings or self.settings(), actor="tests"
        )
        hosts.forget()  # what a commit does

    def report(self, org: Org, address: str, *, secret: str = "", **fields: str) -> Any:
        """Post a report as the carrier would, signed, and return what it is answered."""
        made = hmac.digest(
            (secret or self.secret).encode(),
            (address + "".join(f"{name}{fields[name]}" for name in sorted(fields))).encode(),
            "sha1",
        )
        return self.post(org, address, base64.b64encode(made).decode(), **fields)

    def post(self, org: Org, address: str, signature: str, **fields: str) -> Any:
        """Post a report under a signature."""
        assert urlsplit(address).hostname == HOSTS[org.schema]
        browser = browser_of(org.schema, **{"X-Twilio-Signature": signature})
        return browser.post(urlsplit(address).path, fields, secure=True)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    board: Switchboard


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    timeout = 10

    @property
    def board(self) -> Switchboard:
        """Whose request it is."""
        assert isinstance(self.server, _Server)
        return self.server.board

    def log_message(self, *args: Any) -> None:
        """Be quiet."""

    def do_POST(self) -> None:
        """Take a message or a call, unless something else is to be answered."""
        answer = self.board.next.pop(0) if self.board.next else 201
        if answer == SLAMMED:
            return self._slam()
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.board.asked.append((self.path, body))
        given = base64.b64encode(f"{ACCOUNT}:{self.board.secret}".encode()).decode()
        if self.headers["Authorization"] != f"Basic {given}":
            return self._answer(401, {"code": 20003})
        if isinstance(answer, int) and answer >= 300:
            return self._answer(answer, {"code": self.board.error, "message": f"wrong: {body}"})
        return self._take(self.path.rpartition("/")[2].removesuffix(".json"), body, answer)

    def do_GET(self) -> None:
        """Tell of a message or a call."""
        self.board.asked.append((self.path, ""))
        sid = self.path.rpartition("/")[2].removesuffix(".json")
        found = next((one for one in self.board.taken if one.sid == sid), None)
        if found is None:
            return self._answer(404, {"code": 20404})
        return self._answer(200, {"sid": sid, "price": found.price, "price_unit": "USD"})

    def _take(self, what: str, body: str, answer: int | str) -> None:
        with self.board.lock:
            sid = f"{'SM' if what == 'Messages' else 'CA'}{len(self.board.taken):032x}"
            self.board.taken.append(Taken(sid, what, dict(parse_qsl(body, keep_blank_values=True))))
        if answer == SILENT:
            time.sleep(2)
        elif answer == GARBAGE:
            self._answer(201, ["nothing"])
        else:
            self._answer(201, {"sid": sid, "status": "queued", "price": None}, cut=answer == CUT)

    def _answer(self, status: int, content: Any, *, cut: bool = False) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) + (100 if cut else 0)))
        self.end_headers()
        self.wfile.write(body)

    def _slam(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True


@contextmanager
def serving() -> Iterator[Switchboard]:
    """Serve one on a free port of this machine."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.board = Switchboard(url=f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.board
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
