"""Where the machine plays: two organizations that let their people reset, built once, and put back after each example.

An example runs in a savepoint, so that the next one finds the database as it was. Limits of how often are lifted all the
time: whoever attacks here is never kept waiting, and has each captcha solved.
"""

import base64
import copy
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from licensing import subscribing
from registration import configuring
from registration.models import Device
from tenants import hosts
from tenants.context import entered
from tests.building import ANSWERS, PASSWORD, Org, give_app, give_email, give_questions
from tests.machine.model import House, Somebody, Thing

SCHEMAS = ("contoso", "fabrikam")
HOME, WORK = "adele@home.example", "adele@work.example"
ADDRESSES = {"adele": (HOME, WORK), "bo": ("bo@home.example",), "chief": ("chief@home.example",)}


def key_of(schema: str, name: str) -> str:
    """Return the key of somebody's app, which nobody else has."""
    return base64.b32encode(hashlib.sha256(f"{schema}/{name}".encode()).digest()[:20]).decode()


def answers_of(schema: str, name: str) -> dict[str, str]:
    """Return somebody's answers, which nobody else gives."""
    number = len(ANSWERS) + 7 * (schema == "contoso") + len(name)
    return {key: f"{text} {number}" for key, text in ANSWERS.items()}


class Stage:
    """The two organizations, and the time that it is there."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        real = datetime.now(UTC).replace(microsecond=0)
        self.start = self.now = real - timedelta(seconds=real.timestamp() % 30)
        self.orgs = {schema: Org(schema) for schema in SCHEMAS}
        subscribing.assign(self.orgs["fabrikam"].row, edition="p1", actor="tests")
        hosts.forget()
        patch.setattr(timezone, "now", lambda: self.now)
        self._houses = {schema: self._furnish(org) for schema, org in self.orgs.items()}

    @contextmanager
    def example(self) -> Iterator[Mapping[str, House]]:
        """Hand out the organizations as they were built, and undo whatever is done to them."""
        savepoint = transaction.savepoint()
        self.now = self.start
        _forget()
        try:
            yield copy.deepcopy(self._houses)
        finally:
            connection.needs_rollback = False
            transaction.savepoint_rollback(savepoint)
            self.now = self.start
            _forget()

    def _furnish(self, org: Org) -> House:
        with entered(org.row):
            configuring.configure({"scope": "all", "methods": ["app_code", "email"]}, actor="tests")
            people = {}
            for name, addresses in ADDRESSES.items():
                user = org.user(name)
                made: list[tuple[Device, Thing]] = []
                for address in addresses:
                    device = give_email(user, address)
                    made.append((device, Thing(device.pk, "email", address)))
                device = give_app(user, key_of(org.schema, name))
                made.append((device, Thing(device.pk, "app_code", key_of(org.schema, name))))
                if name != "bo":
                    answers = answers_of(org.schema, name)
                    device = give_questions(user, answers)
                    made.append((device, Thing(device.pk, "questions", answers=answers)))
                # The addresses of long ago may object to a change.
                Device.objects.filter(user=user).update(created_at=self.now - timedelta(days=30))
                people[user.sign_in_name] = Somebody(
                    org.schema,
                    user.sign_in_name,
                    {thing.pk: thing for _device, thing in made},
                    administrator=name == "chief",
                    selected=name == "adele",
                    password=PASSWORD,
                )
        return House(org.schema, people)


def _forget() -> None:
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    hosts.forget()
    mail.outbox = []
