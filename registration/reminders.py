"""Who is reminded to register, and when again: pure."""

from datetime import datetime, timedelta

from registration import policy as rules
from registration.interrupts import Asked, offers
from registration.policy import Person

NEVER = 0
#: Days between two reminders that the organization can choose from.
CHOICES = (NEVER, 7, 14, 30)
#: Days that lie at least between two reminders which a desk asks for.
BETWEEN = 7
#: What the clock may be early by: a week after a mail of half past six is not over at half past six.
_EARLY = timedelta(hours=12)


def lacks(asked: Asked, person: Person) -> bool:
    """Say whether this person may reset, has not registered enough for it, and can.

    >>> from registration.policy import MethodTraits, ResetPolicy, Scope
    >>> policy = ResetPolicy(scope=Scope.ALL, methods=frozenset({"email"}))
    >>> asked = Asked(policy, (MethodTraits("email"),))
    >>> lacks(asked, Person()), lacks(asked, Person(registered=frozenset({"email"})))
    (True, False)
    """
    enabled = rules.is_enabled(asked.policy, person, edition_allows=asked.edition_allows)
    return enabled and not person.disabled and bool(offers(asked, person))


def not_since(days: int, now: datetime) -> datetime:
    """Return the moment after which nobody has been reminded who is to be reminded now.

    >>> not_since(7, datetime(2026, 2, 8, 6, 30))
    datetime.datetime(2026, 2, 1, 18, 30)
    """
    return now - timedelta(days=days) + _EARLY
