"""The command rekey-agent: enrol, check, run, roll, version."""

import argparse
import logging
import signal
import sqlite3
import sys
import time
from pathlib import Path
from types import FrameType

from rekey_agent import VERSION, checking, logs, trust
from rekey_agent.base64url import decoded
from rekey_agent.config import Config, ConfigProblem, read
from rekey_agent.directories import UnknownKind, made
from rekey_agent.keys import Identity, Pair, Store
from rekey_agent.portal import NOBODY, Portal, PortalDown, Refused
from rekey_agent.service import Service
from rekey_agent.session import Session, safe_wait_url

_DEFAULT = "/etc/rekey-agent/agent.toml"
#: Exit statuses, as docs/agent.md lists them.
OK, FAILED, CONFIG, NOBODY_HERE = 0, 1, 2, 3
#: Seconds for which one waits for the running agent to renew its keys.
_PATIENCE = 45.0


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    asked = _parser().parse_args(arguments)
    if asked.act == "version":
        _say(VERSION)
        return OK
    logs.begin()
    try:
        return _done(asked)
    except (ConfigProblem, UnknownKind) as problem:
        _complain(str(problem))
        return CONFIG
    except Refused as refused:
        _complain(f"The portal refuses: {refused}")
        return NOBODY_HERE if refused.code in {"revoked", "unknown_agent"} else FAILED
    except PortalDown as down:
        _complain(f"The portal cannot be asked: {down}")
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rekey-agent", description="Sets passwords in a directory for a Rekey portal."
    )
    acts = parser.add_subparsers(dest="act", required=True)
    for name, about in (
        ("enrol", "enrol by the one-time code that an administrator was shown"),
        ("check", "check the portal and the directory, and say what to mend"),
        ("run", "run, until it is ended"),
        ("roll", "renew the agent's keys now"),
    ):
        act = acts.add_parser(name, help=about)
        act.add_argument(
            "--config", type=Path, default=Path(_DEFAULT), help=f"the configuration ({_DEFAULT})"
        )
        if name == "enrol":
            act.add_argument("--code", help="the code; asked for where it is not given")
            act.add_argument("--again", action="store_true", help="take the place of who is enrolled here")
    acts.add_parser("version", help="say which version this is")
    return parser


def _done(asked: argparse.Namespace) -> int:
    config = read(asked.config)
    made(config.directory).close()  # its kind is known
    store = Store(config.state)
    try:
        return _done_by(asked, config, store)
    finally:
        store.unlock()


def _done_by(asked: argparse.Namespace, config: Config, store: Store) -> int:
    identity = store.load()
    if asked.act == "check":
        return _check(config, identity, store)
    if asked.act == "enrol":
        if identity is not None and not asked.again:
            raise ConfigProblem(
                f"state: an agent for {identity.domain_name} is enrolled in {config.state}. --again takes its place."
            )
        return _enrol(config, store, asked.code or input("Code: "))
    if identity is None:
        _complain("This agent is not enrolled: rekey-agent enrol --code …")
        return NOBODY_HERE
    if asked.act == "roll":
        return _roll(config, identity, store)
    return _run(config, identity, store)


def _enrol(config: Config, store: Store, code: str) -> int:
    if not trust.is_code(code):
        _complain(
            "A code has 32 letters and digits, in groups of four. Copy it whole from the page that shows it."
        )
        return FAILED
    _lock(store)
    store.try_out()
    pair = Pair.new()
    said = {
        "code": code,
        "name": config.name,
        "version": VERSION,
        "kind": config.directory.kind,
        **pair.public,
    }
    told = _portal(config).ask("enrol", said, agent=NOBODY, pair=pair)
    try:
        key = decoded(str(told["portal_key"]))
        identity = Identity(
            agent=str(told["agent"]),
            organization=str(told["organization"]),
            domain=str(told["domain"]),
            domain_name=str(told["domain_name"]),
            current=pair,
            portal_keys=(key,),
            wait_url=safe_wait_url(told),
        )
    except (KeyError, ValueError):
        raise PortalDown("it answers, and not as a portal does") from None
    if not trust.names(code, key):
        _complain(
            "The portal's key is not the one that the code names. Somebody may be in between: revoke this agent there."
        )
        return FAILED
    store.save(identity)
    _say(
        f"Enrolled for {logs.plain(identity.domain_name)}. Now run: rekey-agent check, then rekey-agent run."
    )
    return OK


def _check(config: Config, identity: Identity | None, store: Store) -> int:
    """Print each thing that was looked at, and what to do about it."""
    found = checking.found(config, identity, store, _portal(config))
    for one in found:
        _say(f"{one.mark} {one.code}{': ' if one.detail else ''}{logs.plain(one.detail)}")
        if one.remedy:
            _say(f"     {one.remedy}")
    return FAILED if any(one.is_bad for one in found) else OK


def _roll(config: Config, identity: Identity, store: Store) -> int:
    """Renew the keys, or have the agent do it that runs: nobody else writes down keys meanwhile."""
    if store.lock():
        Session(identity, store).roll(_portal(config))
        return OK
    store.ask_to_roll()
    ends = time.monotonic() + _PATIENCE
    while time.monotonic() < ends:
        known = store.load()
        if known is not None and known.current.public != identity.current.public:
            _say("The agent that runs has renewed its keys.")
            return OK
        time.sleep(0.2)
    _complain("The agent that runs has not renewed its keys yet; it goes on trying. Its log says why.")
    return FAILED


def _run(config: Config, identity: Identity, store: Store) -> int:
    _lock(store)
    try:
        service = Service(config, Session(identity, store), store)
    except (sqlite3.Error, OSError) as problem:
        raise ConfigProblem(
            f"state: the journal in {store.folder} cannot be used ({type(problem).__name__}). "
            "If it is damaged, wait a minute, so that no job of before is valid any more, and delete journal.sqlite3*."
        ) from None

    def end(_number: int, _frame: FrameType | None) -> None:
        service.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    logging.getLogger(__name__).info("rekey-agent %s for %s", VERSION, identity.domain_name)
    return service.run()


def _lock(store: Store) -> None:
    if not store.lock():
        raise ConfigProblem(f"state: another rekey-agent uses {store.folder}. End it first.")


def _portal(config: Config) -> Portal:
    return Portal(config.portal, ca_file=config.portal_ca_file, proxy=config.proxy)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _complain(text: str) -> None:
    sys.stderr.write(f"{logs.plain(text)}\n")
