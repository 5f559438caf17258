"""Two domains of Samba's for the run, shared by all workers, and domains of a test's own, restored from what was provisioned once."""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import uuid
from collections.abc import Iterator
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
PASSWORD = "First-Passw0rd-1"


def lacking() -> str:
    """Return why no domain controller can run here; nothing where one can."""
    try:
        refuse_missing()
    except Missing as missing:
        return str(missing)
    return ""


def cached() -> Path:
    """Return the folder of what was provisioned, named by what provisions it."""
    digest = hashlib.sha256()
    for file in (controller.__file__, certificates.__file__, seeding_file()):
        digest.update(Path(file).read_bytes())
    found = ROOT / ".rekey" / f"samba-{digest.hexdigest()[:12]}"
    found.mkdir(parents=True, exist_ok=True)
    return found


def restored(folder: Path, realm: str, address: str) -> Controller:
    """Return a domain that is ready to be started: provisioned the first time, unpacked afterwards."""
    packed = cached() / f"{realm}.tar.gz"
    with (cached() / f"{realm}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not packed.exists():
            with tempfile.TemporaryDirectory(prefix="samba-") as made:
                provisioned = Controller(Path(made) / "dc", realm=realm, address=address)
                provisioned.provision()
                shutil.rmtree(provisioned.folder / "tls")
                with tarfile.open(packed.with_suffix(".new"), "w:gz", compresslevel=1) as tar:
                    tar.add(provisioned.folder, ".")
                packed.with_suffix(".new").replace(packed)
    folder.mkdir(parents=True)
    # Samba keeps rights on what is shared in extended attributes, which nothing here shares.
    with tarfile.open(packed) as tar:
        tar.extractall(folder, filter="fully_trusted")
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
        return Person(self, name, guid, password)


@dataclass
class Person:
    """Somebody of a domain."""

    samba: Samba
    name: str
    guid: str
    password: str

    @property
    def dn(self) -> str:
        """Where they are."""
        return f"CN={self.name},{self.samba.controller.people}"

    @property
    def sign_in_name(self) -> str:
        """By what they sign in."""
        return f"{self.name}@contoso.example"

    def opens(self, password: str) -> bool:
        """Say whether a password opens the domain by LDAP."""
        return self.answers(password) == 0

    def answers(self, password: str) -> int:
        """Return what a bind is answered: 0, or the number behind `data`."""
        where = self.samba.controller
        tls = ldap3.Tls(validate=2, version=16, ca_certs_file=str(where.ca_file))
        server = ldap3.Server(where.address, port=636, use_ssl=True, tls=tls, get_info=ldap3.NONE)
        connection = ldap3.Connection(server, self.dn, password)
        with contextlib.suppress(LDAPException):
            if connection.bind():
                connection.unbind()
                return 0
        said = str(connection.result.get("message", ""))
        connection.unbind()
        return int(said.partition("data ")[2].partition(",")[0] or "1", 16)

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

    def do(self, what: str, **words: object) -> object:
        """Do something to them as who has the domain's files."""
        return self.samba.controller.do(what, name=self.name, **words)


def _is_up(address: str) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((address, 636), 1):
        return True
    return False


@contextlib.contextmanager
def shared(realm: str, address: str) -> Iterator[Samba]:
    """Give a domain that all workers of a run share: the first that asks has it started, and it ends with the run."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
    state = cached() / f"{realm}.running"
    with (cached() / f"{realm}.start").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = json.loads(state.read_text()) if state.exists() else {}
        if known.get("run") != run:
            _await_free(address)
            folder = Path(tempfile.mkdtemp(prefix="samba-")) / "dc"
            found = restored(folder, realm, address)
            _keep(found)
            found.await_ready()
            state.write_text(json.dumps({"run": run, "folder": str(folder)}))
        else:
            found = Controller(Path(known["folder"]), realm=realm, address=address)
    yield Samba(found)
    found.close()


def _keep(found: Controller) -> None:
    """Have a process of its own keep the domain running until the run is over; a worker may end before that."""
    run = os.getppid() if os.environ.get("PYTEST_XDIST_WORKER") else os.getpid()
    words = [str(found.folder), found.realm, found.address, str(run)]
    subprocess.Popen(
        [sys.executable, "-m", "tests.directory.keeping", *words],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ).returncode = 0  # it outlives us, and is nobody's to wait for


def _await_free(address: str) -> None:
    """Wait until the domain of a run before this one has ended."""
    deadline = time.monotonic() + 10
    while _is_up(address):
        assert time.monotonic() < deadline, f"something else listens at {address}"
        time.sleep(0.1)


@contextlib.contextmanager
def own() -> Iterator[Samba]:
    """Give a domain of the test's own, which it may stop and spoil."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    with tempfile.TemporaryDirectory(prefix="samba-", ignore_cleanup_errors=True) as folder:
        found = restored(Path(folder) / "dc", CONNECT[0], f"127.0.0.{10 + int(worker)}")
        found.start()
        try:
            yield Samba(found)
        finally:
            found.stop()


def skip_unless_here() -> None:
    """Skip a test where no domain controller can run, and say why."""
    if why := lacking():
        pytest.skip(why)
