"""Secrets at rest of the organization being served.

They are sealed under the operator's master keys (`REKEY_SEALING_KEYS`, newest first).

To rotate: put a new key first, let every `reseal` run, then take the old key away.
"""

from django.conf import settings

from tenants.context import current_schema
from tenants.shield import envelope
from tenants.shield.envelope import Unsealable

__all__ = ["Unsealable", "keys", "mac", "macs", "reseal", "seal", "unseal"]


def seal(plain: bytes, *, context: str) -> bytes:
    """Seal a secret for this organization and context.

    The context names where the value stands, such as "registration.device/<uuid>"; the same one opens it
    again.
    """
    return envelope.seal(settings.REKEY_SEALING_KEYS, current_schema(), plain, context)


def unseal(sealed: bytes | memoryview, *, context: str) -> bytes:
    """Open what was sealed in this organization under this context, or raise `Unsealable`."""
    return envelope.unseal(settings.REKEY_SEALING_KEYS, current_schema(), bytes(sealed), context)


def reseal(sealed: bytes | memoryview, *, context: str) -> bytes:
    """Return the value sealed by the newest key: itself if that key made it, else sealed again."""
    if envelope.is_newest(settings.REKEY_SEALING_KEYS, bytes(sealed)):
        return bytes(sealed)
    return seal(unseal(sealed, context=context), context=context)


def mac(purpose: str, *parts: str) -> str:
    """Return this organization's keyed digest of some texts, as 64 hexadecimal digits.

    For counters, decoys and look-ups of what must not stand in a table in clear. Another purpose gives
    another key. It is made with the newest master key: look stored ones up by `macs`, so that they are found
    across a rotation.
    """
    return macs(purpose, *parts)[0]


def macs(purpose: str, *parts: str) -> list[str]:
    """Return the digest under each master key, the newest first."""
    schema = current_schema()
    return [envelope.digest(master, schema, purpose, *parts) for master in settings.REKEY_SEALING_KEYS]


def keys(purpose: str) -> list[bytes]:
    """Return this organization's own 32 bytes for a purpose under each master key, the newest first.

    For a key pair that must stay the same without being stored. Whoever makes one from it keeps its public half beside what
    was made by it, so that it is found again after a rotation.
    """
    schema = current_schema()
    return [envelope.derived(master, schema, purpose) for master in settings.REKEY_SEALING_KEYS]
