"""What another edition does to an organization's people, for the operator who is about to assign it.

Numbers by cause are for whoever may assign an edition. Names are the organization's: an owner sees them, and the
organization's audit log says so.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from licensing.foreseeing import Subscribed
from registration import audit, previewing, roles
from registration.audit import Activity
from registration.foreseeing import Change, Side
from registration.models import Policy
from registration.origin import origin
from registration.proof import person
from tenants.context import entered
from tenants.previewing import Preview


def foresee(request: HttpRequest, subscribed: Subscribed) -> Preview:
    """Say who loses and who gains, with the organization's policy held until it is saved."""
    names = person(request).has_perm(roles.SEE_PEOPLE_OF_CUSTOMERS)
    with entered(subscribed.organization):
        side = Side.as_saved(Policy.objects.select_for_update().get())
        change = Change(replace(side, bought=subscribed.before), replace(side, bought=subscribed.after))
        found = change.impact
        lines = previewing.lines(change)
        said = [*map(str, (subscribed.before, subscribed.after)), *previewing.said(change)]

    def context() -> Mapping[str, Any]:
        with entered(subscribed.organization):
            if names:
                _write_down(request, change)
            return previewing.shown(change, names=names)

    def file() -> HttpResponseBase:
        with entered(subscribed.organization):
            _write_down(request, change)
            return previewing.people_file(change)

    return Preview(
        matters=found.matters,
        said=said,
        template=previewing.TEMPLATE,
        context=context,
        file=file if names else None,
        lines=lines,
    )


def _write_down(request: HttpRequest, change: Change) -> None:
    """Tell the organization that the provider saw who its people are."""
    audit.record(
        Activity.PEOPLE_SEEN,
        actor=str(request.user),
        origin=origin(request),
        data={"people": sum(one.people for one in change.impact.sums), "because": "edition"},
    )
