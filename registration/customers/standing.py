"""What the provider's list tells of an organization, read inside it by a job."""

from datetime import timedelta

from django.utils import timezone

from registration import census, standing
from registration.audit import Activity
from registration.licences import lacking
from registration.method import traits
from registration.models import AuditEvent, PhoneMessage, User
from registration.policy import is_registered
from tenants import glances, naming
from tenants.context import entered
from tenants.models import Organization

#: How far failed deliveries are looked back at.
LATELY = timedelta(hours=24)


def read() -> glances.Standing:
    """Return how the organization that has been entered stands; somebody who is disabled does not count."""
    row = standing.policy_row()
    asked, offered, left_out = standing.policy(row), traits(), lacking()
    counted = {
        person: count
        for person, count in census.counted(census.placed(row=row)).items()
        if not person.disabled
    }
    return glances.Standing(
        scope=row.scope,
        people=sum(counted.values()),
        registered=sum(
            count for person, count in counted.items() if is_registered(asked, person, offered, left_out)
        ),
        failed=_failed(),
        last_reset_at=AuditEvent.objects.filter(
            activity=Activity.PASSWORD_RESET, status=AuditEvent.Status.SUCCESS
        )
        .order_by("-at")
        .values_list("at", flat=True)
        .first(),
    )


def _failed() -> int:
    """Count what was refused when it was to be sent, and what a carrier had taken and could not deliver: never both of one."""
    since = timezone.now() - LATELY
    refused = AuditEvent.objects.filter(at__gte=since, activity=Activity.CODE_NOT_SENT)
    lost = PhoneMessage.objects.filter(at__gte=since, state=PhoneMessage.State.FAILED).exclude(reference="")
    return refused.count() + lost.count()


def using(organization: Organization, name: str) -> int:
    """Count the people whose sign-in names end in a name."""
    with entered(organization):
        return User.objects.filter(sign_in_name__endswith=f"@{name}").count()


glances.contribute(read)
naming.contribute(using)
