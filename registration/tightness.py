"""What "tighter" means for each setting of the policy: the order by which a baseline's floor holds. Data, and three questions.

A setting without an order can be a default or locked, and no floor: nobody can say which of its values asks for more.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Order(StrEnum):
    """Which of two values is the tighter one."""

    MORE = "more"  # the greater number
    ON = "on"  # yes
    OFF = "off"  # no
    LONGER = "longer"  # more days; nothing is what the edition keeps, which is the least
    SOONER = "sooner"  # fewer days; 0 and nothing are never, which is the loosest
    WITHIN = "within"  # nothing but what the floor names
    COVERING = "covering"  # everything that the floor names, and what one adds
    RANKED = "ranked"  # what comes later in RANKS


ORDERS: Mapping[str, Order] = MappingProxyType(
    {
        "methods": Order.WITHIN,
        "required": Order.MORE,
        "weak_alone_acknowledged": Order.OFF,
        "users_may_change_office_phone": Order.OFF,
        "administrators_may_reset": Order.OFF,
        "notify_user": Order.ON,
        "notify_administrators": Order.ON,
        "write_back": Order.ON,
        "unlock_without_reset": Order.OFF,
        "questions_to_register": Order.MORE,
        "questions_to_answer": Order.MORE,
        "predefined_questions": Order.WITHIN,
        "require_registration": Order.ON,
        "reconfirm_days": Order.SOONER,
        "remind_days": Order.SOONER,
        "password_lifetime_days": Order.SOONER,
        "profile": Order.RANKED,
        "banned_words": Order.COVERING,
        "history": Order.MORE,
        "audit_days": Order.LONGER,
    }
)
#: The loosest first.
RANKS: Mapping[str, tuple[str, ...]] = MappingProxyType({"profile": ("entra", "nist")})
#: Whose values have no order: for whom a reset is enabled is a choice, and whose own questions are better nobody can say.
UNORDERED = ("scope", "own_questions")
#: What an organization has to say for itself, so that a baseline may forbid it and never say it for them.
NEVER_SAID_FOR_THEM: Mapping[str, object] = MappingProxyType({"weak_alone_acknowledged": True})
_SETS = frozenset({"methods", "predefined_questions", "banned_words", "own_questions"})


def same(field: str, one: Any, other: Any) -> bool:
    """Say whether two values of a setting mean the same: lists in whatever order.

    >>> same("methods", ["email", "app_code"], ["app_code", "email"]), same("required", 1, 2)
    (True, False)
    """
    return set(one) == set(other) if field in _SETS else bool(one == other)


def is_floor(field: str, value: Any) -> bool:
    """Say whether a value can be a floor: the loosest of all asks for nothing.

    >>> is_floor("reconfirm_days", 0), is_floor("notify_user", True), is_floor("notify_user", False)
    (False, True, False)
    """
    order = ORDERS.get(field)
    if order is Order.OFF:
        return not value
    return bool(value) if order in {Order.ON, Order.SOONER, Order.WITHIN, Order.LONGER} else order is not None


def holds(field: str, value: Any, floor: Any) -> bool:
    """Say whether a value is at least as tight as the floor.

    >>> [holds("required", number, 2) for number in (1, 2)]
    [False, True]
    >>> [holds("reconfirm_days", days, 180) for days in (0, 90, 180, 365)]
    [False, True, True, False]
    >>> [holds("methods", kinds, ["app_code", "email"]) for kinds in (["email"], ["email", "questions"])]
    [True, False]
    >>> holds("banned_words", ["contoso", "fourth"], ["fourth"]), holds("profile", "entra", "nist")
    (True, False)
    >>> holds("administrators_may_reset", True, False), holds("notify_user", True, True)
    (False, True)
    """
    return same(field, raised(field, value, floor), value)


def raised(field: str, value: Any, floor: Any) -> Any:
    """Return what is nearest to a value and at least as tight as the floor.

    >>> raised("required", 1, 2), raised("reconfirm_days", 0, 180), raised("reconfirm_days", 90, 180)
    (2, 180, 90)
    >>> raised("methods", ["email", "questions"], ["app_code", "email"])
    ['email']
    >>> raised("banned_words", ["contoso"], ["fourth"]), raised("profile", "entra", "nist")
    (['contoso', 'fourth'], 'nist')
    >>> raised("password_lifetime_days", None, 90), raised("password_lifetime_days", 30, None)
    (90, 30)
    >>> raised("audit_days", None, 90), raised("audit_days", 365, 90)
    (90, 365)
    """
    return _RAISED[ORDERS[field]](field, value, floor)


_RAISED: Mapping[Order, Callable[[str, Any, Any], Any]] = MappingProxyType(
    {
        Order.MORE: lambda _field, value, floor: max(value, floor),
        Order.LONGER: lambda _field, value, floor: floor if floor and (value or 0) < floor else value,
        Order.ON: lambda _field, value, floor: value or floor,
        Order.OFF: lambda _field, value, floor: value and floor,
        Order.SOONER: lambda _field, value, floor: value if not floor or 0 < (value or 0) <= floor else floor,
        Order.WITHIN: lambda _field, value, floor: [one for one in value if one in floor],
        Order.COVERING: lambda _field, value, floor: [*value, *(one for one in floor if one not in value)],
        Order.RANKED: lambda field, value, floor: max(value, floor, key=RANKS[field].index),
    }
)
