"""How a domain is: in one word, in few queries, at the provider's, and with words and a number for each answer."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from resets.writeback import desk_words, event_codes, health
from resets.writeback.codes import Outcome, Refusal
from resets.writeback.models import Agent, Job, OnPremisesDomain
from tenants import glances
from tenants.context import entered
from tenants.models import Glance
from tests.building import Browser, Org, give_app
from tests.registration.steps import proved
from tests.resets.writeback.portal import Hybrid
from tests.resets.writeback.speaking import BEAT, domain_of, enrolled

BAD = [
    {"check": "rights", "ok": False, "detail": "OU=People"},
    {"check": "of tomorrow", "ok": False, "detail": ""},
]
A_WHILE = timedelta(minutes=2)


def job(domain: OnPremisesDomain, state: str = "refused", code: str = "access_denied", **values: Any) -> Job:
    """Write down a job that ended."""
    now = timezone.now()
    given = {"operation": "reset", "created_at": now, "expires_at": now, "finished_at": now, **values}
    return Job.objects.create(domain=domain, state=state, code=code, **given)


def test_each_state(contoso: Org) -> None:
    domain = domain_of("contoso", deployment="cloud_sync")
    assert health.of(domain).state == "none"
    one = enrolled("contoso", domain)
    assert health.of(domain).state == "ok"
    one.told("heartbeat", {**BEAT, "checks": BAD})
    found = health.of(domain)
    assert (found.state, [check["check"] for check in found.agents[0].failed]) == (
        "degraded",
        ["rights", "of tomorrow"],
    )
    one.told("heartbeat", {**BEAT, "reachable": False, "code": "dc_tls"})
    assert (health.of(domain).state, health.of(domain).agents[0].code) == ("away", "dc_tls")
    other = enrolled("contoso", domain)
    assert health.of(domain).state == "ok"  # the other reaches it, and nothing fails there
    Agent.objects.filter(pk=one.pk).update(seen_at=timezone.now() - A_WHILE)
    assert health.of(domain).state == "degraded"
    Agent.objects.filter(pk=other.pk).update(proof="0" * 64)  # whoever writes the table makes no agent
    found = health.of(domain)
    assert (found.state, [agent.alive for agent in found.agents]) == ("lost", [False, False])
    Agent.objects.update(revoked_at=timezone.now())
    assert health.of(domain).state == "none"


def test_the_last_refusals_newest_first_and_nothing_that_was_done_or_is_old(contoso: Org) -> None:
    domain, now = domain_of("contoso"), timezone.now()
    for number in range(7):
        job(domain, finished_at=now - timedelta(hours=number), code=f"c{number}")
    job(domain, "done", "")
    job(domain, finished_at=now - timedelta(days=8))
    job(domain, "waiting", "", finished_at=None)
    assert [one.code for one in health.of(domain).refusals] == ["c0", "c1", "c2", "c3", "c4"]


def test_queries_do_not_grow_with_agents_or_domains(contoso: Org) -> None:
    costs = []
    for number in range(2):
        for each in range(1 + 2 * number):
            domain = domain_of("contoso", f"d{number}{each}.contoso.example", "cloud_sync")
            for _agent in range(1 + number):
                enrolled("contoso", domain)
            job(domain)
        counts = []
        for read in (lambda domain=domain: health.of(domain), health.glance):
            with CaptureQueriesContext(connection) as asked:
                read()
            counts.append(len(asked))
        costs.append(counts)
    assert costs == [[2, 3], [2, 3]]


def test_where_there_are_no_domains_a_glance_costs_one_query(contoso: Org) -> None:
    health.glance()
    with CaptureQueriesContext(connection) as asked:
        assert health.glance() == {"domains": 0, "domains_away": 0, "directories": []}
    assert len(asked) == 1


def desk(org: Org) -> Browser:
    """Return an administrator's browser at the desk."""
    user = org.user("chief")
    return proved(org, user, give_app(user))


def look(org: Org) -> Glance:
    """Look at an organization, as the job does."""
    with entered(org.row):
        glances.look.work(organization=str(org.row.pk))
    return Glance.objects.get(organization=org.row)


def test_the_provider_sees_how_each_organization_is(hybrid: Hybrid, contoso: Org, provider: Org) -> None:
    browser = desk(provider)
    for seen, words in ((timezone.now(), "1, reached"), (None, "1, of which 1 not reached")):
        with entered(contoso.row):
            Agent.objects.update(seen_at=seen)
        found = look(contoso)
        assert (found.domains, found.domains_away) == (1, 0 if seen else 1)
        assert words in browser.get("/admin/tenants/organization/").content.decode()
        assert words in browser.get(f"/admin/tenants/organization/{contoso.row.pk}/change/").content.decode()
    away = browser.get("/admin/tenants/organization/?domains=away")
    assert [str(one) for one in away.context["cl"].result_list] == ["Contoso"]


def test_the_provider_sees_agents_and_refusals_with_remedies_and_no_person(
    hybrid: Hybrid, contoso: Org, provider: Org
) -> None:
    address = f"/admin/tenants/organization/{contoso.row.pk}/change/"
    browser = desk(provider)
    with entered(contoso.row):
        hybrid.speaker.told("heartbeat", {**BEAT, "checks": BAD})
        for number in range(5):
            moment = timezone.now() - timedelta(minutes=number)
            job(hybrid.account.domain, account=hybrid.account, finished_at=moment, code="protected_account")
    seen = look(contoso)
    assert len(seen.directories[0]["refusals"]) == 3
    assert "adele" not in str(seen.directories).lower()
    page = browser.get(address).content.decode()
    for words in (
        "corp.contoso.example",
        "dc1",
        "0.1.0",
        "12 ms",
        "Delegate the rights",
        "33004",
        "privileged one",
    ):
        assert words in page, words
    with entered(contoso.row):
        Agent.objects.update(seen_at=timezone.now() - A_WHILE)
    look(contoso)
    assert "journalctl -u rekey-agent" in browser.get(address).content.decode()
    with entered(contoso.row):
        OnPremisesDomain.objects.all().delete()
    look(contoso)
    assert "corp.contoso.example" not in browser.get(address).content.decode()


@pytest.mark.parametrize("code", [*Refusal, Outcome.SUPERSEDED, Outcome.UNKNOWN])
def test_each_answer_has_words_a_remedy_and_a_number(code: str) -> None:
    words, remedy = desk_words.ANSWERS[code]
    assert str(words).endswith(".") and str(remedy)
    state = code if code in {Outcome.SUPERSEDED, Outcome.UNKNOWN} else "refused"
    assert event_codes.of("reset", state, code) in {
        31003, 31034, 31044, 32004, 32010, 33001, 33002, 33004, 33005, 33007, 33008, 33009,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "state", "code", "number"),
    [
        ("reset", "done", "", 31002),
        ("change", "done", "", 31007),
        ("expire", "done", "", 31010),
        ("change", "superseded", "", 31008),
        ("reset", "refused", "policy_violation/history", 33008),
        ("change", "refused", "wrong_current_password", 33007),
        ("reset", "refused", "access_denied", 33004),
        ("reset", "refused", "protected_account", 33004),
        ("reset", "refused", "account_disabled", 33005),
        ("reset", "refused", "user_not_found", 33002),
        ("reset", "refused", "job_sealed", 32004),
        ("reset", "refused", "job_signature", 32010),
        ("reset", "refused", "dc_unreachable", 31034),
        ("unlock", "refused", "timeout", 31044),
        ("reset", "refused", "of tomorrow", 31003),
        ("reset", "waiting", "", None),
        ("reset", "claimed", "", None),
    ],
)
def test_microsofts_numbers(operation: str, state: str, code: str, number: int | None) -> None:
    assert event_codes.of(operation, state, code) == number
    assert (event_codes.LOST, event_codes.BACK) == (31016, 31015)
