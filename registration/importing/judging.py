"""What one line of a file asks for, and whether it may be done: facts in, what is to be written or what is wrong out.

Nothing is read from the database here but what a method itself asks for. The facts are read once for a batch.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from registration import people, roles
from registration.importing.parsing import Column, Row, several
from registration.licences import why_not
from registration.method import ADMINISTRATOR, State, Unacceptable, registry
from registration.models import User
from registration.people import PersonProblem
from registration.roles import Role

NAME_MOST, ADDRESS_MOST = 150, 254
#: What empties a cell's field: a cell that is empty leaves it as it is.
NONE = "none"
#: Yes and no, as people write them and as spreadsheets do in English and German.
_SAID = {
    **dict.fromkeys(("yes", "y", "true", "1", "ja", "wahr"), True),
    **dict.fromkeys(("no", "n", "false", "0", "nein", "falsch"), False),
}
#: By which method each column is registered, and what its form calls the cell.
INFO: Mapping[Column, tuple[str, str]] = {
    Column.MOBILE_PHONE: ("mobile_phone", "number"),
    Column.OFFICE_PHONE: ("office_phone", "number"),
    Column.EMAIL: ("email", "address"),
}


class Flaw(StrEnum):
    """What is wrong with a line."""

    NO_SIGN_IN_NAME = "no_sign_in_name"
    NOT_A_SIGN_IN_NAME = "not_a_sign_in_name"
    NOT_OURS = "not_ours"
    DUPLICATE = "duplicate"
    TOO_MANY_CELLS = "too_many_cells"
    UNPRINTABLE = "unprintable"
    TOO_LONG = "too_long"
    NOT_AN_ADDRESS = "not_an_address"
    NOT_A_LANGUAGE = "not_a_language"
    NOT_YES_OR_NO = "not_yes_or_no"
    NO_SUCH_GROUP = "no_such_group"
    NO_SUCH_ROLE = "no_such_role"
    MAY_NOT_GRANT = "may_not_grant"
    MAY_NOT_CHANGE = "may_not_change"
    MAY_NOT_REGISTER = "may_not_register"
    ONESELF = "oneself"
    LAST_ADMINISTRATOR = "nobody_left_to_grant"
    UNAVAILABLE = "unavailable"
    NOT_ACCEPTED = "not_accepted"
    TOO_MANY = "too_many"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: in which column, with what."""

    flaw: Flaw
    column: Column
    value: str = ""


class Wrong(Exception):
    """A line cannot be written as it stands."""

    def __init__(self, flaw: Flaw, column: Column, value: object = "") -> None:
        super().__init__(flaw)
        self.problem = Problem(flaw, column, str(value)[:100])


@dataclass(frozen=True)
class Facts:
    """What is the same for all lines of a batch: who imports, and what there is."""

    actor: User
    domains: Collection[str]
    groups: Mapping[str, UUID]
    provider: bool
    held: frozenset[Role] = field(init=False)
    grantable: frozenset[Role] = field(init=False)

    def __post_init__(self) -> None:
        """Work out once what the actor's roles allow."""
        object.__setattr__(self, "held", self.actor.roles_in_force)
        object.__setattr__(self, "grantable", roles.grantable(self.held))


@dataclass
class Known:
    """Somebody who is there already, with their groups and the digests' kinds that matter."""

    user: User
    groups: frozenset[str]


@dataclass
class Asked:
    """What a line asks for, right in itself; what is None is left as it is."""

    sign_in_name: str
    fields: dict[str, object]
    roles: list[str] | None
    groups: tuple[str, ...] | None
    info: dict[str, State]


def name_of(row: Row) -> str:
    """Return the sign-in name that a line is about, as it is compared."""
    return row.cells.get(Column.SIGN_IN_NAME, "").lower()


def asked(row: Row, facts: Facts) -> Asked:
    """Return what a line asks for. Raises `Wrong` for the first thing that is wrong with it."""
    cells = row.cells
    if row.extra:
        raise Wrong(Flaw.TOO_MANY_CELLS, Column.SIGN_IN_NAME)
    for column, cell in cells.items():
        if not cell.isprintable():
            raise Wrong(Flaw.UNPRINTABLE, column)
    found = Asked(_sign_in_name(cells, facts), {}, _roles(cells, facts), _groups(cells, facts), {})
    if Column.NAME in cells:
        found.fields["name"] = _short(cells, Column.NAME, NAME_MOST)
    if Column.PRIMARY_ADDRESS in cells:
        found.fields["primary_address"] = _address(cells, Column.PRIMARY_ADDRESS, may_be_none=True)
    if Column.LANGUAGE in cells:
        found.fields["language"] = _language(cells[Column.LANGUAGE])
    for column, name in ((Column.ENABLED, "is_active"), (Column.MUST_CHANGE, "must_change")):
        if column in cells:
            found.fields[name] = _yes_or_no(cells, column)
    for column in INFO.keys() & cells.keys():
        found.info[INFO[column][0]] = _info(cells, column)
    return found


def permitted(wanted: Asked, known: Known | None, facts: Facts) -> dict[str, object]:
    """Return which fields change, and to what, of somebody who is there or is to be. Raises `Wrong` where they may not."""
    before = known.user if known else _nobody()
    target: dict[str, object] = {**wanted.fields}
    if wanted.roles is not None and set(wanted.roles) != set(before.roles):
        target["roles"] = wanted.roles
    changes = {name: value for name, value in target.items() if getattr(before, name) != value}
    if "roles" in changes:
        _may_grant(wanted, before, facts)
    regrouped = known is not None and wanted.groups is not None and set(wanted.groups) != known.groups
    if known and (changes or regrouped):
        _may_change(known.user, changes, facts)
    if wanted.info:
        _may_register(known, facts)
    return changes


@cache
def _nobody() -> User:
    """Return what somebody new is before anything is said of them."""
    return User()


def _sign_in_name(cells: Mapping[Column, str], facts: Facts) -> str:
    text = cells.get(Column.SIGN_IN_NAME, "")
    if not text:
        raise Wrong(Flaw.NO_SIGN_IN_NAME, Column.SIGN_IN_NAME)
    try:
        lowered, domain = people.shaped_sign_in_name(text)
    except PersonProblem as problem:
        raise Wrong(Flaw.NOT_A_SIGN_IN_NAME, Column.SIGN_IN_NAME, text) from problem
    if domain not in facts.domains:
        raise Wrong(Flaw.NOT_OURS, Column.SIGN_IN_NAME, domain)
    return lowered


def _roles(cells: Mapping[Column, str], facts: Facts) -> list[str] | None:
    if Column.ROLES not in cells:
        return None
    text = cells[Column.ROLES]
    known = {str(role): role for role in roles.valid_roles(facts.provider)}
    named = [] if text.lower() == NONE else [part.lower().replace(" ", "_") for part in several(text)]
    if unknown := next((name for name in named if name not in known), None):
        raise Wrong(Flaw.NO_SUCH_ROLE, Column.ROLES, unknown)
    return [name for name in known if name in named]


def _groups(cells: Mapping[Column, str], facts: Facts) -> tuple[str, ...] | None:
    if Column.GROUPS not in cells:
        return None
    text = cells[Column.GROUPS]
    named = () if text.lower() == NONE else several(text)
    if unknown := next((name for name in named if name not in facts.groups), None):
        raise Wrong(Flaw.NO_SUCH_GROUP, Column.GROUPS, unknown)
    return named


def _short(cells: Mapping[Column, str], column: Column, most: int) -> str:
    text = cells[column]
    if len(text) > most:
        raise Wrong(Flaw.TOO_LONG, column, most)
    return text


def _address(cells: Mapping[Column, str], column: Column, *, may_be_none: bool = False) -> str:
    text = _short(cells, column, ADDRESS_MOST)
    if may_be_none and text.lower() == NONE:
        return ""
    try:
        validate_email(text)
    except ValidationError as problem:
        raise Wrong(Flaw.NOT_AN_ADDRESS, column, text) from problem
    return text


def _language(text: str) -> str:
    code = text.lower()
    if code == NONE:
        return ""
    if code not in dict(settings.LANGUAGES):
        raise Wrong(Flaw.NOT_A_LANGUAGE, Column.LANGUAGE, text)
    return code


def _yes_or_no(cells: Mapping[Column, str], column: Column) -> bool:
    said = _SAID.get(cells[column].lower())
    if said is None:
        raise Wrong(Flaw.NOT_YES_OR_NO, column, cells[column])
    return said


def _info(cells: Mapping[Column, str], column: Column) -> State:
    kind, called = INFO[column]
    method = registry().get(kind)
    if method is None or not method.set_by_administrators or why_not(method):
        raise Wrong(Flaw.UNAVAILABLE, column)
    text = _address(cells, column) if called == "address" else cells[column]
    try:
        return {**method.begin({called: text}, user=_nobody()), "by": ADMINISTRATOR}
    except Unacceptable as problem:
        raise Wrong(Flaw.NOT_ACCEPTED, column, problem.text) from problem


def _may_grant(wanted: Asked, before: User, facts: Facts) -> None:
    if before.pk == facts.actor.pk:
        raise Wrong(Flaw.ONESELF, Column.ROLES)
    if not {str(role) for role in facts.grantable} >= set(wanted.roles or ()) ^ set(before.roles):
        raise Wrong(Flaw.MAY_NOT_GRANT, Column.ROLES, ", ".join(wanted.roles or ()))


def _may_change(user: User, changes: Mapping[str, object], facts: Facts) -> None:
    if not roles.may_for(facts.held, "registration.change_user", user.roles_in_force):
        raise Wrong(Flaw.MAY_NOT_CHANGE, Column.SIGN_IN_NAME, user)
    if user.pk == facts.actor.pk and changes.get("is_active") is False:
        raise Wrong(Flaw.ONESELF, Column.ENABLED)


def _may_register(known: Known | None, facts: Facts) -> None:
    """A number or an address that is registered can take over an account: weighed as on the person's own page."""
    if known and known.user.pk == facts.actor.pk:
        raise Wrong(Flaw.ONESELF, Column.EMAIL)
    whose = known.user.roles_in_force if known else frozenset()
    if not roles.may_for(facts.held, "registration.add_device", whose):
        raise Wrong(Flaw.MAY_NOT_REGISTER, Column.EMAIL)
