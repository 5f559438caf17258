"""OpenLDAP with its password policy (ppolicy): passwords by RFC 3062, so that every rule counts, and the control says which.

Never as the rootdn: the server lets that one pass every rule.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from ldap3 import BASE, MODIFY_DELETE, MODIFY_REPLACE, SUBTREE, Connection
from ldap3.core.exceptions import LDAPInvalidDnError, LDAPNoSuchAttributeResult, LDAPOperationResult
from ldap3.utils.conv import escape_filter_chars

from rekey_agent.directories import paging, ppolicy
from rekey_agent.directories.directory import (
    Check,
    Directory,
    DirectorySettings,
    Entry,
    PeoplePage,
    Refused,
    Row,
    Rules,
    Unreachable,
    Unsure,
    short,
)
from rekey_agent.directories.entries import Raw, everybody, search, text
from rekey_agent.directories.line import Line

#: A lock without an end: an administrator's.
_FOR_GOOD = "000001010000Z"
_STATE = (
    "entryUUID",
    "pwdChangedTime",
    "pwdAccountLockedTime",
    "pwdReset",
    "pwdPolicySubentry",
    "entryCSN",
    "memberOf",
)
_PERSON = ("cn", "displayName", "mail", "mobile", "telephoneNumber", "uid", "modifyTimestamp")
_POLICY = {
    "min_length": "pwdMinLength",
    "history": "pwdInHistory",
    "min_age_seconds": "pwdMinAge",
    "max_age_seconds": "pwdMaxAge",
    "lockout_threshold": "pwdMaxFailure",
    "lockout_seconds": "pwdLockoutDuration",
}
#: Seconds by which a moment may be off, of servers that replicate.
_MARGIN = 5.0
_PEOPLE = "(objectClass=person)"
_ASKED = (ppolicy.OID, False, None)
_BY_RESULT = {
    4: "size_limit",
    10: "capability_missing",  # a referral: this server is read only
    12: "capability_missing",
    19: "policy_violation",
    32: "user_not_found",
    50: "access_denied",
}
_OF_THE_WAY = {"dc_tls": "tls", "access_denied": "bind"}


class OpenLDAP(Directory):
    """A directory of OpenLDAP's."""

    kind: ClassVar[str] = "openldap"

    def __init__(self, settings: DirectorySettings) -> None:
        super().__init__(settings)
        self._line = Line(settings)
        self._named_by = settings.sign_in_attribute or "mail"
        self._read: tuple[str, str, Raw] | None = None
        self._server = short(settings.url)

    def reach(self) -> None:
        """Ask the root for something."""
        self._search("", "(objectClass=*)", BASE, ["supportedExtension"])

    def check(self) -> list[Check]:
        """Look at the connection, the certificate, the bind account, its places and the rules."""
        try:
            self.reach()
        except Unreachable as problem:
            return [Check(_OF_THE_WAY.get(problem.code, "connection"), False, problem.code)]
        except Refused as refused:
            return [Check("connection", False, refused.code)]
        checks = [Check("connection", True), Check("tls", True), Check("bind", True)]
        try:
            places = [self._place(place) for place in self.settings.ous]
            known = bool(self.policies()[""])
            protected = [self._protects()] if self.settings.protected_group else []
        except (Refused, Unreachable, Unsure) as problem:
            return [*checks, Check("policy", False, problem.code)]
        words = "" if known else "no rules are read: set directory.policy_dn"
        return [*checks, *places, Check("policy", known, words), *protected]

    def policies(self) -> dict[str, Rules]:
        """Return the default policy's rules, where the configuration names it, and the others beside it."""
        if not self.settings.policy_dn:
            return {"": {}}
        own = self.settings.policy_dn
        names = [*_POLICY.values(), "pwdCheckQuality"]
        found = self._search(paging.parent(own), "(objectClass=pwdPolicy)", SUBTREE, names)
        rules = {dn: _rules(raw) for dn, raw in found}
        default = next((each for dn, each in rules.items() if dn.lower() == own.lower()), {})
        return {"": default, **{dn: each for dn, each in rules.items() if dn.lower() != own.lower()}}

    def capabilities(self) -> dict[str, bool]:
        """Return what can be done: the history counts in a reset, too."""
        return {"history_on_reset": True, "change": True, "unlock": True, "expire": True}

    def read(self, guid: str) -> Entry:
        """Return an account as it stands."""
        _dn, raw = self._found(guid)
        return Entry(
            guid=guid,
            sign_in_name=text(raw, self._named_by).lower(),
            before=text(raw, "pwdChangedTime") or text(raw, "entryCSN"),
            rules=text(raw, "pwdPolicySubentry"),
            server=self._server,
            **self._state(raw),
        )

    def reset(self, guid: str, password: str) -> None:
        """Set the password, which unlocks; what must be changed no longer is."""
        dn, _raw = self._known(guid)
        self._extended(
            lambda line: line.extend.standard.modify_password(dn, None, password, controls=[_ASKED])
        )

    def change(self, guid: str, old: str, new: str) -> None:
        """Set the password by the one before it."""
        dn, _raw = self._known(guid)
        self._extended(lambda line: line.extend.standard.modify_password(dn, old, new, controls=[_ASKED]))

    def unlock(self, guid: str) -> None:
        """Unlock; an account that is not locked stays as it is."""
        dn, raw = self._known(guid)
        if text(raw, "pwdAccountLockedTime"):
            self._modify(dn, {"pwdAccountLockedTime": [(MODIFY_DELETE, [])]})

    def expire(self, guid: str) -> None:
        """Have the password changed after the next bind."""
        dn, _raw = self._known(guid)
        self._modify(dn, {"pwdReset": [(MODIFY_REPLACE, [b"TRUE"])]})

    def opens(self, guid: str, password: str) -> bool | None:
        """Try a bind; a locked account answers no to the right password too."""
        dn, raw = self._found(guid)
        result, _message, _controls = self._line.bind(dn, password)
        if result == 0:
            return True
        return None if result != 49 or text(raw, "pwdAccountLockedTime") else False

    def people(self, position: dict[str, Any], full: bool) -> Iterator[PeoplePage]:
        """Yield people by pages; what has changed since a moment of the server's.

        That is the newest change that was seen, less the time that looking took: who changed behind our back is found next.
        """
        began, before = time.monotonic(), str(position.get("time") or "")
        newest = [before]
        since = "" if full else before
        wanted = _PEOPLE
        if since:
            wanted = f"(&{wanted}(modifyTimestamp>={escape_filter_chars(since)}))"
        reached: dict[str, Any] = {}

        def rows() -> Iterator[Row]:
            for place in self.settings.ous:
                for dn, raw in self._everybody(place, wanted, [*_STATE, *_PERSON, self._named_by]):
                    newest[0] = max(newest[0], text(raw, "modifyTimestamp"))
                    yield self._row(dn, raw)
            reached["time"] = max(before, _earlier(newest[0], time.monotonic() - began + _MARGIN))

        return paging.pages(rows(), reached)

    def present(self) -> Iterator[str]:
        """Yield the ids of everybody."""
        for place in self.settings.ous:
            for _dn, raw in self._everybody(place, _PEOPLE, ["entryUUID"]):
                yield text(raw, "entryUUID")

    def close(self) -> None:
        """Let go of the connection."""
        self._line.close()

    # --- asking

    def _known(self, guid: str) -> tuple[str, Raw]:
        """Return an account as it was read just before: a search more would outlast the lease."""
        if self._read is None or self._read[0] != guid:
            return self._found(guid)
        return self._read[1:]

    def _found(self, guid: str) -> tuple[str, Raw]:
        wanted = f"(entryUUID={escape_filter_chars(guid)})"
        found = self._search(self.settings.base, wanted, SUBTREE, [*_STATE, self._named_by])
        if len(found) != 1:
            raise Refused("user_not_found")
        self._read = guid, *found[0]
        return found[0]

    def _search(self, base: str, wanted: str, scope: str, names: Sequence[str]) -> list[tuple[str, Raw]]:
        try:
            return search(self._line, base, wanted, scope, names)
        except LDAPOperationResult as refused:
            raise Refused(_BY_RESULT.get(int(refused.result), "agent_fault")) from None

    def _everybody(self, place: str, wanted: str, names: Sequence[str]) -> Iterator[tuple[str, Raw]]:
        try:
            yield from everybody(self._line, place, wanted, names)
        except LDAPOperationResult as refused:
            raise Refused(_BY_RESULT.get(int(refused.result), "agent_fault")) from None

    def _modify(self, dn: str, changes: dict[str, Any]) -> None:
        try:
            self._line.change(lambda connection: connection.modify(dn, changes))
        except LDAPNoSuchAttributeResult:
            return  # somebody took it away meanwhile
        except LDAPOperationResult as refused:
            raise Refused(_BY_RESULT.get(int(refused.result), "agent_fault")) from None

    def _extended(self, act: Callable[[Connection], object]) -> None:
        """Set a password; what the server says beside a refusal names the rule."""
        kept: list[Connection] = []

        def ask(connection: Connection) -> object:
            kept.append(connection)
            return act(connection)

        try:
            self._line.change(ask)
        except LDAPOperationResult as refused:
            told = (kept[0].result.get("controls") or {}).get(ppolicy.OID) or {}
            value = told.get("value")
            raise Refused(_of_password(refused, value if isinstance(value, bytes) else None)) from None

    # --- reading

    def _state(self, raw: Raw) -> dict[str, bool]:
        locked = text(raw, "pwdAccountLockedTime")
        groups = [value.decode("utf-8", "replace") for value in raw.get("memberOf", [])]
        return {
            "disabled": locked == _FOR_GOOD,
            "locked": bool(locked) and locked != _FOR_GOOD,
            "must_change": text(raw, "pwdReset") == "TRUE",
            "expired": False,
            "protected": bool(self.settings.protected_group)
            and any(paging.same(self.settings.protected_group, group) for group in groups),
        }

    def _row(self, dn: str, raw: Raw) -> Row:
        return {
            "guid": text(raw, "entryUUID"),
            "sign_in_name": text(raw, self._named_by).lower(),
            "name": text(raw, "displayName") or text(raw, "cn"),
            "mail": text(raw, "mail"),
            "mobile": text(raw, "mobile"),
            "telephone": text(raw, "telephoneNumber"),
            "groups": [
                paging.common_name(value.decode("utf-8", "replace")) for value in raw.get("memberOf", [])
            ],
            "place": paging.parent(dn),
            "rules": text(raw, "pwdPolicySubentry"),
            "gone": False,
            **self._state(raw),
        }

    def _place(self, place: str) -> Check:
        try:
            self._search(place, "(objectClass=*)", BASE, ["entryUUID"])
        except Refused as refused:
            return Check("places", False, f"{place}: {refused.code}")
        return Check("places", True, place)

    def _protects(self) -> Check:
        """Look whether the protected group is there, and whether its members show that they are in it."""
        group = self.settings.protected_group
        try:
            group = paging.written(group)
            _dn, raw = self._search(group, "(objectClass=*)", BASE, ["member"])[0]
            members = raw.get("member") or []
            if not members:
                return Check("protected", True, f"{group}: nobody is in it")
            member = members[0].decode("utf-8", "replace")
            _dn, shown = self._search(member, "(objectClass=*)", BASE, ["memberOf"])[0]
        except (Refused, IndexError, LDAPInvalidDnError):
            return Check("protected", False, f"{group}: it, or who is in it, is not there or cannot be read")
        is_shown = bool(self._state(shown)["protected"])
        return Check("protected", is_shown, group if is_shown else f"{group}: who is in it has no memberOf")


def _earlier(time_of: str, seconds: float) -> str:
    """Return a moment (RFC 4517, 3.3.13) some seconds earlier, of whole seconds.

    >>> _earlier("20261126231100Z", 61.2), _earlier("", 5)
    ('20261126230958Z', '')
    """
    if not time_of:
        return ""
    at = datetime.strptime(time_of[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC) - timedelta(
        seconds=math.ceil(seconds)
    )
    return at.strftime("%Y%m%d%H%M%SZ")


def _of_password(refused: LDAPOperationResult, control: bytes | None) -> str:
    """Return the code of a password that was refused."""
    if "verify old password" in str(refused.message or "").lower():
        return "wrong_current_password"
    return ppolicy.error(control) or _BY_RESULT.get(int(refused.result), "agent_fault")


def _rules(raw: Raw) -> Rules:
    found: Rules = {}
    for ours, theirs in _POLICY.items():
        try:
            found[ours] = int(text(raw, theirs) or 0)
        except ValueError:
            found[ours] = 0
    found["complexity"] = False  # a module of the server's own may ask for it, and says so when it does
    return found
