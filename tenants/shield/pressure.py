"""How hard the check for a person is: harder while an organization has many of them in an hour, which a crowd of bots makes.

Nobody is refused for it. A limit for a whole organization would let one stranger close the door to all of its people; a harder
check costs each of them a few seconds, and the crowd a few seconds for each of its tries.
"""

from tenants.shield import throttle
from tenants.shield.throttle import Budget

#: Checks that were passed at one organization in an hour before the next ones are harder: a Monday morning of 10,000 people.
USUAL = Budget("captcha/usual", limit=600, seconds=60 * 60)
#: How many times the usual work is asked then: about 4 s in a browser instead of 1.
HARDER = 4


def count() -> None:
    """Count one check that was passed."""
    throttle.spend(USUAL)


def factor() -> int:
    """Return by how much the work of the next check is multiplied."""
    return 1 if throttle.peek(USUAL).allowed else HARDER
