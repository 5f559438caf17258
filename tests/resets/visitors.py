"""Whoever may be named at the portal: people of every sort, and names that nobody has."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from django.utils import timezone

from registration import people
from registration.method import ADMINISTRATOR
from registration.models import Group, User
from registration.origin import NOWHERE
from registration.roles import Role
from tenants.context import entered
from tests.building import (
    ANSWERS,
    Browser,
    Org,
    give_app,
    give_email,
    give_mobile,
    give_office,
    give_phone,
    give_questions,
)

KEYS = ("JBSWY3DPEHPK3PXP", "KRSXG5CTMVRXEZLU", "GEZDGNBVGY3TQOJQ", "MFRGGZDFMZTWQ2LK", "NNWG23TPOBYXE43U")


@dataclass
class Visitor:
    """Who is named, of which sort, the address that is typed, and the browser that does it, in a network of its own."""

    sort: str
    name: str
    address: str
    browser: Browser
    known: bool
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def mobile(self) -> str:
        """The mobile number that is typed."""
        return mobile_of(self.address)

    @property
    def office(self) -> str:
        """The office number that is typed."""
        return office_of(self.address)

    @property
    def network(self) -> str:
        """The address that the requests come from."""
        return str(self.browser.defaults["REMOTE_ADDR"])


def _digits(address: str) -> str:
    """Return four digits of somebody's own."""
    return f"{sum(map(int, re.findall(r'[0-9]+', address))) % 5000 + 5000 * address.startswith('nobody'):04d}"


def mobile_of(address: str) -> str:
    """Return the mobile number of whom this is the address of."""
    return f"+491512345{_digits(address)}"


def office_of(address: str) -> str:
    """Return the office number of whom this is the address of."""
    return f"+493090{_digits(address)}"


def _mobile(user: User, address: str) -> None:
    give_mobile(user, mobile_of(address))


def _another_mobile(user: User, address: str) -> None:
    give_mobile(user, "+4917612345678")


def _office(user: User, address: str) -> None:
    give_office(user, office_of(address))


def _set_office(user: User, address: str) -> None:
    give_office(user, office_of(address), by=ADMINISTRATOR)


def _every_phone(user: User, address: str) -> None:
    _mobile(user, address)
    _another_mobile(user, address)
    _office(user, address)
    _both(user, address)


def _apps(user: User, _address: str) -> None:
    for key in KEYS:
        give_app(user, key * 2)


def _phones(user: User, _address: str) -> None:
    for number in range(5):
        give_phone(user, f"key {number}")


def _both(user: User, address: str) -> None:
    give_app(user)
    give_email(user, address)


def _email_first(user: User, address: str) -> None:
    _both(user, address)
    people.prefer(user, "email", actor=user, origin=NOWHERE)


def _two_addresses(user: User, address: str) -> None:
    give_email(user, address)
    give_email(user, f"second-{address}")


def _everything(user: User, address: str) -> None:
    _both(user, address)
    give_questions(user)


def _three_questions(user: User, _address: str) -> None:
    """Register them as they could be before the policy asked for five."""
    give_questions(user, dict(list(ANSWERS.items())[:3]))


def _administrator(user: User, address: str) -> None:
    _both(user, address)
    people.change(user, {"roles": [Role.HELPDESK_ADMINISTRATOR]}, actor="tests")


def _disabled(user: User, address: str) -> None:
    _both(user, address)
    people.change(user, {"is_active": False}, actor="tests")


def _out_of_scope(user: User, address: str) -> None:
    _both(user, address)
    user.groups.clear()


def _blocked(user: User, address: str) -> None:
    _both(user, address)
    people.block_reset(user, timezone.now() + timedelta(hours=12))


def _without_password(user: User, address: str) -> None:
    _both(user, address)
    user.set_unusable_password()
    user.save(update_fields=["password"])


def _must_change(user: User, address: str) -> None:
    _both(user, address)
    people.change(user, {"must_change": True}, actor="tests")


#: What the people of a sort have and are. Their number of methods and what stands against them differ.
KNOWN: dict[str, Callable[[User, str], object]] = {
    "without a method": lambda _user, _address: None,
    "email": give_email,
    "another email": lambda user, address: give_email(user, f"other-{address}"),
    "two emails": _two_addresses,
    "app": lambda user, _address: give_app(user),
    "five apps": _apps,
    "a phone": lambda user, _address: give_phone(user, "key"),
    "five phones": _phones,
    "both": _both,
    "both, email first": _email_first,
    "mobile phone": _mobile,
    "another mobile phone": _another_mobile,
    "office phone": _office,
    "office phone that was set": _set_office,
    "every phone": _every_phone,
    "questions": lambda user, _address: give_questions(user),
    "three questions": _three_questions,
    "everything": _everything,
    "administrator": _administrator,
    "disabled": _disabled,
    "out of scope": _out_of_scope,
    "blocked": _blocked,
    "without a password": _without_password,
    "must change": _must_change,
}
#: Names that nobody at Contoso has, some of them no names at all.
UNKNOWN: dict[str, str] = {
    "free": "{local}@contoso.example",
    "almost": "{local}.@contoso.example",
    "long": "{local}" + "a" * 80 + "@contoso.example",
    "other letters": "{local}é@contoso.example",
    "at Fabrikam": "{local}@fabrikam.example",
    "elsewhere": "{local}@else.example",
    "without a domain": "{local}",
    "many ats": "{local}@@contoso.example@",
    "quotes": "{local}' or '1'='1",
    "markup": "<b>{local}</b>@contoso.example",
    "another alphabet": "{local}-имя@contoso.example",
    "spaces": "{local} of contoso",
}


#: What an organization may ask of the people of one group: two methods, or one, by questions alone if somebody likes.
POLICIES: dict[str, dict[str, object]] = {
    "two methods": {
        "required": 2,
        "methods": ["app_code", "app_notification", "email", "questions"],
        "scope": "selected",
    },
    "one method": {
        "required": 1,
        "methods": ["app_code", "app_notification", "email", "questions"],
        "scope": "selected",
        "weak_alone_acknowledged": True,
        "questions_to_answer": 5,
    },
    "phones": {
        "required": 1,
        "methods": ["mobile_phone", "office_phone", "email"],
        "scope": "selected",
    },
}


def visitors(org: Org, count: int, *, first: int = 0, sorts: Collection[str] = ()) -> list[Visitor]:
    """Return as many known as unknown names, in any order, each in a browser and network of its own.

    `first` numbers them, so that another call makes others; `sorts` are those to choose from.
    """
    known, unknown = ([sort for sort in every if not sorts or sort in sorts] for every in (KNOWN, UNKNOWN))
    found = [*_known(org, known, count, first), *_unknown(org, unknown, count, first)]
    Random(first).shuffle(found)
    return found


def _known(org: Org, sorts: Sequence[str], count: int, first: int) -> Iterator[Visitor]:
    group = Group.objects.get(name="Pilot")
    password = User.objects.get(sign_in_name="adele@contoso.example").password
    for number in range(first, first + count):
        sort = sorts[number % len(sorts)]
        local, address = f"person{number}", f"person{number}@home.example"
        user = people.add(f"{local}@contoso.example", actor="tests", primary_address=f"{local}@post.example")
        User.objects.filter(pk=user.pk).update(password=password)
        user.refresh_from_db()
        user.groups.add(group)
        KNOWN[sort](user, address)
        yield Visitor(sort, user.sign_in_name, address, _browser(org, 2 * number), known=True)


def _unknown(org: Org, sorts: Sequence[str], count: int, first: int) -> Iterator[Visitor]:
    for number in range(first, first + count):
        sort = sorts[number % len(sorts)]
        name = UNKNOWN[sort].format(local=f"nobody{number}")
        if sort == "at Fabrikam":  # somebody there, and nobody here
            with entered(Org("fabrikam").row):
                people.add(name, actor="tests")
        yield Visitor(sort, name, f"nobody{number}@home.example", _browser(org, 2 * number + 1), known=False)


def _browser(org: Org, number: int) -> Browser:
    browser = org.browser()
    browser.defaults["REMOTE_ADDR"] = f"10.{number // 250}.{number % 250}.7"
    return browser
