"""Listens at the doors through which everything is cached, signed and sealed, while a day is lived."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core import signing as django_signing
from django.core.cache.backends.base import BaseCache

from tenants.shield import envelope
from tests.isolation.source import ROOMS, ROOT, Site

#: The doors themselves: what counts is who knocks.
_DOORS = frozenset({"tenants/shield/sealing.py", "tenants/shield/signing.py", "tenants/shield/envelope.py"})


@dataclass
class Heard:
    """What went through each door, with who asked for it."""

    sealed: list[tuple[Site, bytes, str]] = field(default_factory=list)
    digests: list[tuple[Site, str, tuple[str, ...], str]] = field(default_factory=list)
    signed: list[tuple[Site, str, str]] = field(default_factory=list)
    cached: list[tuple[Site, BaseCache, str, str]] = field(default_factory=list)

    def sites(self, *kinds: str) -> set[Site]:
        """Return who knocked at some of the doors."""
        return {one[0] for kind in kinds for one in getattr(self, kind)}


@contextmanager
def listening() -> Iterator[Heard]:
    """Listen within the block."""
    heard = Heard()
    seal, digest, sign, make_key = (
        envelope.seal,
        envelope.digest,
        django_signing.Signer.sign,
        BaseCache.make_key,
    )

    def sealed(masters: Any, schema: str, plain: bytes, context: str) -> bytes:
        made = seal(masters, schema, plain, context)
        heard.sealed.append((_asker(), made, context))
        return made

    def digested(master: bytes, schema: str, purpose: str, *parts: str) -> str:
        made = digest(master, schema, purpose, *parts)
        heard.digests.append((_asker(), purpose, parts, made))
        return made

    def signed(self: Any, value: str) -> str:
        made = sign(self, value)
        heard.signed.append((_asker(), str(self.salt), made))
        return made

    def keyed(self: BaseCache, key: str, version: int | None = None) -> str:
        made = make_key(self, key, version)
        heard.cached.append((_asker(), self, key, made))
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(envelope, "seal", sealed)
        patch.setattr(envelope, "digest", digested)
        patch.setattr(django_signing.Signer, "sign", signed)
        patch.setattr(BaseCache, "make_key", keyed)
        yield heard


def _asker() -> Site:
    """Return the function of ours that asked: the nearest one that is not a door itself."""
    frame = sys._getframe(2)
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(str(ROOT)):
            file = path.removeprefix(f"{ROOT}/")
            if file.partition("/")[0] in ROOMS and file not in _DOORS:
                return Site(file, re.sub(r"\.<\w+>", "", frame.f_code.co_qualname))
        frame = frame.f_back  # type: ignore[assignment]
    return Site("", "")
