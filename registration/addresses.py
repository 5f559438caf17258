"""Where a person can be written to, and which of these addresses can be trusted to object to a change."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from registration import state as states
from registration.models import Device, User

#: How long after its registration an address is not trusted yet: as long as that registration itself can be objected to.
NEW_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Address:
    """One address; `since` is when it was confirmed, nothing for the primary one, which an administrator set."""

    text: str
    since: datetime | None = None

    def trusted(self, at: datetime) -> bool:
        """Say whether its owner may object: who has just added an address must not stop the account's owner by it."""
        return self.since is None or at - self.since >= NEW_FOR


def known(user: User, *, also: Device | None = None) -> list[Address]:
    """Return the primary address and each confirmed email method, each once, in their order; `also` is one that is going."""
    found = [Address(user.primary_address)] if user.primary_address else []
    devices = [*Device.objects.filter(user=user, kind="email", confirmed=True)]
    if also is not None and also.kind == "email" and also not in devices:
        devices.append(also)
    found += [Address(states.of(device)["address"], device.created_at) for device in devices]
    once = {address.text.lower(): address for address in reversed(found)}
    return list(reversed(once.values()))
