"""The fixtures of directories, for every test that asks for one."""

from collections.abc import Iterator

import pytest

from tests.directory import controller, slapd
from tests.directory.controller import CLOUD, CONNECT, Samba
from tests.directory.slapd import Slapd


@pytest.fixture(scope="session")
def connect_domain() -> Iterator[Samba]:
    """The first domain, CORP1.TEST at 127.0.0.2: it stands for Connect."""
    controller.skip_unless_here()
    with controller.shared(*CONNECT) as found:
        yield found


@pytest.fixture(scope="session")
def cloud_domain() -> Iterator[Samba]:
    """The second domain, CORP2.TEST at 127.0.0.3: it stands for cloud sync."""
    controller.skip_unless_here()
    with controller.shared(*CLOUD) as found:
        yield found


@pytest.fixture
def own_domain() -> Iterator[Samba]:
    """A domain of the test's own."""
    controller.skip_unless_here()
    with controller.own() as found:
        yield found


@pytest.fixture(scope="session")
def openldap() -> Iterator[Slapd]:
    """OpenLDAP, one for each worker."""
    if why := slapd.lacking():
        pytest.skip(why)
    with slapd.started() as found:
        yield found
