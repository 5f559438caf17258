"""Host name to organization, and what is known of each organization, without a query while warm.

Kept in this process for `SECONDS`: a suspension or a new logo reaches other processes within that time, and this one at once,
by `forget`. A name that nobody has is not kept, so that inventing names fills nothing.
"""

import time
from collections.abc import Callable

from tenants import upgrading
from tenants.context import entered
from tenants.models import Domain, Organization

SECONDS = 10.0
MOST = 20_000
Loader = Callable[[Organization], object]

_loaders: dict[str, Loader] = {}
_hosts: dict[str, tuple[float, Organization]] = {}
_facts: dict[tuple[str, str], tuple[float, object]] = {}


def normalized(host: str) -> str:
    """Return a Host header's name in lower case, without its port and the final dot.

    >>> normalized("Contoso.Example.:8000"), normalized("contoso.example")
    ('contoso.example', 'contoso.example')
    """
    return host.partition(":")[0].rstrip(".").lower()


def contribute(name: str, loader: Loader) -> None:
    """Let a higher room add a fact; its loader is called inside the organization, at most once in `SECONDS`."""
    _loaders[name] = loader


def find(host: str) -> Organization | None:
    """Return the organization served on this host; None when there is none, and when nobody has verified the host yet.

    Raises `upgrading.IncompleteSchema` for one whose schema lacks a table or is gone: the provider's rows would answer.
    """
    name, now = normalized(host), time.monotonic()
    kept = _hosts.get(name)
    if kept and kept[0] > now:
        return kept[1]
    domain = Domain.objects.select_related("tenant").filter(domain=name, verified_at__isnull=False).first()
    if domain is None:
        _hosts.pop(name, None)
        return None
    if len(_hosts) >= MOST:
        _hosts.clear()
    organization: Organization = domain.tenant
    upgrading.refuse_incomplete([organization.schema_name])
    _hosts[name] = (now + SECONDS, organization)
    return organization


def fact(organization: Organization, name: str) -> object:
    """Return what a higher room contributed under this name, loading it when it is not warm."""
    key, now = (organization.schema_name, name), time.monotonic()
    kept = _facts.get(key)
    if kept and kept[0] > now:
        return kept[1]
    with entered(organization):
        value = _loaders[name](organization)
    if len(_facts) >= MOST:
        _facts.clear()
    _facts[key] = (now + SECONDS, value)
    return value


def forget() -> None:
    """Drop everything that this process keeps; called whenever one of these rows is saved."""
    _hosts.clear()
    _facts.clear()
