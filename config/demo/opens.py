"""Say whether a password opens the demo's domain: .venv/bin/python -m config.demo.opens dana."""

import getpass
import os
import re
import ssl
import sys
from pathlib import Path

import ldap3

from config.demo.directory import ADDRESS, ROOT, controller

#: What a domain controller says of a password that does not open it; all but the first only of the right one.
_WHY = {
    "52e": "it is another",
    "533": "the account is disabled",
    "773": "it is right, and must be changed first",
    "775": "the account is locked out",
}
_CODE = re.compile(r"data ([0-9a-f]+)")


def tried(name: str, password: str, data: Path) -> str:
    """Return why a password does not open the domain; nothing where it does."""
    found = controller(data)
    tls = ldap3.Tls(
        validate=ssl.CERT_REQUIRED,
        version=ssl.PROTOCOL_TLS_CLIENT,
        ca_certs_file=str(found.ca_file),
        valid_names=[found.host],
    )
    server = ldap3.Server(ADDRESS, port=636, use_ssl=True, tls=tls, get_info=ldap3.NONE)
    connection = ldap3.Connection(server, f"CN={name},{found.people}", password)
    try:
        if connection.bind():
            return ""
        said = str(connection.result["message"])
    finally:
        connection.unbind()
    code = _CODE.search(said)
    return _WHY.get(code[1], said) if code else said


def main(name: str) -> int:
    """Ask for a password and try it; return 0 where it opens."""
    data = Path(os.environ.get("REKEY_DATA") or ROOT / ".rekey").absolute()
    if not controller(data).is_provisioned():
        print(f"There is no domain in {data}. Begin with make demo DIRECTORY=1.", file=sys.stderr)
        return 1
    try:
        why = tried(name, getpass.getpass(f"Password of {name}: "), data)
    except ldap3.core.exceptions.LDAPException as problem:
        print(f"The domain controller does not answer: {problem}", file=sys.stderr)
        return 1
    print(f"It does not open the domain: {why}." if why else "It opens the domain.")
    return 1 if why else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: .venv/bin/python -m config.demo.opens NAME, such as dana")
    sys.exit(main(sys.argv[1].partition("@")[0]))
