"""What a page shows on which somebody chooses a password: all rules before typing, and what the browser ticks them by."""

from typing import Any

from registration import banned_words, passwords, wording
from registration.audit import Activity
from registration.models import User
from registration.password_rules import NO_FLOOR, Floor


def shown(user: User, *, activity: Activity, floor: Floor = NO_FLOOR) -> dict[str, Any]:
    """Return the rules with their words, and the names that may not stand in the password.

    The names are the person's own, told to who has proved to be them. The organization's banned words are not told.
    """
    rules = passwords.rules(user, activity=activity, floor=floor)
    terms = banned_words.name_terms(*passwords.names(user))
    return {"rules": [(rule, wording.violation(rule)) for rule in rules], "names": " ".join(terms)}
