"""Which addresses lie in the open internet [pure]. Where a tenant names a host, only those are spoken to."""

import ipaddress

# Written out instead of trusting `is_global` alone, whose meaning has changed between releases of Python.
_SPECIAL = [
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared with a provider's customers
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's own services, though the address is a public one
        "169.254.0.0/16",  # link-local, with every cloud's metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",  # Teredo and other tunnels
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
]
_UNICAST = ipaddress.IPv6Network("2000::/3")


def is_public(address: str) -> bool:
    """Say whether an address belongs to the open internet and leads to no inner one.

    >>> is_public("9.9.9.9"), is_public("2620:fe::fe")
    (True, True)
    >>> is_public("127.0.0.1"), is_public("169.254.169.254"), is_public("100.100.100.200")
    (False, False, False)

    An IPv6 address that carries an IPv4 one is judged by it, or refused where only a translator could tell:

    >>> is_public("::ffff:9.9.9.9"), is_public("::ffff:10.0.0.1"), is_public("64:ff9b::9.9.9.9"), is_public("2002:a00:1::")
    (True, False, False, False)
    >>> is_public("fd00:ec2::254"), is_public("fe80::1%eth0"), is_public("::1"), is_public("ff02::1")
    (False, False, False, False)
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if found not in _UNICAST:
            return False
    return found.is_global and not any(found in network for network in _SPECIAL)
