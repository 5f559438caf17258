"""An LDAP server byte by byte (RFC 4511, in BER): it answers as a script says, and keeps what it was sent.

For what no directory here does: Windows' answers, controls that Samba does not know, and lines that are cut at a moment.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from config.demo.samba import certificates
from rekey_agent.directories.directory import DirectorySettings

BIND, SEARCH, MODIFY, UNBIND = 0x60, 0x63, 0x66, 0x42
_ANSWERS = {BIND: 0x61, SEARCH: 0x65, MODIFY: 0x67}
#: Instead of an answer, the line is cut, or nothing comes.
CUT, SILENCE = "cut", "silence"
BASE = "DC=corp,DC=example"
GUID = "11223344-5566-7788-99aa-bbccddeeff00"


@dataclass(frozen=True)
class Control:
    """A control of a request."""

    oid: str
    critical: bool
    value: bytes


@dataclass(frozen=True)
class Request:
    """What was sent."""

    kind: int
    body: bytes
    controls: tuple[Control, ...]


@dataclass(frozen=True)
class Answer:
    """A result, its text, and for a search the one entry that is found."""

    result: int = 0
    message: str = ""
    entry: dict[str, list[bytes]] | None = None


Script = Callable[[Request], Answer | str]


def tlv(tag: int, content: bytes) -> bytes:
    """Encode one element."""
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x80 | 4]) + size.to_bytes(4, "big")
    return bytes([tag]) + length + content


def elements(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Decode elements one after the other."""
    while content:
        tag, size, at = content[0], content[1], 2
        if size & 0x80:
            more = size & 0x7F
            size, at = int.from_bytes(content[2 : 2 + more], "big"), 2 + more
        yield tag, content[at : at + size]
        content = content[at + size :]


def parsed(message: bytes) -> tuple[bytes, Request]:
    """Return a message's id and what it asks."""
    (_tag, number), (kind, body), *rest = elements(message)
    controls = []
    for tag, content in rest:
        if tag == 0xA0:
            for _sequence, parts in elements(content):
                oid, critical, value = "", False, b""
                for part, bytes_ in elements(parts):
                    if part == 0x01:
                        critical = bytes_ != b"\0"
                    elif oid:
                        value = bytes_
                    else:
                        oid = bytes_.decode()
                controls.append(Control(oid, critical, value))
    return number, Request(kind, body, tuple(controls))


def answered(number: bytes, request: Request, answer: Answer) -> bytes:
    """Return the messages of an answer."""
    whole = b""
    if request.kind == SEARCH and answer.entry is not None:
        attributes = b"".join(
            tlv(0x30, tlv(0x04, name.encode()) + tlv(0x31, b"".join(tlv(0x04, one) for one in values)))
            for name, values in answer.entry.items()
        )
        entry = tlv(0x64, tlv(0x04, f"CN=adele,{BASE}".encode()) + tlv(0x30, attributes))
        whole += tlv(0x30, tlv(0x02, number) + entry)
    result = tlv(0x0A, bytes([answer.result])) + tlv(0x04, b"") + tlv(0x04, answer.message.encode())
    return whole + tlv(0x30, tlv(0x02, number) + tlv(_ANSWERS[request.kind], result))


@dataclass
class ByteServer:
    """The server, while it runs."""

    folder: Path
    port: int
    script: Script
    seen: list[Request] = field(default_factory=list)

    @property
    def settings(self) -> DirectorySettings:
        """How an agent reaches it."""
        return DirectorySettings(
            kind="active_directory",
            url=f"ldaps://127.0.0.1:{self.port}",
            bind_dn=f"CN=svc,{BASE}",
            password="Serv1ce-Passw0rd!",
            base=BASE,
            ous=(BASE,),
            ca_file=str(self.folder / "ca.pem"),
            receive_timeout=1,
        )

    def modifies(self) -> list[Request]:
        """Return the requests that change something."""
        return [one for one in self.seen if one.kind == MODIFY]

    def serve(self, line: ssl.SSLSocket) -> None:
        """Answer one connection until it ends."""
        with line, suppress(OSError):
            while (message := _message(line)) is not None:
                number, request = parsed(message)
                self.seen.append(request)
                if request.kind == UNBIND:
                    return
                answer = self.script(request)
                if answer == CUT:
                    return
                if isinstance(answer, Answer):
                    line.sendall(answered(number, request, answer))


@contextmanager
def running(folder: Path, script: Script, *, name: str = "dc1.corp.example") -> Iterator[ByteServer]:
    """Run one."""
    certificates.issue(folder, name, "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = ByteServer(folder, listening.getsockname()[1], script)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    plain, _address = listening.accept()
                    threading.Thread(target=_served, args=(server, context, plain), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def _served(server: ByteServer, context: ssl.SSLContext, plain: socket.socket) -> None:
    try:
        line = context.wrap_socket(plain, server_side=True)
    except OSError:
        plain.close()
        return
    server.serve(line)


def _message(line: ssl.SSLSocket) -> bytes | None:
    head = _exactly(line, 2)
    if head is None:
        return None
    size = head[1]
    if size & 0x80:
        more = _exactly(line, size & 0x7F)
        if more is None:
            return None
        size = int.from_bytes(more, "big")
    return _exactly(line, size)


def _exactly(line: ssl.SSLSocket, size: int) -> bytes | None:
    found = b""
    while len(found) < size:
        more = line.recv(size - len(found))
        if not more:
            return None
        found += more
    return found
