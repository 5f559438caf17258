"""Active Directory, and Samba as one: one modify sets a password and unlocks, or refuses both (reference: [MS-ADTS]
3.1.1.3).
"""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from ldap3 import BASE, MODIFY_ADD, MODIFY_DELETE, MODIFY_REPLACE, SUBTREE
from ldap3.core.exceptions import LDAPOperationResult
from ldap3.protocol.microsoft import security_descriptor_control
from ldap3.utils.conv import escape_filter_chars

from rekey_agent.directories import answers, paging
from rekey_agent.directories.descriptors import may_reset
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
from rekey_agent.directories.entries import Raw, everybody, search, text, words
from rekey_agent.directories.line import Line
from rekey_agent.directories.privileged import is_named, is_protected

#: "Enforce the history in a reset": the newer id and the one before it ([MS-ADTS] 3.1.1.3.4.1.27).
HINTS = ("1.2.840.113556.1.4.2239", "1.2.840.113556.1.4.2066")
_HINTS_VALUE = bytes.fromhex("3003020101")
#: A domain controller that takes no changes ([MS-ADTS] 3.1.1.3.4.3.8).
_READ_ONLY = "1.2.840.113556.1.4.1920"
#: What has to be seen of an account before anything is done to it: without them it would look like anybody's.
_TELLING = ("userAccountControl", "tokenGroups")
_DISABLED = 0x2
_LOCKED, _PASSWORD_EXPIRED = 0x10, 0x800000
_NEVER = frozenset({0, 0x7FFFFFFFFFFFFFFF})
_TICKS, _EPOCH = 10_000_000, 11_644_473_600  # FILETIME counts tenths of microseconds from 1601
#: Who may do what to an account, and the part of it that one asks for ([MS-ADTS] 3.1.1.3.4.1.11).
_RIGHTS, _DACL = "nTSecurityDescriptor", 0x04
_ACCOUNT = (
    "objectGUID",
    "userPrincipalName",
    "userAccountControl",
    "msDS-User-Account-Control-Computed",
    "pwdLastSet",
    "accountExpires",
    "adminCount",
    "msDS-ResultantPSO",
)
_PERSON = (
    *_ACCOUNT,
    "displayName",
    "cn",
    "mail",
    "mobile",
    "telephoneNumber",
    "memberOf",
    "distinguishedName",
)
_PEOPLE = "(&(objectCategory=person)(objectClass=user)(!(isCriticalSystemObject=TRUE)))"
_POLICY = {
    "min_length": "minPwdLength",
    "history": "pwdHistoryLength",
    "min_age_seconds": "minPwdAge",
    "max_age_seconds": "maxPwdAge",
    "lockout_threshold": "lockoutThreshold",
    "lockout_seconds": "lockoutDuration",
}
_FINE = {
    "min_length": "msDS-MinimumPasswordLength",
    "history": "msDS-PasswordHistoryLength",
    "min_age_seconds": "msDS-MinimumPasswordAge",
    "max_age_seconds": "msDS-MaximumPasswordAge",
    "lockout_threshold": "msDS-LockoutThreshold",
    "lockout_seconds": "msDS-LockoutDuration",
}


class ActiveDirectory(Directory):
    """A domain of Active Directory or Samba."""

    kind: ClassVar[str] = "active_directory"

    def __init__(self, settings: DirectorySettings) -> None:
        super().__init__(settings)
        self._line = Line(settings)
        self._hints: str | None = None
        self._looked = self._read_only = False
        self._server = ""
        self._ahead = 0.0

    def reach(self) -> None:
        """Ask the root for its time."""
        self._root()

    def check(self) -> list[Check]:
        """Look at the connection, the certificate, the bind account, its rights in each place, controls and rules."""
        try:
            self._root()
        except Unreachable as problem:
            return [Check(_OF_THE_WAY.get(problem.code, "connection"), False, problem.code)]
        except Refused as refused:
            return [Check("connection", False, refused.code)]
        checks = [Check("connection", True), Check("tls", True), Check("bind", True)]
        try:
            others = [self._rules_check(), self._controls_check(), self._own_check()]
            return [*checks, Check("writable", not self._read_only), *self._places(), *others]
        except (Refused, Unreachable, Unsure) as problem:
            return [*checks, Check("connection", False, problem.code)]

    def policies(self) -> dict[str, Rules]:
        """Return the domain's rules and those fine-grained ones that the bind account can read."""
        found = {"": _rules(self._one(self.settings.base, [*_POLICY.values(), "pwdProperties"]), _POLICY)}
        container = f"CN=Password Settings Container,CN=System,{self.settings.base}"
        names = [*_FINE.values(), "msDS-PasswordComplexityEnabled"]
        try:
            fine = self._search(container, "(objectClass=msDS-PasswordSettings)", SUBTREE, names)
        except Refused:  # the container is for administrators alone unless somebody said otherwise
            fine = []
        return found | {dn: _rules(raw, _FINE) for dn, raw in fine}

    def capabilities(self) -> dict[str, bool]:
        """Return what can be done; the history counts in a reset only where the server knows the control."""
        self._root()
        return {"history_on_reset": self._hints is not None, "change": True, "unlock": True, "expire": True}

    def read(self, guid: str) -> Entry:
        """Return an account as it stands."""
        if not self._looked:  # by the directory's time an account is expired, not by ours
            self._root()
        raw = self._one(_by(guid), [*_ACCOUNT, "tokenGroups"])
        if _unseen(raw):
            raise Refused("access_denied")
        return Entry(
            guid=guid,
            sign_in_name=text(raw, "userPrincipalName").lower(),
            before=text(raw, "pwdLastSet") or "0",
            protected=is_protected(text(raw, "adminCount"), raw.get("tokenGroups", [])),
            rules=text(raw, "msDS-ResultantPSO"),
            server=self._server,
            **self._state(raw),
        )

    def reset(self, guid: str, password: str) -> None:
        """Set the password and unlock, in one modify; by the history too, where the server can."""
        if not self._looked:
            self._root()
        controls = [(self._hints, True, _HINTS_VALUE)] if self._hints else None
        changes = {
            "unicodePwd": [(MODIFY_REPLACE, [_quoted(password)])],
            "lockoutTime": [(MODIFY_REPLACE, [b"0"])],
        }
        self._modify(guid, changes, controls)

    def change(self, guid: str, old: str, new: str) -> None:
        """Take the old value away and add the new one: the domain's rules all count, history and age among them."""
        changes = {"unicodePwd": [(MODIFY_DELETE, [_quoted(old)]), (MODIFY_ADD, [_quoted(new)])]}
        self._modify(guid, changes)

    def unlock(self, guid: str) -> None:
        """Unlock."""
        self._modify(guid, {"lockoutTime": [(MODIFY_REPLACE, [b"0"])]})

    def expire(self, guid: str) -> None:
        """Have the password changed at the next logon."""
        self._modify(guid, {"pwdLastSet": [(MODIFY_REPLACE, [b"0"])]})

    def opens(self, guid: str, password: str) -> bool | None:
        """Try a bind."""
        raw = self._one(_by(guid), ["distinguishedName"])
        result, message, _controls = self._line.bind(text(raw, "distinguishedName"), password)
        return answers.opens(result, message)

    def people(self, position: dict[str, Any], full: bool) -> Iterator[PeoplePage]:
        """Yield people by pages; what has changed by `uSNChanged`, which counts for one database of one domain controller."""
        root = self._root()
        reached = {"usn": _number(root, "highestCommittedUSN"), "dc": self._invocation(root)}
        since = 0 if full or position.get("dc") != reached["dc"] else int(position.get("usn") or 0)
        return paging.pages(self._changed(since) if since else self._all(), reached)

    def present(self) -> Iterator[str]:
        """Yield the ids of everybody."""
        for place in self.settings.ous:
            for raw in self._everybody(place, _PEOPLE, ["objectGUID"]):
                yield _guid(raw)

    def close(self) -> None:
        """Let go of the connection."""
        self._line.close()

    # --- people

    def _all(self) -> Iterator[Row]:
        for place in self.settings.ous:
            for raw in self._everybody(place, _PEOPLE):
                yield self._row(raw)

    def _changed(self, since: int) -> Iterator[Row]:
        """Yield who has changed, wherever they are now: who was moved out of the places that are served is gone."""
        newer = f"(uSNChanged>={since + 1})"
        served = [self._head(place) for place in self.settings.ous]
        for raw in self._everybody(self.settings.base, f"(&{_PEOPLE}{newer})"):
            dn = text(raw, "distinguishedName").lower()
            is_served = any(dn.endswith(f",{place}") for place in served)
            yield self._row(raw) if is_served else {"guid": _guid(raw), "gone": True}

    def _head(self, place: str) -> str:
        """Return a place's name as the directory writes it."""
        return text(self._one(place, ["distinguishedName"]), "distinguishedName").lower()

    def _invocation(self, root: Raw) -> str:
        """Return which database counts the changes: another one after a domain controller was restored from a backup."""
        service = text(root, "dsServiceName")
        try:
            values = self._one(service, ["invocationId"]).get("invocationId") or []
        except Refused:
            values = []
        return values[0].hex() if values else service

    # --- asking

    def _root(self) -> Raw:
        names = ["supportedControl", "supportedCapabilities", "currentTime", "highestCommittedUSN"]
        raw = self._one("", [*names, "dsServiceName"])
        known = words(raw, "supportedControl")
        self._hints = next((one for one in HINTS if one in known), None)
        self._read_only = _READ_ONLY in words(raw, "supportedCapabilities")
        self._server = short(text(raw, "dsServiceName"))
        self._looked = True
        if said := text(raw, "currentTime"):
            at = datetime.strptime(said[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            self._ahead = at.timestamp() - time.monotonic()
        return raw

    def _one(self, base: str, names: list[str]) -> Raw:
        found = self._search(base, "(objectClass=*)", BASE, names)
        if not found:
            raise Refused("user_not_found")
        return found[0][1]

    def _search(
        self,
        base: str,
        wanted: str,
        scope: str,
        names: Sequence[str],
        *,
        limit: int = 0,
        controls: list[Any] | None = None,
    ) -> list[tuple[str, Raw]]:
        try:
            return search(self._line, base, wanted, scope, names, limit=limit, controls=controls)
        except LDAPOperationResult as refused:
            raise Refused(_code(refused)) from None

    def _everybody(self, place: str, wanted: str, names: Sequence[str] = _PERSON) -> Iterator[Raw]:
        try:
            for _dn, raw in everybody(self._line, place, wanted, names):
                yield raw
        except LDAPOperationResult as refused:
            raise Refused(_code(refused)) from None

    def _modify(self, guid: str, changes: dict[str, Any], controls: list[Any] | None = None) -> None:
        try:
            self._line.change(lambda connection: connection.modify(_by(guid), changes, controls=controls))
        except LDAPOperationResult as refused:
            raise Refused(_code(refused)) from None

    # --- reading

    def _state(self, raw: Raw) -> dict[str, bool]:
        computed, expires = _number(raw, "msDS-User-Account-Control-Computed"), _number(raw, "accountExpires")
        now = time.monotonic() + self._ahead
        return {
            "disabled": bool(_number(raw, "userAccountControl") & _DISABLED),
            "locked": bool(computed & _LOCKED),
            "must_change": text(raw, "pwdLastSet") == "0" or bool(computed & _PASSWORD_EXPIRED),
            "expired": expires not in _NEVER and expires / _TICKS - _EPOCH < now,
        }

    def _row(self, raw: Raw) -> Row:
        dn = text(raw, "distinguishedName")
        if not raw.get("userAccountControl"):  # who is disabled would look enabled
            raise Refused("access_denied")
        groups = [paging.common_name(value.decode("utf-8", "replace")) for value in raw.get("memberOf", [])]
        return {
            "guid": _guid(raw),
            "sign_in_name": text(raw, "userPrincipalName").lower(),
            "name": text(raw, "displayName") or text(raw, "cn"),
            "mail": text(raw, "mail"),
            "mobile": text(raw, "mobile"),
            "telephone": text(raw, "telephoneNumber"),
            "groups": groups,
            "place": paging.parent(dn),
            "rules": text(raw, "msDS-ResultantPSO"),
            "protected": is_protected(text(raw, "adminCount"), ()) or is_named(groups),
            "gone": False,
            **self._state(raw),
        }

    # --- checks

    def _places(self) -> list[Check]:
        """Look in each place whether the bind account may set what it has to, on somebody who is there."""
        checks = []
        for place in self.settings.ous:
            try:
                names = ["allowedAttributesEffective", "objectGUID"]
                found = self._search(place, _PEOPLE, SUBTREE, names, limit=1)
            except Refused as refused:
                checks.append(Check("places", False, f"{place}: {refused.code}"))
                continue
            if not found:
                checks.append(Check("rights", True, f"{place}: nobody is there yet"))
                continue
            raw = found[0][1]
            may = {name.lower() for name in words(raw, "allowedAttributesEffective")}
            lacking = [name for name in ("lockoutTime", "pwdLastSet") if name.lower() not in may]
            unseen = _unseen(self._one(_by(_guid(raw)), list(_TELLING)))
            wrong = [] if self._may_reset(_guid(raw)) else ["may not reset passwords"]
            wrong += [f"may not write {', '.join(lacking)}"] if lacking else []
            wrong += [f"may not read {', '.join(unseen)}"] if unseen else []
            checks.append(Check("rights", not wrong, f"{place}: {'; '.join(wrong)}" if wrong else place))
        return checks

    def _may_reset(self, guid: str) -> bool:
        """Look whether the right to reset the password is the bind account's; whoever may not see that is believed."""
        controls = security_descriptor_control(sdflags=_DACL)
        found = self._search(_by(guid), "(objectClass=*)", BASE, [_RIGHTS], controls=controls)
        descriptor = found[0][1].get(_RIGHTS) if found else None
        if not descriptor:
            return True
        return may_reset(descriptor[0], frozenset(self._one("", ["tokenGroups"]).get("tokenGroups", [])))

    def _rules_check(self) -> Check:
        try:
            return Check("policy", "min_length" in self.policies()[""])
        except Refused as refused:
            return Check("policy", False, refused.code)

    def _controls_check(self) -> Check:
        return Check(
            "controls",
            self._hints is not None,
            "" if self._hints else "no control for the history in a reset",
        )

    def _own_check(self) -> Check:
        whole = escape_filter_chars(self.settings.bind_dn)
        account = escape_filter_chars(self.settings.bind_dn.rpartition("\\")[2])
        wanted = f"(|(distinguishedName={whole})(userPrincipalName={whole})(sAMAccountName={account}))"
        found = self._search(self.settings.base, wanted, SUBTREE, ["objectGUID"], limit=1)
        if not found:
            return Check(
                "protected", True, "not looked at: directory.bind_dn is not found below directory.base"
            )
        return Check("protected", not self.read(_guid(found[0][1])).protected)


#: Which check a way that fails belongs to.
_OF_THE_WAY = {"dc_tls": "tls", "access_denied": "bind"}


def _by(guid: str) -> str:
    return f"<GUID={guid}>"


def _quoted(password: str) -> bytes:
    return f'"{password}"'.encode("utf-16-le", "surrogatepass")


def _code(refused: LDAPOperationResult) -> str:
    return answers.of_active_directory(int(refused.result), str(refused.message or ""))


def _number(raw: Raw, name: str) -> int:
    try:
        return int(text(raw, name) or 0)
    except ValueError:
        return 0


def _guid(raw: Raw) -> str:
    return str(UUID(bytes_le=raw["objectGUID"][0]))


def _unseen(raw: Raw) -> list[str]:
    """Return what the bind account cannot see of an account and has to."""
    return [name for name in _TELLING if not raw.get(name)]


def _rules(raw: Raw, names: dict[str, str]) -> Rules:
    """Return rules in our words; the directory keeps times as negative tenths of microseconds."""
    found: Rules = {}
    for ours, theirs in names.items():
        value = _number(raw, theirs)
        found[ours] = min(abs(value) // _TICKS, 2**40) if ours.endswith("seconds") else value
        if ours == "max_age_seconds" and abs(value) >= 2**63:
            found[ours] = 0
    fine = text(raw, "msDS-PasswordComplexityEnabled")
    found["complexity"] = fine == "TRUE" if fine else bool(_number(raw, "pwdProperties") & 1)
    return found
