"""People come from a directory, are kept current, are taken over by nobody, and go only after a while."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registration import people
from registration.models import AuditEvent, Group, User
from registration.roles import Role
from resets.writeback import accounts, bringing
from resets.writeback.models import Account, OnPremisesDomain
from tests.building import Org
from tests.resets.writeback.speaking import Speaker, domain_of, enrolled


def row(name: str, **more: Any) -> dict[str, Any]:
    """Return what an agent says of somebody."""
    return {
        "guid": f"guid-{name}",
        "sign_in_name": f"{name}@contoso.example",
        "name": name.capitalize(),
        "mail": f"{name}@post.example",
        "mobile": "+49 170 1",
        "telephone": "",
        "groups": ["Sales"],
        "place": "OU=People,DC=corp",
        "rules": "",
        "gone": False,
        **more,
    }


def bring(speaker: Speaker, *rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Say a page."""
    said = {
        "run": "r",
        "first": True,
        "kind": "full",
        "rows": rows,
        "position": {"usn": 7},
        "last": True,
        **more,
    }
    return speaker.told("people", said)


@pytest.fixture
def speaker(contoso: Org) -> Speaker:
    """An agent of Contoso's."""
    return enrolled("contoso", domain_of("contoso"))


def who(name: str) -> User:
    """Return somebody by the part before the @."""
    return User.objects.get(sign_in_name=f"{name}@contoso.example")


def test_somebody_new_comes_with_what_the_directory_knows(speaker: Speaker) -> None:
    assert bring(speaker, row("dana", protected=True)) | {"now": 0} == {"taken": 1, "flaws": [], "now": 0}
    user = who("dana")
    account = accounts.of(user)
    assert (user.name, user.primary_address, user.source, user.is_active) == (
        "Dana",
        "dana@post.example",
        "directory",
        True,
    )
    assert not user.has_usable_password() and user.roles == []
    assert account is not None and accounts.authentic(account)
    assert account.contact == {"mobile": "+49 170 1", "telephone": ""} and account.facts["protected"] is True
    assert list(user.groups.values_list("name", flat=True)) == ["Sales"]
    assert not user.devices.exists()  # a number that nobody proved is no method
    domain = OnPremisesDomain.objects.get()
    assert domain.position == {"usn": 7} and domain.brought_at is not None
    assert AuditEvent.objects.filter(activity="user_added", subject_id=user.pk).count() == 1
    assert AuditEvent.objects.get(activity="people_brought").data == {
        "domain": "corp.contoso.example",
        "people": 1,
        "gone": 0,
    }


def test_what_changes_there_changes_here(speaker: Speaker) -> None:
    bring(speaker, row("dana"))
    user = who("dana")
    changed = row("dana", sign_in_name="dana.smith@contoso.example", groups=["Board"], disabled=True)
    bring(speaker, changed, kind="delta")
    user.refresh_from_db()
    assert (user.sign_in_name, user.is_active, user.sessions_since) == (
        "dana.smith@contoso.example",
        False,
        1,
    )
    assert list(user.groups.values_list("name", flat=True)) == ["Board"]
    event = AuditEvent.objects.get(activity="user_changed")
    assert event.data["sign_in_name"]["after"] == "dana.smith@contoso.example"
    bring(speaker, {**changed, "disabled": False}, kind="delta")
    user.refresh_from_db()
    assert user.is_active


def test_what_was_decided_here_stays(speaker: Speaker) -> None:
    bring(speaker, row("dana"))
    user, pilot = who("dana"), Group.objects.get(name="Pilot")
    user.groups.add(pilot)
    people.change(user, {"is_active": False, "language": "de"}, actor="tests")
    bring(speaker, row("dana"))
    user.refresh_from_db()
    assert (user.is_active, user.language) == (False, "de")
    assert set(user.groups.values_list("name", flat=True)) == {"Pilot", "Sales"}


def test_nobody_of_the_cloud_is_taken_over(speaker: Speaker, contoso: Org) -> None:
    told = bring(
        speaker, row("adele"), row("dana", sign_in_name="dana@elsewhere.example"), row("x", sign_in_name="")
    )
    assert [(flaw["guid"], flaw["code"]) for flaw in told["flaws"]] == [
        ("guid-adele", "sign_in_name_taken"),
        ("guid-dana", "sign_in_name_foreign"),
        ("guid-x", "sign_in_name_missing"),
    ]
    assert told["taken"] == 0 and Account.objects.count() == 0
    assert contoso.user("adele").source == "cloud"
    conflicts = OnPremisesDomain.objects.get().facts["conflicts"]
    names = [one["sign_in_name"] for one in conflicts]
    assert names == ["adele@contoso.example", "dana@elsewhere.example", "X"]


def test_a_name_that_is_said_twice_counts_once(speaker: Speaker) -> None:
    told = bring(speaker, row("dana"), row("dana"), row("eve", sign_in_name="dana@contoso.example"))
    assert [flaw["code"] for flaw in told["flaws"]] == ["duplicate", "duplicate"] and told["taken"] == 1


def test_who_is_gone_cannot_sign_in_and_is_deleted_after_the_grace(speaker: Speaker) -> None:
    bring(speaker, row("dana"), row("eve"))
    bring(speaker, row("eve"), run="r2")
    dana = who("dana")
    assert (dana.is_active, dana.sessions_since) == (False, 1) and who("eve").is_active
    assert bringing.delete_gone(timezone.now() - bringing.GRACE) == 0
    Account.objects.filter(user=dana).update(gone_at=timezone.now() - bringing.GRACE - timedelta(seconds=1))
    assert bringing.delete_gone(timezone.now() - bringing.GRACE) == 1
    assert not User.objects.filter(pk=dana.pk).exists()
    assert AuditEvent.objects.get(activity="user_deleted").subject == "dana@contoso.example"


def test_who_comes_back_is_as_before(speaker: Speaker) -> None:
    bring(speaker, row("dana"), row("eve"))
    dana = who("dana")
    bring(speaker, row("eve"), run="r2")
    bring(speaker, row("dana"), row("eve"), run="r3")
    dana.refresh_from_db()
    assert dana.is_active and accounts.of(dana).gone_at is None  # type: ignore[union-attr]


def test_a_delta_misses_nobody(speaker: Speaker) -> None:
    bring(speaker, row("dana"), row("eve"))
    bring(speaker, row("eve"), kind="delta")
    assert who("dana").is_active


def test_a_run_that_misses_most_is_held_until_somebody_says_so(speaker: Speaker) -> None:
    bring(speaker, *[row(f"p{n}") for n in range(50)])
    bring(speaker, row("p0"), run="r2")
    domain = OnPremisesDomain.objects.get()
    assert (domain.facts["held"]["gone"], domain.facts["held"]["of"]) == (49, 50)
    assert User.objects.filter(source="directory", is_active=True).count() == 50
    assert AuditEvent.objects.get(activity="people_held").status == "failure"
    assert bringing.release_held(domain, actor="tests") == 49
    assert User.objects.filter(source="directory", is_active=True).count() == 1


def test_a_run_that_another_overtook_lets_nobody_go(speaker: Speaker) -> None:
    bring(speaker, row("dana"), row("eve"))
    bring(speaker, row("dana"), run="a", last=False)
    bring(speaker, row("dana"), run="b", last=False)
    bring(speaker, run="a", first=False)
    assert who("eve").is_active
    bring(speaker, run="b", first=False)
    assert not who("eve").is_active


def test_the_last_who_can_grant_roles_stays(speaker: Speaker, contoso: Org) -> None:
    bring(speaker, row("dana"))
    people.change(who("dana"), {"roles": [Role.GLOBAL_ADMINISTRATOR]}, actor="tests")
    User.objects.filter(pk=contoso.user("chief").pk).update(roles=[])
    told = bring(speaker, row("dana", disabled=True))
    assert [flaw["code"] for flaw in told["flaws"]] == ["last_administrator"]
    bring(speaker, run="r2")
    assert who("dana").is_active
    Account.objects.update(gone_at=timezone.now() - timedelta(days=365))
    assert bringing.delete_gone(timezone.now()) == 0


def test_a_changed_address_is_told_at_the_former_one_and_proves_nothing(speaker: Speaker, jobs: Any) -> None:
    from django.core import mail

    bring(speaker, row("dana"))
    bring(speaker, row("dana", mail="thief@post.example"))
    assert people.has_new_address(who("dana"))
    mail.outbox.clear()
    jobs()
    assert [message.to for message in mail.outbox] == [["dana@post.example"]]


def test_many_rows_cost_as_much_as_few(speaker: Speaker) -> None:
    counts = []
    for size in (5, 400):
        rows = [row(f"q{size}n{n}") for n in range(size)]
        for _again in range(2):
            with CaptureQueriesContext(connection) as asked:
                bring(speaker, *rows, kind="delta")
            counts.append(len(asked))
            rows = [{**one, "name": "Another", "groups": ["Other"]} for one in rows]
    assert counts[0] == counts[2] and counts[1] == counts[3]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"rows": [row("x")] * 501}, "rows"),
        ({"rows": ["x"]}, "rows"),
        ({"rows": [{"guid": ""}]}, "guid"),
        ({"kind": "all"}, "kind"),
        ({"position": []}, "position"),
        ({"run": ""}, "run"),
    ],
)
def test_what_cannot_be_read_is_refused_whole(speaker: Speaker, more: dict[str, Any], field: str) -> None:
    said = {
        "run": "r",
        "first": True,
        "kind": "full",
        "rows": [row("dana")],
        "position": {},
        "last": True,
        **more,
    }
    answer = speaker.ask("people", said)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert Account.objects.count() == 0


def test_the_same_directory_at_two_organizations_is_two(
    speaker: Speaker, contoso: Org, fabrikam: Org
) -> None:
    assert User.objects.filter(source="directory").count() == 0
