"""No request leaves for an inner address, whatever the name says, and none waits or reads for ever."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from tenants.shield import egress
from tenants.shield.addresses import is_public
from tenants.shield.egress import Guard, Refused, Response, Undelivered, parse

PUBLIC, OTHER_PUBLIC, PRIVATE = "9.9.9.9", "2620:fe::fe", "10.0.0.1"
NAME = "carrier.example"
Talk = Callable[[ssl.SSLSocket], None]


class Authority:
    """A certificate authority of our own, and certificates for a name or an address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        ca = x509.BasicConstraints(ca=True, path_length=None)
        self.certificate = self._signed(self.name, self.key.public_key(), (ca, True))

    def trust(self) -> ssl.SSLContext:
        pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()
        return ssl.create_default_context(cadata=pem)

    def server(self, *names: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test server")])
        alternatives = x509.SubjectAlternativeName([_general(name) for name in names])
        certificate = self._signed(subject, key.public_key(), (alternatives, False))
        path = self.folder / f"{names[0]}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, extension: tuple[x509.ExtensionType, bool]
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(issuer_name=self.name, subject_name=subject, public_key=key)
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        return builder.add_extension(extension[0], critical=extension[1]).sign(self.key, hashes.SHA256())


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class Server:
    """An HTTPS server that answers each connection as it is told, and remembers what it was asked."""

    def __init__(self, context: ssl.SSLContext, talk: Talk) -> None:
        self.context, self.talk = context, talk
        self.asked: list[bytes] = []
        self.names: list[str | None] = []
        context.sni_callback = lambda _socket, name, _context: self.names.append(name)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=[line], daemon=True).start()

    def _answer(self, line: socket.socket) -> None:
        with suppress(OSError), line, self.context.wrap_socket(line, server_side=True) as secured:
            asked = secured.makefile("rb")
            head = b""
            while (part := asked.readline()) not in {b"\r\n", b""}:
                head += part
            if not head:
                return
            size = next((line for line in head.splitlines() if line.startswith(b"Content-Length: ")), b"x: 0")
            self.asked.append(head + b"\r\n" + asked.read(int(size.partition(b": ")[2])))
            self.talk(secured)

    def dial(self, address: str, port: int, timeout: float) -> socket.socket:
        """Stand for the network: every address leads here."""
        return socket.create_connection(("127.0.0.1", self.port), timeout)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def serve(authority: Authority) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(talk: Talk, *names: str) -> Server:
        servers.append(Server(authority.server(*(names or (NAME,))), talk))
        return servers[-1]

    yield start
    for server in servers:
        server.listener.close()


def says(answer: bytes) -> Talk:
    """Answer with these bytes and hang up."""
    return lambda line: line.sendall(answer)


def plain(body: bytes = b"ok", status: str = "200 OK", headers: str = "") -> Talk:
    """Answer as a decent server does."""
    return says(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body)


def ask(guard: Guard, url: str = f"https://{NAME}/path?x=1", **options: object) -> Response:
    """Make a request with the options that a test is not about."""
    chosen = {"headers": {}, "body": None, "timeout": 5.0, "limit": 1000, **options}
    return guard.request("POST", url, **chosen)  # type: ignore[arg-type]


def code(caught: pytest.ExceptionInfo[Undelivered]) -> tuple[str, bool]:
    """Return what an error says."""
    return caught.value.code, caught.value.sent


class TestAnswers:
    """A server that may be asked."""

    @pytest.fixture
    def guarded(self, authority: Authority) -> Callable[[Server], Guard]:
        def make(server: Server) -> Guard:
            return Guard(resolve=lambda host, port: [PUBLIC], dial=server.dial, trust=authority.trust)

        return make

    def test_the_name_is_asked_for_and_the_answer_comes_back(
        self, serve: Callable[..., Server], guarded: Callable[[Server], Guard]
    ) -> None:
        server = serve(plain(b'{"sid": "1"}', "201 Created", "X-Id: 7\r\n"))
        response = ask(guarded(server), body=b"To=1", headers={"Authorization": "Basic eDp5"})
        assert (response.status, response.headers["x-id"], response.body) == (201, "7", b'{"sid": "1"}')
        assert server.names == [NAME]
        head, _, body = server.asked[0].partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        assert lines[0] == "POST /path?x=1 HTTP/1.1"
        assert {
            f"Host: {NAME}",
            "Content-Length: 4",
            "Authorization: Basic eDp5",
            "Connection: close",
        } <= set(lines)
        assert body == b"To=1"

    def test_a_redirect_is_an_answer_and_not_a_way(
        self, serve: Callable[..., Server], guarded: Callable[[Server], Guard]
    ) -> None:
        server = serve(plain(b"", "302 Found", "Location: https://127.0.0.1/\r\n"))
        assert ask(guarded(server)).status == 302
        assert len(server.asked) == 1

    @pytest.mark.parametrize(
        "answer",
        [
            b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000,
            b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2000,
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n" + b"x" * 0x400 + b"\r\n0\r\n\r\n",
        ],
    )
    def test_a_large_answer_is_not_read(
        self, serve: Callable[..., Server], guarded: Callable[[Server], Guard], answer: bytes
    ) -> None:
        with pytest.raises(Undelivered) as caught:
            ask(guarded(serve(says(answer))))
        assert code(caught) == ("too_large", True)

    def test_an_answer_of_just_the_limit_is_read(
        self, serve: Callable[..., Server], guarded: Callable[[Server], Guard]
    ) -> None:
        assert len(ask(guarded(serve(plain(b"x" * 1000)))).body) == 1000

    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"SSH-2.0\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nshort",
            b"HTTP/1.1 200 OK\r\n" * 300,
        ],
    )
    def test_half_an_answer_is_none(
        self, serve: Callable[..., Server], guarded: Callable[[Server], Guard], answer: bytes
    ) -> None:
        with pytest.raises(Undelivered) as caught:
            ask(guarded(serve(says(answer))))
        assert code(caught) == ("broken", True)

    @pytest.mark.parametrize(
        ("first", "drop"),
        [
            (b"", b""),
            (b"HTTP/1.1 200 OK\r\n", b"X-A: 1\r\n"),
            (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", b"x"),
            (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        ],
    )
    def test_an_answer_that_drips_is_cut_off(
        self, serve: Callable[..., Server], guarded: Callable[[Server], Guard], first: bytes, drop: bytes
    ) -> None:
        """Each byte in time, all of them too late."""

        def drip(line: ssl.SSLSocket) -> None:
            line.sendall(first)
            for _ in range(60):
                time.sleep(0.05)
                line.sendall(drop)

        begun = time.monotonic()
        with pytest.raises(Undelivered) as caught:
            ask(guarded(serve(drip)), timeout=0.5)
        assert code(caught) == ("timeout", True)
        assert 0.4 < time.monotonic() - begun < 2

    def test_a_handshake_that_hangs_is_cut_off(self, authority: Authority) -> None:
        with socket.create_server(("127.0.0.1", 0)) as mute:

            def dial(address: str, port: int, timeout: float) -> socket.socket:
                return socket.create_connection(mute.getsockname(), timeout)

            with pytest.raises(Undelivered) as caught:
                ask(Guard(resolve=lambda host, port: [PUBLIC], dial=dial, trust=authority.trust), timeout=0.3)
        assert code(caught) == ("timeout", False)

    def test_a_certificate_for_another_name_is_not_taken(
        self, serve: Callable[..., Server], guarded: Callable[[Server], Guard]
    ) -> None:
        server = serve(plain(), "other.example", PUBLIC)
        with pytest.raises(Undelivered) as caught:
            ask(guarded(server))
        assert code(caught) == ("tls", False)
        assert server.asked == []

    def test_a_certificate_of_an_unknown_authority_is_not_taken(self, serve: Callable[..., Server]) -> None:
        server = serve(plain())
        with pytest.raises(Undelivered) as caught:
            ask(Guard(resolve=lambda host, port: [PUBLIC], dial=server.dial))
        assert code(caught) == ("tls", False)

    def test_a_public_address_may_be_named_itself(
        self, serve: Callable[..., Server], guarded: Callable[[Server], Guard]
    ) -> None:
        assert ask(guarded(serve(plain(), PUBLIC)), f"https://{PUBLIC}/").status == 200

    @pytest.mark.parametrize(
        "headers",
        [
            {"X-A": "1\r\nX-B: 2"},
            {"X-A\r\nX-B": "1"},
            {"Host": "inner"},
            {"transfer-encoding": "chunked"},
            {"X": "ü€"},
        ],
    )
    def test_a_header_cannot_smuggle(
        self, serve: Callable[..., Server], guarded: Callable[[Server], Guard], headers: dict[str, str]
    ) -> None:
        server = serve(plain())
        with pytest.raises(Refused, match="header"):
            ask(guarded(server), headers=headers)
        assert server.asked == []


class TestPlaces:
    """Where a request may go."""

    @pytest.mark.parametrize(
        ("addresses", "expected"),
        [
            ([], "unresolved"),
            ([PRIVATE], "private"),
            ([PUBLIC, PRIVATE], "private"),
            ([PRIVATE, PUBLIC], "private"),
            (["::ffff:10.0.0.1"], "private"),
            (["fe80::1%2"], "private"),
            (["169.254.169.254"], "private"),
        ],
    )
    def test_one_inner_address_is_enough_to_refuse(self, addresses: list[str], expected: str) -> None:
        def dial(address: str, port: int, timeout: float) -> socket.socket:
            raise AssertionError(address)

        with pytest.raises(Refused) as caught:
            ask(Guard(resolve=lambda host, port: addresses, dial=dial))
        assert code(caught) == (expected, False)

    def test_a_name_that_changes_its_meaning_is_still_connected_to_what_was_checked(
        self, serve: Callable[..., Server], authority: Authority
    ) -> None:
        """The second answer of the name would be an inner address; nobody asks a second time."""
        server, meanings, dialled = serve(plain()), iter([[PUBLIC], [PRIVATE]]), []

        def dial(address: str, port: int, timeout: float) -> socket.socket:
            dialled.append((address, port))
            return server.dial(address, port, timeout)

        guard = Guard(resolve=lambda host, port: next(meanings), dial=dial, trust=authority.trust)
        assert ask(guard).status == 200
        assert dialled == [(PUBLIC, 443)]
        with pytest.raises(Refused, match="private"):
            ask(guard)
        assert dialled == [(PUBLIC, 443)]

    def test_the_next_address_is_tried_when_one_does_not_answer(
        self, serve: Callable[..., Server], authority: Authority
    ) -> None:
        server, dialled = serve(plain()), []

        def dial(address: str, port: int, timeout: float) -> socket.socket:
            dialled.append(address)
            if address == OTHER_PUBLIC:
                raise ConnectionRefusedError
            return server.dial(address, port, timeout)

        both = [OTHER_PUBLIC, PUBLIC]
        assert ask(Guard(resolve=lambda host, port: both, dial=dial, trust=authority.trust)).status == 200
        assert dialled == both
        with pytest.raises(Undelivered) as caught:
            ask(Guard(resolve=lambda host, port: both[:1], dial=dial))
        assert code(caught) == ("unreachable", False)

    @pytest.mark.parametrize(
        "host",
        [
            "localhost",
            "127.0.0.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "127.0.0.1.",
            "10.0.0.1",
            "169.254.169.254",
            "[fd00::1]",
        ],
    )
    def test_the_systems_own_resolver_finds_inner_addresses_too(self, host: str) -> None:
        with pytest.raises(Refused) as caught:
            ask(Guard(), f"https://{host}/")
        assert caught.value.code in {"private", "host"}

    def test_an_operator_may_allow_what_is_inside(
        self,
        serve: Callable[..., Server],
        authority: Authority,
        settings: Settings,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Then the real resolver and the real connection are used."""
        monkeypatch.setattr(egress, "Guard", lambda private: Guard(private=private, trust=authority.trust))
        server = serve(plain(), "localhost", "127.0.0.1")
        url = f"https://127.0.0.1:{server.port}/"
        settings.REKEY_ALLOW_PRIVATE_ADDRESSES = False
        with pytest.raises(Refused, match="private"):
            egress.request("GET", url)
        settings.REKEY_ALLOW_PRIVATE_ADDRESSES = True
        assert egress.request("GET", url).body == b"ok"

    def test_an_inner_server_may_be_asked_in_clear(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:

            def answer() -> None:
                line, _ = server.accept()
                with line:
                    line.recv(4096)
                    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

            threading.Thread(target=answer, daemon=True).start()
            response = ask(Guard(private=True), f"http://127.0.0.1:{server.getsockname()[1]}/")
        assert response.body == b"ok"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://carrier.example/", "scheme"),
        ("ftp://carrier.example/", "scheme"),
        ("//carrier.example/", "scheme"),
        ("carrier.example", "scheme"),
        ("", "url"),
        ("https://carrier.example/a b", "url"),
        ("https://carrier.example/\r\nX: 1", "url"),
        ("https://carrier.example\\@inner/", "url"),
        ("https://cärrier.example/", "url"),
        ("https://carrier.example:x/", "url"),
        ("https://carrier.example:99999/", "url"),
        ("https://[::1/", "url"),
        ("https://user@carrier.example/", "credentials"),
        ("https://:secret@carrier.example/", "credentials"),
        ("https://@carrier.example/", "credentials"),
        ("https://carrier.example:22/", "port"),
        ("https://carrier.example:80/", "port"),
        ("https://carrier.example:0/", "port"),
        ("https:///path", "host"),
        ("https://2130706433/", "host"),
        ("https://0x7f000001/", "host"),
        ("https://0x7f.1/", "host"),
        ("https://127.1/", "host"),
        ("https://0177.0.0.1/", "host"),
        ("https://carrier..example/", "host"),
        ("https://-carrier.example/", "host"),
        ("https://carrier%2eexample/", "host"),
        ("https://" + "a." * 130 + "example/", "host"),
    ],
)
def test_an_address_that_may_not_be_asked_is_refused_before_it_is_looked_up(url: str, expected: str) -> None:
    with pytest.raises(Refused) as caught:
        parse(url)
    assert caught.value.code == expected


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("https://Carrier.Example", "carrier.example", 443, "/"),
        ("HTTPS://carrier.example.:8443/a?b=c#d", "carrier.example", 8443, "/a?b=c"),
        ("https://[2620:FE:0::fe]/", "2620:fe::fe", 443, "/"),
        ("https://_sip.carrier.xn--p1ai/%20", "_sip.carrier.xn--p1ai", 443, "/%20"),
    ],
)
def test_an_address_is_taken_apart(url: str, host: str, port: int, path: str) -> None:
    target = parse(url)
    assert (target.secure, target.host, target.port, target.path) == (True, host, port, path)


def test_what_is_private_may_be_in_clear_and_on_any_port() -> None:
    assert parse("http://carrier.example/", private=True).port == 80
    assert parse("https://carrier.example:22/", private=True).port == 22
    with pytest.raises(Refused, match="port"):
        parse("https://carrier.example:0/", private=True)


@given(st.ip_addresses())
def test_what_is_public_is_global(address: object) -> None:
    """Never looser than Python's own list, whichever release it is from."""
    found = ip_address(str(address))
    if is_public(str(address)) and getattr(found, "ipv4_mapped", None) is None:
        assert found.is_global
        assert not (found.is_private or found.is_multicast or found.is_loopback or found.is_link_local)


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_by_what_it_carries(address: object) -> None:
    assert is_public(f"::ffff:{address}") == is_public(str(address))


@given(st.text())
def test_any_text_is_refused_or_taken_apart(text: str) -> None:
    for url in (text, f"https://{text}", f"https://{text}/"):
        with suppress(Refused):
            parse(url)
