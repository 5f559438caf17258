"""Ask the system's own name servers which texts stand beside a name: how somebody shows that a name is theirs.

By dnspython, which takes an answer only to its own question, from whom it asked; what does not fit a packet it asks for again
over TCP. Operators give the names; the servers are those of the machine, so nothing here chooses where a question goes.
"""

from collections.abc import Sequence
from typing import TypeAlias

from dns.exception import DNSException
from dns.name import EmptyLabel, LabelTooLong, NameTooLong
from dns.nameserver import Do53Nameserver, Nameserver
from dns.rdtypes.ANY.TXT import TXT
from dns.resolver import NXDOMAIN, NoNameservers, Resolver

#: For all servers together, in seconds: an operator waits for it.
PATIENCE = 4.0
#: Where a name server listens.
Server: TypeAlias = Do53Nameserver


class Unanswered(Exception):
    """No server has answered. The code says why: `no_server`, `unreachable` or `refused`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def servers() -> Sequence[str | Nameserver]:
    """Return the name servers that this machine uses, in their order."""
    try:
        return Resolver().nameservers
    except (DNSException, OSError, ValueError):  # none is named, or what is named is no address
        return []


def lookup(name: str) -> list[str]:
    """Return the texts (TXT) of a name; none where there is no such name. Raises `Unanswered`."""
    asked = servers()
    if not asked:
        raise Unanswered("no_server")
    resolver = Resolver(configure=False)
    resolver.nameservers = asked
    # So that the last has its turn, too, and one that lost a packet is asked again.
    resolver.lifetime, resolver.timeout = PATIENCE, PATIENCE / (len(asked) + 1)
    try:
        answer = resolver.resolve(f"{name}.", "TXT", raise_on_no_answer=False, search=False)
    except (NXDOMAIN, NameTooLong, LabelTooLong, EmptyLabel):  # nobody has such a name, or can have
        return []
    except NoNameservers as problem:
        raise Unanswered(_why(problem)) from problem
    except (DNSException, OSError, ValueError) as problem:
        raise Unanswered("unreachable") from problem
    return [_joined(text) for text in answer.rrset or () if isinstance(text, TXT)]


def _why(problem: NoNameservers) -> str:
    """Return whether any server has said no, or none anything that could be read."""
    responses = [response for *_about, response in problem.kwargs["errors"]]
    return "refused" if any(one is not None and one.rcode() for one in responses) else "unreachable"


def _joined(text: TXT) -> str:
    """Return one text, which stands in pieces of at most 255 bytes."""
    return b"".join(text.strings).decode("utf-8", "replace")
