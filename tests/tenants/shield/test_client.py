"""The client's address cannot be chosen by the client."""

import ipaddress

import pytest
from django.test import RequestFactory, override_settings
from hypothesis import given
from hypothesis import strategies as st

from tenants.shield.client import canonical, client_address, nearest_untrusted, network

addresses = st.ip_addresses().map(str)


@given(
    addresses, addresses, st.lists(addresses), st.text(alphabet="0123456789abcdef.:,[]% "), st.integers(1, 4)
)
def test_whatever_the_client_writes_first_the_proxys_word_counts(
    remote: str, client: str, proxies: list[str], forged: str, depth: int
) -> None:
    """Given `depth` honest proxies, no forged beginning of the header changes the outcome."""
    inner = (proxies + ["10.0.0.1"] * depth)[: depth - 1]
    assert nearest_untrusted(remote, ", ".join([forged, client, *inner]), depth) == canonical(client)


@given(st.text(), st.text(), st.integers(0, 5))
def test_any_header_gives_an_address_or_nothing(remote: str, forwarded: str, depth: int) -> None:
    """No input raises, and no input is passed through unread."""
    found = nearest_untrusted(remote, forwarded, depth)
    assert found == "" or str(ipaddress.ip_address(found)) == found
    network(found)


@given(addresses)
def test_the_canonical_form_is_stable(address: str) -> None:
    """A second reading changes nothing, so one client has one bucket."""
    assert canonical(canonical(address)) == canonical(address)


@pytest.mark.parametrize(("depth", "expected"), [(0, "192.0.2.1"), (1, "203.0.113.9"), (2, "198.51.100.7")])
def test_a_requests_depth_comes_from_the_settings(depth: int, expected: str) -> None:
    """The operator says how many proxies there are."""
    request = RequestFactory().get(
        "/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="198.51.100.7, 203.0.113.9"
    )
    with override_settings(REKEY_PROXY_DEPTH=depth):
        assert client_address(request) == expected
