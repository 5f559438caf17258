"""Northwind's domain in the demo: a domain controller of Samba's with a few people in it, and two agents beside it.

It leaves Django to the programs that it starts, as the launcher does.
"""

import signal
import subprocess
import sys
from pathlib import Path

from config.demo.children import Children, private
from config.demo.samba.controller import PEOPLE, SERVICE_PASSWORD, Controller
from config.demo.tether import tied

ROOT = Path(__file__).resolve().parents[2]
AGENT = ROOT / "resets" / "writeback" / "agent"
REALM, ADDRESS = "CORP.NORTHWIND.EXAMPLE", "127.0.0.5"
PASSWORD = "Monday-Morning-7"
AGENTS = ("agent1", "agent2")
#: Each with a name and with what is special about them in the domain.
_PEOPLE = (
    ("dana", "Dana Smith", ""),
    ("eli", "Eli Okafor", "locked out of the domain"),
    ("fay", "Fay Lind", "must change the password at the next logon"),
)
_LOCKED, _MUST_CHANGE = "eli", "fay"


def controller(data: Path) -> Controller:
    """Return the domain, which is provisioned the first time."""
    return Controller(data / "directory" / "dc", realm=REALM, address=ADDRESS)


def prepare(found: Controller) -> None:
    """Provision the domain with its people, once."""
    found.folder.parent.mkdir(parents=True, exist_ok=True)
    found.folder.parent.chmod(0o700)
    if not found.is_provisioned():
        found.provision()
        for name, shown, _special in _PEOPLE:
            attributes = {
                "userPrincipalName": f"{name}@northwind.example",
                "displayName": shown,
                "mail": f"{name}@northwind.example",
            }
            found.do("person", name=name, password=PASSWORD, place=PEOPLE, attributes=attributes)
        found.do("password", name=_MUST_CHANGE, password=PASSWORD, must_change=True)
        found.do("lock", name=_LOCKED)
        found.close()
    else:
        found.configure()


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


def configure(data: Path, name: str, found: Controller, port: int) -> Path:
    """Write an agent's configuration, and return its file."""
    folder = data / "directory" / name
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    with open(folder / "password", "w", opener=private) as file:  # noqa: PTH123  # private from its first moment
        file.write(SERVICE_PASSWORD)
    configuration = folder / "agent.toml"
    configuration.write_text(
        f'portal = "http://northwind.localhost:{port}"\nname = "{name}"\nstate = "{folder}/state"\n\n[directory]\n'
        f'kind = "active_directory"\nurl = "{found.url}"\nbind_dn = "{found.service}"\n'
        f'password_file = "{folder}/password"\nca_file = "{found.ca_file}"\nbase = "{found.base}"\n'
        f'ous = ["{found.people}"]\n'
    )
    return configuration


def enrol(configuration: Path) -> None:
    """Enrol an agent by a code of the moment, where it is not enrolled yet."""
    if (configuration.parent / "state" / "identity.json").exists():
        return
    code = _said("manage.py", "demo_directory", "code").splitlines()[-1]
    _said("-m", "rekey_agent", "enrol", "--config", str(configuration), "--code", code)


def start(children: Children, name: str, configuration: Path) -> None:
    """Start an agent among the demo's programs."""
    children.start(name, [sys.executable, "-m", "rekey_agent", "run", "--config", str(configuration)], ROOT)


def await_people() -> None:
    """Wait until the agents have brought the domain's people."""
    _said("manage.py", "demo_directory", "people")


def _said(*command: str) -> str:
    done = subprocess.run(  # noqa: S603  # our own words
        [sys.executable, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=tied(signal.SIGTERM),  # noqa: PLW1509  # no threads are there
    )
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        raise OSError(f"{command[0]} {command[1]}: {words[-1]}")
    return done.stdout
