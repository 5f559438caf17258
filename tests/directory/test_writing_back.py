"""The whole way: a page, the portal, an agent of its own, a domain controller; and what comes of it when something breaks."""

import base64
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.demo.samba import certificates
from registration import configuring
from registration.models import User
from resets.writeback import agents, bringing, domains, queue, reach, standing_words
from resets.writeback.models import Account, Agent, Job, OnPremisesDomain
from tests.agent.fronts import Proxy, ending_tls
from tests.building import Browser, Org
from tests.directory.controller import PASSWORD, Samba
from tests.directory.hybrid import Hybrid, cloud, connect, ldap, spoilt, until, waiting
from tests.journeys.people import choose_password
from tests.registration.steps import signed_in
from tests.resets.steps import where, why_stopped

__all__ = ["cloud", "connect", "ldap", "spoilt", "waiting"]
NEW, NEWER = "Quite-Another-9", "And-One-More-8"
LEASE = 4.0


def said(browser: Any) -> str:
    """Return what the password page says of the last try."""
    return str(browser.get("/reset/password/").context["refused_words"])


@pytest.fixture
def logged(connect: Hybrid, caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Have each statement logged with what it was given, and all else that says something."""
    for name in (None, "django.db.backends"):
        caplog.set_level(logging.DEBUG, name)
    with CaptureQueriesContext(connection):
        yield caplog


def test_the_new_password_opens_the_domain_and_the_old_one_does_not(
    connect: Hybrid, tmp_path: Path, logged: pytest.LogCaptureFixture
) -> None:
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

    assert agent.stop() == 0

    # No password anywhere: not in the database, not in what the portal, its waits and the agent say or keep.
    pages = "\n".join(f"{record.getMessage()} {record.exc_text} {vars(record)}" for record in logged.records)
    texts = {"the portal's log": pages.encode(), "the waits' log": (tmp_path / "waits.log").read_bytes()}
    texts |= {str(file): file.read_bytes() for file in agent.folder.rglob("*") if file.is_file()}
    texts |= dumped("contoso", "public")
    assert user.sign_in_name in pages and user.sign_in_name.encode() in texts["contoso.registration_user"]
    assert b"done" in texts[str(agent.folder / "log")] and len(texts) > 60
    for password in (NEW, NEWER, PASSWORD):
        for shape in shapes(password):
            assert [where for where, text in texts.items() if shape in text] == []


def signed_in_with(org: Org, user: User, password: str) -> Browser:
    """Sign somebody in with a password."""
    browser = org.browser()
    answer = browser.post("/sign-in/", {"login": user.sign_in_name, "password": password})
    assert answer.status_code == 302
    return browser


def shapes(secret: str) -> Iterator[bytes]:
    """Return how a secret would look in a text: as it is, as Active Directory takes it, by hex digits or by base64."""
    for plain in (secret.encode(), secret.encode("utf-16-le")):
        yield from (plain, plain.hex().encode())
        # Three ways to begin within a group of three bytes; what the neighbours share in is left out.
        for before in range(3):
            encoded = base64.b64encode(bytes(before) + plain)
            yield encoded[4 if before else 0 : len(encoded) // 4 * 4 - 4]


@pytest.mark.parametrize("before", [b"", b"1", b"12", b"123"])
def test_a_secret_is_found_in_whatever_shape(before: bytes) -> None:
    for plain in (NEW.encode(), NEW.encode("utf-16-le")):
        text = before + plain + b"behind"
        for written in (text, text.hex().encode(), base64.b64encode(text)):
            assert any(shape in written for shape in shapes(NEW))
        assert not any(shape in base64.b64encode(text.replace(b"A", b"a")) for shape in shapes(NEW))


def dumped(*schemas: str) -> dict[str, bytes]:
    """Return every row of some schemas as text, by table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'"
            " and table_schema = any(%s)",
            [list(schemas)],
        )
        found = {}
        for schema, table in cursor.fetchall():
            cursor.execute(
                f'select coalesce(string_agg(row::text, chr(10)), \'\') from "{schema}"."{table}" as row'
            )
            found[f"{schema}.{table}"] = cursor.fetchone()[0].encode()
    return found


@pytest.mark.parametrize(
    "point", ["before_claim", "after_claim", "after_intent", "after_effect", "before_answer"]
)
def test_an_agent_that_dies_is_made_up_for(cloud: Hybrid, point: str) -> None:
    there, user = cloud.person()
    dying = cloud.agent(REKEY_AGENT_DIE_AT=point).await_alive()
    other = cloud.agent().await_alive()
    browser, before = cloud.at_password(user), there.times_set
    with other.held_until_end_of(dying) as died_at:
        choose_password(browser, NEW)
        job = cloud.job()
    assert dying.ended() == 9
    assert job.state == "done", (job.code, other.log)
    assert job.attempt == (1 if point == "before_claim" else 2)
    assert there.times_set == before + 1 and there.opens(NEW)
    assert job.finished_at is not None
    assert job.finished_at - died_at[0] < timedelta(seconds=LEASE + 2)
    until(lambda: browser.get("/reset/wait/").status_code == 302, what="the page")
    assert where(browser) == "/reset/done/"


def test_who_takes_over_overwrites_no_newer_password(cloud: Hybrid) -> None:
    there, user = cloud.person()
    dying = cloud.agent(REKEY_AGENT_DIE_AT="after_effect").await_alive()
    browser, other = cloud.at_password(user), cloud.enrolled()
    choose_password(browser, NEW)
    assert dying.ended() == 9
    there.do("password", password=NEWER, must_change=False)  # the help desk, meanwhile
    before = there.times_set
    other.start()
    assert cloud.job().state == "superseded"
    assert there.opens(NEWER) and there.times_set == before
    assert said(browser) == standing_words.refused("superseded")


def test_two_agents_race_and_nothing_is_done_twice(cloud: Hybrid) -> None:
    one, two = cloud.agent(), cloud.agent()
    one.await_alive()
    until(lambda: len(reach.able(cloud.domain)) == 2, what="both agents")
    people = [cloud.person() for _each in range(6)]
    before = [there.times_set for there, _user in people]
    for there, user in people[:2]:
        cloud.reset(user, NEW)
        assert there.opens(NEW)
    # All at once, while both look for the next.
    for _there, user in people[2:]:
        submitted(user, NEW)
    until(lambda: all(queue.look(job.pk).is_over for job in Job.objects.all()), 40, "all answers")
    jobs = Job.objects.all()
    assert {(job.state, job.attempt) for job in jobs} == {("done", 1)} and len(jobs) == 6
    assert [there.times_set for there, _user in people] == [times + 1 for times in before]
    assert all(there.opens(NEW) for there, _user in people)
    assert sum(agent.log.count(": done") for agent in (one, two)) == 6, (one.log, two.log)

    # One is revoked: it ends for good, and the other goes on.
    agents.revoke(Agent.objects.get(pk=one.pk), actor="tests")
    assert one.ended() == 3
    there, user = cloud.person()
    assert where(cloud.reset(user, NEW)) == "/reset/done/" and there.opens(NEW)

    # New keys, without an interruption.
    before_rolling = bytes(Agent.objects.get(pk=two.pk).signing_key or b"")
    assert two.command("roll") == "The agent that runs has renewed its keys.\n"
    assert bytes(Agent.objects.get(pk=two.pk).signing_key or b"") != before_rolling
    there, user = cloud.person()
    assert where(cloud.reset(user, NEW)) == "/reset/done/" and there.opens(NEW)


def submitted(user: User, password: str) -> None:
    """Have a password set in the directory, without a page that waits for it."""
    account = Account.objects.get(user=user)
    queue.submit(account, "reset", secret={"password": password, "old": ""}, after={})


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
    with agent.held():  # so that it does not say first that it reaches no controller
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
    certificates.issue(stranger, spoilt.samba.controller.host, spoilt.samba.controller.address)
    text = (agent.folder / "agent.toml").read_text()
    ca = str(spoilt.samba.controller.ca_file)
    (agent.folder / "agent.toml").write_text(text.replace(ca, str(stranger / "ca.pem")))
    agent.start()
    until(lambda: reach.why_not(spoilt.domain) == "dc_tls", what=f"why\n{agent.log}")
    _there, user = spoilt.person()
    assert spoilt.at_password(user).get("/reset/password/").status_code == 503


def test_all_of_it_goes_by_tls_through_a_proxy(connect: Hybrid, settings: Any, tmp_path: Path) -> None:
    certificates.issue(tmp_path / "tls", "contoso.localhost", "127.0.0.1")
    pair = tmp_path / "tls" / "cert.pem", tmp_path / "tls" / "key.pem"
    waits = urlsplit(settings.REKEY_AGENT_WAIT_URL.format(host="localhost")).port
    proxy = Proxy()
    with (
        ending_tls(connect.port, *pair) as pages_port,
        ending_tls(waits or 0, *pair) as waits_port,
        proxy.served() as address,
    ):
        settings.REKEY_AGENT_WAIT_URL = f"https://{{host}}:{waits_port}/agent/v1/wait"
        connect.way = (
            f'portal = "https://contoso.localhost:{pages_port}"\nportal_ca_file = "{tmp_path}/tls/ca.pem"\n'
            f'proxy = "{address}"'
        )
        agent = connect.agent().await_alive()
        there, user = connect.person()
        assert where(connect.reset(user, NEW)) == "/reset/done/", agent.log
        assert there.opens(NEW) and agent.stop() == 0
    assert set(proxy.asked) == {f"CONNECT contoso.localhost:{port}" for port in (pages_port, waits_port)}


@pytest.mark.parametrize("off", ["+10m", "-10m"])
def test_a_clock_that_is_ten_minutes_off_does_not_matter(connect: Hybrid, off: str) -> None:
    library = next(iter(Path("/usr/lib").rglob("libfaketime.so.1")), None)
    if library is None:
        pytest.skip("the agent's clock is set wrong by faketime: apt install faketime")
    agent = connect.agent(
        LD_PRELOAD=str(library), FAKETIME=off, FAKETIME_DONT_FAKE_MONOTONIC="1"
    ).await_alive()
    there, user = connect.person()
    assert where(connect.reset(user, NEW)) == "/reset/done/", agent.log
    assert there.opens(NEW)


def test_connections_that_the_database_ends_are_made_anew(connect: Hybrid) -> None:
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

    # Where the portal does not know the domain's rules, what the directory finds comes to the page.
    OnPremisesDomain.objects.update(facts={})
    spoilt.samba.controller.do("rules", length=20)
    assert said(spoilt.reset(user, NEW)) == standing_words.refused("policy_violation/length")
    spoilt.samba.controller.do("rules", length=7)
    OnPremisesDomain.objects.update(facts={})
    configuring.configure({"profile": "nist"}, actor="tests")  # which asks for no kinds of characters
    assert said(spoilt.reset(user, "alllowercaseletters")) == standing_words.refused(
        "policy_violation/complexity"
    )
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
    connect.samba.person()
    file = agent.folder / "agent.toml"
    here = connect.samba.controller.people
    users = f"CN=Users,{connect.samba.controller.base}"
    file.write_text(
        file.read_text().replace(f"ous = ['{here}']", f"ous = ['{here}', '{users}', 'OU=None,{here}']")
    )
    lines = agent.command("check").splitlines()
    assert f"ok   rights: {here}" in lines
    lacking = "may not reset passwords; may not write lockoutTime, pwdLastSet"
    at = lines.index(f"BAD  rights: {users}: {lacking}")
    assert lines[at + 1].strip().startswith("Delegate the rights on this place")
    assert f"BAD  places: OU=None,{here}: user_not_found" in lines
    assert connect.samba.settings.password not in "".join(lines)


def test_openldap_the_whole_way(ldap: Hybrid, tmp_path: Path) -> None:
    there = ldap.samba.person(displayName="Dana Smith")
    agent = ldap.agent().await_alive()
    user = until(lambda: User.objects.filter(sign_in_name=there.sign_in_name).first(), what="dana")
    assert (user.name, user.source, Account.objects.get(user=user).guid) == (
        "Dana Smith",
        "directory",
        there.guid,
    )

    there, user = ldap.person()
    assert where(ldap.reset(user, NEW)) == "/reset/done/", agent.log
    assert there.opens(NEW) and not there.opens(there.password)
    assert said(ldap.reset(user, NEW)) == standing_words.refused("policy_violation/history")
    page = signed_in_with(ldap.org, user, NEW)
    page.post("/password/", {"current": NEW + "1", "new_password": NEWER, "confirm": NEWER})
    assert "current" in page.get("/password/").context["form"].errors
    page.post("/password/", {"current": NEW, "new_password": NEWER, "confirm": NEWER})
    assert there.opens(NEWER), agent.log
    there.lock()
    assert ldap.at_password(user).post("/reset/password/", {"action": "unlock"}).status_code == 302
    until(lambda: there.opens(NEWER), what="that it is unlocked")
    OnPremisesDomain.objects.update(facts={})
    with ldap.samba.asking_for(14):
        assert said(ldap.reset(user, "Sh0rt-One-1")) == standing_words.refused("policy_violation/length")
    for password in (NEW, NEWER):
        assert not [
            file
            for file in agent.folder.rglob("*")
            if file.is_file() and password.encode() in file.read_bytes()
        ]


def test_an_outsider_has_nothing_of_it(connect: Hybrid, fabrikam: Org) -> None:
    assert Agent.objects.count() == Job.objects.count() == 0
    assert signed_in(fabrikam, fabrikam.user("adele")).get("/password/").status_code == 200
