"""Northwind's domain in the demo: a domain controller of Samba's with a few people in it, and two agents beside it.

It leaves Django to the programs that it starts, as the launcher does.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from config.demo.children import Children, private
from config.demo.samba.controller import PEOPLE, SERVICE_PASSWORD, Controller
from config.demo.tether import tied

ROOT = Path(__file__).resolve().parents[2]
AGENT = ROOT / "resets" / "writeback" / "agent"
REALM, ADDRESS = "CORP.NORTHWIND.EXAMPLE", "127.0.0.5"
PORTS = (88, 389, 464, 636)
PASSWORD = "Monday-Morning-7"
AGENTS = ("agent1", "agent2")
#: Each with a name and with what is special about them in the domain.
_PEOPLE = (
    ("dana", "Dana Smith", ""),
    ("eli", "Eli Okafor", "locked out of the domain"),
    ("fay", "Fay Lind", "must change the password at the next logon"),
)
_LOCKED, _MUST_CHANGE = "eli", "fay"
#: Bytes of the name of a Unix socket, without what Samba appends to its folder.
_SOCKET = 107 - len("/private/msg.sock/4194304")
#: As long as Windows' own page lets a lockout last: the demo's is there until somebody unlocks it.
_LOCKOUT = 99_999 * 60


class DirectoryProblem(Exception):
    """The domain or its agents cannot be brought up; the text says why, in one line for people."""


def controller(data: Path) -> Controller:
    """Return the domain as it is kept in a folder; it need not be there yet."""
    return Controller(data / "directory" / "dc", realm=REALM, address=ADDRESS)


def refuse_long(data: Path) -> None:
    """Refuse a folder in which the domain controller could make no sockets: their names are short."""
    longest = _SOCKET - len(str(controller(Path()).folder)) - 1
    if len(os.fsencode(data)) > longest:
        raise DirectoryProblem(
            f"The folder {data} has too long a name for a domain controller's sockets: "
            f"REKEY_DATA names another, of {longest} bytes at most."
        )


def refuse_taken() -> None:
    """Find out before anything is started that somebody listens at the domain controller's address."""
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((ADDRESS, port))
                probe.listen()
            except OSError as problem:
                raise DirectoryProblem(
                    f"The domain controller's address {ADDRESS}:{port} cannot be had ({problem.strerror}). "
                    "Does another demo with a domain run?"
                ) from problem


def prepare(found: Controller) -> None:
    """Provision the domain with its people, once."""
    found.folder.parent.mkdir(parents=True, exist_ok=True)
    found.folder.parent.chmod(0o700)
    complete = found.folder / "people"
    if complete.exists():
        found.configure()
    else:  # also what an interrupted start has left
        found.provision()
        _seed(found)
        complete.touch()


def people() -> list[dict[str, str]]:
    """Return what the welcome says of the domain's people."""
    return [
        {
            "host": "northwind.localhost",
            "sign_in_name": f"{name}@northwind.example",
            "password": PASSWORD,
            "note": f"in the domain; registered {name}@home.example{f'; {special}' if special else ''}",
        }
        for name, _shown, special in _PEOPLE
    ]


def start_agents(data: Path, port: int, found: Controller, children: Children) -> None:
    """Enrol the agents where they do not stand in the portal, and start them; an administrator may revoke one."""
    standing = _standing([data / "directory" / name for name in AGENTS])
    for name in AGENTS:
        folder = data / "directory" / name
        configuration = _configure(folder, name, found, port)
        if folder not in standing:
            _enrol(configuration)
        command = [sys.executable, "-m", "rekey_agent", "run", "--config", str(configuration)]
        children.start(name, command, ROOT, vital=False)


def await_people() -> None:
    """Wait until the agents have brought the domain's people."""
    _said("manage.py", "demo_directory", "people")


def _seed(found: Controller) -> None:
    for name, shown, _special in _PEOPLE:
        attributes = {
            "userPrincipalName": f"{name}@northwind.example",
            "displayName": shown,
            "mail": f"{name}@northwind.example",
        }
        found.do("person", name=name, password=PASSWORD, place=PEOPLE, attributes=attributes)
    found.do("rules", lockout=_LOCKOUT)
    found.do("password", name=_MUST_CHANGE, password=PASSWORD, must_change=True)
    found.do("lock", name=_LOCKED)
    found.close()


def _configure(folder: Path, name: str, found: Controller, port: int) -> Path:
    """Write an agent's configuration, and return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    with os.fdopen(private(f"{folder}/password", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "w") as file:
        file.write(SERVICE_PASSWORD)
    configuration = folder / "agent.toml"
    configuration.write_text(
        f'portal = "http://northwind.localhost:{port}"\nname = "{name}"\nstate = "{folder}/state"\n\n[directory]\n'
        f'kind = "active_directory"\nurl = "{found.url}"\nbind_dn = "{found.service}"\n'
        f'password_file = "{folder}/password"\nca_file = "{found.ca_file}"\nbase = "{found.base}"\n'
        f'ous = ["{found.people}"]\n'
    )
    return configuration


def _standing(folders: Sequence[Path]) -> set[Path]:
    """Return the folders of those that are enrolled, and whom the portal knows and has not revoked."""
    files = {folder: folder / "state" / "identity.json" for folder in folders}
    names = {
        str(json.loads(file.read_text())["agent"]): folder for folder, file in files.items() if file.exists()
    }
    known = _said("manage.py", "demo_directory", "standing", *names).split() if names else []
    return {names[name] for name in known}


def _enrol(configuration: Path) -> None:
    """Enrol an agent by a code of the moment, which no list of processes shows."""
    code = _said("manage.py", "demo_directory", "code").split()[-1]
    _said("-m", "rekey_agent", "enrol", "--again", "--config", str(configuration), typed=f"{code}\n")


def _said(*command: str, typed: str = "") -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=tied(signal.SIGTERM),
    )
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        raise DirectoryProblem(f"The domain could not be joined: {words[-1].removeprefix('CommandError: ')}")
    return done.stdout
