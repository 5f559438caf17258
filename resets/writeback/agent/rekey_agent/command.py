"""The command rekey-agent: enrol, check, run, roll, version."""

import argparse
import logging
import signal
import sys
from pathlib import Path
from types import FrameType

from rekey_agent import VERSION, remedies, trust
from rekey_agent.base64url import decoded
from rekey_agent.config import Config, ConfigProblem, read
from rekey_agent.directories import UnknownKind, made
from rekey_agent.keys import Identity, Pair, Store
from rekey_agent.portal import NOBODY, Portal, PortalDown, Refused
from rekey_agent.service import Service
from rekey_agent.session import Session

_DEFAULT = "/etc/rekey-agent/agent.toml"
_CONFIG, _PORTAL, _NOBODY_HERE = 2, 1, 3


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status (docs/agent.md lists them)."""
    parser = argparse.ArgumentParser(prog="rekey-agent", description="Sets passwords in a directory for a Rekey portal.")
    acts = parser.add_subparsers(dest="act", required=True)
    for name, about in (
        ("enrol", "enrol by the one-time code that an administrator was shown"),
        ("check", "check the directory, and say what to mend"),
        ("run", "run, until it is ended"),
        ("roll", "renew the agent's keys now"),
    ):
        act = acts.add_parser(name, help=about)
        act.add_argument("--config", type=Path, default=Path(_DEFAULT), help=f"the configuration ({_DEFAULT})")
        if name == "enrol":
            act.add_argument("--code", help="the code; asked for where it is not given")
    acts.add_parser("version", help="say which version this is")
    asked = parser.parse_args(arguments)
    if asked.act == "version":
        print(VERSION)
        return 0
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(threadName)s: %(message)s"
    )
    try:
        return _done(asked)
    except (ConfigProblem, UnknownKind) as problem:
        print(problem, file=sys.stderr)
        return _CONFIG
    except Refused as refused:
        print(f"The portal refuses: {refused}", file=sys.stderr)
        return _PORTAL
    except PortalDown as down:
        print(f"The portal cannot be asked: {down}", file=sys.stderr)
        return _PORTAL


def _done(asked: argparse.Namespace) -> int:
    config = read(asked.config)
    store = Store(config.state)
    if asked.act == "enrol":
        return _enrol(config, store, asked.code or input("Code: "))
    if asked.act == "check":
        return _check(config)
    identity = store.load()
    if identity is None:
        print("This agent is not enrolled: rekey-agent enrol --code …", file=sys.stderr)
        return _NOBODY_HERE
    session = Session(identity, store)
    if asked.act == "roll":
        session.roll(Portal(config.portal, ca_file=config.portal_ca_file))
        return 0
    return _run(config, session, store)


def _enrol(config: Config, store: Store, code: str) -> int:
    store.prepare()
    pair, portal = Pair.new(), Portal(config.portal, ca_file=config.portal_ca_file)
    said = {"code": code, "name": config.name, "version": VERSION, "kind": config.directory.kind, **pair.public}
    told = portal.ask("enrol", said, agent=NOBODY, pair=pair)
    key = decoded(str(told["portal_key"]))
    if not trust.names(code, key):
        print("The portal's key is not the one that the code names. Somebody may be in between: revoke this agent.", file=sys.stderr)
        return _PORTAL
    store.save(
        Identity(
            agent=str(told["agent"]),
            organization=str(told["organization"]),
            domain=str(told["domain"]),
            domain_name=str(told["domain_name"]),
            current=pair,
            portal_keys=(key,),
            wait_url=str(told.get("wait_url", "")),
        )
    )
    print(f"Enrolled for {told['domain_name']}. Now run: rekey-agent check, then rekey-agent run.")
    return 0


def _check(config: Config) -> int:
    directory = made(config.directory)
    checks = directory.check()
    directory.close()
    for one in checks:
        print(f"{'ok  ' if one.ok else 'BAD '} {one.code}{': ' if one.detail else ''}{one.detail}")
        if not one.ok:
            print(f"     {remedies.WORDS[one.code]}")
    return 0 if all(one.ok for one in checks) else _PORTAL


def _run(config: Config, session: Session, store: Store) -> int:
    service = Service(config, session, store)

    def end(_number: int, _frame: FrameType | None) -> None:
        service.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    logging.getLogger(__name__).info("rekey-agent %s for %s", VERSION, session.identity.domain_name)
    return service.run()
