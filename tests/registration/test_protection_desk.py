"""The desk's page Password protection: who may, what is saved, the edition's gate, and a sample that leaves no trace."""

import logging
import re
from typing import Any

import pytest

from licensing import subscribing
from registration import configuring, people
from registration.models import AuditEvent, Group, Policy
from registration.roles import Role
from tenants import hosts
from tests.building import Org, give_app
from tests.registration.steps import proved
from tests.tenants.branding.queries import asked

LIST = "/admin/registration/passwordprotection/"


@pytest.fixture
def rules(contoso: Org) -> str:
    """The address of Contoso's rules."""
    return f"{LIST}{Policy.objects.get().pk}/change/"


def chief(org: Org, *granted: Role) -> Any:
    """Return the browser of chief, with these roles, who has passed the second factor."""
    user = org.user("chief")
    people.change(user, {"roles": [role.value for role in granted]}, actor="tests")
    return proved(org, user, give_app(user))


def post(browser: Any, rules: str, **values: str) -> Any:
    return browser.post(
        rules, {"profile": "entra", "history": "1", "banned_words": "", "sample": "", **values}
    )


def verdict(response: Any) -> Any:
    return response.context["adminform"].form.fields["sample"].widget.verdict


def test_the_rules_are_saved_and_written_down(contoso: Org, rules: str) -> None:
    browser = chief(contoso, Role.AUTHENTICATION_POLICY_ADMINISTRATOR)
    assert browser.get(LIST).headers["location"] == rules
    saved = post(browser, rules, profile="nist", history="5", banned_words="Wingtip\nwingtip\n\nTailspin\n")
    assert saved.status_code == 302
    policy = Policy.objects.get()
    assert (policy.profile, policy.history, policy.banned_words) == ("nist", 5, ["wingtip", "tailspin"])
    event = AuditEvent.objects.get(activity="policy_changed", actor=contoso.user("chief").sign_in_name)
    assert event.data["banned_words"] == {"before": [], "after": ["wingtip", "tailspin"]}
    assert event.data["history"] == {"before": 1, "after": 5}
    assert "wingtip\ntailspin</textarea>" in browser.get(rules).content.decode()


def test_every_wrong_line_is_named(contoso: Org, rules: str) -> None:
    response = post(chief(contoso, Role.GLOBAL_ADMINISTRATOR), rules, banned_words="good\nfab\n" + "x" * 17)
    assert response.context["adminform"].form.errors == {
        "banned_words": [
            "Line 2 is too short: a word has 4 characters at least.",
            "Line 3 is too long: a word has 16 characters at most.",
        ]
    }
    assert Policy.objects.get().banned_words == []


@pytest.mark.parametrize("history", ["25", "-1", "x", ""])
def test_history_has_its_limits(contoso: Org, rules: str, history: str) -> None:
    response = post(chief(contoso, Role.GLOBAL_ADMINISTRATOR), rules, history=history)
    assert "history" in response.context["adminform"].form.errors


@pytest.mark.parametrize(
    ("role", "status"), [(Role.AUTHENTICATION_ADMINISTRATOR, 200), (Role.HELPDESK_ADMINISTRATOR, 403)]
)
def test_who_may_only_look_is_offered_nothing(contoso: Org, rules: str, role: Role, status: int) -> None:
    browser = chief(contoso, role)
    shown = browser.get(rules)
    assert shown.status_code == status
    assert 'name="_try"' not in shown.content.decode()
    assert post(browser, rules, history="5").status_code == 403
    assert post(browser, rules, sample="Password123!", _try="1").status_code == 403
    assert Policy.objects.get().history == 1


def test_words_that_the_edition_leaves_out_are_kept_and_idle(contoso: Org, rules: str) -> None:
    configuring.configure({"banned_words": ["wingtip"]}, actor="tests")
    subscribing.assign(contoso.row, edition="free", trial_ends=None, actor="tests")
    hosts.forget()
    browser = chief(contoso, Role.GLOBAL_ADMINISTRATOR)
    text = browser.get(rules).content.decode()
    assert re.search(r'<textarea name="banned_words"[^>]* disabled', text)
    assert "edition does not include this" in text
    refused = post(browser, rules, history="2", banned_words="forged")
    assert refused.context["adminform"].form.errors == {
        "banned_words": ["Your organization's edition does not include this."]
    }
    saved = {"profile": "entra", "history": "2", "sample": ""}  # what a browser posts: no disabled field
    assert browser.post(rules, saved).status_code == 302
    assert (Policy.objects.get().banned_words, Policy.objects.get().history) == (["wingtip"], 2)
    assert verdict(browser.post(rules, {**saved, "sample": "Wingtip77", "_try": "1"}))["broken"] == []


def test_a_sample_is_judged_by_what_is_not_yet_saved(contoso: Org, rules: str) -> None:
    browser = chief(contoso, Role.GLOBAL_ADMINISTRATOR)
    tried = post(browser, rules, banned_words="wingtip\nblank", sample="WingtipBl@nk12", _try="1")
    found = verdict(tried)
    assert tried.status_code == 200
    assert (found["weighed"].points, found["enough"]) == (4, 5)
    assert [part.text for part in found["weighed"].parts] == ["wingtip", "blank", "l", "2"]
    assert "wingtip\nblank</textarea>" in tried.content.decode()
    assert Policy.objects.get().banned_words == []
    assert "This would be refused" in post(browser, rules, sample="Password123!", _try="1").content.decode()
    assert "This would be accepted" in post(browser, rules, sample="Xk7mq2pv", _try="1").content.decode()
    named = verdict(post(browser, rules, sample="Contoso-Xk7mq2", _try="1"))
    assert [str(one) for one in named["broken"]] == ["Leave out your name and your organization's name."]
    nist = verdict(post(browser, rules, profile="nist", sample="Xk7mq2pv", _try="1"))
    assert (len(nist["broken"]), nist["weighed"]) == (1, None)


def test_a_sample_leaves_no_trace(contoso: Org, rules: str, caplog: pytest.LogCaptureFixture) -> None:
    browser, sample = chief(contoso, Role.GLOBAL_ADMINISTRATOR), "Quaint-Sample-77"
    before = AuditEvent.objects.count()
    with caplog.at_level(logging.DEBUG), asked() as queries:
        assert post(browser, rules, sample=sample, _try="1").status_code == 200
    assert AuditEvent.objects.count() == before
    assert sample.lower() not in str(queries).lower()
    assert not any(sample.lower() in record.getMessage().lower() for record in caplog.records)
    assert sample not in str(dict(browser.session.items()))
    assert sample not in browser.get(rules).content.decode()
    assert (
        post(browser, rules, sample=sample, history="3").status_code == 302
    )  # saved by the other button: also not kept
    assert sample.lower() not in str(list(Policy.objects.values())).lower()
    assert sample.lower() not in str(list(AuditEvent.objects.values())).lower()


def test_the_try_button_without_a_sample_saves(contoso: Org, rules: str) -> None:
    """Enter in another field presses the form's first button, which is this one."""
    browser = chief(contoso, Role.GLOBAL_ADMINISTRATOR)
    assert post(browser, rules, history="4", _try="1").status_code == 302
    assert Policy.objects.get().history == 4


def test_the_page_of_reset_leaves_the_rules_alone(contoso: Org) -> None:
    configuring.configure({"banned_words": ["wingtip"], "history": 5, "profile": "nist"}, actor="tests")
    browser = chief(contoso, Role.GLOBAL_ADMINISTRATOR)
    saved = browser.post(
        f"/admin/registration/properties/{Policy.objects.get().pk}/change/",
        {"scope": "selected", "groups": [Group.objects.get().pk]},
    )
    assert saved.status_code == 302
    policy = Policy.objects.get()
    assert (policy.scope, policy.banned_words, policy.history) == ("selected", ["wingtip"], 5)
