"""Where a request came from, as the audit trail and the limits know it."""

from dataclasses import dataclass

from django.http import HttpRequest

from tenants.shield.client import client_address, network


@dataclass(frozen=True)
class Origin:
    """An address and the network around it; both empty for a command or a job."""

    address: str = ""
    network: str = ""
    agent: str = ""


NOWHERE = Origin()


def origin(request: HttpRequest) -> Origin:
    """Read where a request came from, through as many proxies as the operator says there are."""
    found = client_address(request)
    return Origin(found, network(found), request.META.get("HTTP_USER_AGENT", "")[:200])
