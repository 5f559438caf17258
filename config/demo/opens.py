"""Say whether a password opens the demo's domain: .venv/bin/python -m config.demo.opens dana."""

import getpass
import ssl
import sys
from pathlib import Path

import ldap3

from config.demo.directory import ADDRESS, ROOT, controller


def main(name: str, data: Path = ROOT / ".rekey", password: str = "") -> int:
    """Ask for a password and try it; return 0 where it opens."""
    found = controller(data)
    tls = ldap3.Tls(
        validate=ssl.CERT_REQUIRED, version=ssl.PROTOCOL_TLS_CLIENT, ca_certs_file=str(found.ca_file)
    )
    server = ldap3.Server(ADDRESS, port=636, use_ssl=True, tls=tls, get_info=ldap3.NONE)
    connection = ldap3.Connection(server, f"CN={name},{found.people}", password or getpass.getpass())
    opens = bool(connection.bind())
    connection.unbind()
    print("It opens the domain." if opens else "It does not open the domain.")
    return 0 if opens else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: .venv/bin/python -m config.demo.opens NAME, such as dana")
    sys.exit(main(sys.argv[1].partition("@")[0]))
