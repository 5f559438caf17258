"""A name server on this machine, over UDP and TCP, that knows a few texts, with the accidents that real ones have."""

import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

REFUSED = dns.rcode.REFUSED
SERVFAIL = dns.rcode.SERVFAIL
#: What an answer over UDP may be long without being agreed on (RFC 1035).
_MOST = 512
_ALIAS = "elsewhere.example."


class NameServer:
    """What it answers: texts by name; `code` in place of any answer, `broken` bytes in place of a message, by the
    way that it goes.
    """

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.asked: list[tuple[str, str]] = []
        self.code: int = dns.rcode.NOERROR
        self.broken: Mapping[str, bytes] = {}
        self.wrong_number = False

    def answer(self, message: bytes, way: str) -> bytes:
        """Return the message that answers another; texts stand behind an alias."""
        asked = dns.message.from_wire(message)
        name = asked.question[0].name.to_text().removesuffix(".")
        self.asked.append((way, name))
        if way in self.broken:
            return self.broken[way]
        said = dns.message.make_response(asked, recursion_available=True)
        said.id ^= self.wrong_number
        found = self.texts.get(name)
        here = dns.rcode.NOERROR if found is not None else dns.rcode.NXDOMAIN
        said.set_rcode(dns.rcode.Rcode(self.code or here))
        if found:
            said.answer = [
                dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", _ALIAS),
                dns.rrset.from_text_list(_ALIAS, 60, "IN", "TXT", [_quoted(text) for text in found]),
            ]
        whole = said.to_wire()
        if way == "udp" and len(whole) > _MOST:
            said.answer, said.flags = [], said.flags | dns.flags.TC
            return said.to_wire()
        return whole


def _quoted(text: str) -> str:
    """Return a text as a zone file has it, in pieces of at most 255 bytes."""
    content = text.encode()
    pieces = [content[at : at + 255] for at in range(0, len(content), 255)] or [b""]
    return " ".join('"' + "".join(f"\\{byte:03d}" for byte in piece) + '"' for piece in pieces)


@contextmanager
def name_server() -> Iterator[tuple[NameServer, int]]:
    """Serve within the block; yield the server and its port."""
    knows = NameServer()

    class Line(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            length = int.from_bytes(self.rfile.read(2), "big")
            answer = knows.answer(self.rfile.read(length), "tcp")
            self.wfile.write(len(answer).to_bytes(2, "big") + answer)

    class Packet(socketserver.DatagramRequestHandler):
        def handle(self) -> None:
            self.wfile.write(knows.answer(self.rfile.read(), "udp"))

    with ExitStack() as stack:
        lines, packets = _both(Line, Packet, stack)
        for server in (lines, packets):
            thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
        yield knows, int(lines.server_address[1])


def _both(
    line: type[socketserver.BaseRequestHandler],
    packet: type[socketserver.BaseRequestHandler],
    stack: ExitStack,
) -> tuple[socketserver.TCPServer, socketserver.UDPServer]:
    """Return a server of each kind on one port, which the other kind may have taken: then another is tried."""
    while True:
        lines = socketserver.ThreadingTCPServer(("127.0.0.1", 0), line)
        lines.daemon_threads = True
        try:
            packets = socketserver.ThreadingUDPServer(("127.0.0.1", int(lines.server_address[1])), packet)
        except OSError:
            lines.server_close()
            continue
        packets.daemon_threads = True
        return stack.enter_context(lines), stack.enter_context(packets)
