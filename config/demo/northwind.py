"""Northwind, the demo's hybrid organization: what stands of it in the portal. Its domain is `config.demo.directory`'s."""

import contextlib
import time
from collections.abc import Iterable

from registration import configuring, enrolling, people
from registration.models import Device, User
from registration.onboarding import onboard
from registration.origin import NOWHERE
from resets.writeback import agents, domains, reach
from resets.writeback.models import Agent, OnPremisesDomain
from tenants.context import entered
from tenants.models import Organization

SLUG, NAME, SIGN_IN = "northwind", "Northwind", "northwind.example"
DOMAIN, DEPLOYMENT = "corp.northwind.example", "cloud_sync"
#: People of the domain and where the demo's mail to them goes; `config.demo.directory` makes them there.
PEOPLE = ("dana", "eli", "fay")
_PATIENCE = 60.0


class NotBrought(Exception):
    """No agent has brought the domain's people in time."""


def seed() -> None:
    """Make the organization with its domain and its switches where it is not there, or the domain that was removed."""
    found = Organization.objects.filter(schema_name=SLUG).first()
    if found is not None:
        with entered(found), contextlib.suppress(domains.DomainProblem):
            if not OnPremisesDomain.objects.exists():
                domains.add(DOMAIN, DEPLOYMENT, actor="demo")
        return
    made = onboard(
        SLUG,
        name=NAME,
        sign_in_name=SIGN_IN,
        edition="p2",
        administrator=f"chief@{SIGN_IN}",
        address=f"chief@{SIGN_IN}",
        actor="demo",
    )
    with entered(made.organization):
        people.change(made.administrator, {"name": "Chris Northwind"}, actor="demo")
        configuring.configure(
            {
                "scope": "all",
                "methods": ["email", "app_code"],
                "required": 1,
                "write_back": True,
                "unlock_without_reset": True,
            },
            actor="demo",
        )
        domains.add(DOMAIN, DEPLOYMENT, actor="demo")


def code() -> str:
    """Return a one-time code for another agent of the domain."""
    with entered(Organization.objects.get(schema_name=SLUG)):
        return agents.prepare(OnPremisesDomain.objects.get(name=DOMAIN), actor="demo")[1]


def standing(names: Iterable[str]) -> list[str]:
    """Return those of some agents that are enrolled and not revoked."""
    with entered(Organization.objects.get(schema_name=SLUG)):
        found = Agent.objects.filter(pk__in=list(names), revoked_at=None).exclude(enrolled_at=None)
        return [str(agent.pk) for agent in found]


def await_people() -> None:
    """Wait until the agents have brought the domain's people, and give each an address that a reset can ask for.

    Raises `NotBrought` where they never have. Once they have, what an administrator does to the domain is no reason for the
    demo not to start.
    """
    with entered(Organization.objects.get(schema_name=SLUG)):
        deadline = time.monotonic() + _PATIENCE
        while not _is_there():
            if time.monotonic() > deadline:
                raise NotBrought
            time.sleep(0.1)
        chief = User.objects.get(sign_in_name=f"chief@{SIGN_IN}")
        for user in User.objects.filter(sign_in_name__in=[f"{name}@{SIGN_IN}" for name in PEOPLE]):
            if not Device.objects.filter(user=user).exists():
                state = {"address": address(user.sign_in_name.partition("@")[0])}
                enrolling.put_state(user, "email", state, over_own=False, actor=chief, origin=NOWHERE)


def _is_there() -> bool:
    domain = OnPremisesDomain.objects.get(name=DOMAIN)
    return domain.brought_at is not None and reach.alive(domain)


def address(name: str) -> str:
    """Return the private address that somebody of the domain has registered."""
    return f"{name}@home.example"
