"""What the fixtures of directories promise to the tests that use them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import ldap3
import pytest
from ldap3.core.exceptions import LDAPException

from config.demo.samba import controller as running
from config.demo.samba.controller import SERVICE_PASSWORD
from tests.directory import controller, slapd
from tests.directory.controller import CONNECT, PASSWORD, Person, Samba, is_up
from tests.directory.slapd import POLICY, Slapd

NEW = "Second-Passw0rd-2"
INSUFFICIENT_ACCESS = 50
#: Asks for the first domain as a worker of a run does, says where it is, and stays until it is told to go.
WORKER = """
import sys
from tests.directory import controller
with controller.shared(*controller.CONNECT) as found:
    person = found.person()
    print(found.controller.address, found.controller.folder, person.opens(person.password), flush=True)
    sys.stdin.readline()
"""


def await_true(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def worker(run: str) -> "subprocess.Popen[str]":
    """Start another worker; of this run, or of a run of its own."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
    path = os.pathsep.join([str(controller.ROOT), str(controller.ROOT / "resets/writeback/agent")])
    return subprocess.Popen(
        [sys.executable, "-c", WORKER],
        cwd=controller.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**environ, "PYTHONPATH": path, "PYTEST_XDIST_TESTRUNUID": run},
    )


def this_run() -> str:
    return os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())


def as_service(samba: Samba) -> ldap3.Connection:
    """Return a connection of the delegated account."""
    tls = ldap3.Tls(validate=2, version=16, ca_certs_file=str(samba.controller.ca_file))
    server = ldap3.Server(samba.controller.address, port=636, use_ssl=True, tls=tls, get_info=ldap3.NONE)
    found = ldap3.Connection(server, samba.controller.service, SERVICE_PASSWORD)
    assert found.bind()
    return found


def changed(connection: ldap3.Connection, person: Person, **values: str | bytes) -> int:
    """Replace attributes of somebody in one request; return what is answered."""
    connection.modify(
        f"<GUID={person.guid}>", {name: [(ldap3.MODIFY_REPLACE, [value])] for name, value in values.items()}
    )
    return int(connection.result["result"])


def spoken(password: str) -> bytes:
    return f'"{password}"'.encode("utf-16-le")


def test_the_password_of_a_person_opens_the_domain_and_gets_a_ticket(connect_domain: Samba) -> None:
    person, namesake = connect_domain.person(), connect_domain.person()
    assert person.opens(PASSWORD) and person.gets_ticket(PASSWORD)
    assert not person.opens(NEW) and not person.gets_ticket(NEW)
    person.do("password", password=NEW, must_change=False)
    assert person.opens(NEW) and person.gets_ticket(NEW)
    assert not person.opens(PASSWORD), "the password before opens nothing, not even for a while"
    assert namesake.opens(PASSWORD) and len({person.guid, namesake.guid}) == 2


def test_what_a_bind_is_answered_tells_why(connect_domain: Samba) -> None:
    disabled, forced, locked = (connect_domain.person() for _each in range(3))
    disabled.do("disable")
    forced.do("password", password=PASSWORD, must_change=True)
    locked.lock()
    assert [one.answers(PASSWORD) for one in (disabled, forced, locked)] == [0x533, 0x773, 0x775]
    assert connect_domain.person().answers("Wrong-Passw0rd-0") == 0x52E


def test_the_delegated_account_may_do_what_it_is_for_and_nothing_else(connect_domain: Samba) -> None:
    inside, outside = connect_domain.person(), connect_domain.person(place="")
    service = as_service(connect_domain)
    assert changed(service, inside, unicodePwd=spoken(NEW), lockoutTime="0") == 0
    assert inside.opens(NEW)
    assert changed(service, inside, pwdLastSet="0") == 0
    assert inside.answers(NEW) == 0x773
    assert changed(service, inside, mail="elsewhere@post.example") == INSUFFICIENT_ACCESS
    # One of two is not allowed: nothing is done.
    both: dict[str, str | bytes] = {"unicodePwd": spoken(PASSWORD), "mail": "elsewhere@post.example"}
    assert changed(service, inside, **both) == INSUFFICIENT_ACCESS
    assert inside.answers(NEW) == 0x773 and inside.answers(PASSWORD) == 0x52E
    assert changed(service, outside, unicodePwd=spoken(NEW)) == INSUFFICIENT_ACCESS
    assert outside.opens(PASSWORD) and not outside.opens(NEW)
    service.unbind()


def test_workers_of_a_run_share_a_domain(connect_domain: Samba) -> None:
    other = worker(this_run())
    said, _nothing = other.communicate("\n")
    where = connect_domain.controller
    assert said.split() == [where.address, str(where.folder), "True"]
    assert other.returncode == 0 and is_up(where.address), "it outlives the worker"


def test_another_run_has_a_domain_of_its_own_which_ends_with_it(connect_domain: Samba) -> None:
    other = worker("another-run")
    assert other.stdin is not None and other.stdout is not None
    with other:
        address, folder, opens = other.stdout.readline().split()
        assert address != connect_domain.controller.address and opens == "True"
        state = controller.cached() / f"{CONNECT[0]}-another-run.json"
        assert json.loads(state.read_text()) == {"folder": folder, "address": address}
        other.kill()  # as a run that is broken off
    await_true(lambda: not is_up(address) and not Path(folder).exists() and not state.exists())
    assert connect_domain.person().opens(PASSWORD)


def test_a_domain_of_a_tests_own_leaves_the_shared_one_alone(
    own_domain: Samba, connect_domain: Samba
) -> None:
    mine, theirs = own_domain.person("pat"), connect_domain.person()
    assert own_domain.controller.realm == connect_domain.controller.realm
    own_domain.controller.do("rules", length=20)
    own_domain.controller.stop()
    with pytest.raises(LDAPException):
        mine.opens(PASSWORD)  # nobody answers: that is no refusal
    theirs.do("password", password=NEW, must_change=False)  # shorter than 20
    assert theirs.opens(NEW)
    own_domain.controller.start()
    assert mine.opens(PASSWORD)


def test_it_listens_on_its_own_address_alone(own_domain: Samba) -> None:
    samba = own_domain.controller.process
    assert samba is not None
    inodes = {
        str(link.readlink()).removeprefix("socket:[").removesuffix("]")
        for link in Path(f"/proc/{samba.pid}/fd").iterdir()
    }
    listening = [
        line.split()[1]
        for table in ("tcp", "tcp6", "udp", "udp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        if line.split()[9] in inodes and line.split()[3] in {"0A", "07"}
    ]
    last = int(own_domain.controller.address.rpartition(".")[2])
    assert {where.partition(":")[0] for where in listening} == {f"{last:02X}00007F"}
    assert f"{last:02X}00007F:{636:04X}" in listening


def test_openldap_holds_its_service_to_the_policy_too(openldap: Slapd) -> None:
    person, other = openldap.person(), openldap.person()
    service = openldap._bound(slapd.SERVICE, slapd.SERVICE_PASSWORD)
    assert service.bound
    for password in ("short", PASSWORD):  # a length, and the history of which even a reset is a part
        assert not service.extend.standard.modify_password(person.dn, new_password=password)
        assert service.result["description"] == "constraintViolation"
    assert service.extend.standard.modify_password(person.dn, new_password=NEW)
    assert person.opens(NEW) and not person.opens(PASSWORD) and other.opens(PASSWORD)
    assert not service.modify(person.dn, {"mail": [(ldap3.MODIFY_REPLACE, ["elsewhere@post.example"])]})
    assert service.result["description"] == "insufficientAccessRights"
    assert not service.modify(POLICY, {"pwdMinLength": [(ldap3.MODIFY_REPLACE, ["1"])]})
    person.lock()
    assert service.modify(person.dn, {"pwdAccountLockedTime": [(ldap3.MODIFY_DELETE, [])]})
    assert person.opens(NEW)
    service.unbind()


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    controller.lacking.cache_clear()
    monkeypatch.setattr(running, "_PACKAGES", {"samba": "usr", "python3-samba": "nowhere/at/all"})
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert controller.lacking() == "A domain controller needs Samba: apt install python3-samba"
    controller.lacking.cache_clear()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "root" in controller.lacking()
    controller.lacking.cache_clear()
