"""What every kind of directory does for the agent, against real ones: Samba's Active Directory, and OpenLDAP."""

import dataclasses
import time
from collections.abc import Iterator
from typing import Any

import pytest

from rekey_agent.directories import entries, kinds, made
from rekey_agent.directories.directory import Directory, Refused, Unreachable
from tests.directory import controller as samba_of
from tests.directory import slapd
from tests.directory.controller import Samba
from tests.directory.slapd import Slapd

GOOD, BETTER = "Second-Passw0rd-2", "Third-Passw0rd-3"


@dataclasses.dataclass
class Subject:
    """A directory, and the agent's way to it."""

    home: Any
    directory: Directory

    def person(self, **more: str) -> Any:
        """Add somebody."""
        return self.home.person(**more)


@pytest.fixture(params=["connect_domain", "openldap"])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """Each kind of directory in turn."""
    home = request.getfixturevalue(request.param)
    directory = made(home.settings)
    yield Subject(home, directory)
    directory.close()


def code_of(refused: pytest.ExceptionInfo[Any]) -> str:
    """Return the code of a refusal."""
    return str(refused.value.code)


def test_every_kind_is_tried_here() -> None:
    ours = {kind for kind, each in kinds().items() if each.__module__.startswith("rekey_agent.")}
    assert ours == {"active_directory", "openldap"}


def test_it_is_reached_and_its_rules_are_read(subject: Subject) -> None:
    subject.directory.reach()
    rules = subject.directory.policies()[""]
    assert set(rules) == {
        "min_length",
        "complexity",
        "history",
        "min_age_seconds",
        "max_age_seconds",
        "lockout_threshold",
        "lockout_seconds",
    }
    assert (
        int(rules["min_length"]) >= 7 and rules["lockout_seconds"] == 1800 and rules["lockout_threshold"] == 3
    )
    place = {"active_directory": "rights", "openldap": "places"}[subject.directory.kind]
    assert {"connection", "tls", "bind", place, "policy"} <= {
        one.code for one in subject.directory.check() if one.ok
    }


def test_a_reset_opens_and_the_old_password_does_not(subject: Subject) -> None:
    person = subject.person()
    before = subject.directory.read(person.guid)
    subject.directory.reset(person.guid, GOOD)
    assert person.opens(GOOD) and not person.opens(person.password)
    after = subject.directory.read(person.guid)
    assert before.sign_in_name == after.sign_in_name == person.sign_in_name
    assert before.before != after.before and after.before
    assert subject.directory.opens(person.guid, GOOD) is True
    assert subject.directory.opens(person.guid, "Wrong-Passw0rd-0") is False


@pytest.mark.parametrize(
    "password", ["Ünïcödé-Pässwörd-1", 'Quote"In-The-Middle-1', "L0ng-" * 40, "Emoji-🔑-Passw0rd"]
)
def test_whatever_can_be_typed_is_set(subject: Subject, password: str) -> None:
    person = subject.person()
    subject.directory.reset(person.guid, password)
    assert person.opens(password)


def test_a_change_takes_the_old_one(subject: Subject) -> None:
    person = subject.person()
    with pytest.raises(Refused) as refused:
        subject.directory.change(person.guid, "Wrong-Passw0rd-0", GOOD)
    assert code_of(refused) == "wrong_current_password"
    subject.directory.change(person.guid, person.password, GOOD)
    assert person.opens(GOOD)
    with pytest.raises(Refused) as again:
        subject.directory.change(person.guid, GOOD, person.password)
    assert code_of(again) == "policy_violation/history"


def test_too_short_is_said(subject: Subject) -> None:
    person = subject.person()
    with pytest.raises(Refused) as refused:
        subject.directory.reset(person.guid, "Sh0r-t")
    assert code_of(refused) == "policy_violation/length"
    assert person.opens(person.password)


def test_who_is_locked_out_is_unlocked_and_keeps_the_password(subject: Subject) -> None:
    person = subject.person()
    person.lock()
    assert subject.directory.read(person.guid).locked
    assert subject.directory.opens(person.guid, person.password) is None
    subject.directory.unlock(person.guid)
    assert person.opens(person.password) and not subject.directory.read(person.guid).locked
    subject.directory.unlock(person.guid)  # once more does no harm


def test_a_reset_unlocks(subject: Subject) -> None:
    person = subject.person()
    person.lock()
    subject.directory.reset(person.guid, GOOD)
    assert person.opens(GOOD)


def test_what_must_be_changed_is_seen_and_a_reset_ends_it(subject: Subject) -> None:
    person = subject.person()
    subject.directory.expire(person.guid)
    assert subject.directory.read(person.guid).must_change
    subject.directory.reset(person.guid, GOOD)
    assert not subject.directory.read(person.guid).must_change and person.opens(GOOD)


def test_nobody_of_that_id(subject: Subject) -> None:
    with pytest.raises(Refused) as refused:
        subject.directory.read("00000000-0000-4000-8000-000000000000")
    assert code_of(refused) == "user_not_found"


def test_people_come_by_pages_and_then_what_changed(subject: Subject) -> None:
    person = subject.person(mobile="+49 170 1")
    pages = list(subject.directory.people({}, full=True))
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    mine = [row for page in pages for row in page.rows if row["guid"] == person.guid]
    assert [(row["sign_in_name"], row["mobile"], row["gone"]) for row in mine] == [
        (person.sign_in_name, "+49 170 1", False)
    ]
    other = subject.person()
    changed = {
        row["guid"] for page in subject.directory.people(pages[-1].position, full=False) for row in page.rows
    }
    assert other.guid in changed


def test_who_is_deleted_is_missed(subject: Subject) -> None:
    staying, removed = subject.person(), subject.person()
    assert {staying.guid, removed.guid} <= set(subject.directory.present())
    removed.remove()
    there = list(subject.directory.present())
    assert staying.guid in there and removed.guid not in there and len(set(there)) == len(there)


def test_a_change_that_came_while_people_were_read_is_found_next(
    openldap: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = made(openldap.settings)
    early = openldap.person()
    moments = iter([0.0, 100.0])  # reading took so long, and she may have been changed behind our back
    with monkeypatch.context() as slow:
        slow.setattr(time, "monotonic", lambda: next(moments))
        position = list(directory.people({}, full=True))[-1].position
    changed = [row["guid"] for page in directory.people(position, full=False) for row in page.rows]
    assert early.guid in changed
    again = list(directory.people(position, full=False))[-1].position
    assert again["time"] > position["time"]
    directory.close()


def test_a_certificate_of_somebody_elses_is_refused(subject: Subject) -> None:
    stranger = dataclasses.replace(subject.home.settings, ca_file="/etc/ssl/certs/ca-certificates.crt")
    directory = made(stranger)
    with pytest.raises(Unreachable) as refused:
        directory.reach()
    assert code_of(refused) == "dc_tls"
    assert [(one.code, one.ok) for one in directory.check()] == [("tls", False)]


def test_nothing_listens(subject: Subject) -> None:
    directory = made(dataclasses.replace(subject.home.settings, url="ldaps://127.0.0.1:9"))
    with pytest.raises(Unreachable) as refused:
        directory.reach()
    assert code_of(refused) == "dc_unreachable"


def test_a_wrong_bind_account_is_said(subject: Subject) -> None:
    directory = made(dataclasses.replace(subject.home.settings, password="wrong"))
    assert [(one.code, one.ok) for one in directory.check()] == [("bind", False)]


# --- Active Directory's own


def test_samba_refuses_as_the_table_says(connect_domain: Samba) -> None:
    directory = made(connect_domain.settings)
    person = connect_domain.person()
    with pytest.raises(Refused) as plain:
        directory.reset(person.guid, "alllowercaseletters")
    assert code_of(plain) == "policy_violation/complexity"
    outside = connect_domain.person(place="")
    with pytest.raises(Refused) as foreign:
        directory.reset(outside.guid, GOOD)
    assert code_of(foreign) == "access_denied"
    person.do("remove")
    with pytest.raises(Refused) as gone:
        directory.reset(person.guid, GOOD)
    assert code_of(gone) == "user_not_found"
    directory.close()


def test_samba_says_that_it_cannot_check_the_history_in_a_reset(connect_domain: Samba) -> None:
    directory = made(connect_domain.settings)
    person = connect_domain.person()
    assert directory.capabilities()["history_on_reset"] is False
    assert [one.ok for one in directory.check() if one.code == "controls"] == [False]
    directory.reset(person.guid, GOOD)
    directory.reset(person.guid, GOOD)  # which is why it is said
    directory.close()


def test_the_age_of_a_password_counts_in_a_change(own_domain: Samba) -> None:
    directory = made(own_domain.settings)
    person = own_domain.person()
    own_domain.controller.do("rules", min_age=86400)
    with pytest.raises(Refused) as young:
        directory.change(person.guid, person.password, GOOD)
    assert code_of(young) == "policy_violation/min_age"
    directory.reset(person.guid, GOOD)
    assert directory.policies()[""]["min_age_seconds"] == 86400
    directory.close()


def test_a_fine_grained_policy_is_seen_on_its_person(own_domain: Samba) -> None:
    directory = made(own_domain.settings)
    person = own_domain.person()
    dn = own_domain.controller.do("fine", name="Long", length=20, person=person.name)
    assert directory.read(person.guid).rules == dn
    assert (directory.policies()[str(dn)]["min_length"], directory.policies()[str(dn)]["complexity"]) == (
        20,
        False,
    )
    with pytest.raises(Refused) as short:
        directory.reset(person.guid, GOOD)
    assert code_of(short) == "policy_violation/length"
    directory.close()


def test_states_of_an_account_are_told_apart(connect_domain: Samba) -> None:
    directory = made(connect_domain.settings)
    disabled, expired, marked, nested = (connect_domain.person() for _each in range(4))
    disabled.do("disable")
    expired.do("set", attribute="accountExpires", value="132000000000000000")
    marked.do("set", attribute="adminCount", value="1")
    nested.do("join", group="Helpers")
    connect_domain.controller.do("join", group="Domain Admins", name="Helpers")
    assert directory.read(disabled.guid).disabled
    assert directory.read(expired.guid).expired
    assert directory.read(marked.guid).protected
    assert directory.read(nested.guid).protected  # a group in a group
    everybody = {row["guid"]: row for page in directory.people({}, full=True) for row in page.rows}
    assert everybody[disabled.guid]["disabled"] and everybody[expired.guid]["expired"]
    assert everybody[marked.guid]["protected"] and everybody[nested.guid]["groups"] == ["Helpers"]
    directory.close()


def test_who_left_the_places_is_gone_with_what_changed(connect_domain: Samba) -> None:
    directory = made(connect_domain.settings)
    staying, moved = connect_domain.person(), connect_domain.person()
    position = list(directory.people({}, full=True))[-1].position
    staying.do("set", attribute="displayName", value="Still Here")
    moved.do("move", place="Leavers")
    rows = {row["guid"]: row for page in directory.people(position, full=False) for row in page.rows}
    assert rows[staying.guid]["name"] == "Still Here" and not rows[staying.guid]["gone"]
    assert rows[moved.guid] == {"guid": moved.guid, "gone": True}
    directory.close()


def test_who_is_of_the_protected_group_is_seen_however_it_is_written(openldap: Slapd) -> None:
    inside, outside = openldap.person(), openldap.person()
    group = openldap.group("Chiefs", inside.dn)
    written = group.replace("cn=", "CN=").replace(",", ", ").upper()
    settings = dataclasses.replace(openldap.settings, protected_group=written)
    directory = made(settings)
    assert directory.read(inside.guid).protected and not directory.read(outside.guid).protected
    assert [one.ok for one in directory.check() if one.code == "protected"] == [True]
    directory.close()
    lost = made(dataclasses.replace(settings, protected_group=group.replace("Chiefs", "Cheifs")))
    assert [one.ok for one in lost.check() if one.code == "protected"] == [False]
    lost.close()


def test_a_server_that_finds_only_some_brings_nobody() -> None:
    if why := slapd.lacking():
        pytest.skip(why)
    with slapd.started(limit="5") as small:
        for _each in range(6):
            small.person()
        directory = made(small.settings)
        with pytest.raises(Refused) as cut:
            list(directory.people({}, full=True))
        assert code_of(cut) == "size_limit"
        directory.close()


def test_many_people_of_samba_come_by_several_pages(
    connect_domain: Samba, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = {connect_domain.person().guid for _each in range(5)}
    directory = made(connect_domain.settings)
    whole = {row["guid"] for page in directory.people({}, full=True) for row in page.rows}
    monkeypatch.setattr(entries, "PAGE", 2)
    assert {row["guid"] for page in directory.people({}, full=True) for row in page.rows} == whole > people
    directory.close()


def test_a_change_of_what_must_be_changed(subject: Subject) -> None:
    person = subject.person()
    subject.directory.expire(person.guid)
    subject.directory.change(person.guid, person.password, GOOD)
    assert person.opens(GOOD) and not subject.directory.read(person.guid).must_change


def test_both_domains_stand_side_by_side(connect_domain: Samba, cloud_domain: Samba) -> None:
    for domain in (connect_domain, cloud_domain):
        person = domain.person()
        directory = made(domain.settings)
        directory.reset(person.guid, GOOD)
        assert person.opens(GOOD) and person.gets_ticket(GOOD) and not person.gets_ticket(person.password)
        directory.close()


def test_many_people_come_by_several_pages(openldap: Slapd) -> None:
    root = openldap.root()
    for number in range(520):
        name = f"many{number}"
        root.add(
            f"uid={name},{openldap.settings.ous[0]}",
            ["inetOrgPerson"],
            {"cn": name, "sn": name, "mail": f"{name}@contoso.example"},
        )
    root.unbind()
    directory = made(openldap.settings)
    pages = list(directory.people({}, full=True))
    assert len(pages) >= 2 and len(pages[0].rows) == 500 and not pages[0].last and pages[-1].last
    directory.close()


def test_where_a_domain_controller_cannot_run_it_is_said_why() -> None:
    assert samba_of.lacking() == "" or "apt install" in samba_of.lacking() or "root" in samba_of.lacking()
