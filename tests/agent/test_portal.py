"""The portal as it is asked: signed, over one connection, by the portal's own time; and what its failures are called."""

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from rekey_agent.keys import Identity, Pair
from rekey_agent.portal import Clock, Portal, PortalDown, Refused
from tests.agent.fronts import Proxy, ending_tls
from tests.agent.portals import CUT_AFTER, CUT_BEFORE, Desk


@pytest.fixture
def portal(desk: Desk, identity: Identity) -> Portal:
    return Portal(desk.url)


def ask(portal: Portal, identity: Identity, act: str = "claim", **more: Any) -> dict[str, Any]:
    return portal.ask(act, {}, agent=identity.agent, pair=identity.current, **more)


def test_many_requests_go_over_one_connection_without_delay(
    desk: Desk, portal: Portal, identity: Identity
) -> None:
    for _ in range(5):
        ask(portal, identity)
    assert len({each.connection for each in desk.asked}) == 1
    pool = portal._pool.connection_from_url(desk.url)
    connection = pool.pool.get()  # type: ignore[union-attr]
    assert connection.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
    assert connection.sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) != 0
    connection.close()


@pytest.mark.parametrize("ahead", [-600.0, 600.0, 86400.0])
def test_a_clock_that_is_off_is_set_by_the_portals_and_the_request_repeated(
    desk: Desk, portal: Portal, identity: Identity, ahead: float
) -> None:
    desk.ahead = ahead
    assert ask(portal, identity)["job"] is None
    assert [each.act for each in desk.asked] == ["claim", "claim"]
    assert abs(portal.clock.now() - desk.now) < 1
    ask(portal, identity)
    assert len(desk.asked) == 3


def test_it_is_repeated_once(desk: Desk, portal: Portal, identity: Identity) -> None:
    desk.next["claim"] = [(401, {"error": "clock", "text": ""})] * 3
    with pytest.raises(Refused) as refused:
        ask(portal, identity)
    assert (refused.value.code, len(desk.asked)) == ("clock", 2)


def test_the_machines_own_date_plays_no_part_after_that(
    desk: Desk, portal: Portal, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(portal, identity)
    now = portal.clock.now()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert abs(portal.clock.now() - now) < 1


@pytest.mark.parametrize("now", [float("nan"), float("inf"), "1000", None, [1]])
def test_a_time_that_is_none_sets_nothing(now: object) -> None:
    clock = Clock()
    clock.set(1000)
    clock.set(now)
    assert 999 < clock.now() < 1010


@pytest.mark.parametrize("accident", [CUT_BEFORE, CUT_AFTER])
def test_a_connection_that_was_let_go_of_is_made_anew(
    desk: Desk, portal: Portal, identity: Identity, accident: str
) -> None:
    ask(portal, identity)
    desk.next["claim"] = [accident]
    assert ask(portal, identity)["job"] is None


def test_one_that_breaks_again_is_a_portal_that_is_down(
    desk: Desk, portal: Portal, identity: Identity
) -> None:
    desk.next["claim"] = [CUT_AFTER] * 2
    with pytest.raises(PortalDown, match="the connection broke"):
        ask(portal, identity)


def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(PortalDown, match=f"127.0.0.1:{port} does not answer: nobody listens there"):
        Portal(f"http://127.0.0.1:{port}").ask("claim", {}, agent="a", pair=Pair.new())


def test_no_answer_in_time(identity: Identity) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        portal = Portal(f"http://127.0.0.1:{mute.getsockname()[1]}")
        with pytest.raises(PortalDown, match="no answer in time"):
            ask(portal, identity, read=0.1)


@pytest.mark.parametrize(
    ("status", "said"), [(500, {"error": "x"}), (502, {}), (404, {}), (302, {}), (403, {"detail": "proxy"})]
)
def test_what_is_no_answer_of_a_portals(
    desk: Desk, portal: Portal, identity: Identity, status: int, said: dict[str, Any]
) -> None:
    desk.next["claim"] = [(status, said)]
    with pytest.raises(PortalDown, match=f"the portal answers {status}"):
        ask(portal, identity)


def test_an_answer_without_an_end_is_none(desk: Desk, portal: Portal, identity: Identity) -> None:
    desk.next["claim"] = [(200, {"job": "x" * 1_000_001})]
    with pytest.raises(PortalDown, match="not as a portal does"):
        ask(portal, identity)
    assert ask(portal, identity)["job"] is None


def test_a_refusal_has_its_code_and_its_wait(desk: Desk, portal: Portal, identity: Identity) -> None:
    desk.next["claim"] = [(429, {"error": "too_often", "text": "Wait.", "retry_after": 7})]
    with pytest.raises(Refused) as refused:
        ask(portal, identity)
    assert (refused.value.code, refused.value.retry_after, str(refused.value)) == (
        "too_often",
        7.0,
        "too_often: Wait.",
    )


def test_a_request_by_another_key_is_refused(desk: Desk, portal: Portal, identity: Identity) -> None:
    with pytest.raises(Refused) as refused:
        portal.ask("claim", {}, agent=identity.agent, pair=Pair.new())
    assert refused.value.code == "signature"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate of one's own for localhost; its key stands beside it."""
    folder, key = tmp_path_factory.mktemp("tls"), ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "cert.pem"


@pytest.fixture
def by_tls(desk: Desk, certificate: Path) -> Iterator[int]:
    """Serve the portal by TLS; its port."""
    port = int(desk.url.rpartition(":")[2])
    with ending_tls(port, certificate, certificate.with_name("key.pem")) as found:
        yield found


def test_a_certificate_that_the_file_vouches_for_is_spoken_to(
    by_tls: int, certificate: Path, identity: Identity
) -> None:
    portal = Portal(f"https://localhost:{by_tls}", ca_file=str(certificate))
    assert ask(portal, identity)["job"] is None
    portal.close()


def test_one_that_nobody_vouches_for_is_not(by_tls: int, identity: Identity) -> None:
    with pytest.raises(PortalDown, match=r"TLS fails .*CERTIFICATE_VERIFY_FAILED"):
        ask(Portal(f"https://localhost:{by_tls}"), identity)


def test_nor_one_of_another_name(by_tls: int, certificate: Path, identity: Identity) -> None:
    with pytest.raises(PortalDown, match=r"TLS fails .*127.0.0.1"):
        ask(Portal(f"https://127.0.0.1:{by_tls}", ca_file=str(certificate)), identity)


def test_a_proxy_makes_a_tunnel_and_hears_nothing_but_the_name(
    desk: Desk, by_tls: int, certificate: Path, identity: Identity
) -> None:
    proxy = Proxy()
    with proxy.served() as address:
        portal = Portal(f"https://localhost:{by_tls}", ca_file=str(certificate), proxy=address)
        for _ in range(3):
            assert ask(portal, identity)["job"] is None
        portal.close()
    assert proxy.asked == [f"CONNECT localhost:{by_tls}"]
    assert [each.act for each in desk.asked] == ["claim"] * 3


def test_a_proxy_does_not_vouch_for_the_portal(by_tls: int, identity: Identity) -> None:
    with Proxy().served() as address, pytest.raises(PortalDown, match="TLS fails"):
        ask(Portal(f"https://localhost:{by_tls}", proxy=address), identity)


def test_a_proxy_that_refuses_is_said_with_what_it_said(by_tls: int, identity: Identity) -> None:
    with Proxy(refuses="407 Proxy Authentication Required").served() as address:
        portal = Portal(f"https://localhost:{by_tls}", proxy=address)
        with pytest.raises(PortalDown, match=r"the proxy does not let it through .*407"):
            ask(portal, identity)


def test_what_stays_on_this_machine_needs_no_proxy(desk: Desk, identity: Identity) -> None:
    proxy = Proxy()
    with proxy.served() as address:
        assert ask(Portal(desk.url, proxy=address), identity)["job"] is None
    assert proxy.asked == []
