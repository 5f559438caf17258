"""How many of each method a person may have: Entra's numbers, and two addresses, as NIST SP 800-63B-4, 4.2.1.2 asks."""

import pytest

from registration.method import registry


@pytest.mark.parametrize(("kind", "most"), [("app_code", 5), ("email", 2)])
def test_as_many_as_entra_allows(kind: str, most: int) -> None:
    assert registry()[kind].most == most
