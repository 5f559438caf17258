"""What was carried is tidied once a day: what nobody took is given up, what it has cost is asked, what is old is forgotten."""

from django.utils import timezone
from procrastinate.contrib.django import app

from registration import handing
from registration.carrier import Unclear, Unreached
from registration.lines import Line, line
from registration.method import Undeliverable
from registration.models import PhoneMessage
from tenants.jobs import organization_job

#: Messages that are asked about in one run: the newest first, so that one that is never billed keeps no other waiting.
MOST = 500


@organization_job(name="registration.bill", queue="housekeeping")
def bill() -> None:
    """Tidy, and ask the carrier what the messages of the last days have cost."""
    handing.tidy(timezone.now())
    found = line()
    if found is not None:
        _ask(found)


@app.periodic(cron="17 4 * * *")
@app.task(name="registration.bill_all")
def bill_everywhere(timestamp: int) -> None:
    """Write the job for each organization."""
    bill.enqueue_everywhere()


def _ask(found: Line) -> None:
    """Ask until the carrier does not answer: the rest is asked tomorrow."""
    since = timezone.now() - 3 * handing.DAY
    unbilled = PhoneMessage.objects.filter(at__gte=since, is_billed=False, carrier=found.kind).exclude(
        reference=""
    )
    for message in unbilled[:MOST]:
        try:
            cost = found.carrier.billed(found.settings(), message)
        except (Undeliverable, Unreached, Unclear):
            return
        if cost is not None:
            handing.bill(message, cost)
