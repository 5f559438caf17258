"""By what the list of people is narrowed: where they stand by the policy, their password, their account, their groups."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registration import census, roles
from registration.facts import rules
from registration.judged import Standings
from registration.models import Group, User
from registration.policy import Person
from tenants.context import is_provider

#: Groups that the filter lists; more are found on the page of groups.
MOST_GROUPS = 100
YES, NO = "yes", "no"
Test = Callable[[Person], bool]


def contribute(one: type[admin.SimpleListFilter]) -> None:
    """Let a higher room narrow people by what it knows of them."""
    FILTERS.append(one)


class _YesOrNo(admin.SimpleListFilter):
    """Two answers."""

    horizontal = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List them."""
        return [(YES, _("Yes")), (NO, _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Narrow, where one was chosen."""
        value = self.value()
        return self.narrowed(queryset, yes=value == YES) if value in {YES, NO} else queryset

    def narrowed(self, people: QuerySet[User], *, yes: bool) -> QuerySet[User]:
        """Narrow to those of whom it is so, or is not."""
        raise NotImplementedError


class _Standing(_YesOrNo):
    """By a rule of the policy, which is asked once for each set of methods that people have, and each kind of person."""

    def test(self, found: Standings) -> Test:
        """Return the rule."""
        raise NotImplementedError

    def kinds_of_people(self) -> list[tuple[Q, Person]]:
        """Return the kinds of people that the rule tells apart, apart from their methods."""
        opening = _opens_desk()
        return [(opening, Person(administrator=True)), (~opening, Person())]

    def narrowed(self, people: QuerySet[User], *, yes: bool) -> QuerySet[User]:
        """Find the sets of methods with which it is so, or is not, of each kind of person."""
        found = Standings()
        test, each = self.test(found), census.kinds_of_each(found.row)
        sets = [tuple(kinds) for kinds in each.values_list("kinds", flat=True).distinct()]
        wanted = Q(pk__in=[])
        for who, somebody in self.kinds_of_people():
            fit = [one for one in sets if test(replace(somebody, registered=frozenset(one))) == yes]
            have = Q(pk__in=each.filter(kinds__in=[list(one) for one in fit]).values("user_id"))
            if test(somebody) == yes:
                have |= ~Q(pk__in=each.values("user_id"))
            wanted |= who & have
        return people.filter(wanted)


class RegisteredFilter(_Standing):
    """By whether they have registered enough."""

    title, parameter_name = _("registered"), "registered"

    def test(self, found: Standings) -> Test:
        """Return the rule."""
        return found.registered


class CapableFilter(_Standing):
    """By whether they have registered enough and may reset."""

    title, parameter_name = _("capable of a reset"), "capable"

    def test(self, found: Standings) -> Test:
        """Return the rule."""
        return found.capable

    def kinds_of_people(self) -> list[tuple[Q, Person]]:
        """Tell those of the selected groups apart, too."""
        within = census.in_selected_group()
        return [
            (who & (within if inside else ~within), replace(somebody, in_selected_group=inside))
            for who, somebody in super().kinds_of_people()
            for inside in (True, False)
        ]


class AdministratorFilter(_YesOrNo):
    """By whether a role of theirs opens a desk."""

    title, parameter_name = _("administrator"), "administrator"

    def narrowed(self, people: QuerySet[User], *, yes: bool) -> QuerySet[User]:
        """Compare their roles."""
        opening = _opens_desk()
        return people.filter(opening if yes else ~opening)


class LockedFilter(_YesOrNo):
    """By whether their reset is blocked, since they said that one was not theirs."""

    title, parameter_name = _("reset blocked"), "locked"

    def narrowed(self, people: QuerySet[User], *, yes: bool) -> QuerySet[User]:
        """Compare the moment."""
        blocked = Q(reset_blocked_until__isnull=False, reset_blocked_until__gt=timezone.now())
        return people.filter(blocked if yes else ~blocked)


class PasswordFilter(admin.SimpleListFilter):
    """By how their password stands."""

    title, parameter_name = _("password"), "password_state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List what can be the matter with one."""
        return [("expired", _("Expired")), ("must_change", _("Must be changed")), ("none", _("None yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Narrow, where one was chosen."""
        none = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        match self.value():
            case "none":
                return queryset.filter(none)
            case "must_change":
                return queryset.filter(~none, must_change=True)
            case "expired":
                return _expired(queryset.filter(~none, must_change=False))
        return queryset


class GroupFilter(admin.SimpleListFilter):
    """By a group that they are in themselves."""

    title, parameter_name = _("group"), "group"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """List the first groups by their names."""
        return [(str(pk), name) for pk, name in Group.objects.values_list("pk", "name")[:MOST_GROUPS]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Narrow, where one was chosen."""
        value = self.value()
        if not value:
            return queryset
        try:
            group = UUID(value)
        except ValueError:
            return queryset.none()
        members = User.groups.through.objects.filter(group_id=group).values("user_id")
        return queryset.filter(pk__in=members)


def _opens_desk() -> Q:
    return Q(
        roles__overlap=[str(role) for role in roles.valid_roles(is_provider()) if roles.opens_desk([role])]
    )


def _expired(people: QuerySet[User]) -> QuerySet[User]:
    days = rules().lifetime_days
    if days is None:
        return people.none()
    since = timezone.now() - timedelta(days=days)
    return people.alias(since=Coalesce("password_changed_at", "created_at")).filter(
        since__lte=since, source=User.Source.CLOUD
    )


#: The list of people has this very list, so that it has what is added to it later.
FILTERS: list[Any] = [
    RegisteredFilter,
    CapableFilter,
    "is_active",
    AdministratorFilter,
    PasswordFilter,
    LockedFilter,
    "source",
    GroupFilter,
]
