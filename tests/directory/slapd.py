"""OpenLDAP with its password policy, on a port of its own: ready in half a second."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import ldap3

from config.demo.samba import certificates
from config.demo.tether import tied
from rekey_agent.directories.directory import DirectorySettings

BASE = "dc=ldap,dc=test"
PEOPLE = f"ou=people,{BASE}"
SERVICE, SERVICE_PASSWORD = f"cn=svc,{BASE}", "Serv1ce-Passw0rd!"
ROOT, ROOT_PASSWORD = f"cn=root,{BASE}", "R00t-Passw0rd!"
POLICY = f"cn=default,ou=policies,{BASE}"
PASSWORD = "First-Passw0rd-1"
_CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
moduleload argon2
moduleload memberof
password-hash {{ARGON2}}
pidfile {folder}/slapd.pid
TLSCACertificateFile {folder}/tls/ca.pem
TLSCertificateFile {folder}/tls/cert.pem
TLSCertificateKeyFile {folder}/tls/key.pem
database mdb
suffix {base}
rootdn {root}
rootpw {root_password}
directory {folder}/db
maxsize 33554432
sizelimit {limit}
overlay memberof
overlay ppolicy
ppolicy_default {policy}
ppolicy_hash_cleartext
ppolicy_use_lockout
access to dn.subtree="{people}" attrs=userPassword by dn.exact="{service}" =xw by self =xw by anonymous auth by * none
access to dn.subtree="{people}" attrs=pwdAccountLockedTime,pwdReset by dn.exact="{service}" write by * break
access to dn.subtree="{people}" by dn.exact="{service}" read by * break
access to dn.subtree="ou=policies,{base}" by dn.exact="{service}" read by * break
access to dn.base="{base}" by dn.exact="{service}" read by * break
access to attrs=userPassword by anonymous auth by * none
access to * by * none
"""
_ENTRIES = f"""dn: {BASE}
objectClass: dcObject
objectClass: organization
o: LDAP
dc: ldap

dn: {PEOPLE}
objectClass: organizationalUnit
ou: people

dn: ou=policies,{BASE}
objectClass: organizationalUnit
ou: policies

dn: {POLICY}
objectClass: organizationalRole
objectClass: pwdPolicy
cn: default
pwdAttribute: userPassword
pwdMinLength: 8
pwdInHistory: 3
pwdCheckQuality: 2
pwdLockout: TRUE
pwdMaxFailure: 3
pwdLockoutDuration: 1800
pwdMustChange: TRUE

dn: {SERVICE}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: svc
userPassword: {SERVICE_PASSWORD}
"""


def lacking() -> str:
    """Return why no OpenLDAP can run here; nothing where it can."""
    return "" if shutil.which("slapd") else "OpenLDAP is not here: apt install slapd"


@dataclass
class Slapd:
    """A directory as a test sees it."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"ldaps://127.0.0.1:{self.port}"

    @property
    def settings(self) -> DirectorySettings:
        """How an agent reaches it."""
        return DirectorySettings(
            kind="openldap",
            url=self.url,
            bind_dn=SERVICE,
            password=SERVICE_PASSWORD,
            base=BASE,
            ous=(PEOPLE,),
            ca_file=str(self.folder / "tls" / "ca.pem"),
            policy_dn=POLICY,
        )

    def root(self) -> ldap3.Connection:
        """Return a connection as who may do everything."""
        return self._bound(ROOT, ROOT_PASSWORD)

    def person(self, name: str = "", password: str = PASSWORD, **attributes: str) -> "Entry":
        """Add somebody."""
        name = name or f"u{uuid.uuid4().hex[:10]}"
        dn = f"uid={name},{PEOPLE}"
        root = self.root()
        values = {
            "cn": name,
            "sn": name,
            "mail": f"{name}@contoso.example",
            "userPassword": password,
            **attributes,
        }
        assert root.add(dn, ["inetOrgPerson"], values), root.result
        root.search(dn, "(objectClass=*)", ldap3.BASE, attributes=["entryUUID"])
        guid = root.response[0]["raw_attributes"]["entryUUID"][0].decode()
        root.unbind()
        return Entry(self, name, dn, guid, password)

    @contextlib.contextmanager
    def asking_for(self, length: int) -> Iterator[None]:
        """Have the default policy ask for so many characters, for a while."""
        root = self.root()
        assert root.modify(POLICY, {"pwdMinLength": [(ldap3.MODIFY_REPLACE, [str(length)])]}), root.result
        try:
            yield
        finally:
            root.modify(POLICY, {"pwdMinLength": [(ldap3.MODIFY_REPLACE, ["8"])]})
            root.unbind()

    def group(self, name: str, *members: str) -> str:
        """Add a group of people by their names; return its name."""
        root = self.root()
        dn = f"cn={name},{PEOPLE}"
        assert root.add(dn, ["groupOfNames"], {"cn": name, "member": list(members)}), root.result
        root.unbind()
        return dn

    def _bound(self, dn: str, password: str) -> ldap3.Connection:
        tls = ldap3.Tls(validate=2, version=16, ca_certs_file=str(self.folder / "tls" / "ca.pem"))
        server = ldap3.Server("127.0.0.1", port=self.port, use_ssl=True, tls=tls, get_info=ldap3.NONE)
        connection = ldap3.Connection(server, dn, password)
        connection.bind()
        return connection


@dataclass
class Entry:
    """Somebody of the directory."""

    slapd: Slapd
    name: str
    dn: str
    guid: str
    password: str

    @property
    def sign_in_name(self) -> str:
        """By what they sign in."""
        return f"{self.name}@contoso.example"

    def opens(self, password: str) -> bool:
        """Say whether a password opens the directory."""
        connection = self.slapd._bound(self.dn, password)
        found = bool(connection.bound)
        connection.unbind()
        return found

    def remove(self) -> None:
        """Delete them."""
        root = self.slapd.root()
        assert root.delete(self.dn), root.result
        root.unbind()

    def lock(self) -> None:
        """Have them locked out by wrong passwords."""
        for _try in range(4):
            self.opens("Wrong-Passw0rd-0")
        assert not self.opens(self.password)


@contextlib.contextmanager
def started(limit: str = "unlimited") -> Iterator[Slapd]:
    """Give a directory with nobody in it, and with a limit to how many are found at once."""
    with tempfile.TemporaryDirectory(prefix="slapd-", ignore_cleanup_errors=True) as text:
        folder = Path(text)
        (folder / "db").mkdir()
        certificates.issue(folder / "tls", "ldap.test", "127.0.0.1")
        configuration = folder / "slapd.conf"
        words = {
            "folder": folder,
            "base": BASE,
            "root": ROOT,
            "root_password": ROOT_PASSWORD,
            "policy": POLICY,
            "service": SERVICE,
            "limit": limit,
            "people": PEOPLE,
        }
        configuration.write_text(_CONFIGURATION.format(**words))
        subprocess.run(
            ["slapadd", "-q", "-f", str(configuration)],
            input=_ENTRIES,
            text=True,
            check=True,
            capture_output=True,
        )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        process = subprocess.Popen(
            ["slapd", "-d", "0", "-f", str(configuration), "-h", f"ldaps://127.0.0.1:{port}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=tied(signal.SIGTERM),  # noqa: PLW1509 - from the main thread
            env={**os.environ},
        )
        try:
            _await(port, process)
            yield Slapd(folder, port)
        finally:
            process.terminate()
            process.wait(10)


def _await(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        assert process.poll() is None, "slapd ended"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise AssertionError("slapd does not answer")
