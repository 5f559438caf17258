"""The whole way: a page, the portal, an agent of its own, a domain controller; and what comes of it when something breaks."""

import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from registration.models import User
from resets.writeback import agents, bringing, domains, reach, standing_words
from resets.writeback.models import Account, Agent, Job, OnPremisesDomain
from tests.building import Browser, Org
from tests.directory.controller import PASSWORD, Samba
from tests.directory.hybrid import Hybrid, cloud, connect, spoilt, until, waiting
from tests.journeys.people import choose_password
from tests.registration.steps import signed_in
from tests.resets.steps import where, why_stopped

__all__ = ["cloud", "connect", "spoilt", "waiting"]
NEW, NEWER = "Quite-Another-9", "And-One-More-8"
LEASE = 4.0


def said(browser: Any) -> str:
    """Return what the password page says of the last try."""
    return str(browser.get("/reset/password/").context["refused_words"])


def test_the_new_password_opens_the_domain_and_the_old_one_does_not(connect: Hybrid) -> None:
    agent = connect.agent().await_alive()
    there, user = connect.person()
    browser = connect.reset(user, NEW)
    assert where(browser) == "/reset/done/", (connect.job().code, agent.log)
    assert there.opens(NEW) and not there.opens(PASSWORD)
    assert there.gets_ticket(NEW) and not there.gets_ticket(PASSWORD)
    assert User.objects.get(pk=user.pk).check_password(NEW)
    job = Job.objects.get()
    assert (job.state, job.attempt, job.envelopes, job.after) == ("done", 1, {}, None)

    # Signed in with it, changed by who knows it.
    page = signed_in_with(connect.org, user, NEW)
    answer = page.post("/password/", {"current": NEW, "new_password": NEWER, "confirm": NEWER})
    assert answer.headers["location"] == "/security-info/", agent.log
    assert there.opens(NEWER) and page.get("/password/").status_code == 200
    wrong = page.post("/password/", {"current": NEW, "new_password": NEW + "1", "confirm": NEW + "1"})
    assert wrong.headers["location"] == "/password/"
    assert "current" in page.get("/password/").context["form"].errors

    # Locked out, and let in with the password as it is.
    there.lock()
    browser = connect.at_password(user)
    assert browser.post("/reset/password/", {"action": "unlock"}).headers["location"] == "/reset/done/"
    assert there.opens(NEWER)

    # Must change at the next logon: a reset ends that.
    there.do("password", password=NEWER + "2", must_change=True)
    assert there.answers(NEWER + "2") == 0x773
    connect.reset(user, NEW)
    assert there.opens(NEW)

    # What is gone from the directory, or kept from us there, needs an administrator.
    for what in ("disable", "protect", "expire"):
        there, user = connect.person()
        if what == "disable":
            there.do("disable")
        elif what == "protect":
            there.do("set", attribute="adminCount", value="1")
        else:
            there.do("set", attribute="accountExpires", value="132000000000000000")
        assert why_stopped(connect.reset(user, NEW)) == "on_premises_admin_action"
        assert (
            Job.objects.latest("created_at").code
            == {
                "disable": "account_disabled",
                "protect": "protected_account",
                "expire": "account_expired",
            }[what]
        )
    there, user = connect.person()
    there.do("remove")
    assert why_stopped(connect.reset(user, NEW)) == "on_premises_admin_action"
    assert Job.objects.latest("created_at").code == "user_not_found"

    # No password anywhere: not in the database, not in what the agent says or keeps.
    for password in (NEW, NEWER, PASSWORD):
        assert_nowhere(password, agent.folder)
    assert agent.stop() == 0


def signed_in_with(org: Org, user: User, password: str) -> Browser:
    """Sign somebody in with a password."""
    browser = org.browser()
    answer = browser.post("/sign-in/", {"login": user.sign_in_name, "password": password})
    assert answer.status_code == 302
    return browser


def assert_nowhere(password: str, folder: Path) -> None:
    """Look for a password in a dump of the database and in every file of an agent."""
    database = settings.DATABASES["default"]
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'"
            " and table_schema in ('contoso', 'public')"
        )
        tables = cursor.fetchall()
        for schema, table in tables:
            cursor.execute(
                f'select count(*) from "{schema}"."{table}" as row where row::text like %s', [f"%{password}%"]
            )
            assert cursor.fetchone() == (0,), (database["NAME"], schema, table)
            wanted = f"%{password.encode().hex()}%"
            cursor.execute(
                f'select count(*) from "{schema}"."{table}" as row where row::text like %s', [wanted]
            )
            assert cursor.fetchone() == (0,), (schema, table)
    for file in folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert password.encode() not in content and password.encode("utf-16-le") not in content, file


@pytest.mark.parametrize(
    "point", ["before_claim", "after_claim", "after_intent", "after_effect", "before_answer"]
)
def test_an_agent_that_dies_is_made_up_for(cloud: Hybrid, point: str) -> None:
    there, user = cloud.person()
    dying = cloud.agent(REKEY_AGENT_DIE_AT=point).await_alive()
    began = time.monotonic()
    browser = cloud.at_password(user)
    # The other one comes when the first has died, so that it is the first that meets the job.
    other = cloud.enrolled()
    choose_password(browser, NEW)
    assert dying.ended() == 9
    died = time.monotonic()
    other.start()
    job = cloud.job()
    assert job.state == "done", (job.code, other.log)
    assert time.monotonic() - died < LEASE + 2 + 3, "an agent starts in 3 s"
    assert where(browser) == "/reset/done/" and there.opens(NEW)
    assert job.attempt == (1 if point == "before_claim" else 2)
    # One effect: who looks at the account sees that its password was set once.
    assert began < died


def test_who_takes_over_overwrites_no_newer_password(cloud: Hybrid) -> None:
    there, user = cloud.person()
    dying = cloud.agent(REKEY_AGENT_DIE_AT="after_effect").await_alive()
    browser, other = cloud.at_password(user), cloud.enrolled()
    choose_password(browser, NEW)
    assert dying.ended() == 9
    there.do("password", password=NEWER, must_change=False)  # the help desk, meanwhile
    other.start()
    assert cloud.job().state == "superseded"
    assert there.opens(NEWER) and said(browser) == standing_words.refused("superseded")


def test_two_agents_share_the_work_and_nobody_does_it_twice(cloud: Hybrid) -> None:
    one, two = cloud.agent(), cloud.agent()
    one.await_alive()
    until(lambda: len(reach.able(cloud.domain)) == 2, what="both agents")
    people = [cloud.person() for _each in range(6)]
    for there, user in people:
        cloud.reset(user, NEW)
        assert there.opens(NEW)
    jobs = Job.objects.all()
    assert {(job.state, job.attempt) for job in jobs} == {("done", 1)} and len(jobs) == 6
    done = [len(re.findall(r"done", agent.log)) for agent in (one, two)]
    assert sum(done) >= 6

    # One is revoked: it ends for good, and the other goes on.
    agents.revoke(Agent.objects.get(pk=one.pk), actor="tests")
    assert one.ended() == 3
    there, user = cloud.person()
    assert where(cloud.reset(user, NEW)) == "/reset/done/" and there.opens(NEW)

    # New keys, without an interruption.
    before = bytes(Agent.objects.get(pk=two.pk).signing_key or b"")
    agents.ask_to_roll(Agent.objects.get(pk=two.pk), actor="tests")
    two.stop()
    two.start().await_alive()
    until(lambda: bytes(Agent.objects.get(pk=two.pk).signing_key or b"") != before, what="new keys")
    there, user = cloud.person()
    assert where(cloud.reset(user, NEW)) == "/reset/done/" and there.opens(NEW)


def test_people_come_from_the_domain_and_reset_their_password(connect: Hybrid) -> None:
    there = connect.samba.person(displayName="Dana Smith")
    agent = connect.agent().await_alive()
    user = until(lambda: User.objects.filter(sign_in_name=there.sign_in_name).first(), what="dana")
    assert (user.name, user.source) == ("Dana Smith", "directory")
    assert Account.objects.get(user=user).guid == there.guid
    until(lambda: OnPremisesDomain.objects.get().brought_at, what="the end of the run")
    there.do("disable")
    domains.ask_to_bring(connect.domain, actor="tests")
    agent.stop()
    agent.start()
    until(lambda: not User.objects.get(pk=user.pk).is_active, what="that it is disabled")
    assert Account.objects.get(user=user).gone_at is None
    assert bringing.GRACE.days == 30


def test_a_controller_that_is_down_is_said_and_comes_back(spoilt: Hybrid) -> None:
    agent = spoilt.agent().await_alive()
    there, user = spoilt.person()
    browser = spoilt.at_password(user)
    spoilt.samba.controller.stop()
    choose_password(browser, NEW)
    job = spoilt.job()
    assert (job.state, job.code) in {("refused", "dc_unreachable"), ("refused", "dc_timeout")}, agent.log
    assert said(browser) == standing_words.refused(job.code)
    until(lambda: not reach.alive(spoilt.domain), 90, "that it is away")
    assert browser.get("/reset/password/").status_code == 503
    spoilt.samba.controller.start()
    until(lambda: reach.alive(spoilt.domain), 60, "that it is back")
    choose_password(browser, NEW)
    assert spoilt.job().state == "done" and there.opens(NEW)


def test_a_certificate_of_another_is_refused(spoilt: Hybrid) -> None:
    agent = spoilt.enrolled()
    stranger = agent.folder / "stranger"
    from config.demo.samba import certificates

    certificates.issue(stranger, spoilt.samba.controller.host, spoilt.samba.controller.address)
    text = (agent.folder / "agent.toml").read_text()
    ca = str(spoilt.samba.controller.ca_file)
    (agent.folder / "agent.toml").write_text(text.replace(ca, str(stranger / "ca.pem")))
    agent.start()
    until(lambda: reach.why_not(spoilt.domain) == "dc_tls", what=f"why\n{agent.log}")
    _there, user = spoilt.person()
    assert spoilt.at_password(user).get("/reset/password/").status_code == 503


def test_a_clock_that_is_ten_minutes_off_does_not_matter(connect: Hybrid) -> None:
    library = next(iter(Path("/usr/lib").rglob("libfaketime.so.1")), None)
    if library is None:
        pytest.skip("the agent's clock is set wrong by faketime: apt install faketime")
    agent = connect.agent(
        LD_PRELOAD=str(library), FAKETIME="+10m", FAKETIME_DONT_FAKE_MONOTONIC="1"
    ).await_alive()
    there, user = connect.person()
    assert where(connect.reset(user, NEW)) == "/reset/done/", agent.log
    assert there.opens(NEW)


def test_a_database_that_is_restarted_is_waited_for(connect: Hybrid) -> None:
    agent = connect.agent().await_alive()
    there, user = connect.person()
    browser = connect.at_password(user)
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid()"
        )
    choose_password(browser, NEW)
    job = connect.job()
    assert job.state == "done", (job.code, agent.log)
    assert there.opens(NEW)


def test_the_histories_and_ages_of_a_domain_are_told(spoilt: Hybrid, contoso: Org) -> None:
    spoilt.agent().await_alive()
    there, user = spoilt.person()
    spoilt.reset(user, NEW)
    page = signed_in_with(contoso, user, NEW)
    page.post("/password/", {"current": NEW, "new_password": NEWER, "confirm": NEWER})
    assert there.opens(NEWER)
    for minimum, new, code in (
        (0, PASSWORD, "policy_violation/history"),
        (86400, NEW + "7", "policy_violation/min_age"),
    ):
        spoilt.samba.controller.do("rules", min_age=minimum)
        page.post("/password/", {"current": NEWER, "new_password": new, "confirm": new})
        assert Job.objects.latest("created_at").code == code
        errors = page.get("/password/").context["form"].errors
        assert errors["new_password"] == [standing_words.refused(code)]

    # Where the portal does not know the domain's rules, the directory's own words come to the page.
    OnPremisesDomain.objects.update(facts={})
    spoilt.samba.controller.do("rules", length=20)
    assert said(spoilt.reset(user, NEW)) == standing_words.refused("policy_violation/length")
    spoilt.samba.controller.do("rules", length=7)
    outside = spoilt.samba.person(place="")
    Account.objects.all().delete()
    from resets.writeback import accounts

    accounts.tie(User.objects.get(pk=user.pk), spoilt.domain, outside.guid, actor="tests")
    assert why_stopped(spoilt.reset(user, NEW)) == "on_premises_admin_action"
    assert Job.objects.latest("created_at").code == "access_denied"


def test_both_kinds_stand_side_by_side(connect: Hybrid, cloud_domain: Samba) -> None:
    other = Hybrid(
        connect.org,
        connect.port,
        cloud_domain,
        domains.add("corp2.test", "cloud_sync", actor="tests"),
        connect.folder / "two",
    )
    other.folder.mkdir()
    try:
        connect.agent().await_alive()
        other.agent().await_alive()
        other.agent()
        for home in (connect, other):
            there, user = home.person()
            assert where(home.reset(user, NEW)) == "/reset/done/" and there.opens(NEW)
        assert {job.domain.deployment for job in Job.objects.all()} == {"connect", "cloud_sync"}
        with pytest.raises(agents.TooMany):
            agents.prepare(connect.domain, actor="tests")
    finally:
        connect.running += other.running


def test_who_checks_is_told_what_to_mend(connect: Hybrid) -> None:
    agent = connect.enrolled()
    import sys

    from tests.directory.hybrid import _environ

    done = subprocess.run(
        [sys.executable, "-m", "rekey_agent", "check", "--config", str(agent.folder / "agent.toml")],
        capture_output=True,
        text=True,
        check=False,
        env=_environ(),
    )
    assert "rights" in done.stdout and connect.samba.settings.password not in done.stdout + done.stderr


def test_an_outsider_has_nothing_of_it(connect: Hybrid, fabrikam: Org) -> None:
    assert Agent.objects.count() == Job.objects.count() == 0
    assert signed_in(fabrikam, fabrikam.user("adele")).get("/password/").status_code == 200
