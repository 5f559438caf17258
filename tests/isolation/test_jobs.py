"""Every job: with Contoso's arguments it does nothing in another organization, and what it does is done in its own."""

import io
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from procrastinate.contrib.django import app

from registration import activation, baselining, configuring, enrolling, notices, people, tickets
from registration.authenticator import vapid
from registration.baseline import Mode, Rule
from registration.importing import flow as importing
from registration.models import AuditEvent, Challenge, PhoneMessage, User
from registration.origin import NOWHERE
from resets.models import Reset
from resets.writeback import accounts
from resets.writeback.models import Account, Agent
from tenants import hosts, provisioning
from tenants.branding import replaceable, trying_out
from tenants.context import entered
from tenants.jobs import OrganizationJob
from tenants.models import BaselineUse, Rollout, Visit
from tenants.shield.sealing import Unsealable
from tests.building import Org, give_email
from tests.isolation import catalogue
from tests.isolation.furnished import Furnished
from tests.isolation.rows import MARK
from tests.journeys.people import ask_email
from tests.resets.steps import begun
from tests.resets.writeback.speaking import Speaker, domain_of, enrolled

for _name in settings.PROCRASTINATE_IMPORT_PATHS:
    import_string(f"{_name}.__name__")  # as a worker does
OTHERS = ("fabrikam", "public")
#: What the clock does for all at once, each with the reason why it takes no schema.
FOR_ALL: Mapping[str, str] = MappingProxyType(
    {
        "tenants.housekeeping": "expired counters and cache rows, of which no row is anybody's alone",
        "tenants.glance_all": "writes tenants.glance for each organization",
        "tenants.glance_hourly": "writes the one before",
        "registration.create_organization": "makes an organization that an operator asked for: there is none to enter yet",
        "registration.erase_organization": "erases the one suspended organization whose id it carries",
        "tenants.rescue": "jobs of a worker that died, whosever they are",
        "registration.baseline_look_everywhere": "writes registration.baseline_look for each that a baseline holds",
        "registration.baseline_look_at_all": "writes the same for each that one baseline holds",
        "registration.baseline_rollout": "writes registration.baseline_line for each organization of a rollout",
        "registration.visits_over": "writes registration.visit_over for each visit whose time is up",
        "registration.bill_all": "writes registration.bill for each organization",
        "registration.expiring_all": "writes registration.expiring for each organization",
        "registration.prune_all": "writes registration.prune for each organization",
        "registration.reminding_all": "writes registration.reminding for each organization",
        "resets.clear_all": "writes resets.clear for each organization",
        "writeback.clear_all": "writes writeback.clear for each organization",
        "writeback.watch_all": "writes writeback.watch for each organization that has domains",
        "procrastinate.builtin_tasks.remove_old_jobs": "procrastinate's own; nothing enqueues it",
        "builtin:procrastinate.builtin_tasks.remove_old_jobs": "the same by its other name",
    }
)


def _code(had: Furnished) -> dict[str, Any]:
    give_email(had.org.user("adele"), f"adele@home.{MARK}.example")
    ask_email(begun(had.org, "adele@contoso.example"), f"adele@home.{MARK}.example")
    return _enqueued("registration.deliver")


def _push(had: Furnished) -> dict[str, Any]:
    """A phone whose push service has become a private address: it is forgotten, unasked."""
    kept = {"p256dh": had.phone.key, "auth": "A" * 22, "vapid": vapid.public_keys()[0]}
    device = had.org.user("adele").devices.get(kind="app_notification")
    enrolling.amend(device, {"endpoint": f"https://127.0.0.1/{MARK}", **kept})
    return {"challenge": had.asked, "device": device.pk, "language": "en"}


def _link(had: Furnished) -> dict[str, Any]:
    people.add("late@contoso.example", actor="tests", primary_address=f"late@{MARK}.example")
    activation.invite(had.org.user("late"), actor="tests")
    return _enqueued("registration.activation")


def _ticket(had: Furnished) -> dict[str, Any]:
    to = f"bo@{MARK}.example"
    tickets.issue(had.org.user("bo"), "mailed", by=had.org.user("chief"), address=to, with_code=False)
    return _enqueued("registration.ticket")


def _notice(had: Furnished) -> dict[str, Any]:
    notices.security_info(had.org.user("adele"), "added", "email")
    return _enqueued("registration.notice")


def _expiry_notice(had: Furnished) -> dict[str, Any]:
    _let_expire(had)
    return {"user": str(had.org.user("adele").pk)}


def _expiring(had: Furnished) -> dict[str, Any]:
    _let_expire(had)
    return {}


def _reminding(had: Furnished) -> dict[str, Any]:
    configuring.configure({"required": 2, "remind_days": 7}, actor="tests")  # bo has one method
    hosts.forget()
    return {}


def _remind_all(had: Furnished) -> dict[str, Any]:
    _reminding(had)
    return {"by": str(had.org.user("chief").pk)}


def _remind_those(had: Furnished) -> dict[str, Any]:
    return {**_remind_all(had), "was": {"required": 1}}


def _reminder(had: Furnished) -> dict[str, Any]:
    _reminding(had)
    return {"user": str(had.org.user("bo").pk)}


def _import(had: Furnished) -> dict[str, Any]:
    """A file of people that waits to be imported, and one that was checked."""
    chief, line = (
        had.org.user("chief"),
        f"sign-in name,name,primary address\nmore@contoso.example,{MARK},more@{MARK}.example\n",
    )
    taken = importing.take(io.BytesIO(line.encode()), actor=chief, origin=NOWHERE)
    run("registration.import_people", "contoso", {"pk": str(taken.pk)})
    importing.begin(taken.pk, links=True, actor=chief)
    return {"pk": str(taken.pk)}


def _import_link(had: Furnished) -> dict[str, Any]:
    late = people.add("late@contoso.example", actor="tests", primary_address=f"late@{MARK}.example")
    return {"user": str(late.pk), "by": str(had.org.user("chief").pk)}


def _ended(had: Furnished) -> dict[str, Any]:
    long_ago = timezone.now() - timedelta(days=90)
    Reset.objects.update(expires_at=long_ago)
    Challenge.objects.update(expires_at=long_ago)
    Session.objects.update(expire_date=long_ago)
    return {}


def _trial(had: Furnished) -> dict[str, Any]:
    text = replaceable.find("mail.code.subject")
    assert text is not None
    with transaction.atomic():
        trying_out.ask(text, "en", f"{MARK} words", person=had.org.user("chief"))
    return _enqueued("branding.trial")


def _carried(had: Furnished) -> dict[str, Any]:
    PhoneMessage.objects.update(at=timezone.now() - timedelta(days=100))
    return {}


def _pruned(had: Furnished) -> dict[str, Any]:
    AuditEvent.objects.update(at=timezone.now() - timedelta(days=400))
    return {}


def _held(had: Furnished, kind: str = "apply") -> Rollout:
    """Hold Contoso to a baseline that it is below, and write a line of a rollout for it."""
    provider = Org("public")
    with entered(provider.row):
        asked = {"history": Rule(Mode.FLOOR, 9)}
        row = baselining.save(None, name="Strict", asked=asked, for_new=False, actor="tests")
        chosen = [(had.org.row.pk, had.org.schema, "Contoso")]
        made = baselining.roll_out(Rollout.Kind(kind), row, chosen, actor="tests")
    BaselineUse.objects.create(organization=had.org.row, baseline=row)
    return made


def _line(had: Furnished) -> dict[str, Any]:
    return {"line": str(_held(had).lines.get().pk)}


def _look(had: Furnished) -> dict[str, Any]:
    return {"baseline": str(_held(had).baseline_id)}


def _visit_over(had: Furnished) -> dict[str, Any]:
    made = Visit.objects.create(
        organization=had.org.row,
        operator=had.org.row.pk,
        operator_name="chief@localhost",
        reason="INC-4711",
        minutes=15,
        ticket_until=timezone.now(),
        entered_at=timezone.now(),
        ends_at=timezone.now(),
    )
    return {"visit": str(made.pk)}


def _hybrid(had: Furnished) -> Speaker:
    """Give Contoso a domain with an agent, and adele an account in it."""
    configuring.configure({"write_back": True}, actor="tests")
    speaker = enrolled("contoso", domain_of("contoso"))
    accounts.tie(had.org.user("adele"), speaker.row.domain, "guid-adele", actor="tests")
    return speaker


def _gone(had: Furnished) -> dict[str, Any]:
    _hybrid(had)
    Account.objects.filter(guid="guid-adele").update(gone_at=timezone.now() - timedelta(days=40))
    return {}


def _lost(had: Furnished) -> dict[str, Any]:
    _hybrid(had)
    Agent.objects.update(seen_at=timezone.now() - timedelta(hours=1))
    return {}


def _expire(had: Furnished) -> dict[str, Any]:
    _hybrid(had)
    return {"user": str(had.org.user("adele").pk)}


#: Of each job that is an organization's: what causes it, and Contoso's arguments.
EXAMPLES: Mapping[str, Callable[[Furnished], dict[str, Any]]] = MappingProxyType(
    {
        "registration.deliver": _code,
        "registration.push": _push,
        "branding.trial": _trial,
        "registration.activation": _link,
        "registration.ticket": _ticket,
        "registration.notice": _notice,
        "registration.expiry_notice": _expiry_notice,
        "registration.expiring": _expiring,
        "registration.bill": _carried,
        "registration.baseline_line": _line,
        "registration.baseline_look": _look,
        "registration.visit_over": _visit_over,
        "registration.import_people": _import,
        "registration.import_link": _import_link,
        "registration.import_forget": _import,
        "registration.reminding": _reminding,
        "registration.remind_all": _remind_all,
        "registration.remind_those": _remind_those,
        "registration.reminder": _reminder,
        "registration.prune": _pruned,
        "resets.clear": _ended,
        "writeback.clear": _gone,
        "writeback.watch": _lost,
        "writeback.expire": _expire,
        "tenants.glance": lambda had: {"organization": str(had.org.row.pk)},
    }
)
NAMES = sorted(name for name in app.tasks if name not in FOR_ALL and not name.startswith("tests."))


def run(name: str, schema: str, arguments: Mapping[str, Any]) -> None:
    """Run a job as a worker does."""
    app.tasks[name].func(schema=schema, **arguments)


#: What the provider reads of it, and what writes jobs.
_THAT_IT_WAS_NOT_DONE = (
    "public.procrastinate_jobs",
    "public.procrastinate_events",
    "public.tenants_rolloutline",
    "public.tenants_visit",
    "public.tenants_journalentry",
)


def test_every_job_has_an_example() -> None:
    assert set(NAMES) == set(EXAMPLES), (
        "Add Contoso's arguments of the new job to EXAMPLES in tests/isolation/test_jobs.py, "
        "or say in FOR_ALL why it takes no schema."
    )


@pytest.mark.parametrize("name", NAMES)
def test_it_looks_its_organization_up(name: str) -> None:
    """By `tenants.jobs`, which never enters a bare name."""
    job = getattr(app.tasks[name].func, "__self__", None)
    assert isinstance(job, OrganizationJob), f"{name}: make it by tenants.jobs.organization_job"


@pytest.mark.parametrize("name", NAMES)
def test_it_carries_its_schema_and_nothing_in_clear(had: Furnished, name: str) -> None:
    arguments = EXAMPLES[name](had)
    job: OrganizationJob[Any] = app.tasks[name].func.__self__  # type: ignore[attr-defined]  # a bound method
    job.enqueue(**arguments)
    stored = _stored(name)
    assert stored["schema"] == "contoso"
    assert MARK not in json.dumps({**stored, "words": {}}).lower()


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("name", NAMES)
def test_it_does_nothing_elsewhere_and_its_work_at_home(had: Furnished, name: str, other: str) -> None:
    arguments = EXAMPLES[name](had)
    mail.outbox = []
    before = catalogue.state()
    with suppress(Unsealable):  # what was sealed for Contoso: the job fails, and is seen to fail
        run(name, other, arguments)
    own = [other] if not arguments else []  # what needs no argument does the other's own work
    assert catalogue.written(before, but=own) == []
    assert mail.outbox == []
    run(name, "contoso", arguments)
    assert {table.partition(".")[0] for table in catalogue.written(before, but=own)} - {"contoso"} <= {
        "public"
    }
    assert catalogue.written(before, but=own)
    assert all("Contoso" in one.from_email for one in mail.outbox)


@pytest.mark.parametrize("name", NAMES)
def test_of_an_organization_that_is_gone_it_does_nothing(had: Furnished, name: str) -> None:
    arguments = EXAMPLES[name](had)
    before = catalogue.state()
    for schema in ("gone", "public; drop schema contoso", ""):
        run(name, schema, arguments)
    assert catalogue.written(before) == []
    assert mail.outbox == []


@pytest.mark.parametrize("name", NAMES)
def test_of_a_suspended_organization_it_is_done_for_it_alone(had: Furnished, name: str) -> None:
    """What was promised before is kept; of a daily look nothing new begins."""
    arguments = EXAMPLES[name](had)
    provisioning.suspend(had.org.row, actor="tests")
    before = catalogue.state()
    run(name, "contoso", arguments)
    assert {table.partition(".")[0] for table in catalogue.written(before)} <= {"contoso", "public"}
    assert catalogue.written(before, but=["contoso", *_THAT_IT_WAS_NOT_DONE]) == []


def _stored(name: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select args from public.procrastinate_jobs where task_name = %s order by id desc limit 1", [name]
        )
        (stored,) = cursor.fetchone()
    found: dict[str, Any] = stored if isinstance(stored, dict) else json.loads(stored)
    return found


def _enqueued(name: str) -> dict[str, Any]:
    """Return the arguments of the newest job of a name."""
    stored = _stored(name)
    assert stored.pop("schema") == "contoso"
    return stored


def _let_expire(had: Furnished) -> None:
    """Let the passwords of all end in five days."""
    configuring.configure({"password_lifetime_days": 90}, actor="tests")
    User.objects.update(password_changed_at=timezone.now() - timedelta(days=85))
    hosts.forget()
