"""The agent's own keys and what it knows of its portal, in its state folder: nobody else on the machine can read them.

A new generation of keys is written down as `next` before the portal is told of it, and takes the place of the current one when
the portal has taken it. The former sealing key opens for a while what was sealed to it before.
"""

import contextlib
import fcntl
import json
import os
import stat
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from rekey_agent.base64url import decoded, encoded
from rekey_agent.config import ConfigProblem

#: Seconds for which the former sealing key is kept: longer than any job lives.
FORMER_LIFE = 600
_FILE = "identity.json"


@dataclass(frozen=True)
class Pair:
    """One generation: the key that jobs are sealed to, and the key that signs requests."""

    sealing: X25519PrivateKey
    signing: Ed25519PrivateKey

    @classmethod
    def new(cls) -> "Pair":
        """Make one."""
        return cls(X25519PrivateKey.generate(), Ed25519PrivateKey.generate())

    @classmethod
    def loaded(cls, said: dict[str, str]) -> "Pair":
        """Return the one that was written down."""
        return cls(
            X25519PrivateKey.from_private_bytes(decoded(said["sealing"])),
            Ed25519PrivateKey.from_private_bytes(decoded(said["signing"])),
        )

    def written(self) -> dict[str, str]:
        """Return it as it is written down."""
        return {
            "sealing": encoded(self.sealing.private_bytes_raw()),
            "signing": encoded(self.signing.private_bytes_raw()),
        }

    @property
    def public(self) -> dict[str, str]:
        """Its public halves as the protocol says them."""
        return {
            "sealing_key": encoded(self.sealing.public_key().public_bytes_raw()),
            "signing_key": encoded(self.signing.public_key().public_bytes_raw()),
        }


@dataclass(frozen=True)
class Identity:
    """Who the agent is, for whom it acts, and by which keys it knows its portal."""

    agent: str
    organization: str
    domain: str
    domain_name: str
    current: Pair
    portal_keys: tuple[bytes, ...]
    wait_url: str = ""
    next: Pair | None = None
    former: tuple[Pair, float] | None = field(default=None)
    #: Since when, by the portal's time, its newest key is the newest.
    portal_since: float = 0.0

    def trusted(self, now: float) -> tuple[bytes, ...]:
        """Return the portal's keys that may have signed a job: the newest, and the former while its jobs are under way."""
        return self.portal_keys[: 2 if now < self.portal_since + FORMER_LIFE else 1]

    def opening(self, now: float) -> list[X25519PrivateKey]:
        """Return the keys that may open a job at a moment of the portal's: current, next, and the former while it is young."""
        found = [self.current.sealing]
        if self.next is not None:
            found.append(self.next.sealing)
        if self.former is not None and not self.is_former_old(now):
            found.append(self.former[0].sealing)
        return found

    def is_former_old(self, now: float) -> bool:
        """Say whether there is a former generation that nothing is sealed to any more."""
        return self.former is not None and now >= self.former[1] + FORMER_LIFE

    def rolled(self, now: float) -> "Identity":
        """Return it with the next generation in the place of the current one."""
        assert self.next is not None
        return replace(self, current=self.next, next=None, former=(self.current, now))


class Store:
    """The state folder. One process at a time writes in it: who holds its lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file, self._roll = folder / _FILE, folder / "roll"
        self._lock: int | None = None

    def prepare(self) -> None:
        """Make the folder; raise `ConfigProblem` where others can read what is in it."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            mode = self.folder.stat().st_mode
        except OSError as problem:
            raise ConfigProblem(f"state: {self.folder} cannot be used: {problem.strerror}.") from problem
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigProblem(
                f"state: others can look into {self.folder}. Take that away: chmod 700 {self.folder}"
            )

    def lock(self) -> bool:
        """Take the folder for this process, until it ends; False where another has it."""
        self.prepare()
        try:
            self._lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as problem:
            raise ConfigProblem(
                f"state: {self.folder} cannot be written in: {problem.strerror}."
            ) from problem
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.unlock()
            return False
        return True

    def unlock(self) -> None:
        """Let another process have the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def ask_to_roll(self) -> None:
        """Have the process that holds the folder renew the keys."""
        self._roll.touch(0o600)

    def is_asked_to_roll(self) -> bool:
        """Say whether another process asked for new keys."""
        return self._roll.exists()

    def rolled(self) -> None:
        """Note that the keys are new."""
        self._roll.unlink(missing_ok=True)

    def load(self) -> Identity | None:
        """Return who the agent is; None before it was enrolled. Raises `ConfigProblem` where others can read it."""
        self.prepare()
        try:
            mode, text = self._file.stat().st_mode, self._file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except OSError as problem:
            raise ConfigProblem(f"state: {self._file} cannot be read: {problem.strerror}.") from problem
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigProblem(f"state: others can read {self._file}. Revoke this agent, and enrol it anew.")
        try:
            return _identity(json.loads(text))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ConfigProblem(f"state: {self._file} is damaged. Enrol the agent anew.") from None

    def try_out(self) -> None:
        """Find out ahead of what cannot be had twice that keys can be written down here. Raises `ConfigProblem`."""
        tried = self.folder / "tried"
        try:
            tried.write_bytes(bytes(4096))
            tried.unlink()
        except OSError as problem:
            raise ConfigProblem(
                f"state: {self.folder} cannot be written in: {problem.strerror}."
            ) from problem

    def save(self, identity: Identity) -> None:
        """Write down who the agent is: the whole file or nothing, on the disk before this returns."""
        said = {
            "agent": identity.agent,
            "organization": identity.organization,
            "domain": identity.domain,
            "domain_name": identity.domain_name,
            "current": identity.current.written(),
            "portal_keys": [encoded(key) for key in identity.portal_keys],
            "portal_since": identity.portal_since,
            "wait_url": identity.wait_url,
            "next": identity.next.written() if identity.next else None,
            "former": [identity.former[0].written(), identity.former[1]] if identity.former else None,
        }
        new = self._file.with_suffix(".new")
        with contextlib.suppress(FileNotFoundError):
            new.unlink()
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(said, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._file)
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)  # the new name, too, outlasts a loss of power
        finally:
            os.close(folder)


def _identity(said: dict[str, object]) -> Identity:
    former, upcoming = said.get("former"), said.get("next")
    return Identity(
        agent=str(said["agent"]),
        organization=str(said["organization"]),
        domain=str(said["domain"]),
        domain_name=str(said["domain_name"]),
        current=Pair.loaded(said["current"]),  # type: ignore[arg-type]  # as it was written
        portal_keys=tuple(decoded(key) for key in said["portal_keys"]),  # type: ignore[attr-defined]  # a list
        wait_url=str(said.get("wait_url", "")),
        next=Pair.loaded(upcoming) if isinstance(upcoming, dict) else None,
        former=(Pair.loaded(former[0]), float(former[1])) if isinstance(former, list) else None,
        portal_since=float(said.get("portal_since", 0)),  # type: ignore[arg-type]  # as it was written
    )
