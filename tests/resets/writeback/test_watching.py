"""Administrators are told once when the last agent of a domain is lost, and once when one is back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from licensing import subscribing
from registration.models import User
from resets.writeback import agents, domains, health, watching
from resets.writeback.models import Agent, OnPremisesDomain
from tenants import glances, hosts
from tenants.context import entered
from tenants.models import Glance, Organization
from tests.building import Org
from tests.resets.writeback.portal import Hybrid
from tests.resets.writeback.speaking import BEAT, domain_of, enrolled

LOST = "Passwords can't be written back to corp.contoso.example"
BACK = "Passwords are written back to corp.contoso.example again"
Told = Callable[[], list[str]]
UNHEARD = health.LOST_AFTER + timedelta(seconds=1)


@pytest.fixture
def told(jobs: Callable[[], list[str]]) -> Told:
    """Look once more, and return the subjects of what is mailed."""
    jobs()

    def look() -> list[str]:
        mail.outbox.clear()
        watching.watch.work()
        jobs()
        return [str(message.subject) for message in mail.outbox]

    return look


def silent(since: timedelta = UNHEARD) -> None:
    """Have nothing been heard of any agent for a time."""
    Agent.objects.update(seen_at=timezone.now() - since)


def pass_by(time: timedelta = watching.AGAIN) -> None:
    """Have the first look, which found nobody, been so long ago."""
    for domain in OnPremisesDomain.objects.all():
        domains.told(domain, {"unheard_since": (timezone.now() - time).isoformat()})


def test_once_when_it_is_lost_and_once_when_one_is_back(hybrid: Hybrid, told: Told) -> None:
    assert told() == []
    silent(health.LOST_AFTER - timedelta(seconds=5))
    assert told() == []
    silent()
    assert told() == []  # seen once: it is looked again
    pass_by()
    assert told() == [LOST]
    assert {address for message in mail.outbox for address in message.to} == {
        User.objects.get(sign_in_name="chief@contoso.example").primary_address
    }
    assert (told(), told()) == ([], [])
    event = hybrid.last("agents_lost")
    assert (event.status, event.data) == ("failure", {"domain": "corp.contoso.example", "event": 31016})
    hybrid.speaker.told("heartbeat", BEAT)
    assert told() == [BACK]
    event = hybrid.last("agents_back")
    assert (event.status, event.data) == ("success", {"domain": "corp.contoso.example", "event": 31015})
    assert told() == []
    assert OnPremisesDomain.objects.get().facts["unheard_since"] == ""
    silent()
    assert told() == []
    pass_by()
    assert told() == [LOST]


def test_a_site_that_was_down_itself_alarms_nobody(hybrid: Hybrid, told: Told) -> None:
    silent(timedelta(hours=2))
    assert told() == []
    hybrid.speaker.told("heartbeat", BEAT)
    assert (told(), told()) == ([], [])
    silent(timedelta(hours=2))
    pass_by(timedelta(hours=1))  # noted before this site was down: it says nothing
    assert told() == []


def test_what_an_administrator_took_away_is_neither_lost_nor_back(hybrid: Hybrid, told: Told) -> None:
    silent()
    pass_by()
    assert told() == [LOST]
    agents.revoke(hybrid.speaker.row, actor="tests")
    assert told() == []
    enrolled("contoso", hybrid.speaker.row.domain)
    assert told() == [BACK]


def test_another_agent_that_is_heard_is_enough(contoso: Org, told: Told) -> None:
    domain = domain_of("contoso", deployment="cloud_sync")
    gone, there = enrolled("contoso", domain), enrolled("contoso", domain)
    Agent.objects.filter(pk=gone.pk).update(seen_at=timezone.now() - UNHEARD)
    assert told() == []
    pass_by()
    assert told() == []
    Agent.objects.filter(pk=there.pk).update(seen_at=timezone.now() - UNHEARD)
    assert told() == []
    pass_by()
    assert told() == [LOST]


def test_where_no_agent_was_ever_enrolled_nobody_is_told(contoso: Org, told: Told) -> None:
    agents.prepare(domain_of("contoso"), actor="tests")
    pass_by()
    assert told() == []


def test_where_the_edition_turns_agents_away_nobody_is_told(hybrid: Hybrid, told: Told) -> None:
    silent()
    pass_by()
    subscribing.assign(hybrid.org.row, edition="free", actor="tests")
    hosts.forget()
    assert told() == []


def test_two_that_look_at_the_same_time_tell_it_once(hybrid: Hybrid) -> None:
    domain, now = hybrid.speaker.row.domain, timezone.now()
    assert [domains.tell_lost(domain, now), domains.tell_lost(domain, now)] == [True, False]
    assert [domains.tell_lost(domain, None), domains.tell_lost(domain, None)] == [True, False]


def test_a_look_costs_two_statements_however_many_domains_and_agents_there_are(contoso: Org) -> None:
    for number in range(3):
        domain = domain_of("contoso", f"d{number}.contoso.example", "cloud_sync")
        for _each in range(2):
            enrolled("contoso", domain)
    watching.watch.work()
    with CaptureQueriesContext(connection) as asked:
        watching.watch.work()
    assert len(asked) == 2, [one["sql"] for one in asked]


def test_only_organizations_with_domains_are_looked_at(hybrid: Hybrid, fabrikam: Org) -> None:
    def written() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("delete from public.procrastinate_jobs")
            with CaptureQueriesContext(connection) as asked:
                watching.watch_all(0)
            assert len(asked) <= 2
            cursor.execute(
                "select args->>'schema' from public.procrastinate_jobs where task_name = 'writeback.watch'"
            )
            return [schema for (schema,) in cursor.fetchall()]

    Glance.objects.all().delete()
    assert written() == []
    for org in (hybrid.org, fabrikam):
        with entered(org.row):
            glances.look.work(organization=str(org.row.pk))
    assert written() == ["contoso"]
    Organization.objects.filter(pk=hybrid.org.row.pk).update(state=Organization.State.SUSPENDED)
    assert written() == []
