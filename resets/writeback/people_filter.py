"""What this room adds to the list of people: narrowing it by where their accounts live."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registration import people_filters
from registration.models import User
from resets.writeback.models import OnPremisesDomain

#: Domains that the filter lists; all are found on their own page.
_MOST = 100
_ANY, _CLOUD, _GONE = "any", "cloud", "gone"


class DomainFilter(admin.SimpleListFilter):
    """By the on-premises domain that their account lives in. It shows only where there are domains."""

    title, parameter_name = _("on-premises domain"), "domain"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """List the domains, and what is true of all or of none of them."""
        found = [(str(pk), name) for pk, name in OnPremisesDomain.objects.values_list("pk", "name")[:_MOST]]
        if not found:
            return []
        return [
            (_ANY, gettext("In any domain")),
            (_CLOUD, gettext("In the cloud")),
            (_GONE, gettext("Gone from their directory")),
            *found,
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Narrow, where one was chosen."""
        value = self.value()
        if not value:
            return queryset
        if value in {_ANY, _CLOUD}:
            return queryset.filter(account__isnull=value == _CLOUD)
        if value == _GONE:
            return queryset.filter(account__gone_at__isnull=False)
        try:
            return queryset.filter(account__domain_id=UUID(value))
        except ValueError:
            return queryset.none()


people_filters.contribute(DomainFilter)
