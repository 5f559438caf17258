"""The telephones of the tests: what the demo's inbox was given to text or to call, and somebody who answers."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from registration import connecting, telephony
from registration.carrier import Spoken
from registration.carriers import inbox
from tenants import hosts
from tenants.context import entered
from tests.building import Org, run_jobs

MOBILE, OTHER_MOBILE, OFFICE = "+4915123456789", "+4917612345678", "+4930901820"


@dataclass(frozen=True)
class Telephones:
    """What came to all of them."""

    folder: Path

    def connect(self, org: Org) -> None:
        """Let an organization text and call by the inbox."""
        with entered(org.row):
            connecting.connect({"carrier": "inbox"}, settings={}, actor="tests")
        hosts.forget()

    def all(self, number: str = "") -> list[dict[str, Any]]:
        """Run the jobs, and return every text and call to a number, or to any, in their order."""
        run_jobs()
        found = [json.loads(file.read_text()) for file in sorted(self.folder.glob("*.json"))]
        return [one for one in found if number in {"", one["number"]}]

    def words(self, number: str = MOBILE) -> str:
        """Return the newest text to a number."""
        return str(self.all(number)[-1]["words"])

    def code(self, number: str = MOBILE) -> str:
        """Return the code in the newest text to a number."""
        return str(re.findall(r"\b\d{6}\b", self.words(number))[0])

    def answer(self, number: str = MOBILE, *, by_machine: bool = False) -> Spoken | None:
        """Take the newest call to a number, and listen; or let a machine do it."""
        return telephony.answered(UUID(self.all(number)[-1]["message"]), by_machine=by_machine)

    def press(self, number: str = OFFICE, key: str = "#") -> None:
        """Take the newest call to a number, listen, and press a key."""
        self.press_at(self.all(number)[-1]["message"], key)

    def press_at(self, message: str, key: str = "#") -> None:
        """Take a call, listen, and press a key."""
        telephony.answered(UUID(message), by_machine=False)
        telephony.pressed(UUID(message), key)


@pytest.fixture
def phones(settings: Any, tmp_path: Path, db: None) -> Telephones:
    """Return the telephones; no organization reaches them before it is connected."""
    settings.REKEY_DATA = tmp_path
    return Telephones(inbox.folder())
