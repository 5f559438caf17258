"""The agent as it is, before the portal as it is: every message that one says, the other understands."""

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from registration.models import User
from registration.origin import NOWHERE
from rekey_agent import VERSION, command
from rekey_agent.bringing import Bringer
from rekey_agent.directories.directory import PeoplePage, Refused, Unreachable
from rekey_agent.health import Watch
from rekey_agent.journal import Journal
from rekey_agent.keys import Store
from rekey_agent.portal import Portal
from rekey_agent.portal import Refused as PortalRefused
from rekey_agent.session import Session
from rekey_agent.working import Worker
from resets import changing
from resets.writeback import accounts, agents, queue, reach
from resets.writeback.models import Account, Agent, Job, OnPremisesDomain
from tests.agent.fakes import ADELE, FakeDirectory
from tests.building import Browser, Org, browser_of
from tests.resets.writeback.speaking import domain_of

SECRET = {"password": "Neu-und-9-lang", "old": "Alt-und-9-lang"}


class Through(Portal):
    """The agent's portal, whose connection is a test's browser."""

    browser: Browser

    def _sent(self, where: str, body: bytes, headers: dict[str, str], read: float) -> Any:
        answer = self.browser.post(
            urlsplit(where).path,
            body,
            content_type="application/json",
            headers={"Rekey-Agent": headers["Rekey-Agent"]},
        )
        return answer.status_code, answer.content


class Enrolled:
    """An agent that enrolled by its command, with what it is made of."""

    def __init__(self, folder: Path, domain: OnPremisesDomain, run: Callable[..., int]) -> None:
        agent, code = agents.prepare(domain, actor="tests")
        assert run("enrol", "--code", code) == 0
        self.store = Store(folder)
        identity = self.store.load()
        assert identity is not None
        assert identity.agent == str(agent.pk)
        self.session, self.portal = Session(identity, self.store), Through("https://contoso.example")
        self.directory = FakeDirectory()
        self.worker = Worker(self.ask, self.directory, Journal(folder), self.portal.clock.now)
        self.watch = Watch(self.directory)

    @property
    def row(self) -> Agent:
        """Its row."""
        return Agent.objects.select_related("domain").get(pk=self.session.identity.agent)

    def ask(self, act: str, said: dict[str, Any]) -> dict[str, Any]:
        """Ask."""
        return self.session.ask(self.portal, act, said)

    def beat(self) -> dict[str, Any]:
        """Say how it is, and heed what it is told."""
        told = self.ask("heartbeat", {"version": VERSION, "latency_ms": 12, **self.watch.look()})
        self.session.heed(told, self.portal.clock.now())
        return told

    def work(self) -> None:
        """Claim a job and do it."""
        assert self.ask("wait", {})["job"] is True
        self.worker.work(self.ask("claim", {})["job"], self.session.identity)


@pytest.fixture
def enrol(tmp_path: Path, contoso: Org, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Enrolled]:
    """Enrol agents at Contoso, each with a state folder of its own."""
    monkeypatch.setattr(Through, "browser", browser_of("contoso"), raising=False)
    monkeypatch.setattr(command, "Portal", Through)
    password = tmp_path / "password"
    password.write_text("Bind-Secret-1")
    password.chmod(0o600)

    def enrolled(domain: OnPremisesDomain, name: str = "dc1") -> Enrolled:
        text = f"""
            portal = "https://contoso.example"
            name = "{name}"
            state = "{tmp_path / name}"
            [directory]
            kind = "fake"
            url = "ldaps://dc1.corp.contoso.example"
            bind_dn = "CN=svc"
            password_file = "{password}"
            base = "DC=corp"
            ous = ["OU=People"]
        """
        file = tmp_path / f"{name}.toml"
        file.write_text(textwrap.dedent(text))
        made = Enrolled(tmp_path / name, domain, lambda *words: command.main([*words, "--config", str(file)]))
        made.beat()
        return made

    return enrolled


@pytest.fixture
def agent(enrol: Callable[..., Enrolled]) -> Enrolled:
    return enrol(domain_of("contoso"))


@pytest.fixture
def account(agent: Enrolled, contoso: Org) -> Account:
    return accounts.tie(contoso.user("adele"), agent.row.domain, ADELE, actor="tests")


def test_a_heartbeat_is_heard_as_it_was_said(agent: Enrolled) -> None:
    row = agent.row
    assert (row.name, row.version, row.health["reachable"], row.health["latency_ms"]) == (
        "dc1",
        VERSION,
        True,
        12,
    )
    assert row.health["checks"] == [{"check": "connection", "ok": True, "detail": ""}]
    assert row.domain.facts["policies"] == {"": {"min_length": 10}}
    assert row.domain.facts["capabilities"]["history_on_reset"] is True
    assert reach.alive(row.domain)
    agent.directory.away = Unreachable("dc_unreachable")
    agent.beat()
    assert (agent.row.health["code"], reach.alive(agent.row.domain)) == ("dc_unreachable", False)


@pytest.mark.parametrize("operation", ["reset", "change", "unlock", "expire"])
def test_a_job_goes_all_the_way(agent: Enrolled, account: Account, operation: str) -> None:
    if operation == "change":
        old, new = agent.directory.password, SECRET["password"]
        job = changing.submit(account, old, new, session="", origin=NOWHERE)
    else:
        job = queue.submit(account, operation, secret=SECRET, after={})
    agent.work()
    job.refresh_from_db()
    assert (job.state, job.code, job.intent, job.envelopes) == ("done", "", "1000", {})
    assert agent.directory.effects() == [operation]
    assert agent.ask("wait", {})["job"] is False
    assert agent.ask("claim", {})["job"] is None


def test_a_refusal_comes_back_as_its_code(agent: Enrolled, account: Account) -> None:
    agent.directory.problems["reset"] = [Refused("policy_violation/history")]
    job = queue.submit(account, "reset", secret=SECRET, after={})
    agent.work()
    job.refresh_from_db()
    assert (job.state, job.code) == ("refused", "policy_violation/history")


def test_one_agent_takes_over_from_another(enrol: Callable[..., Enrolled], contoso: Org) -> None:
    domain = domain_of("contoso", deployment="cloud_sync")
    one, two = enrol(domain, "dc1"), enrol(domain, "dc2")
    account = accounts.tie(contoso.user("adele"), domain, ADELE, actor="tests")
    job = queue.submit(account, "reset", secret=SECRET, after={})
    claimed = one.ask("claim", {})["job"]
    one.ask("intent", {"job": claimed["id"], "attempt": 1, "before": "1000"})
    one.directory.reset(ADELE, SECRET["password"])  # and it is heard of no more
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now())
    two.directory.entry, two.directory.password = one.directory.entry, one.directory.password
    two.work()
    job.refresh_from_db()
    assert (job.state, job.attempt, two.directory.effects()) == ("done", 2, [])
    with pytest.raises(PortalRefused, match="stale"):
        one.ask("result", {"job": claimed["id"], "attempt": 1, "outcome": "refused", "code": ""})


def test_one_that_cannot_reach_the_directory_leaves_it_to_another(
    enrol: Callable[..., Enrolled], contoso: Org
) -> None:
    domain = domain_of("contoso", deployment="cloud_sync")
    one, two = enrol(domain, "dc1"), enrol(domain, "dc2")
    account = accounts.tie(contoso.user("adele"), domain, ADELE, actor="tests")
    job = queue.submit(account, "reset", secret=SECRET, after={})
    one.directory.problems["read"] = [Unreachable("dc_unreachable")]
    one.work()
    assert one.ask("claim", {})["job"] is None
    two.work()
    job.refresh_from_db()
    assert (job.state, two.directory.effects()) == ("done", ["reset"])


def test_new_keys_are_taken_and_what_was_sealed_to_the_old_is_opened(
    agent: Enrolled, account: Account
) -> None:
    old = agent.session.identity.current
    before = queue.submit(account, "reset", secret=SECRET, after={})
    agents.ask_to_roll(agent.row, actor="tests")
    assert agent.beat()["roll"] is True
    agent.session.roll(agent.portal)
    assert agent.beat()["roll"] is False
    assert agent.session.identity.current is not old
    agent.work()
    after = queue.submit(account, "unlock", secret=SECRET, after={})
    agent.work()
    assert list(Job.objects.filter(pk__in=[before.pk, after.pk]).values_list("state", flat=True)) == [
        "done",
        "done",
    ]


def test_who_is_revoked_is_told_so(agent: Enrolled) -> None:
    agents.revoke(agent.row, actor="tests")
    for act in ("heartbeat", "wait", "claim"):
        with pytest.raises(PortalRefused) as refused:
            agent.ask(act, {})
        assert refused.value.code == "revoked"


def test_people_are_brought(agent: Enrolled) -> None:
    row = {
        "guid": "guid-of-lee",
        "sign_in_name": "lee@contoso.example",
        "name": "Lee Gu",
        "mail": "lee@contoso.example",
        "mobile": "",
        "telephone": "",
        "groups": ["Sales"],
        "place": "OU=People",
        "disabled": False,
        "locked": False,
        "must_change": False,
        "expired": False,
        "protected": False,
        "rules": "",
        "gone": False,
    }
    agent.directory.pages = [PeoplePage([row], {"usn": 7}, last=True)]
    bringer = Bringer(lambda said: agent.ask("people", said), agent.directory)
    bringer.hear(agent.beat())
    bringer.bring_if_due()
    lee = User.objects.get(sign_in_name="lee@contoso.example")
    assert (lee.account.guid, agent.row.domain.position) == ("guid-of-lee", {"usn": 7})
    assert agent.beat()["position"] == {"usn": 7}
