"""A phone is woken: encrypted for it alone, signed by its organization, by the guarded door, and never with a secret."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from registration import configuring
from registration import state as states
from registration.authenticator import messages, push, vapid
from registration.models import Challenge, Device
from tenants.context import entered
from tenants.shield.egress import Undelivered
from tests.building import Org, run_jobs
from tests.registration.authenticator.phone import Phone, key_pair, public
from tests.resets.steps import begun, newest

ADELE = "adele@contoso.example"
AUTH = bytes(range(16))


class Service:
    """A push service on this machine: what it was sent, and how it answers."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 201
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                service.got.append((self.path, headers, body))
                self.send_response(service.status)
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.root = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def service(settings: Any) -> Iterator[Service]:
    """A push service, which the operator lets be asked although it is a private address."""
    settings.REKEY_ALLOW_PRIVATE_ADDRESSES = True
    made = Service()
    threading.Thread(target=made.server.serve_forever, daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def here(contoso: Org) -> Org:
    """Contoso, which lets phones reset."""
    configuring.configure({"methods": ["app_notification"], "required": 1}, actor="tests")
    return contoso


def subscribes(phone: Phone, browser: ec.EllipticCurvePrivateKey, endpoint: str, **more: str) -> Any:
    """Tell where a phone is woken."""
    said = {"endpoint": endpoint, "p256dh": public(browser), "auth": messages.encoded(AUTH)}
    return phone.say("subscribe", **{**said, "vapid": vapid.public_keys()[0], **more})


def ask(org: Org) -> None:
    """Ask adele's phones in a reset."""
    begun(org, ADELE).post("/reset/verify/", {"action": "choose", "method": "app_notification"})


def endpoint_of(phone: Phone) -> str:
    """Return where a phone is woken."""
    return states.of(Device.objects.get(user_id=phone.account, kind="app_notification")).get("endpoint", "")


def test_what_is_sent(here: Org, service: Service) -> None:
    phone, browser = Phone(here), key_pair()
    phone.given(here.user("adele"))
    assert subscribes(phone, browser, f"{service.root}/send/1").status_code == 200
    ask(here)
    assert run_jobs() == ["registration.deliver", "registration.push"]
    ((path, headers, body),) = service.got
    assert path == "/send/1"
    plain = http_ece.decrypt(body, private_key=browser, auth_secret=AUTH, version="aes128gcm")
    said = json.loads(plain)
    assert said == {
        "title": "Reset your password?",
        "body": "Contoso: Open the authenticator to answer, or to say no.",
        "tag": "request",
    }
    assert (headers["content-encoding"], headers["urgency"]) == ("aes128gcm", "high")
    assert 1 <= int(headers["ttl"]) <= 60
    with pytest.raises(http_ece.ECEException):
        http_ece.decrypt(body, private_key=key_pair(), auth_secret=AUTH, version="aes128gcm")


def test_who_sends(here: Org, service: Service) -> None:
    phone = Phone(here)
    phone.given(here.user("adele"))
    subscribes(phone, key_pair(), f"{service.root}/send/1")
    ask(here)
    run_jobs()
    scheme, _space, parts = service.got[0][1]["authorization"].partition(" ")
    found = dict(part.strip().split("=", 1) for part in parts.split(","))
    assert (scheme, found["k"]) == ("vapid", vapid.public_keys()[0])
    head, claims, signature = found["t"].split(".")
    assert json.loads(messages.decoded(head))["alg"] == "ES256"
    told = json.loads(messages.decoded(claims))
    assert (told["aud"], told["sub"]) == (service.root, "mailto:no-reply@localhost")
    raw = messages.decoded(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), messages.decoded(found["k"]))
    key.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))


def test_each_organization_has_keys_of_its_own(contoso: Org, fabrikam: Org) -> None:
    mine = vapid.public_keys()
    assert mine == vapid.public_keys()
    with entered(contoso.row):
        assert vapid.public_keys() != mine


def test_after_a_new_master_key_the_old_pair_still_speaks(contoso: Org, settings: Any) -> None:
    old = vapid.public_keys()[0]
    settings.REKEY_SEALING_KEYS = [bytes(32), *settings.REKEY_SEALING_KEYS]
    assert vapid.public_keys()[0] != old
    assert f"k={old}" in vapid.headers("https://push.example", public=old)["Authorization"]
    settings.REKEY_SEALING_KEYS = settings.REKEY_SEALING_KEYS[:1]
    with pytest.raises(LookupError):
        vapid.headers("https://push.example", public=old)


@pytest.mark.parametrize("status", [403, 404, 410])
def test_where_nobody_is_any_more_is_forgotten(here: Org, service: Service, status: int) -> None:
    phone = Phone(here)
    phone.given(here.user("adele"))
    subscribes(phone, key_pair(), f"{service.root}/send/1")
    service.status = status
    ask(here)
    run_jobs()
    assert endpoint_of(phone) == ""
    assert phone.asked() is not None  # the open page is asked all the same


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_service_that_is_busy_is_asked_again(here: Org, service: Service, status: int) -> None:
    phone = Phone(here)
    device = phone.given(here.user("adele"))
    subscribes(phone, key_pair(), f"{service.root}/send/1")
    ask(here)
    asked = newest().challenge
    assert asked is not None
    service.status = status
    with pytest.raises(push.Unwoken):
        push.send.work(challenge=str(asked.pk), device=device.pk, language="en")
    assert endpoint_of(phone)


def test_a_service_that_is_down_is_asked_again(here: Org, service: Service) -> None:
    phone = Phone(here)
    device = phone.given(here.user("adele"))
    subscribes(phone, key_pair(), "http://127.0.0.1:1/send")
    ask(here)
    asked = newest().challenge
    assert asked is not None
    with pytest.raises(Undelivered):
        push.send.work(challenge=str(asked.pk), device=device.pk, language="en")
    assert endpoint_of(phone)


@pytest.mark.parametrize("over", ["answered", "taken back", "late", "another's", "nobody's"])
def test_what_is_over_wakes_nobody(here: Org, service: Service, over: str) -> None:
    phone, theirs = Phone(here), Phone(here)
    device = phone.given(here.user("adele"))
    subscribes(phone, key_pair(), f"{service.root}/send/1")
    ask(here)
    asked = newest().challenge
    assert asked is not None
    pk = str(asked.pk)
    if over == "answered":
        Challenge.objects.update(verdict="approved")
    elif over == "taken back":
        Challenge.objects.update(consumed_at=asked.expires_at)
    elif over == "late":
        Challenge.objects.update(expires_at=asked.created_at)
    elif over == "another's":
        device = theirs.given(here.user("bo"))
    else:
        device.pk = 1
    push.send.work(challenge=pk, device=device.pk, language="en")
    assert service.got == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/send",
        "https://127.0.0.1/send",
        "https://[::1]/send",
        "https://10.0.0.1/send",
        "https://169.254.169.254/latest/meta-data/",
        "https://user@9.9.9.9/",
        "https://9.9.9.9:22/",
        "https://0x7f.1/",
        "ftp://9.9.9.9/",
        "https://9.9.9.9/" + "a" * 1100,
        "push",
    ],
)
def test_an_address_that_may_not_be_asked_is_not_kept(here: Org, endpoint: str) -> None:
    phone = Phone(here)
    phone.given(here.user("adele"))
    answer = subscribes(phone, key_pair(), endpoint)
    assert (answer.status_code, answer.json()["error"]) == (400, "endpoint")
    assert endpoint_of(phone) == ""


def test_an_address_that_became_private_is_forgotten_unasked(
    here: Org, service: Service, settings: Any
) -> None:
    phone = Phone(here)
    phone.given(here.user("adele"))
    subscribes(phone, key_pair(), f"{service.root}/send/1")
    settings.REKEY_ALLOW_PRIVATE_ADDRESSES = False
    ask(here)
    run_jobs()
    assert service.got == []
    assert endpoint_of(phone) == ""


@pytest.mark.parametrize(
    "more",
    [{"p256dh": ""}, {"p256dh": "B" + "A" * 86}, {"auth": ""}, {"auth": "AAAA"}, {"vapid": "B" + "A" * 86}],
)
def test_keys_that_are_none_are_not_kept(here: Org, service: Service, more: dict[str, str]) -> None:
    phone = Phone(here)
    phone.given(here.user("adele"))
    assert subscribes(phone, key_pair(), f"{service.root}/send/1", **more).status_code == 400
    assert endpoint_of(phone) == ""


def test_a_phone_says_that_it_is_woken_no_more(here: Org, service: Service) -> None:
    phone = Phone(here)
    phone.given(here.user("adele"))
    subscribes(phone, key_pair(), f"{service.root}/send/1")
    assert endpoint_of(phone)
    assert phone.say("subscribe").status_code == 200
    assert endpoint_of(phone) == ""
    ask(here)
    assert run_jobs() == ["registration.deliver"]


def test_each_phone_is_woken_by_itself(here: Org, service: Service) -> None:
    phones = [Phone(here, name=name) for name in ("Pixel", "Old phone", "Tablet")]
    for number, phone in enumerate(phones):
        device = phone.given(here.user("adele"))
        if number < 2:
            subscribes(phone, key_pair(), f"{service.root}/send/{number}")
        assert device.pk
    ask(here)
    assert run_jobs() == ["registration.deliver", "registration.push", "registration.push"]
    assert sorted(path for path, _headers, _body in service.got) == ["/send/0", "/send/1"]
