"""The Django side of the gate: what the organization that is served may do today. Warm, it costs no query."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from licensing import editions
from licensing.editions import Decision, Feature, Retention, Snapshot
from licensing.facts import SUBSCRIPTION
from licensing.labels import FEATURES, REASONS
from tenants import hosts, refusing
from tenants.context import current
from tenants.models import Organization

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def snapshot(organization: Organization | None = None) -> Snapshot | None:
    """Return the subscription of this organization, or of the one that is served."""
    return cast("Snapshot | None", hosts.fact(organization or current(), SUBSCRIPTION))


def decision(
    feature: Feature, *, organization: Organization | None = None, today: date | None = None
) -> Decision:
    """Say whether the feature is included today, which is the day of Universal Time."""
    return editions.decide(snapshot(organization), feature, today or _today())


def retention(*, organization: Organization | None = None, today: date | None = None) -> Retention:
    """Return how long the audit trail is kept, today."""
    return editions.retention(snapshot(organization), today or _today())


def required(feature: Feature) -> Callable[[View[P]], View[P]]:
    """Decorate a view that works only where the feature is included; elsewhere a page says so, with 403."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            decided = decision(feature)
            return (
                view(request, *args, **kwargs) if decided.allowed else not_included(request, feature, decided)
            )

        return guarded

    return decorate


@never_cache
def not_included(request: HttpRequest, feature: Feature, decided: Decision) -> HttpResponse:
    """Answer that the feature is not included, why, and who can help; the code is for whoever is asked."""
    refusing.refuse(request, decided.reason)
    words = {"feature": FEATURES[feature], "reason": REASONS[decided.reason], "code": decided.reason.value}
    return render(request, "licensing/not_included.html", words, status=403)


def _today() -> date:
    return timezone.now().date()
