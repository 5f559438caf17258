"""Which carrier serves the entered organization: its own, or the provider's for those that chose none. Kept warm.

The provider's row is read inside the provider's own organization, and its secrets are opened there.
"""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from registration.carrier import Carrier, Settings, registry
from registration.models import Telephony
from tenants import hosts
from tenants.context import PUBLIC, current, entered
from tenants.models import Organization
from tenants.shield.sealing import unseal

_NAME = "telephony"
NOWHERE = "-"  # a country that no number is of


@dataclass(frozen=True)
class Line:
    """A carrier, whose account it is, and what the organization may spend on it."""

    kind: str
    owner: Organization
    is_own: bool
    calls: bool
    countries: tuple[str, ...]
    cap: Decimal
    currency: str
    sms_price: Decimal
    call_price: Decimal
    _sealed: bytes
    _context: str

    @property
    def carrier(self) -> Carrier:
        """The carrier."""
        return registry()[self.kind]

    def settings(self) -> Settings:
        """Open what the carrier was given."""
        with entered(self.owner):
            return _opened(self._sealed, self._context)


def line() -> Line | None:
    """Return the one of the entered organization, or None where nobody carries for it; no query while warm."""
    return cast("Line | None", hosts.fact(current(), _NAME))


def _load(organization: Organization) -> Line | None:
    """Prefer the organization's own carrier. With the provider's, its prices count, and the lower of both caps."""
    own = Telephony.objects.first() or Telephony()
    if own.carrier:
        return _line(own, own, organization)
    provider = Organization.objects.filter(schema_name=PUBLIC).exclude(pk=organization.pk).first()
    if provider is None:
        return None
    with entered(provider):
        row = Telephony.objects.filter(serves_others=True).first()
        return _line(own, row, provider) if row else None


def _line(own: Telephony, row: Telephony, owner: Organization) -> Line | None:
    found = registry().get(row.carrier)
    if found is None or not found.is_offered() or row.sealed is None:
        return None
    settings = _opened(bytes(row.sealed), row.context)
    return Line(
        kind=row.carrier,
        owner=owner,
        is_own=own is row,
        calls=found.can_call(settings),
        countries=_countries(own, row),
        cap=min(own.cap, row.cap),
        currency=row.currency,
        sms_price=row.sms_price,
        call_price=row.call_price,
        _sealed=bytes(row.sealed),
        _context=row.context,
    )


def _countries(own: Telephony, row: Telephony) -> tuple[str, ...]:
    """Return the countries that both name; those of the one that names some, where the other names none."""
    if own.countries and row.countries:
        return tuple(sorted(set(own.countries).intersection(row.countries))) or (NOWHERE,)
    return tuple(own.countries or row.countries)


def _opened(sealed: bytes, context: str) -> Settings:
    return {str(key): str(value) for key, value in json.loads(unseal(sealed, context=context)).items()}


hosts.contribute(_NAME, _load)
