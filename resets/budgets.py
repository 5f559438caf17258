"""How often a reset may be begun, and a code sent: the strict union of Entra's numbers (reference/entra.md b3).

Docs and tests read them here. None of them touches the account's sign-in.
"""

from tenants.shield.throttle import Budget, Growth

HOUR, DAY = 60 * 60, 24 * 60 * 60

#: Resets begun for one name from one network: 5, then waits that double from a minute to an hour.
START_NAME = Budget("reset/start/name", limit=5, seconds=DAY, growth=Growth(first=60, longest=HOUR))
#: Resets begun from one network, whatever the names: an office behind one address has many people.
START_NETWORK = Budget("reset/start/network", limit=100, seconds=HOUR)
#: Tries at the code or link of a reset that an administrator started, for one name from one network.
HELP_NAME = Budget("reset/help/name", limit=5, seconds=DAY, growth=Growth(first=60, longest=HOUR))
#: Codes asked for one name from one network.
TELL_NAME = Budget("reset/tell/name", limit=10, seconds=10 * 60)
#: Codes asked for one destination from one network: a stranger must not fill a mailbox.
TELL_DESTINATION = Budget("reset/tell/destination", limit=10, seconds=HOUR)
#: Codes asked for one destination from anywhere: many strangers must not either.
TELL_ANYWHERE = Budget("reset/tell/anywhere", limit=50, seconds=HOUR)
#: Codes for one destination that each network has all the same, where they cost nothing: its owner is in another network.
TELL_SHARE = Budget("reset/tell/share", limit=5, seconds=DAY)
#: Tries of the current password in the signed-in change: a stolen session must not guess it.
CHANGE = Budget("change/person", limit=5, seconds=HOUR)
#: Resets that are started for one person, by whomever: each writes to all of their addresses.
HELP_PERSON = Budget("reset/help/person", limit=10, seconds=HOUR)
#: Resets that one administrator starts: enough for a busy desk, too few to empty an organization by a stolen session.
HELP_ACTOR = Budget("reset/help/actor", limit=60, seconds=HOUR)
