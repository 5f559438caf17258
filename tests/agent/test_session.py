"""Renewing the agent's keys: written down before they are told, used when the portal has them, whatever answer is lost."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from rekey_agent.base64url import decoded, encoded
from rekey_agent.keys import Identity, Pair, Store
from rekey_agent.portal import Portal, PortalDown, Refused
from rekey_agent.session import Session, safe_wait_url
from tests.agent.portals import CUT_AFTER, Desk, Said


@pytest.fixture
def portal(desk: Desk) -> Portal:
    return Portal(desk.url)


def on_disk(store: Store) -> Identity:
    found = store.load()
    assert found is not None
    return found


def test_the_new_key_signs_for_both_and_the_old_one_for_the_request(
    desk: Desk, session: Session, portal: Portal, store: Store
) -> None:
    old = session.identity
    session.roll(portal)
    (asked,) = [each for each in desk.asked if each.act == "roll"]
    assert asked.key == old.current.signing.public_key().public_bytes_raw()
    sealing, signing = decoded(asked.said["sealing_key"]), decoded(asked.said["signing_key"])
    message = f"rekey-roll-v1\n{old.agent}\n".encode() + sealing + signing
    Ed25519PublicKey.from_public_bytes(signing).verify(decoded(asked.said["signature"]), message)
    new = on_disk(store)
    assert new.current.public == {"sealing_key": encoded(sealing), "signing_key": encoded(signing)}
    assert new.former is not None
    assert (new.former[0].written(), new.next) == (old.current.written(), None)
    assert session.ask(portal, "claim", {})["job"] is None


def test_they_are_on_the_disk_before_the_portal_hears_of_them(
    desk: Desk, session: Session, portal: Portal, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Pair | None] = []
    given: Callable[..., tuple[int, Said]] = desk.answer
    monkeypatch.setattr(desk, "answer", lambda asked: (found.append(on_disk(store).next), given(asked))[1])
    session.roll(portal)
    assert found[0] is not None
    assert found[0].public == on_disk(store).current.public


@pytest.mark.parametrize("restarted", [False, True])
def test_an_answer_that_was_lost_locks_nobody_out(
    desk: Desk, session: Session, portal: Portal, store: Store, restarted: bool
) -> None:
    desk.next["roll"] = [CUT_AFTER, CUT_AFTER]
    old = session.identity.current
    with pytest.raises(PortalDown):
        session.roll(portal)
    after = Session(on_disk(store), store) if restarted else session
    assert after.ask(portal, "claim", {})["job"] is None
    assert after.identity.next is None
    assert on_disk(store).current.public == after.identity.current.public != old.public


def test_nor_does_one_that_the_portal_never_heard(desk: Desk, session: Session, portal: Portal) -> None:
    desk.next["roll"] = [(503, {})]
    old = session.identity.current
    with pytest.raises(PortalDown):
        session.roll(portal)
    assert session.ask(portal, "claim", {})["job"] is None
    assert session.identity.current is old
    upcoming = session.identity.next
    session.roll(portal)
    assert session.identity.current is upcoming


def test_a_request_that_was_under_way_meanwhile_is_asked_again(
    desk: Desk, session: Session, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, old = portal.ask, session.identity.current

    def ask(act: str, said: Said, **more: object) -> Said:
        if act == "result" and more["pair"] is old and session.identity.current is old:
            session.roll(Portal(desk.url))
        return given(act, said, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(portal, "ask", ask)
    session.ask(portal, "result", {})
    assert desk.acts("result") == [{}, {}]


def test_a_key_that_nobody_knows_is_refused_for_good(session: Session, portal: Portal, desk: Desk) -> None:
    desk.knows(Pair.new())
    with pytest.raises(Refused, match="signature"):
        session.ask(portal, "claim", {})


def test_the_former_key_leaves_the_disk(session: Session, portal: Portal, store: Store) -> None:
    session.roll(portal)
    now = portal.clock.now()
    session.heed({}, now + 599)
    assert on_disk(store).former is not None
    session.heed({}, now + 601)
    assert on_disk(store).former is None


def test_a_new_key_of_the_portals_is_followed(desk: Desk, session: Session, store: Store) -> None:
    new = Ed25519PrivateKey.generate()
    key, old = new.public_key().public_bytes_raw(), desk.signing.public_key().public_bytes_raw()
    signature = desk.signing.sign(b"rekey-portal-key-v1\n" + key)
    told = {"key": encoded(key), "by": encoded(old), "signature": encoded(signature)}
    session.heed({"portal_keys": [told]}, desk.now)
    assert on_disk(store).portal_keys == (key, old)


def test_what_does_not_change_is_not_written(
    session: Session, store: Store, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "save", lambda identity: pytest.fail("written"))
    session.heed({"portal_keys": [], "wait_url": ""}, desk.now)


def test_the_waits_are_where_the_portal_says_unless_it_is_no_place_to_go(
    session: Session, desk: Desk
) -> None:
    session.heed({"wait_url": "https://waits.contoso.example/agent/v1/wait"}, desk.now)
    assert session.identity.wait_url == "https://waits.contoso.example/agent/v1/wait"
    assert safe_wait_url({"wait_url": "http://waits.contoso.example/agent/v1/wait"}) == ""
    assert safe_wait_url({"wait_url": None}) == ""


def test_two_threads_write_one_file(session: Session, store: Store, portal: Portal, desk: Desk) -> None:
    session.roll(portal)
    session.heed({"wait_url": "https://waits.contoso.example/agent/v1/wait"}, desk.now)
    found = on_disk(store)
    assert (
        replace(found, current=session.identity.current, former=session.identity.former) == session.identity
    )
