"""The agents' door: a one-time code, signatures, and refusals that say what to do."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from registration.models import AuditEvent
from resets.writeback import agents, domains, portal_keys
from resets.writeback.base64url import decoded, encoded
from resets.writeback.models import Agent
from tests.building import Org, browser_of
from tests.resets.writeback.speaking import BEAT, Speaker, domain_of, enrolled


def said(answer: Any) -> tuple[int, str]:
    """Return an answer's status and error."""
    return answer.status_code, answer.json().get("error", "")


def test_a_code_enrols_once(contoso: Org) -> None:
    domain = domain_of("contoso")
    _agent, code = agents.prepare(domain, actor="tests")
    speaker = Speaker("contoso")
    told = speaker.enrol(code.lower())
    assert told["domain"] == str(domain.pk) and told["domain_name"] == "corp.contoso.example"
    assert told["organization"] == str(contoso.row.pk)
    assert decoded(told["portal_key"]) == portal_keys.public()
    assert code.replace("-", "")[16:] == portal_keys.fingerprint()
    assert agents.authentic(speaker.row)
    other = Speaker("contoso")
    again = {"code": code, "name": "x", "version": "1", "kind": "openldap", **other.keys}
    assert said(other.ask("enrol", again)) == (404, "code")
    assert list(AuditEvent.objects.filter(activity="agent_enrolled").values_list("actor", flat=True)) == [
        "dc1"
    ]


def test_a_code_of_one_organization_opens_nothing_in_another(
    contoso: Org, fabrikam: Org, provider: Org
) -> None:
    from tenants.context import entered

    with entered(contoso.row):
        _agent, code = agents.prepare(domain_of("contoso"), actor="tests")
    speaker = Speaker("public")
    asked = {"code": code, "name": "x", "version": "1", "kind": "openldap", **speaker.keys}
    assert said(speaker.ask("enrol", asked))[1] in {"code", "not_included"}
    assert said(Speaker("fabrikam").ask("enrol", asked)) == (403, "not_included")


def test_a_code_that_is_old_opens_nothing(contoso: Org) -> None:
    _agent, code = agents.prepare(domain_of("contoso"), actor="tests")
    Agent.objects.update(code_expires_at=timezone.now())
    speaker = Speaker("contoso")
    asked = {"code": code, "name": "x", "version": "1", "kind": "openldap", **speaker.keys}
    assert said(speaker.ask("enrol", asked)) == (404, "code")


def test_codes_are_tried_a_few_times_from_one_network(contoso: Org) -> None:
    speaker = Speaker("contoso")
    asked = {"code": "A" * 32, "name": "x", "version": "1", "kind": "openldap", **speaker.keys}
    found = [said(speaker.ask("enrol", asked)) for _try in range(11)]
    assert found == [(404, "code")] * 10 + [(429, "too_often")]


def test_connect_has_one_agent_and_cloud_sync_several(contoso: Org) -> None:
    domain = domain_of("contoso")
    speaker = enrolled("contoso", domain)
    with pytest.raises(agents.TooMany):
        agents.prepare(domain, actor="tests")
    agents.revoke(speaker.row, actor="tests")
    assert agents.prepare(domain, actor="tests")
    cloud = domain_of("contoso", "cloud.contoso.example", "cloud_sync")
    assert {enrolled("contoso", cloud).pk for _each in range(3)} == {
        str(pk) for pk in Agent.objects.filter(domain=cloud).values_list("pk", flat=True)
    }
    with pytest.raises(domains.DomainProblem) as refused:
        domains.change_deployment(cloud, "connect", actor="tests")
    assert refused.value.field == "deployment"


def test_what_is_not_signed_is_not_heard(contoso: Org) -> None:
    speaker = enrolled("contoso", domain_of("contoso"))
    thief = Speaker("contoso", pk=speaker.pk)
    assert said(thief.ask("claim")) == (401, "signature")
    assert said(browser_of("contoso").post("/agent/v1/claim")) == (401, "signature")
    body = b"{}"
    header = speaker.header("/agent/v1/wait", body)  # another address
    answer = browser_of("contoso").post(
        "/agent/v1/claim", body, content_type="application/json", headers={"Rekey-Agent": header}
    )
    assert said(answer) == (401, "signature")


def test_a_clock_that_is_off_is_told_the_time(contoso: Org) -> None:
    speaker = enrolled("contoso", domain_of("contoso"))
    answer = speaker.ask("claim", at=time.time() - 600)
    assert said(answer) == (401, "clock")
    assert abs(answer.json()["now"] - time.time()) < 5


def test_nobody_is_told_which_agents_there_are(contoso: Org) -> None:
    stranger = Speaker("contoso", pk="00000000-0000-4000-8000-000000000000")
    assert said(stranger.ask("claim")) == (401, "unknown_agent")
    assert said(Speaker("contoso", pk="x").ask("claim")) == (401, "unknown_agent")


def test_an_agent_of_one_organization_is_nobody_in_another(contoso: Org, provider: Org) -> None:
    from tenants.context import entered

    with entered(contoso.row):
        speaker = enrolled("contoso", domain_of("contoso"))
    foreign = Speaker("public", pk=speaker.pk, signing=speaker.signing)
    assert said(foreign.ask("claim"))[1] in {"unknown_agent", "not_included"}


@pytest.mark.parametrize(
    ("act", "body", "field"),
    [
        ("intent", {"job": "x", "attempt": 1}, "job"),
        ("intent", {"job": "00000000-0000-4000-8000-000000000000", "attempt": True}, "attempt"),
        (
            "result",
            {"job": "00000000-0000-4000-8000-000000000000", "attempt": 1, "outcome": "won"},
            "outcome",
        ),
        ("heartbeat", {**BEAT, "reachable": "yes"}, "reachable"),
        ("heartbeat", {**BEAT, "policies": {"": {"min_length": -1}}}, "policies"),
        ("heartbeat", {**BEAT, "version": "1\n2"}, "version"),
        ("roll", {"sealing_key": "AA", "signing_key": "AA", "signature": "AA"}, "sealing_key"),
        ("claim", [1], "body"),
    ],
)
def test_what_cannot_be_read_names_its_field(contoso: Org, act: str, body: Any, field: str) -> None:
    speaker = enrolled("contoso", domain_of("contoso"))
    answer = speaker.ask(act, body)
    assert (answer.status_code, answer.json()["error"], answer.json()["field"]) == (400, "malformed", field)


def test_a_heartbeat_tells_of_the_domain_and_hears_what_is_asked(contoso: Org) -> None:
    domain = domain_of("contoso")
    speaker = enrolled("contoso", domain)
    told = speaker.told("heartbeat", {**BEAT, "version": "0.2.0"})
    assert (told["roll"], told["bring"], told["position"]) == (False, False, {})
    assert decoded(told["portal_keys"][0]["key"]) == portal_keys.public()
    domain.refresh_from_db()
    assert domain.facts["policies"][""]["min_length"] == 10
    assert speaker.row.version == "0.2.0" and speaker.row.health["latency_ms"] == 12
    domains.ask_to_bring(domain, actor="tests")
    agents.ask_to_roll(speaker.row, actor="tests")
    told = speaker.told("heartbeat", BEAT)
    assert (told["roll"], told["bring"]) == (True, True)


def test_one_agent_of_a_domain_brings_its_people(contoso: Org) -> None:
    domain = domain_of("contoso", deployment="cloud_sync")
    one, two = enrolled("contoso", domain), enrolled("contoso", domain)
    domains.ask_to_bring(domain, actor="tests")

    def told(speaker: Speaker, **more: object) -> tuple[object, object]:
        answer = speaker.told("heartbeat", {**BEAT, **more})
        return answer["brings"], answer["bring"]

    assert (told(one), told(two)) == ((True, True), (False, False))
    assert (told(one, reachable=False), told(two)) == ((False, False), (True, True))
    assert told(one) == (True, True)
    Agent.objects.filter(pk=one.row.pk).update(seen_at=timezone.now() - timedelta(minutes=2))
    assert told(two) == (True, True)


def test_who_only_looks_gives_no_sign_of_life(contoso: Org) -> None:
    speaker = enrolled("contoso", domain_of("contoso"))
    before = speaker.row.seen_at
    assert set(speaker.told("check", {})) == {"now"}
    assert speaker.row.seen_at == before
    agents.revoke(speaker.row, actor="tests")
    assert speaker.ask("check", {}).json()["error"] == "revoked"


def test_an_unreachable_directory_does_not_take_away_what_is_known_of_it(contoso: Org) -> None:
    from resets.writeback import reach

    domain = domain_of("contoso")
    speaker = enrolled("contoso", domain)
    down = {**BEAT, "reachable": False, "code": "dc_tls", "policies": {}}
    speaker.told("heartbeat", down)
    domain.refresh_from_db()
    assert domain.facts["policies"][""]["min_length"] == 10
    assert (reach.alive(domain), reach.why_not(domain)) == (False, "dc_tls")


def test_keys_are_renewed_by_both_the_old_and_the_new(contoso: Org) -> None:
    speaker = enrolled("contoso", domain_of("contoso"))
    new = Speaker("contoso", pk=speaker.pk)
    message = f"rekey-roll-v1\n{speaker.pk}\n".encode() + b"".join(
        (new.sealing.public_key().public_bytes_raw(), new.signing.public_key().public_bytes_raw())
    )
    forged = {**new.keys, "signature": encoded(speaker.signing.sign(message))}
    assert said(speaker.ask("roll", forged)) == (400, "malformed")
    speaker.told("roll", {**new.keys, "signature": encoded(new.signing.sign(message))})
    assert said(speaker.ask("claim")) == (401, "signature")
    assert new.told("claim") and agents.authentic(new.row)


def test_a_get_is_refused(contoso: Org) -> None:
    assert browser_of("contoso").get("/agent/v1/claim").status_code == 405
