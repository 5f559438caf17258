"""What stands between an agent and its portal: who ends TLS, and a proxy on the way out."""

import asyncio
import contextlib
import ssl
import threading
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

Handle = Callable[[Reader, Writer], Awaitable[None]]


@contextlib.contextmanager
def ending_tls(port: int, certificate: Path, key: Path) -> Iterator[int]:
    """End TLS ahead of a port of this machine; give the port that is asked by TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def handle(reader: Reader, writer: Writer) -> None:
        await _join(reader, writer, port)

    with _served(handle, context) as found:
        yield found


class Proxy:
    """An HTTP proxy that makes tunnels to this machine, whatever name is said, and remembers what was asked of it."""

    def __init__(self, refuses: str = "") -> None:
        self.refuses, self.asked = refuses, list[str]()

    @contextlib.contextmanager
    def served(self) -> Iterator[str]:
        """Serve it; give its address."""
        with _served(self._handle, None) as port:
            yield f"http://127.0.0.1:{port}"

    async def _handle(self, reader: Reader, writer: Writer) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, where, _version = head.splitlines()[0].split()
        self.asked.append(f"{method} {where}")
        if self.refuses or method != "CONNECT":
            writer.write(f"HTTP/1.1 {self.refuses or '405 No'}\r\nContent-Length: 0\r\n\r\n".encode())
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await _join(reader, writer, int(where.rpartition(":")[2]))


async def _join(reader: Reader, writer: Writer, port: int) -> None:
    there, back = await asyncio.open_connection("127.0.0.1", port)
    try:
        await asyncio.gather(_copy(reader, back), _copy(there, writer))
    finally:
        await _close(back)


async def _copy(reader: Reader, writer: Writer) -> None:
    with contextlib.suppress(OSError):
        while some := await reader.read(65536):
            writer.write(some)
            await writer.drain()
    writer.close()


async def _close(writer: Writer) -> None:
    writer.close()
    with contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
        await asyncio.wait_for(writer.wait_closed(), 1)


@contextlib.contextmanager
def _served(handle: Handle, context: ssl.SSLContext | None) -> Iterator[int]:
    """Serve connections by a loop in a thread of its own, until the end."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    ports: list[int] = []

    async def each(reader: Reader, writer: Writer) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await handle(reader, writer)
        await _close(writer)

    async def serve() -> None:
        server = await asyncio.start_server(each, "127.0.0.1", 0, ssl=context)
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    main = loop.create_task(serve())

    def run() -> None:
        loop.run_until_complete(main)
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert ready.wait(10)
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(main.cancel)
        thread.join(10)
