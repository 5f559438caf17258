"""What every test starts from: two organizations with the same people, and a browser for each host."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django_otp.oath import totp as code_at
from procrastinate.contrib.django import app

from registration import configuring, people
from registration import state as states
from registration.method import registry
from registration.models import AuditEvent, Device, Group, User
from registration.onboarding import onboard
from registration.roles import Role
from tenants.context import entered
from tenants.models import Organization
from tenants.shield.sealing import mac

PASSWORD = "Correct-Horse-7"
KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # a TOTP key in base32
ANSWERS = {"pet": "Rex", "teacher": "Lovelace", "street": "Elm Street", "toy": "Bärli", "job": "عمّان"}
HOSTS = {"contoso": "contoso.localhost", "fabrikam": "fabrikam.localhost", "public": "localhost"}


@dataclass(frozen=True)
class Org:
    """One of the organizations of every test."""

    schema: str

    @property
    def row(self) -> Organization:
        """Its row."""
        row: Organization = Organization.objects.get(schema_name=self.schema)
        return row

    @property
    def domain(self) -> str:
        """What stands after @."""
        return "localhost" if self.schema == "public" else f"{self.schema}.example"

    def user(self, name: str) -> User:
        """Return one of its people: adele, bo, chief."""
        with entered(self.row):
            return User.objects.get(sign_in_name=f"{name}@{self.domain}")

    def browser(self, **headers: str) -> "Browser":
        """Return a fresh browser on its host."""
        return browser_of(self.schema, **headers)


class Browser(Client):
    """A browser; the test stays in the organization that it had entered, whatever host it asks."""

    def request(self, **request: Any) -> Any:
        """Ask, and come back."""
        before = connection.tenant  # type: ignore[attr-defined]
        try:
            return super().request(**request)
        finally:
            connection.set_tenant(before)  # type: ignore[attr-defined]


def browser_of(schema: str, **headers: str) -> Browser:
    """Return a browser on an organization's host."""
    return Browser(headers={"host": HOSTS[schema], **headers})


def build() -> None:
    """Make the template: the schemas, Contoso and Fabrikam, and in each adele, bo and chief (its administrator)."""
    call_command("upgrade", verbosity=0)
    for slug, edition in (("contoso", "p1"), ("fabrikam", "free")):
        made = onboard(
            slug,
            name=slug.capitalize(),
            sign_in_name=f"{slug}.example",
            edition=edition,
            administrator=f"chief@{slug}.example",
            address="chief@post.example",
            actor="tests",
        )
        with entered(made.organization):
            _people(slug + ".example")
            configuring.configure(
                {"scope": "all", "methods": ["app_code", "email"], "required": 1}, actor="tests"
            )
    with entered(Organization.objects.get(schema_name="public")):
        people.add(
            "chief@localhost", actor="tests", granted=(Role.OWNER,), primary_address="chief@post.example"
        )
        _people("localhost")
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs")


def _people(domain: str) -> None:
    """Everybody has the same password; it is written directly, since a policy is not what is tested with it."""
    group = Group.objects.create(name="Pilot", may_reset=True)
    for name in ("adele", "bo"):
        people.add(
            f"{name}@{domain}", actor="tests", name=name.capitalize(), primary_address=f"{name}@post.example"
        )
    people.put_into_only(User.objects.get(sign_in_name=f"adele@{domain}"), [group], actor="tests")
    for user in User.objects.all():
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    AuditEvent.objects.all().delete()  # a test finds what it caused and nothing else


def give_email(user: User, address: str = "adele@home.example") -> Device:
    """Register an address, as a code would have confirmed it."""
    return _give(user, "email", {"address": address})


def give_app(user: User, key: str = KEY) -> Device:
    """Register an authenticator app, as a code would have confirmed it."""
    return _give(user, "app_code", {"key": key})


def give_phone(user: User, key: str, name: str = "Adele's phone", **more: str) -> Device:
    """Register a phone with the authenticator page, as pairing would have done it."""
    return _give(user, "app_notification", {"key": key, "name": name, **more})


def give_mobile(user: User, number: str = "+4915123456789") -> Device:
    """Register a mobile number, as a code would have confirmed it."""
    return _give(user, "mobile_phone", {"number": number, "way": "sms"})


def give_office(user: User, number: str = "+4930901820", **state: str) -> Device:
    """Register an office number, as a call would have confirmed it."""
    return _give(user, "office_phone", {"number": number, **state})


def give_questions(user: User, answers: dict[str, str] | None = None) -> Device:
    """Register security questions, as their owner would have."""
    given = ANSWERS if answers is None else answers
    data: dict[str, object] = {}
    for number, (question, answer) in enumerate(given.items(), 1):
        data |= {f"question_{number}": question, f"answer_{number}": answer}
    return _give(user, "questions", dict(registry()["questions"].begin(data, user=user)))


def _give(user: User, kind: str, state: dict[str, str]) -> Device:
    digest = mac("registration.device", kind, registry()[kind].identity(state))
    device = Device(user=user, kind=kind, confirmed=True, digest=digest)
    states.keep(device, state)
    device.save(force_insert=True)
    return device


def app_code(key: str = KEY, *, steps: int = 0) -> str:
    """Return what an authenticator app shows now, or so many steps of 30 seconds later."""
    return f"{code_at(base64.b32decode(key), t0=int(-steps * 30)):06d}"


def sign_in(browser: Client, name: str, password: str = PASSWORD) -> Any:
    """Sign in by the page."""
    return browser.post("/sign-in/", {"login": name, "password": password})


def run_jobs() -> list[str]:
    """Run the waiting jobs in this connection, so that they see what the test did and are rolled back with it."""
    done: list[str] = []
    before = connection.tenant  # type: ignore[attr-defined]
    take = (
        "update public.procrastinate_jobs set status = 'doing' where id = (select id from public.procrastinate_jobs"
        " where status = 'todo' and (scheduled_at is null or scheduled_at <= now()) order by id limit 1)"
        " returning id, task_name, args"
    )
    while len(done) < 200:
        with connection.cursor() as cursor:
            cursor.execute(take)
            row = cursor.fetchone()
        if row is None:
            return done
        pk, name, args = row
        app.tasks[name].func(**(args if isinstance(args, dict) else json.loads(args)))
        connection.set_tenant(before)  # type: ignore[attr-defined]
        with connection.cursor() as cursor:
            cursor.execute("update public.procrastinate_jobs set status = 'succeeded' where id = %s", [pk])
        done.append(name)
    raise AssertionError("jobs keep writing jobs")
