"""How often a password may be tried, a proof given and a code asked for.

Counted for a name from one network, so that an outsider's tries never lock anybody's sign-in (ASVS 6.1.1). Docs and tests read
them here.
"""

from tenants.shield.throttle import Budget, Growth

MINUTE, HOUR, DAY = 60, 60 * 60, 24 * 60 * 60

#: Passwords tried for one name from one network: 10, then waits that double from a minute (reference/entra.md b3).
SIGN_IN_NAME = Budget("sign-in/name", limit=10, seconds=DAY, growth=Growth(first=MINUTE, longest=HOUR))
#: Wrong passwords from one address, whatever the names: an office behind one address has many people and typing errors.
SIGN_IN_ADDRESS = Budget("sign-in/address", limit=60, seconds=MINUTE)
#: Codes tried by somebody who is signed in: a stolen password must not guess the second factor.
PROVE = Budget("prove/person", limit=10, seconds=HOUR, growth=Growth(first=MINUTE, longest=HOUR))
#: Codes that somebody who is signed in has sent to them, to whatever address: no mailbox is filled from here.
ASK = Budget("ask/person", limit=10, seconds=10 * MINUTE)
#: Requests that ring at one person's phones, from whomever: more of them would wear somebody down (ASVS 6.6.4).
RING = Budget("app/ring", limit=6, seconds=HOUR)
#: Requests that somebody denied: after the second none rings for a day, unless they prove another method.
DENIED = Budget("app/denied", limit=2, seconds=DAY, growth=Growth(first=DAY, longest=DAY))
#: Codes for pairing that one network types: an office pairs many phones, and a code has 50 bits.
PAIR = Budget("app/pair", limit=100, seconds=10 * MINUTE)
