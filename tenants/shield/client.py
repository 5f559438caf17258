"""Who is asking, and how much they send: the address, as far as the proxies before the server can be trusted with it."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = ""


def client_address(request: HttpRequest) -> str:
    """Return the address that a request comes from, in its one canonical form, or `UNKNOWN`."""
    remote, forwarded = request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", "")
    return nearest_untrusted(remote, forwarded, settings.REKEY_PROXY_DEPTH)


def nearest_untrusted(remote: str, forwarded: str, depth: int) -> str:
    """Return the address that the outermost of `depth` proxies saw.

    Each proxy appends the address of whoever spoke to it, so the value to believe is the `depth`-th from the
    right; all that stand before it were written by the client.

    >>> nearest_untrusted("10.0.0.1", "198.51.100.7, 203.0.113.9", depth=1)
    '203.0.113.9'
    >>> nearest_untrusted("10.0.0.1", "198.51.100.7, 203.0.113.9, 10.0.0.2", depth=2)
    '203.0.113.9'

    Without a proxy the header is the client's own invention:

    >>> nearest_untrusted("203.0.113.9", "198.51.100.7", depth=0)
    '203.0.113.9'

    With fewer values than proxies, or with one that is not an address, the request came by a way that was not
    configured; the only address known for sure is that of whoever opened the connection:

    >>> nearest_untrusted("10.0.0.1", "198.51.100.7", depth=2)
    '10.0.0.1'
    >>> nearest_untrusted("10.0.0.1", "198.51.100.7, unknown", depth=1)
    '10.0.0.1'

    A server behind a Unix socket has not even that:

    >>> nearest_untrusted("", "", depth=0)
    ''
    """
    hops = forwarded.split(",")
    seen = canonical(hops[-depth]) if 0 < depth <= len(hops) else UNKNOWN
    return seen or canonical(remote)


def announced_length(request: HttpRequest) -> int:
    """Return how long a request says its body is, as Django reads it: nothing where that is no number."""
    try:
        return max(int(request.META.get("CONTENT_LENGTH") or 0), 0)
    except ValueError:
        return 0


def canonical(text: str) -> str:
    """Return an address in the one form that can be counted and compared, or `UNKNOWN` when it is none.

    >>> canonical(" 203.0.113.9 "), canonical("203.0.113.9:4711"), canonical("::ffff:203.0.113.9")
    ('203.0.113.9', '203.0.113.9', '203.0.113.9')
    >>> canonical("2001:DB8:0::1"), canonical("[2001:db8::1]:4711"), canonical("fe80::1%eth0")
    ('2001:db8::1', '2001:db8::1', 'fe80::1')
    >>> canonical("unix:"), canonical("010.0.0.1"), canonical("")
    ('', '', '')
    """
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return UNKNOWN
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def network(address: str) -> str:
    """Return the network that an address likely shares with its owner's others; budgets are counted on it.

    A household or a company is handed a /56 of IPv6 at the least, and may use any address in it.

    >>> network("203.0.113.9"), network("2001:db8:1:2ff::1")
    ('203.0.113.0/24', '2001:db8:1:200::/56')
    >>> network(UNKNOWN)
    ''
    """
    if not address:
        return UNKNOWN
    bits = 24 if ipaddress.ip_address(address).version == 4 else 56
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))
