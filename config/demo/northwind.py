"""Northwind, the demo's hybrid organization: what stands of it in the portal. Its domain is `config.demo.directory`'s."""

import time

from registration import configuring, enrolling, people
from registration.models import Device, User
from registration.onboarding import onboard
from registration.origin import NOWHERE
from resets.writeback import agents, domains, reach
from resets.writeback.models import OnPremisesDomain
from tenants.context import entered
from tenants.models import Organization

SLUG, NAME, SIGN_IN = "northwind", "Northwind", "northwind.example"
DOMAIN = "corp.northwind.example"
#: People of the domain and where the demo's mail to them goes; `config.demo.directory` makes them there.
PEOPLE = ("dana", "eli", "fay")
_PATIENCE = 60.0


class NotBrought(Exception):
    """No agent has brought the domain's people in time."""


def seed() -> Organization:
    """Make the organization with its domain and its switches, where it is not there yet."""
    found = Organization.objects.filter(schema_name=SLUG).first()
    if found is not None:
        return found
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
        domains.add(DOMAIN, "cloud_sync", actor="demo")
    return made.organization


def code() -> str:
    """Return a one-time code for another agent of the domain."""
    with entered(Organization.objects.get(schema_name=SLUG)):
        return agents.prepare(OnPremisesDomain.objects.get(name=DOMAIN), actor="demo")[1]


def await_people() -> None:
    """Wait until the agents have brought the domain's people, and give each an address that a reset can ask for."""
    with entered(Organization.objects.get(schema_name=SLUG)):
        names = [f"{name}@{SIGN_IN}" for name in PEOPLE]
        deadline = time.monotonic() + _PATIENCE
        domain = OnPremisesDomain.objects.get(name=DOMAIN)
        while User.objects.filter(sign_in_name__in=names).count() < len(names) or not reach.alive(domain):
            if time.monotonic() > deadline:
                raise NotBrought
            time.sleep(0.1)
        chief = User.objects.get(sign_in_name=f"chief@{SIGN_IN}")
        for user in User.objects.filter(sign_in_name__in=names):
            if not Device.objects.filter(user=user).exists():
                state = {"address": address(user.sign_in_name.partition("@")[0])}
                enrolling.put_state(user, "email", state, over_own=False, actor=chief, origin=NOWHERE)


def address(name: str) -> str:
    """Return the private address that somebody of the domain has registered."""
    return f"{name}@home.example"
