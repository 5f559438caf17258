"""People as a file: who they are, where they stand, which kinds of methods they have. No number, no address of a method."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from registration import audit, census
from registration.audit import Activity
from registration.importing.parsing import Column, joined
from registration.judged import Standings
from registration.method import registry
from registration.models import User
from registration.origin import Origin
from registration.people_filters import NO, YES
from tenants.downloads import Line

#: People that are read at once.
PAGE = 500
#: The first have the names of an import's columns, so that the file can be changed and imported again.
HEADINGS: Sequence[str] = (
    *(
        column.value
        for column in (
            Column.SIGN_IN_NAME,
            Column.NAME,
            Column.PRIMARY_ADDRESS,
            Column.LANGUAGE,
            Column.GROUPS,
            Column.ENABLED,
            Column.MUST_CHANGE,
            Column.ROLES,
        )
    ),
    "source",
    "administrator",
    "registered for reset",
    "enabled for reset",
    "capable of reset",
    "methods",
    "last sign-in",
    "created",
)


def note(people: QuerySet[User], *, narrowed: Sequence[str], actor: User, origin: Origin) -> None:
    """Write down that people were exported, how many, and by which filters they were found."""
    data = {"people": people.count(), "filters": [*narrowed]}
    audit.record(Activity.PEOPLE_EXPORTED, actor=actor, origin=origin, data=data)


def lines(people: QuerySet[User]) -> Iterator[Line]:
    """Yield a line for each of these people, by sign-in name, a page at a time: three statements for each page."""
    found = Standings()
    page, after = [""], ""
    while page:
        more = people.filter(sign_in_name__gt=after).order_by("sign_in_name")
        page = list(more.values_list("sign_in_name", flat=True)[:PAGE])
        yield from _page(page, found)
        after = page[-1] if page else ""


def _page(names: Sequence[str], found: Standings) -> Iterator[Line]:
    people = {user.pk: user for user in User.objects.filter(sign_in_name__in=names).order_by("sign_in_name")}
    groups: dict[UUID, list[str]] = {}
    theirs = User.groups.through.objects.filter(user_id__in=people).order_by("group__name")
    for pk, name in theirs.values_list("user_id", "group__name"):
        groups.setdefault(pk, []).append(name)
    placed = dict(census.each(census.placed(User.objects.filter(pk__in=people), found.row)))
    methods = registry()
    for pk, user in people.items():
        person = placed[pk]
        yield (
            user.sign_in_name,
            user.name,
            user.primary_address,
            user.language,
            joined(groups.get(pk, [])),
            _said(user.is_active),
            _said(user.must_change),
            joined(sorted(user.roles_in_force)),
            user.source,
            _said(person.administrator),
            _said(found.registered(person)),
            _said(found.enabled(person)),
            _said(found.capable(person)),
            joined([str(methods[kind].name) for kind in methods if kind in person.registered]),
            _moment(user.last_login),
            _moment(user.created_at),
        )


def _said(yes: bool) -> str:
    return YES if yes else NO


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z" if at else ""
