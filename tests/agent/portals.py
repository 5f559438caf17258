"""A portal of the tests: a server on this machine that speaks the agents' protocol over a real socket, with its accidents."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from uuid import uuid4

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from rekey_agent.base64url import decoded, encoded
from rekey_agent.keys import Identity, Pair

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
#: The line is cut before, or after, what was asked has been done.
CUT_BEFORE, CUT_AFTER = "cut before", "cut after"
Said = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """What the portal was asked."""

    act: str
    said: Said
    connection: int
    key: bytes


@dataclass
class Desk:
    """The portal: whom it knows, what it was asked, and what it answers next."""

    identity: str = "11111111-1111-1111-1111-111111111111"
    organization: str = "22222222-2222-2222-2222-222222222222"
    domain: str = "33333333-3333-3333-3333-333333333333"
    signing: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    known: bytes = b""
    sealing_key: bytes = b""
    ahead: float = 0.0
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    jobs: list[Said] = field(default_factory=list)
    beat: Said = field(default_factory=dict)
    #: By act, what comes instead of the usual answer: a status and what is said, or an accident.
    next: dict[str, list[tuple[int, Said] | str]] = field(default_factory=dict)
    lock: Any = field(default_factory=Lock, repr=False)

    @property
    def now(self) -> float:
        """Its time."""
        return time.time() + self.ahead

    def knows(self, pair: Pair) -> None:
        """Know an agent by its keys."""
        self.known = pair.signing.public_key().public_bytes_raw()
        self.sealing_key = pair.sealing.public_key().public_bytes_raw()

    def identity_of(self, pair: Pair, **changes: Any) -> Identity:
        """Return what an agent that enrolled here knows."""
        self.knows(pair)
        given: Said = {
            "agent": self.identity,
            "organization": self.organization,
            "domain": self.domain,
            "domain_name": "corp.contoso.example",
            "current": pair,
            "portal_keys": (self.signing.public_key().public_bytes_raw(),),
        }
        return Identity(**{**given, **changes})

    def job(
        self, operation: str = "reset", *, sealed_to: bytes = b"", by: Any = None, **changes: Any
    ) -> Said:
        """Return a job as a claim gives it."""
        secret = changes.pop("secret", {"password": "Neu-und-9-lang", "old": ""})
        more = {
            name: changes.pop(name)
            for name in ("attempt", "before", "lease_seconds", "id")
            if name in changes
        }
        about: Said = {
            "v": 1,
            "job": str(uuid4()),
            "organization": self.organization,
            "domain": self.domain,
            "agent": self.identity,
            "guid": "guid-of-adele",
            "operation": operation,
            "expires": int(self.now) + 60,
            **changes,
        }
        context = json.dumps(about, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        key = X25519PublicKey.from_public_bytes(sealed_to or self.sealing_key)
        envelope = SUITE.encrypt(json.dumps(secret).encode(), key, info=b"rekey-job-v1\n" + context.encode())
        message = b"rekey-job-v1\n" + sha256(context.encode()).digest() + sha256(envelope).digest()
        return {
            "id": about["job"],
            "context": context,
            "envelope": encoded(envelope),
            "signature": encoded((by or self.signing).sign(message)),
            "attempt": 1,
            "lease_seconds": 4,
            "before": None,
            **more,
        }

    def acts(self, *names: str) -> list[Said]:
        """Return what was said in acts of these names."""
        return [each.said for each in self.asked if each.act in names]

    def order(self) -> list[str]:
        """Return the acts about jobs in their order."""
        return [each.act for each in self.asked if each.act in {"claim", "intent", "result"}]

    def waited_for(self, found: Callable[[], object], seconds: float = 15.0) -> None:
        """Wait until something is so."""
        ends = time.monotonic() + seconds
        while not found():
            assert time.monotonic() < ends, [each.act for each in self.asked]
            time.sleep(0.01)

    def answer(self, asked: Asked) -> tuple[int, Said]:
        """Answer as a portal does that knows one agent."""
        if asked.act == "enrol":
            self.known, self.sealing_key = (
                decoded(asked.said[name]) for name in ("signing_key", "sealing_key")
            )
            return 200, {
                "agent": self.identity,
                "organization": self.organization,
                "domain": self.domain,
                "domain_name": "corp.contoso.example",
                "deployment": "connect",
                "portal_key": encoded(self.signing.public_key().public_bytes_raw()),
                "wait_url": "",
            }
        if asked.act == "roll":
            self.known, self.sealing_key = (
                decoded(asked.said[name]) for name in ("signing_key", "sealing_key")
            )
        answers: dict[str, Said] = {
            "heartbeat": {
                "wait_url": "",
                "roll": False,
                "portal_keys": [],
                "bring": False,
                "position": {},
                **self.beat,
            },
            "wait": {"job": bool(self.jobs), "retry_after": 0.05},
            "people": {"taken": len(asked.said.get("rows", [])), "flaws": []},
        }
        if asked.act == "claim":
            return 200, {"job": self.jobs.pop(0) if self.jobs else None}
        return 200, answers.get(asked.act, {})


@contextmanager
def portal() -> Iterator[Desk]:
    """Serve a portal."""
    desk = Desk()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            act = self.path.rpartition("/")[2]
            with desk.lock:
                refusal, key = self._refusal(body)
                asked = Asked(act, json.loads(body), self.client_address[1], key)
                desk.asked.append(asked)
                queued = desk.next.get(act) or []
                accident = queued.pop(0) if queued else None
                if accident == CUT_BEFORE:
                    self.close_connection = True
                    return
                status, said = refusal or (accident if isinstance(accident, tuple) else desk.answer(asked))
            if accident == CUT_AFTER:
                self.close_connection = True
                return
            raw = json.dumps({"now": desk.now, **said}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def _refusal(self, body: bytes) -> tuple[tuple[int, Said] | None, bytes]:
            agent, at, signature = self.headers["Rekey-Agent"].split(";")
            key = decoded(json.loads(body)["signing_key"]) if agent == "enrol" else desk.known
            text = f"rekey-agent-v1\n{self.path}\n{agent}\n{at}\n{sha256(body).hexdigest()}"
            try:
                Ed25519PublicKey.from_public_bytes(key).verify(decoded(signature), text.encode())
            except InvalidSignature:
                return (401, {"error": "signature", "text": "Not signed by this agent."}), key
            if abs(desk.now - int(at)) > 60:
                return (401, {"error": "clock", "text": "The clock is off."}), key
            return None, key

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base's name
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            return  # a client that is ended lets go of its connection as it likes

    server = Server(("127.0.0.1", 0), Handler)
    desk.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield desk
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
