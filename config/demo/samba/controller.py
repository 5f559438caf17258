"""A domain controller: provisioned once into a folder, then started and stopped; standard ports on an address of its own.

It needs root, and none of a container's withheld privileges. No name server is part of it: it is reached by its address.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any

from config.demo.samba import certificates
from config.demo.tether import tied

PYTHON = "/usr/bin/python3"
#: What it needs, by Debian's packages; each is known by a file of its own, since most of them bring no program.
_PACKAGES = {
    "samba": "usr/sbin/samba",
    "samba-ad-provision": "usr/share/samba/setup/provision.ldif",
    "samba-dsdb-modules": "usr/lib/*/samba/ldb/samba_dsdb.so",
    "samba-vfs-modules": "usr/lib/*/samba/vfs/posix_eadb.so",
    "python3-samba": "usr/lib/python3/dist-packages/samba/samdb.py",
}
SERVICE, SERVICE_PASSWORD = "svc-rekey", "Serv1ce-Passw0rd!"
PEOPLE = "People"
_READY = 30.0
_PROVISIONED = "provisioned.json"


class Missing(Exception):
    """The domain controller cannot run here; the text says what to install."""


class SambaProblem(Exception):
    """Samba did not do what it was asked."""


def refuse_missing() -> None:
    """Raise `Missing` where something that Samba needs is not here."""
    if os.geteuid() != 0:
        raise Missing("A domain controller needs root: its ports are below 1024.")
    if lacking := [package for package, file in _PACKAGES.items() if not any(Path("/").glob(file))]:
        raise Missing(f"A domain controller needs Samba: apt install {' '.join(lacking)}")


class Controller:
    """One domain in one folder."""

    def __init__(self, folder: Path, *, realm: str, address: str, host: str = "dc1") -> None:
        self.folder, self.realm, self.address = folder, realm.upper(), address
        self.domain = realm.lower()
        self.host = f"{host}.{self.domain}"
        self.base = ",".join(f"DC={part}" for part in self.domain.split("."))
        self.process: subprocess.Popen[bytes] | None = None
        self._seeding: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"ldaps://{self.address}:636"

    @property
    def ca_file(self) -> Path:
        """Who issued its certificate."""
        return self.folder / "tls" / "ca.pem"

    @property
    def service(self) -> str:
        """The name of the account that may reset passwords of people."""
        return f"CN={SERVICE},CN=Users,{self.base}"

    @property
    def people(self) -> str:
        """Where people are."""
        return f"OU={PEOPLE},{self.base}"

    def is_provisioned(self) -> bool:
        """Say whether the domain is there."""
        return (self.folder / _PROVISIONED).exists()

    def provision(self) -> None:
        """Make the domain, its service account and its place for people: about ten seconds."""
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in ("etc", "tls", "run", "log"):
            (self.folder / name).mkdir(parents=True)
        empty = self.folder / "empty.conf"
        empty.write_text("")
        short = self.domain.partition(".")[0].upper()
        options = {
            "interfaces": f"{self.address}/8",
            "bind interfaces only": "yes",
            "pid directory": f"{self.folder}/run",
            "ncalrpc dir": f"{self.folder}/run/ncalrpc",
            # Rights of shares beside the files, not at them: that takes a privilege which containers do not have.
            "posix:eadb": f"{self.folder}/private/eadb.tdb",
        }
        self._run(
            "samba-tool",
            "domain",
            "provision",
            f"--configfile={empty}",
            f"--targetdir={self.folder}",
            f"--realm={self.realm}",
            f"--domain={short}",
            "--server-role=dc",
            "--dns-backend=NONE",
            "--adminpass=Adm1n-Passw0rd!",
            f"--host-name={self.host.partition('.')[0]}",
            f"--host-ip={self.address}",
            *(f"--option={name}={value}" for name, value in options.items()),
        )
        self.configure()
        self.do("place", name=PEOPLE)
        self.do("person", name=SERVICE, password=SERVICE_PASSWORD, place="", attributes={})
        self.do("delegate", name=SERVICE, place=PEOPLE)
        self.do("rules")
        self.close()
        (self.folder / _PROVISIONED).write_text(json.dumps({"realm": self.realm}))

    def configure(self) -> None:
        """Write its configuration and a certificate for its address; what was provisioned elsewhere can be moved here so."""
        for name in ("run", "log"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        if not self.ca_file.exists():
            certificates.issue(self.folder / "tls", self.host, self.address)
        settings = {
            "netbios name": self.host.partition(".")[0].upper(),
            "realm": self.realm,
            "workgroup": self.domain.partition(".")[0].upper(),
            "server role": "active directory domain controller",
            "server services": "ldap, kdc",
            "bind interfaces only": "yes",
            "interfaces": f"{self.address}/8",
            "private dir": f"{self.folder}/private",
            "lock directory": self.folder,
            "state directory": f"{self.folder}/state",
            "cache directory": f"{self.folder}/cache",
            "binddns dir": f"{self.folder}/bind-dns",
            "pid directory": f"{self.folder}/run",
            "ncalrpc dir": f"{self.folder}/run/ncalrpc",
            "log file": f"{self.folder}/log/samba.log",
            # Otherwise the password before opens the domain for an hour more.
            "old password allowed period": "0",
            "tls enabled": "yes",
            "tls certfile": f"{self.folder}/tls/cert.pem",
            "tls keyfile": f"{self.folder}/tls/key.pem",
            "tls cafile": f"{self.folder}/tls/ca.pem",
            "tls priority": "NORMAL:-VERS-TLS-ALL:+VERS-TLS1.2:+VERS-TLS1.3",
        }
        lines = [f" {name} = {value}" for name, value in settings.items()]
        self._configuration.write_text("\n".join(["[global]", *lines, ""]))

    def start(self) -> None:
        """Start it, and wait until it answers. It ends with this process."""
        with (self.folder / "log" / "out").open("ab") as log:
            self.process = subprocess.Popen(  # our own words
                [
                    *("samba", "-F", "--no-process-group", "--debug-stdout", "-d1"),
                    *(f"--configfile={self._configuration}", "-M", "single"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=tied(signal.SIGTERM),  # noqa: PLW1509  # no threads are there yet
            )
        self.await_ready()

    def await_ready(self) -> None:
        """Wait until it answers with its certificate."""
        context = ssl.create_default_context(cafile=str(self.ca_file))
        deadline = time.monotonic() + _READY
        while True:
            if self.process is not None and self.process.poll() is not None:
                raise SambaProblem(f"samba ended: {self._said()}")
            with (
                contextlib.suppress(OSError),
                socket.create_connection((self.address, 636), 1) as plain,
                context.wrap_socket(plain, server_hostname=self.address),
            ):
                return
            if time.monotonic() > deadline:
                raise SambaProblem(f"nothing answers at {self.address}: {self._said()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it, so that its ports are free again."""
        self.close()
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def do(self, what: str, **words: Any) -> Any:
        """Do something to the domain by its files (`seeding.Seeding`), whether it runs or not."""
        if self._seeding is None:
            self._seeding = subprocess.Popen(  # our own words
                [PYTHON, seeding_file(), str(self._configuration)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env={"PATH": os.environ.get("PATH", os.defpath)},
            )
        assert self._seeding.stdin is not None
        assert self._seeding.stdout is not None
        self._seeding.stdin.write(json.dumps({"do": what, **words}) + "\n")
        self._seeding.stdin.flush()
        line = self._seeding.stdout.readline()
        told = json.loads(line) if line else {"problem": "the program that has its files ended"}
        if "problem" in told:
            raise SambaProblem(f"{what}: {told['problem']}")
        return told["found"]

    def close(self) -> None:
        """Let go of its files."""
        if self._seeding is not None:
            assert self._seeding.stdin is not None
            assert self._seeding.stdout is not None
            self._seeding.stdin.close()
            self._seeding.wait(10)
            self._seeding.stdout.close()
            self._seeding = None

    @property
    def _configuration(self) -> Path:
        return self.folder / "etc" / "smb.conf"

    def _said(self) -> str:
        """Return the end of what it said: who reads it may come when the folder is gone."""
        return (self.folder / "log" / "out").read_text(errors="replace").strip()[-500:]

    def _run(self, *command: str) -> None:
        done = subprocess.run(  # our own words
            command, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SambaProblem(f"{command[0]} {command[1]}: {done.stderr.strip()[-500:]}")


def seeding_file() -> str:
    """Return the file of the program that has a domain's files; it is run by another Python."""
    return str(Path(__file__).with_name("seeding.py"))
