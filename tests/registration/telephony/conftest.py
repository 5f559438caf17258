"""A carrier for each test of telephones: Contoso has an account there, Fabrikam has none."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.building import Org
from tests.switchboard import Switchboard, serving


@pytest.fixture
def board(contoso: Org, settings: Any) -> Iterator[Switchboard]:
    """Return Contoso's carrier, on this machine, which the operator has to allow; Contoso is entered."""
    settings.REKEY_ALLOW_PRIVATE_ADDRESSES = True
    with serving() as found:
        found.connect()
        yield found
