"""Contoso with a domain: an agent that speaks, adele's account in it, and the switches on."""

from dataclasses import dataclass
from typing import Any

import pytest

from registration import configuring
from registration.models import AuditEvent, User
from resets import writing_back
from resets.writeback import accounts
from resets.writeback.models import Account
from tests.building import Browser, Org, give_email
from tests.resets.steps import begun, prove_email
from tests.resets.writeback.speaking import BEAT, Speaker, domain_of, enrolled

RULES = {"min_length": 10, "complexity": True, "history": 24, "min_age_seconds": 86400}


@dataclass
class Hybrid:
    """An organization, one of whose people lives in a domain."""

    org: Org
    speaker: Speaker
    account: Account
    user: User

    def at_password(self) -> Browser:
        """Return a browser in which adele has passed every gate."""
        browser = begun(self.org, self.user.sign_in_name)
        prove_email(browser)
        return browser

    def answered(self, outcome: str, code: str = "") -> dict[str, Any]:
        """Have the agent do the job that waits, with this outcome; return the job."""
        job = self.speaker.claim()
        answer = self.speaker.answer(job, outcome, code)
        assert answer.status_code == 200, answer.content
        return job

    def last(self, activity: str) -> AuditEvent:
        """Return the newest audit event of an activity."""
        return AuditEvent.objects.filter(activity=activity).latest("at")


def hybrid_of(org: Org) -> Hybrid:
    """Make one of an organization that is entered."""
    configuring.configure({"write_back": True}, actor="tests")
    speaker = enrolled(org.schema, domain_of(org.schema))
    speaker.told("heartbeat", {**BEAT, "policies": {"": RULES}})
    user = org.user("adele")
    give_email(user)
    account = accounts.tie(user, speaker.row.domain, "guid-adele", actor="tests")
    return Hybrid(org, speaker, account, org.user("adele"))


@pytest.fixture
def hybrid(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> Hybrid:
    """Contoso, hybrid; pages wait for no answer, since the test's own agent answers after them."""
    monkeypatch.setattr(writing_back, "PATIENCE", 0)
    return hybrid_of(contoso)
