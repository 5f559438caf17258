"""How often a password may be tried, a proof given and a code asked for.

Proofs are counted for a name from one network, so that an outsider's tries never lock anybody's sign-in (ASVS 6.1.1);
messages to telephones by where they go, whoever asks. Docs and tests read them here.
"""

from datetime import timedelta

from tenants.shield import throttle
from tenants.shield.throttle import Budget, Growth

MINUTE, HOUR, DAY = 60, 60 * 60, 24 * 60 * 60

#: Passwords tried for one name from one network: 10, then waits that double from a minute (reference/entra.md b3).
SIGN_IN_NAME = Budget("sign-in/name", limit=10, seconds=DAY, growth=Growth(first=MINUTE, longest=HOUR))
#: Wrong passwords from one network, whatever the names: an office behind one address has many people and typing errors. Not
#: from one address, since one host of IPv6 has as many as it likes.
SIGN_IN_NETWORK = Budget("sign-in/network", limit=60, seconds=MINUTE)
#: Codes tried by somebody who is signed in: a stolen password must not guess the second factor.
PROVE = Budget("prove/person", limit=10, seconds=HOUR, growth=Growth(first=MINUTE, longest=HOUR))
#: Codes that somebody who is signed in has sent to them, to whatever address: no mailbox is filled from here.
ASK = Budget("ask/person", limit=10, seconds=10 * MINUTE)
#: Messages that cost money, to numbers that somebody who is signed in types: one account must not use up everybody's month.
ASK_COSTLY = Budget("ask/person/costly", limit=20, seconds=DAY)
#: Requests that ring at one person's phones, from whomever: more of them would wear somebody down (ASVS 6.6.4).
RING = Budget("app/ring", limit=6, seconds=HOUR)
#: Requests that somebody denied: after the second none rings for a day, unless they prove another method.
DENIED = Budget("app/denied", limit=2, seconds=DAY, growth=Growth(first=DAY, longest=DAY))
#: Codes for pairing that one network types: an office pairs many phones, and a code has 50 bits.
PAIR = Budget("app/pair", limit=100, seconds=10 * MINUTE)

#: Messages to one telephone, whoever asks for them: 5, then waits that double from a minute to an hour.
PHONE_NUMBER = Budget("phone/number", limit=5, seconds=DAY, growth=Growth(first=MINUTE, longest=HOUR))
#: Messages to one country that no administrator has named: enough for people who travel, too few to be worth pumping.
PHONE_COUNTRY = Budget("phone/country", limit=50, seconds=HOUR)
PHONE_COUNTRY_DAY = Budget("phone/country/day", limit=200, seconds=DAY)
#: Messages of the whole organization: a roll-out passes, a robot does not.
PHONE_ORGANIZATION = Budget("phone/organization", limit=500, seconds=HOUR)
PHONE_ORGANIZATION_DAY = Budget("phone/organization/day", limit=2000, seconds=DAY)

#: Refusals of the desks that are written down of one person; the next is told once, so that nobody fills the audit trail.
DESK_REFUSED = Budget("desk/refused", limit=30, seconds=HOUR)


def wait_to_send(person: str, *, costs: bool) -> timedelta:
    """Count one more message that a signed-in person has sent to them, and say how long to wait first; no time when none."""
    return throttle.wait((ASK, (person,)), *([(ASK_COSTLY, (person,))] if costs else []))
