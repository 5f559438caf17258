"""Make an organization by a job, with its progress in a row that a page shows: asked for, under way, done or refused.

The organization is made in one transaction, so that there is never half of one. How far that has come is written beside it, by
a connection of its own, since nobody could see it otherwise before the end. The row holds what was typed, and no link: where
the first administrator has no address, their link is made when somebody asks for it (`administrators.send_link`).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from licensing import subscribing
from licensing.subscribing import SubscriptionProblem
from registration.onboarding import onboard
from registration.people import PersonProblem
from tenants import glances, journal, naming, provisioning
from tenants.context import PUBLIC, entered
from tenants.models import Creation, Organization
from tenants.provisioning import ProvisioningProblem

#: What is done one after the other, with the words for each.
STEPS = {
    "schema": _("The organization's own part of the database"),
    "host": _("Its host and its sign-in name"),
    "subscription": _("Its edition"),
    "administrator": _("Its first administrator"),
    "invited": _("The administrator's one-time link"),
}
#: How long what was typed is kept where it was refused.
KEPT = timedelta(days=30)
#: Fields of a person, as the page of a new organization calls them.
_PERSONS = {"sign_in_name": "administrator", "primary_address": "address"}
_BROKEN = _(
    "Something went wrong on our side, and nothing was made. Try again; if it fails again, the worker's log says why."
)


@dataclass(frozen=True)
class Wanted:
    """What an operator asks for."""

    name: str
    slug: str
    sign_in_name: str
    administrator: str
    edition: str
    host: str = ""
    address: str = ""
    trial_ends: date | None = None
    seats: int | None = None


def checked(wanted: Wanted) -> None:
    """Raise what making it would raise, as far as that can be told before: each names its field."""
    _host, suffix = provisioning.checked_new(
        wanted.slug, name=wanted.name, sign_in_name=wanted.sign_in_name, host=wanted.host
    )
    subscribing.checked(edition=wanted.edition, trial_ends=wanted.trial_ends, seats=wanted.seats)
    local, _at, domain = wanted.administrator.strip().lower().rpartition("@")
    if not local or domain != suffix:
        raise ProvisioningProblem("administrator", f"The name ends in @{suffix}, such as chief@{suffix}.")


@transaction.atomic
def ask(wanted: Wanted, *, actor: str) -> Creation:
    """Write down what is wanted, and a job that makes it. Raises what `checked` raises."""
    checked(wanted)
    Creation.objects.filter(at__lt=timezone.now() - KEPT).delete()
    ends = wanted.trial_ends.isoformat() if wanted.trial_ends else None
    asked = Creation.objects.create(actor=actor, wanted={**asdict(wanted), "trial_ends": ends})
    make.defer(creation=str(asked.pk))
    return asked


def wanted_by(asked: Creation) -> Wanted:
    """Return what a row asks for."""
    kept: dict[str, Any] = {**asked.wanted}
    ends = kept.get("trial_ends")
    return Wanted(**{**kept, "trial_ends": date.fromisoformat(ends) if ends else None})


@app.task(name="registration.create_organization", queue="default")
def make(*, creation: str) -> None:
    """Make what a row asks for, once; a worker that died in the middle has left nothing, and the next one begins anew."""
    asked = Creation.objects.filter(pk=UUID(creation)).exclude(state=Creation.State.DONE).first()
    if asked is None:
        return
    Creation.objects.filter(pk=asked.pk).update(state=Creation.State.RUNNING, step="", field="", problem="")
    try:
        with entered(Organization.objects.get(schema_name=PUBLIC)):
            _make(asked)
    except (ProvisioningProblem, SubscriptionProblem) as problem:
        _refuse(asked, problem.field, str(problem))
    except PersonProblem as problem:
        _refuse(asked, _PERSONS.get(problem.field, problem.field), str(problem))
    except Exception:
        _refuse(asked, "", "")
        raise


def problem_of(asked: Creation) -> str:
    """Return why it was refused, and what to do."""
    return asked.problem or str(_BROKEN)


@transaction.atomic
def _make(asked: Creation) -> None:
    naming.one_at_a_time()
    if Creation.objects.filter(pk=asked.pk, state=Creation.State.DONE).exists():
        return  # another worker was quicker
    wanted = wanted_by(asked)
    made = onboard(
        wanted.slug,
        name=wanted.name,
        sign_in_name=wanted.sign_in_name,
        edition=wanted.edition,
        administrator=wanted.administrator,
        actor=asked.actor,
        host=wanted.host,
        address=wanted.address,
        trial_ends=wanted.trial_ends,
        seats=wanted.seats,
        tell=_teller(asked.pk),
    )
    glances.look_soon(made.organization)
    asked.organization, asked.state, asked.step = made.organization, Creation.State.DONE, ""
    asked.wanted = {"name": wanted.name, "slug": wanted.slug}
    asked.save(update_fields=["organization", "state", "step", "wanted"])


@transaction.atomic
def _refuse(asked: Creation, field: str, problem: str) -> None:
    running = Creation.objects.filter(pk=asked.pk, state=Creation.State.RUNNING)
    if running.update(state=Creation.State.FAILED, field=field, problem=problem):
        data = {"name": asked.wanted["name"], "slug": asked.wanted["slug"], "field": field}
        provider = Organization.objects.get(schema_name=PUBLIC)
        journal.record("organization_refused", actor=asked.actor, organization=provider, data=data)


def _teller(pk: UUID) -> Callable[[str], None]:
    """Return what writes each step as it begins, where a page can see it; that it cannot be written stops nothing."""

    def tell(step: str) -> None:
        aside = connection.copy()
        try:
            with aside.cursor() as cursor:
                cursor.execute("set lock_timeout = '500ms'")
                cursor.execute('update "public"."tenants_creation" set step = %s where id = %s', [step, pk])
        except DatabaseError:
            pass
        finally:
            aside.close()

    return tell
