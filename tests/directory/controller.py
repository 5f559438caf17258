"""Two domains of Samba's for a run, shared by its workers, and domains of a test's own; provisioned once, unpacked ever after.

Each is at a loopback address that no other domain of the machine has, so that several runs may go on at once.
"""

import contextlib
import fcntl
import functools
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import ldap3
import pytest
from ldap3.core.exceptions import LDAPException

from config.demo.samba import certificates, controller
from config.demo.samba.controller import (
    PEOPLE,
    SERVICE_PASSWORD,
    Controller,
    Missing,
    refuse_missing,
    seeding_file,
)
from rekey_agent.directories.directory import DirectorySettings

ROOT = Path(__file__).resolve().parents[2]
CONNECT, CLOUD = ("CORP1.TEST", "127.0.0.2"), ("CORP2.TEST", "127.0.0.3")
#: Where domains of a test's own are, and the shared ones where another run has their addresses.
_SPARE = tuple(f"127.0.0.{number}" for number in range(10, 60))
PASSWORD = "First-Passw0rd-1"


@functools.cache
def lacking() -> str:
    """Return why no domain controller can run here; nothing where one can."""
    try:
        refuse_missing()
    except Missing as missing:
        return str(missing)
    return "" if shutil.which("kinit") else "Tickets are asked for by kinit: apt install krb5-user"


def cached() -> Path:
    """Return the folder of what was provisioned, named by what provisions it."""
    digest = hashlib.sha256()
    for file in (controller.__file__, certificates.__file__, seeding_file()):
        digest.update(Path(file).read_bytes())
    found = ROOT / ".rekey" / f"samba-{digest.hexdigest()[:12]}"
    found.mkdir(parents=True, exist_ok=True)
    return found


def _forget_older() -> None:
    """Delete what an older version of the source provisioned, unless a run has it still."""
    for folder in (ROOT / ".rekey").glob("samba-*"):
        if folder != cached() and not any(folder.glob("*.json")):
            shutil.rmtree(folder, ignore_errors=True)


def restored(folder: Path, realm: str, address: str) -> Controller:
    """Return a domain that is ready to be started: provisioned the first time, unpacked afterwards."""
    packed = cached() / f"{realm}.tar.gz"
    with (cached() / f"{realm}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not packed.exists():
            _forget_older()
            with tempfile.TemporaryDirectory(prefix="samba-") as made:
                provisioned = Controller(Path(made) / "dc", realm=realm, address=address)
                provisioned.provision()
                shutil.rmtree(provisioned.folder / "tls")
                with tarfile.open(packed.with_suffix(".new"), "w:gz", compresslevel=1) as tar:
                    tar.add(provisioned.folder, ".")
                packed.with_suffix(".new").replace(packed)
    folder.mkdir(parents=True)
    with tarfile.open(packed) as tar:
        # Our own work, taken as it is. An attribute, since Debian 12's Python has no such argument.
        tar.extraction_filter = lambda member, _path: member
        tar.extractall(folder)
    found = Controller(folder, realm=realm, address=address)
    found.configure()
    return found


@dataclass
class Samba:
    """A domain as a test sees it: people of its own, and what opens it."""

    controller: Controller
    made: list[str] = field(default_factory=list)

    @property
    def settings(self) -> DirectorySettings:
        """How an agent reaches it, as the delegated account."""
        return DirectorySettings(
            kind="active_directory",
            url=self.controller.url,
            bind_dn=self.controller.service,
            password=SERVICE_PASSWORD,
            base=self.controller.base,
            ous=(self.controller.people,),
            ca_file=str(self.controller.ca_file),
        )

    def person(
        self, name: str = "", password: str = PASSWORD, place: str = PEOPLE, **attributes: str
    ) -> "Person":
        """Add somebody; the name is made up where none is given."""
        name = name or f"u{uuid.uuid4().hex[:10]}"
        defaults = {"userPrincipalName": f"{name}@contoso.example", "mail": f"{name}@post.example"}
        guid = self.controller.do(
            "person", name=name, password=password, place=place, attributes={**defaults, **attributes}
        )
        return Person(self, name, guid, password, place)


@dataclass
class Person:
    """Somebody of a domain."""

    samba: Samba
    name: str
    guid: str
    password: str
    place: str

    @property
    def dn(self) -> str:
        """Where they are."""
        where = f"OU={self.place}" if self.place else "CN=Users"
        return f"CN={self.name},{where},{self.samba.controller.base}"

    @property
    def sign_in_name(self) -> str:
        """By what they sign in."""
        return f"{self.name}@contoso.example"

    @property
    def times_set(self) -> int:
        """How often a password of theirs was set, as the domain itself counts it for Kerberos (MS-ADTS 3.1.1.4.5.16)."""
        return int(str(self.do("get", attribute="msDS-KeyVersionNumber")))

    def opens(self, password: str) -> bool:
        """Say whether a password opens the domain by LDAP."""
        return self.answers(password) == 0

    def answers(self, password: str) -> int:
        """Return what a bind is answered: 0, or the number behind `data`. No answer at all is no refusal, and raises."""
        where = self.samba.controller
        tls = ldap3.Tls(validate=2, version=16, ca_certs_file=str(where.ca_file))
        server = ldap3.Server(
            where.address, port=636, use_ssl=True, tls=tls, get_info=ldap3.NONE, connect_timeout=5
        )
        connection = ldap3.Connection(server, self.dn, password, receive_timeout=10)
        try:
            bound = connection.bind()
        except LDAPException:
            connection.socket.close()  # the library leaves it open
            raise
        said = str(connection.result["message"])
        connection.unbind()
        return 0 if bound else int(said.partition("data ")[2].partition(",")[0] or "1", 16)

    def gets_ticket(self, password: str) -> bool:
        """Say whether a password gets a Kerberos ticket."""
        where = self.samba.controller
        with tempfile.TemporaryDirectory() as folder:
            configuration = Path(folder) / "krb5.conf"
            configuration.write_text(
                f"[libdefaults]\n default_realm = {where.realm}\n dns_lookup_kdc = false\n udp_preference_limit = 1\n"
                f"[realms]\n {where.realm} = {{\n  kdc = {where.address}\n }}\n"
            )
            done = subprocess.run(
                ["kinit", "-c", f"{folder}/ticket", f"{self.name}@{where.realm}"],
                input=f"{password}\n",
                text=True,
                capture_output=True,
                check=False,
                env={**os.environ, "KRB5_CONFIG": str(configuration)},
            )
        return done.returncode == 0

    def lock(self) -> None:
        """Have them locked out by wrong passwords."""
        for _try in range(4):
            self.answers("Wrong-Passw0rd-0")
        assert self.answers(self.password) == 0x775

    def remove(self) -> None:
        """Delete them."""
        self.do("remove")

    def do(self, what: str, **words: object) -> object:
        """Do something to them as who has the domain's files."""
        return self.samba.controller.do(what, name=self.name, **words)


def is_up(address: str) -> bool:
    """Say whether something answers where a domain controller would."""
    with contextlib.suppress(OSError), socket.create_connection((address, 636), 1):
        return True
    return False


def _leased(addresses: Iterable[str]) -> tuple[str, socket.socket]:
    """Take the first address that no domain has, of this run or another's; it is taken for as long as the socket is open.

    The socket has a name of the kernel's, not of a folder's: it is known where the loopback addresses are, and leaves nothing.
    """
    for address in addresses:
        taken = socket.socket(socket.AF_UNIX)
        with contextlib.suppress(OSError):
            taken.bind(f"\0rekey-domain-{address}")
            if not is_up(address):
                return address, taken
        taken.close()
    raise AssertionError("every address for a domain is taken")


@contextlib.contextmanager
def shared(realm: str, address: str) -> Iterator[Samba]:
    """Give a domain that all workers of a run share: the first that asks has it started, and it ends with the run."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
    state = cached() / f"{realm}-{run}.json"
    with (cached() / f"{realm}.start").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = json.loads(state.read_text()) if state.exists() else None
        if known is None or not is_up(known["address"]):  # of a process of the same number, long ago
            folder = Path(tempfile.mkdtemp(prefix="samba-")) / "dc"
            found_at, taken = _leased((address, *_SPARE))
            with taken:
                _keep(restored(folder, realm, found_at), state, taken)
            known = json.loads(state.read_text())
    found = Controller(Path(known["folder"]), realm=realm, address=known["address"])
    try:
        yield Samba(found)
    finally:
        found.close()


def _keep(found: Controller, state: Path, taken: socket.socket) -> None:
    """Have a process of its own run the domain until the run is over: a worker may end before that."""
    run = os.getppid() if os.environ.get("PYTEST_XDIST_WORKER") else os.getpid()
    words = [str(found.folder), found.realm, found.address, str(run), str(state)]
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tests.directory.keeping", *words],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        pass_fds=(taken.fileno(),),
    )
    assert keeper.stdout is not None
    with keeper.stdout as said:
        first = said.readline()
        assert first == "ready\n", first + said.read()
    keeper.returncode = 0  # it outlives us, and is nobody's to wait for


@contextlib.contextmanager
def own() -> Iterator[Samba]:
    """Give a domain of the test's own, which it may stop and spoil."""
    address, taken = _leased(_SPARE)
    with taken, tempfile.TemporaryDirectory(prefix="samba-", ignore_cleanup_errors=True) as folder:
        found = restored(Path(folder) / "dc", CONNECT[0], address)
        try:
            found.start()
            yield Samba(found)
        finally:
            found.stop()


def skip_unless_here() -> None:
    """Skip a test where no domain controller can run, and say why."""
    if why := lacking():
        pytest.skip(why)
