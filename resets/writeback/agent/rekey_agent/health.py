"""How the directory is, as a heartbeat says it: looked at as often as it helps, and no account is locked by it."""

import time
from typing import Any

from rekey_agent.directories.directory import Directory, Refused, Unreachable, Unsure

#: Seconds after which the directory's rules and rights are looked at anew; whether it answers, at each beat.
CHECK_EVERY = 600.0
#: What a bind says that is refused: by asking again each minute, the agent would have its own account locked.
_BIND_REFUSED = "access_denied"


class Watch:
    """Looks at the directory for the heartbeat."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._looked = float("-inf")
        self._said: dict[str, Any] = {}

    @property
    def is_reachable(self) -> bool:
        """Whether the directory answered when it was last asked."""
        return self._said.get("reachable") is True

    @property
    def is_locked_out(self) -> bool:
        """Whether the bind account was refused when it was last tried."""
        return not self.is_reachable and self._said.get("code") == _BIND_REFUSED

    def look(self) -> dict[str, Any]:
        """Return how the directory is now; all of it once in a while and when it is back, else whether it answers."""
        is_due = time.monotonic() - self._looked >= CHECK_EVERY
        if self.is_locked_out and not is_due:
            return self._said
        reached = {} if is_due else _reached(self._directory)
        if is_due or (reached["reachable"] and not self.is_reachable):
            self._said, self._looked = described(self._directory), time.monotonic()
        else:
            self._said = {**self._said, **reached}
        return self._said


def described(directory: Directory) -> dict[str, Any]:
    """Return what a heartbeat says of the directory: what was checked there, its rules, and what can be done."""
    said: dict[str, Any] = {
        "kind": directory.kind,
        "ous": list(directory.settings.ous),
        **_reached(directory),
        "checks": [],
    }
    if said["code"] != _BIND_REFUSED:  # one refusal is enough
        checks = directory.check()
        said["checks"] = [{"check": one.code, "ok": one.ok, "detail": one.detail[:500]} for one in checks]
    else:
        said["checks"] = [{"check": "bind", "ok": False, "detail": _BIND_REFUSED}]
    if said["reachable"]:
        try:
            said |= {"policies": directory.policies(), "capabilities": directory.capabilities()}
        except (Refused, Unreachable, Unsure) as problem:
            said |= {"reachable": False, "code": problem.code}
    return said


def _reached(directory: Directory) -> dict[str, Any]:
    try:
        directory.reach()
    except (Refused, Unreachable, Unsure) as problem:
        return {"reachable": False, "code": problem.code}
    return {"reachable": True, "code": ""}
