"""The organization being served, and the operator's keys, decide what opens."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import override_settings
from django_tenants.utils import schema_context

from tenants.shield import sealing, signing

OLD, NEW = bytes(32), b"\x01" * 32


@pytest.fixture(autouse=True)
def in_contoso() -> Iterator[None]:
    """Serve a schema by name; nothing here asks the database, so it need not exist."""
    with schema_context("contoso"):
        yield


def test_a_secret_stays_in_its_organization() -> None:
    """The same master key, another organization: closed."""
    sealed = sealing.seal(b"secret", context="registration.device/1")
    assert sealing.unseal(memoryview(sealed), context="registration.device/1") == b"secret"
    with schema_context("fabrikam"), pytest.raises(sealing.Unsealable):
        sealing.unseal(sealed, context="registration.device/1")


def test_resealing_touches_only_what_an_older_key_made() -> None:
    """Once resealed, a value does without the old key."""
    with override_settings(REKEY_SEALING_KEYS=[OLD]):
        sealed = sealing.seal(b"secret", context="a/1")
    with override_settings(REKEY_SEALING_KEYS=[NEW, OLD]):
        again = sealing.reseal(sealed, context="a/1")
        assert again != sealed
        assert sealing.reseal(memoryview(again), context="a/1") == again
    with override_settings(REKEY_SEALING_KEYS=[NEW]):
        assert sealing.unseal(again, context="a/1") == b"secret"
        with pytest.raises(sealing.Unsealable):
            sealing.reseal(sealed, context="a/1")


def test_stored_digests_are_found_across_a_rotation() -> None:
    """The newest key makes them, every key finds them."""
    with override_settings(REKEY_SEALING_KEYS=[OLD]):
        stored = sealing.mac("device", "adele")
        with schema_context("fabrikam"):
            assert sealing.mac("device", "adele") != stored
    with override_settings(REKEY_SEALING_KEYS=[NEW, OLD]):
        assert sealing.mac("device", "adele") == sealing.macs("device", "adele")[0] != stored
        assert stored in sealing.macs("device", "adele")


def test_a_signed_value_is_worth_nothing_elsewhere() -> None:
    """Neither in another organization, nor for another purpose, nor too late."""
    text = signing.dumps({"reset": "1"}, purpose="reset")
    minute = timedelta(minutes=1)
    assert signing.loads(text, purpose="reset", max_age=minute) == {"reset": "1"}
    with pytest.raises(signing.SignatureExpired):
        signing.loads(text, purpose="reset", max_age=timedelta(seconds=-1))
    with pytest.raises(signing.BadSignature):
        signing.loads(text, purpose="confirm", max_age=minute)
    with schema_context("fabrikam"), pytest.raises(signing.BadSignature):
        signing.loads(text, purpose="reset", max_age=minute)


def test_a_key_for_a_purpose_is_an_organizations_own() -> None:
    mine = sealing.keys("one")
    assert mine == sealing.keys("one") != sealing.keys("two")
    with schema_context("fabrikam"):
        assert sealing.keys("one") != mine
    with override_settings(REKEY_SEALING_KEYS=[NEW, OLD]):
        assert len(set(sealing.keys("one"))) == 2
