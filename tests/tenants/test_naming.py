"""Hosts and sign-in names of an organization: added, verified, vouched for, removed; each written into the journal."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from registration import people
from registration.people import PersonProblem
from tenants import hosts, naming
from tenants.context import entered
from tenants.models import Domain, JournalEntry, SignInName
from tenants.naming import ProvisioningProblem
from tenants.shield import dns
from tests.building import Org
from tests.nameserver import NameServer, name_server

OWN = "reset.contoso.example"


@pytest.fixture
def knows(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    with name_server() as (server, port):
        monkeypatch.setattr(dns, "servers", lambda: [dns.Server("127.0.0.1", port)])
        yield server


def status(host: str) -> int:
    """Return how the sign-in page of a host answers."""
    hosts.forget()
    return Client(headers={"host": host}).get("/sign-in/").status_code


def newest(event: str) -> dict[str, Any]:
    """Return what the journal says of the newest one."""
    entry = JournalEntry.objects.filter(event=event).latest("at")
    assert (entry.actor, entry.schema) == ("kim", "contoso")
    data: dict[str, Any] = entry.data
    return data


def refusal(act: Any, *args: Any, **more: Any) -> str:
    """Return the field that a refusal names."""
    with pytest.raises(ProvisioningProblem) as refused:
        act(*args, actor="kim", **more)
    return refused.value.field


def test_a_host_is_served_once_its_text_is_there(provider: Org, knows: NameServer) -> None:
    contoso, fabrikam = Org("contoso").row, Org("fabrikam").row
    host = naming.add_host(contoso, " Reset.Contoso.example. ", actor="kim")
    assert (host.domain, host.is_primary, host.verified_at) == (OWN, False, None)
    assert newest("host_added") == {"before": {}, "after": {"host": OWN, "verified": False}}
    assert status(OWN) == 404
    assert refusal(naming.verify, host) == "name"
    knows.texts[f"_rekey.{OWN}"] = [
        naming.text_of(fabrikam, OWN),
        "v=spf1 -all",
    ]  # another's text is worth nothing
    assert refusal(naming.verify, host) == "name"
    assert status(OWN) == 404
    knows.texts[f"_rekey.{OWN}"].append(naming.text_of(contoso, OWN))
    naming.verify(host, actor="kim")
    assert status(OWN) == 200
    assert newest("host_verified") == {
        "before": {"host": OWN, "verified": False},
        "after": {"host": OWN, "verified": True, "by": "dns"},
    }
    naming.verify(host, actor="kim")
    assert JournalEntry.objects.filter(event="host_verified").count() == 1


def test_the_text_is_that_of_one_organization_and_one_name(provider: Org) -> None:
    contoso, fabrikam = Org("contoso").row, Org("fabrikam").row
    found = {naming.text_of(one, name) for one in (contoso, fabrikam) for name in (OWN, "contoso.example")}
    assert len(found) == 4
    assert all(one.startswith("rekey-verification=") and len(one) == 51 for one in found)


def test_no_server_that_answers_verifies_nothing(provider: Org, knows: NameServer) -> None:
    host = naming.add_host(Org("contoso").row, OWN, actor="kim")
    knows.code = 5
    assert refusal(naming.verify, host) == "name"
    assert Domain.objects.get(pk=host.pk).verified_at is None


def test_a_host_below_the_providers_counts_at_once(provider: Org) -> None:
    naming.add_host(Org("contoso").row, "help.localhost", actor="kim")
    assert status("help.localhost") == 200
    deeper = naming.add_host(
        Org("contoso").row, "a.help.localhost", actor="kim"
    )  # whose label may be another's
    assert deeper.verified_at is None


@pytest.mark.parametrize("name", ["fabrikam.localhost", "FABRIKAM.localhost", "localhost", "no host", ""])
def test_a_host_of_others_and_what_is_none_are_refused(provider: Org, name: str) -> None:
    assert refusal(naming.add_host, Org("contoso").row, name) == "host"


@pytest.mark.parametrize("name", ["fabrikam.example", "Fabrikam.example", "localhost", "no name", ""])
def test_a_sign_in_name_of_others_and_what_is_none_are_refused(provider: Org, name: str) -> None:
    assert refusal(naming.add_sign_in_name, Org("contoso").row, name) == "sign_in_name"


def test_the_primary_host_is_a_verified_one_and_stays(provider: Org) -> None:
    contoso = Org("contoso").row
    first, other = contoso.domains.get(), naming.add_host(contoso, OWN, actor="kim")
    assert refusal(naming.make_primary, other) == "host"
    naming.vouch(other, actor="kim", reason="they showed the contract")
    naming.make_primary(other, actor="kim")
    assert newest("host_made_primary") == {"before": {"host": "contoso.localhost"}, "after": {"host": OWN}}
    assert [*contoso.domains.filter(is_primary=True).values_list("domain", flat=True)] == [OWN]
    assert refusal(naming.remove_host, other) == "host"
    naming.remove_host(first, actor="kim")
    assert newest("host_removed") == {"before": {"host": "contoso.localhost"}, "after": {}}
    assert (status("contoso.localhost"), status(OWN), status("fabrikam.localhost")) == (404, 200, 200)


def test_nobody_is_added_under_a_name_that_is_not_verified(provider: Org, knows: NameServer) -> None:
    contoso = Org("contoso").row
    named = naming.add_sign_in_name(contoso, "contoso.test", actor="kim")
    with entered(contoso):
        with pytest.raises(PersonProblem) as refused:
            people.add("adele@contoso.test", actor="tests")
        assert refused.value.field == "sign_in_name"
        assert (
            people.if_ours("adele@contoso.test") == ""
        )  # nor is kept what may be a password in the wrong field
    knows.texts["_rekey.contoso.test"] = [naming.text_of(contoso, "contoso.test")]
    naming.verify(named, actor="kim")
    with entered(contoso):
        people.add("adele@contoso.test", actor="tests")
        assert people.if_ours("adele@contoso.test") == "adele@contoso.test"
    with entered(Org("fabrikam").row), pytest.raises(PersonProblem):
        people.add("adele@contoso.test", actor="tests")


def test_an_operators_word_needs_a_reason(provider: Org) -> None:
    named = naming.add_sign_in_name(Org("contoso").row, "contoso.test", actor="kim")
    assert refusal(naming.vouch, named, reason="  ") == "reason"
    assert SignInName.objects.get(pk=named.pk).verified_at is None
    naming.vouch(named, actor="kim", reason="they showed the contract")
    assert newest("sign_in_name_verified")["after"] == {
        "sign_in_name": "contoso.test",
        "verified": True,
        "by": "operator",
        "reason": "they showed the contract",
    }


def test_a_sign_in_name_stays_while_somebody_has_it(provider: Org) -> None:
    contoso = Org("contoso").row
    first = contoso.sign_in_names.get()
    assert refusal(naming.remove_sign_in_name, first) == "sign_in_name"  # the only one
    other = naming.add_sign_in_name(contoso, "contoso.test", actor="kim")
    assert refusal(naming.remove_sign_in_name, first) == "sign_in_name"  # the only one that is verified
    naming.vouch(other, actor="kim", reason="known")
    assert refusal(naming.remove_sign_in_name, first) == "sign_in_name"  # people have it
    naming.remove_sign_in_name(other, actor="kim")
    assert newest("sign_in_name_removed") == {"before": {"sign_in_name": "contoso.test"}, "after": {}}
