"""`manage.py organizations`: each action, and every mistake in one line."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from registration import activation
from registration.models import Challenge, User
from tenants import hosts
from tenants.context import entered
from tenants.models import JournalEntry, Organization
from tests.building import Org

CREATE = [
    "create",
    "northwind",
    "--name",
    "Northwind",
    "--sign-in-name",
    "northwind.example",
    "--edition",
    "p1",
]
CHIEF = ["--administrator", "chief@northwind.example"]


def run(capsys: pytest.CaptureFixture[str], *args: str) -> list[str]:
    """Run the command, and return the lines that it wrote."""
    call_command("organizations", *args)
    return capsys.readouterr().out.splitlines()


def refused(*args: str) -> str:
    """Return the line of a refusal."""
    with pytest.raises(CommandError) as problem:
        call_command("organizations", *args)
    text = str(problem.value)
    assert "\n" not in text
    return text


def test_create_prints_a_link_and_asks_for_no_password(provider: Org, capsys: Any, browser_of: Any) -> None:
    words, link = run(capsys, *CREATE, *CHIEF)
    assert words == "Northwind is ready. chief@northwind.example chooses a password, within 72 hours, at:"
    assert link.startswith("http://northwind.localhost:8000/activate/")
    with entered(Organization.objects.get(schema_name="northwind")):
        assert not User.objects.get().has_usable_password()
    assert JournalEntry.objects.filter(schema="northwind", actor__startswith="command line (").count() == 2


def test_list(provider: Org, capsys: pytest.CaptureFixture[str]) -> None:
    assert [line.split("\t") for line in run(capsys, "list")] == [
        ["contoso", "active", "p1", "Contoso", "contoso.localhost"],
        ["fabrikam", "active", "free", "Fabrikam", "fabrikam.localhost"],
        ["public", "active", "none", "Rekey", "localhost"],
    ]


def test_suspend_and_resume(provider: Org, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "suspend", "contoso") == ["contoso is suspended."]
    assert Org("contoso").row.state == "suspended"
    assert run(capsys, "resume", "contoso") == ["contoso is served again."]
    assert Org("contoso").row.state == "active"


def test_erase_asks_for_a_word(
    provider: Org, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "SECONDS", 0)
    assert "--yes" in refused("erase", "contoso")
    assert Org("contoso").row.name == "Contoso"
    assert run(capsys, "erase", "contoso", "--yes")[-1] == "contoso is erased."
    assert JournalEntry.objects.filter(schema="contoso", event="organization_suspended").exists()
    assert not Organization.objects.filter(schema_name="contoso").exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({1: "Bad_Slug"}, "slug"),
        ({1: "contoso"}, "slug"),
        ({3: ""}, "name"),
        ({5: "contoso.example"}, "sign_in_name"),
        ({7: "p9"}, "edition"),
    ],
)
def test_a_mistake_names_its_field(provider: Org, changed: dict[int, str], field: str) -> None:
    args = [changed.get(at, word) for at, word in enumerate(CREATE)]
    assert refused(*args, *CHIEF).startswith(f"{field}: ")
    assert Organization.objects.count() == 3


def test_a_trial_of_free_is_refused(provider: Org) -> None:
    args = [*CREATE[:-1], "free", "--trial-ends", "2026-12-31"]
    assert refused(*args, *CHIEF).startswith("trial_ends: ")


@pytest.mark.parametrize("action", ["suspend", "resume", "erase"])
def test_an_unknown_organization(provider: Org, action: str) -> None:
    assert "organizations list" in refused(action, "nobody")


@pytest.mark.parametrize("action", ["suspend", "erase"])
def test_the_providers_own_stays(provider: Org, action: str) -> None:
    assert refused(action, "public", *["--yes"] * (action == "erase")).startswith("slug: ")


def test_invite_makes_another_link_and_voids_the_first(
    contoso: Org, capsys: pytest.CaptureFixture[str]
) -> None:
    first = activation.invite(contoso.user("bo"), actor="tests")
    _words, link = run(capsys, "invite", "contoso", "Bo@contoso.example")
    still_open = Challenge.objects.get(purpose="activate", user=contoso.user("bo"), consumed_at=None)
    assert str(still_open.pk) in link
    assert str(still_open.pk) not in first


def test_invite_knows_nobody_of_another_organization(contoso: Org) -> None:
    said = "There is nobody called bo@fabrikam.example in contoso."
    assert refused("invite", "contoso", "bo@fabrikam.example") == said


def test_operator_adds_an_owner_of_the_provider(provider: Org, capsys: pytest.CaptureFixture[str]) -> None:
    _words, link = run(capsys, "operator", "kim@localhost")
    assert link.startswith("http://localhost:8000/activate/")
    assert provider.user("kim").roles == ["owner"]
    assert refused("operator", "kim@contoso.example").startswith("sign_in_name: ")
