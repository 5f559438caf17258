"""Files of people, as an administrator would have them."""

import io
from collections.abc import Iterable

from registration.importing import flow
from registration.models import PeopleImport, User
from registration.origin import Origin
from tests.building import run_jobs

FROM = Origin(address="203.0.113.9")


def file(
    *lines: str, encoding: str = "utf-8", head: str = "sign-in name,name,groups,enabled,roles"
) -> io.BytesIO:
    """Return a file with these lines below its headings."""
    return io.BytesIO("\r\n".join((head, *lines, "")).encode(encoding))


def checked(actor: User, *lines: str, **choices: str) -> PeopleImport:
    """Return an import that has been checked."""
    whole = flow.take(file(*lines, **choices), actor=actor, origin=FROM)
    run_jobs()
    whole.refresh_from_db()
    return whole


def imported(actor: User, *lines: str, links: bool = False, **choices: str) -> PeopleImport:
    """Return an import that is done."""
    whole = checked(actor, *lines, **choices)
    flow.begin(whole.pk, links=links, actor=actor)
    run_jobs()
    whole.refresh_from_db()
    return whole


def wrong(whole: PeopleImport) -> list[tuple[int, str, str]]:
    """Return what is wrong: line, code and column."""
    return [(line, str(problem.flaw), str(problem.column)) for line, _name, problem in flow.problems(whole)]


def people(numbers: Iterable[int], name: str = "Number") -> list[str]:
    """Return lines of so many people."""
    return [f"p{number}@contoso.example,{name} {number},,," for number in numbers]
