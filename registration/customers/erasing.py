"""Erase an organization by a page: suspended at once, erased by a job as soon as every server has heard of that.

Whoever resumes it in between keeps it.
"""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from tenants import hosts, provisioning
from tenants.context import PUBLIC, entered
from tenants.models import JournalEntry, Organization
from tenants.provisioning import ProvisioningProblem

#: Seconds until the job; other servers know of a suspension after `hosts.SECONDS`.
WAIT = int(hosts.SECONDS) + 20
_REASON = "to be erased"


@transaction.atomic
def ask(organization: Organization, *, typed: str, actor: str) -> None:
    """Suspend it, and write the job that erases it. Raises `ProvisioningProblem` where another name was typed."""
    if typed.strip() != organization.name:
        raise ProvisioningProblem("typed", _("That is not its name: nothing was erased."))
    provisioning.suspend(organization, actor=actor, reason=_REASON)
    erase.configure(schedule_in={"seconds": WAIT}).defer(organization=str(organization.pk), actor=actor)


@app.task(name="registration.erase_organization", queue="default")
def erase(*, organization: str, actor: str) -> None:
    """Erase an organization that is still suspended."""
    with entered(Organization.objects.get(schema_name=PUBLIC)), transaction.atomic():
        found = Organization.objects.select_for_update().filter(pk=UUID(organization)).first()
        if found is not None and found.state == Organization.State.SUSPENDED and _is_still_asked(found):
            provisioning.erase(found, actor=actor)


def _is_still_asked(organization: Organization) -> bool:
    """Say whether its last suspension was for this: one that was resumed, and suspended for something else, stays."""
    turns = JournalEntry.objects.filter(
        schema=organization.schema_name, event__in=("organization_suspended", "organization_resumed")
    )
    last = turns.order_by("-at").first()
    return last is not None and last.data.get("reason") == _REASON
