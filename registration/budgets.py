"""How often a password may be tried, a proof given and a code asked for.

Counted for a name from one network, so that an outsider's tries never lock anybody's sign-in (ASVS 6.1.1). Docs and tests read
them here.
"""

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
