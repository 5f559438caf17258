"""What is done to a domain by who has its files: people, rights, rules. Run by Debian's python3, which has Samba's modules.

It reads commands as lines of JSON and answers each with one. The first argument is the domain's smb.conf.
"""

import json
import sys
import time
from typing import Any

import ldb  # type: ignore[import-not-found]
from samba.auth import system_session  # type: ignore[import-not-found]
from samba.param import LoadParm  # type: ignore[import-not-found]
from samba.samdb import SamDB  # type: ignore[import-not-found]
from samba.sd_utils import SDUtils  # type: ignore[import-not-found]

USER = "bf967aba-0de6-11d0-a285-00aa003049e2"
#: Reset password, write lockoutTime and pwdLastSet, on people below a place.
ON_PLACE = (
    f"(OA;CIIO;CR;00299570-246d-11d0-a768-00aa006e0529;{USER};%(sid)s)",
    f"(OA;CIIO;RPWP;28630ebf-41d5-11d1-a9c1-0000f80367c1;{USER};%(sid)s)",
    f"(OA;CIIO;RPWP;bf967a0a-0de6-11d0-a285-00aa003049e2;{USER};%(sid)s)",
)
#: Unexpire password, on the domain.
ON_DOMAIN = "(OA;CI;CR;ccc2dc7d-a6ad-4a7a-8846-c04e3cc53501;;%(sid)s)"
TICKS = 10_000_000


class Seeding:
    """One open database."""

    def __init__(self, configuration: str) -> None:
        lp = LoadParm()
        lp.load(configuration)
        self.db = SamDB(url=lp.private_path("sam.ldb"), session_info=system_session(lp), lp=lp)
        self.base = str(self.db.domain_dn())

    def place(self, name: str) -> None:
        """Make an organizational unit."""
        self.db.add({"dn": f"OU={name},{self.base}", "objectClass": "organizationalUnit"})

    def person(self, name: str, password: str, place: str, attributes: dict[str, str]) -> str:
        """Make somebody who is enabled; return their GUID."""
        self.db.newuser(name, password, userou=f"OU={place}" if place else None)
        for attribute, value in attributes.items():
            self.set(name, attribute, value)
        return self.guid(name)

    def guid(self, name: str) -> str:
        """Return somebody's objectGUID."""
        found = self.db.search(self.base, ldb.SCOPE_SUBTREE, f"(sAMAccountName={name})", ["objectGUID"])
        return str(self.db.schema_format_value("objectGUID", found[0]["objectGUID"][0]).decode())

    def set(self, name: str, attribute: str, value: str) -> None:
        """Set one attribute of somebody, or take it away where the value is empty."""
        found = self.db.search(self.base, ldb.SCOPE_SUBTREE, f"(sAMAccountName={name})", ["dn"])
        message = ldb.Message(found[0].dn)
        flag = ldb.FLAG_MOD_REPLACE
        message[attribute] = ldb.MessageElement([value] if value else [], flag, attribute)
        self.db.modify(message)

    def get(self, name: str, attribute: str) -> str:
        """Return one attribute of somebody."""
        found = self.db.search(self.base, ldb.SCOPE_SUBTREE, f"(sAMAccountName={name})", [attribute])
        return str(found[0][attribute][0]) if attribute in found[0] else ""

    def password(self, name: str, password: str, must_change: bool) -> None:
        """Set somebody's password, as the help desk would."""
        self.db.setpassword(f"(sAMAccountName={name})", password, force_change_at_next_login=must_change)

    def lock(self, name: str) -> None:
        """Have somebody locked out, as wrong passwords would."""
        self.set(name, "lockoutTime", str((int(time.time()) + 11_644_473_600) * TICKS))

    def disable(self, name: str) -> None:
        """Disable somebody."""
        self.db.disable_account(f"(sAMAccountName={name})")

    def enable(self, name: str) -> None:
        """Enable somebody."""
        self.db.enable_account(f"(sAMAccountName={name})")

    def remove(self, name: str) -> None:
        """Delete somebody."""
        self.db.deleteuser(name)

    def move(self, name: str, place: str) -> None:
        """Move somebody to another place, which is made where there is none."""
        found = self.db.search(self.base, ldb.SCOPE_SUBTREE, f"(sAMAccountName={name})", ["dn"])
        if not self.db.search(self.base, ldb.SCOPE_SUBTREE, f"(ou={place})", ["dn"]):
            self.db.create_ou(f"OU={place},{self.base}")
        self.db.rename(found[0].dn, f"CN={name},OU={place},{self.base}")

    def join(self, group: str, name: str) -> None:
        """Make somebody a member of a group, which is made where there is none."""
        if not self.db.search(self.base, ldb.SCOPE_SUBTREE, f"(sAMAccountName={group})", ["dn"]):
            self.db.newgroup(group)
        self.db.add_remove_group_members(group, [name], add_members_operation=True)

    def delegate(self, name: str, place: str) -> None:
        """Let an account reset passwords and unlock below a place."""
        found = self.db.search(self.base, ldb.SCOPE_SUBTREE, f"(sAMAccountName={name})", ["objectSid"])
        sid = self.db.schema_format_value("objectSID", found[0]["objectSid"][0]).decode()
        rights = SDUtils(self.db)
        for entry in ON_PLACE:
            rights.dacl_add_ace(f"OU={place},{self.base}", entry % {"sid": sid})
        rights.dacl_add_ace(self.base, ON_DOMAIN % {"sid": sid})

    def rules(
        self,
        length: int = 7,
        complexity: bool = True,
        history: int = 24,
        min_age: int = 0,
        threshold: int = 3,
        lockout: int = 1800,
    ) -> None:
        """Set the domain's rules for passwords; times in seconds."""
        self.db.set_minPwdLength(str(length))
        self.db.set_pwdProperties("1" if complexity else "0")
        self.db.set_minPwdAge(str(-min_age * TICKS))
        message = ldb.Message(ldb.Dn(self.db, self.base))
        for name, value in (
            ("pwdHistoryLength", history),
            ("lockoutThreshold", threshold),
            ("lockoutDuration", -lockout * TICKS),
            ("lockOutObservationWindow", -1800 * TICKS),
        ):
            message[name] = ldb.MessageElement(str(value), ldb.FLAG_MOD_REPLACE, name)
        self.db.modify(message)

    def fine(self, name: str, length: int, person: str) -> str:
        """Make a fine-grained policy that asks for a length, for one person, and let everybody read it; return its DN."""
        container = f"CN=Password Settings Container,CN=System,{self.base}"
        SDUtils(self.db).dacl_add_ace(container, "(A;CI;RPLCLORC;;;AU)")
        dn = f"CN={name},{container}"
        found = self.db.search(self.base, ldb.SCOPE_SUBTREE, f"(sAMAccountName={person})", ["dn"])
        self.db.add(
            {
                "dn": dn,
                "objectClass": "msDS-PasswordSettings",
                "msDS-PasswordSettingsPrecedence": "1",
                "msDS-PasswordReversibleEncryptionEnabled": "FALSE",
                "msDS-PasswordHistoryLength": "0",
                "msDS-PasswordComplexityEnabled": "FALSE",
                "msDS-MinimumPasswordLength": str(length),
                "msDS-MinimumPasswordAge": "0",
                "msDS-MaximumPasswordAge": str(-(2**63)),
                "msDS-LockoutThreshold": "0",
                "msDS-LockoutObservationWindow": str(-1800 * TICKS),
                "msDS-LockoutDuration": str(-1800 * TICKS),
                "msDS-PSOAppliesTo": str(found[0].dn),
            }
        )
        return dn


def main() -> None:
    """Answer commands until there are no more."""
    seeding = Seeding(sys.argv[1])
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        try:
            found = getattr(seeding, asked.pop("do"))(**asked)
            told: dict[str, Any] = {"found": found}
        except Exception as problem:  # noqa: BLE001  # it is told to who asked
            told = {"problem": f"{type(problem).__name__}: {problem}"}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
