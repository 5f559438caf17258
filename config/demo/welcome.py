"""What the demo says when it is up: where to go, and as whom."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

COLUMNS = ("host", "sign_in_name", "password", "note")


def welcome(people: Sequence[Mapping[str, str]], port: int, data: Path) -> str:
    """Return the page of text: each host with its people below it."""
    hosts = list(dict.fromkeys(person["host"] for person in people)) or ["localhost"]
    widths = {name: max((len(person[name]) for person in people), default=0) for name in COLUMNS}
    lines = ["", "Rekey is up."]
    for host in hosts:
        lines += ["", f"  http://{host}:{port}/"]
        lines += _people((person for person in people if person["host"] == host), widths)
    if any(person["note"].startswith("in the domain") for person in people):
        command = f"REKEY_DATA={shlex.quote(str(data))} .venv/bin/python -m config.demo.opens dana"
        lines += ["", f"  {command}   says whether a password opens the domain"]
    lines += [
        "",
        f"  http://{hosts[0]}:{port}/inbox/   every mail sent, and the administrators' current codes",
        "",
        f"What the programs say: {data}/*.log. Deleting {data} begins anew. Ctrl-C ends everything.",
        "",
    ]
    return "\n".join(lines)


def _people(people: Iterable[Mapping[str, str]], widths: Mapping[str, int]) -> list[str]:
    """Return one aligned line for each person."""
    names = COLUMNS[1:]
    return [
        "    " + "   ".join(f"{person[name]:<{widths[name]}}" for name in names).rstrip() for person in people
    ]
