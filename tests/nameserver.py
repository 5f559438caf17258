"""A name server on this machine, over TCP, that knows a few texts, with the accidents that real ones have."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

REFUSED, NO_SUCH_NAME = 5, 3


class NameServer:
    """What it answers: texts by name; `code` in place of any answer, `broken` bytes in place of a message."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.asked: list[str] = []
        self.code = 0
        self.broken: bytes | None = None
        self.wrong_number = False

    def answer(self, message: bytes) -> bytes:
        """Return the message that answers another."""
        (number,) = struct.unpack_from("!H", message)
        name, end = _name(message, 12)
        self.asked.append(name)
        if self.broken is not None:
            return self.broken
        found = self.texts.get(name)
        code = self.code or (0 if found is not None else NO_SUCH_NAME)
        records = b"".join(_record(text) for text in found or [])
        count = len(found or []) + 1  # the first of them says that the name is another's alias
        header = struct.pack("!6H", number ^ self.wrong_number, 0x8180 | code, 1, count, 0, 0)
        alias = b"\xc0\x0c" + struct.pack("!HHIH", 5, 1, 60, 2) + b"\xc0\x0c"
        return header + message[12 : end + 4] + alias + records


def _name(message: bytes, at: int) -> tuple[str, int]:
    labels = []
    while length := message[at]:
        labels.append(message[at + 1 : at + 1 + length].decode())
        at += length + 1
    return ".".join(labels), at + 1


def _record(text: str) -> bytes:
    content = text.encode()
    pieces = [content[at : at + 255] for at in range(0, len(content), 255)] or [b""]
    body = b"".join(bytes([len(piece)]) + piece for piece in pieces)
    return b"\xc0\x0c" + struct.pack("!HHIH", 16, 1, 60, len(body)) + body


@contextmanager
def name_server() -> Iterator[tuple[NameServer, int]]:
    """Serve within the block; yield the server and its port."""
    knows = NameServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            length = int.from_bytes(self.rfile.read(2), "big")
            answer = knows.answer(self.rfile.read(length))
            self.wfile.write(len(answer).to_bytes(2, "big") + answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield knows, server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
