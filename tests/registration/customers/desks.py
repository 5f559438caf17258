"""Who is at the provider's desk, and the addresses of its pages."""

from django.test import Client

from registration import people
from registration.roles import Role
from tenants.context import entered
from tests.building import Org, give_app, sign_in

LIST = "/admin/tenants/organization/"


def at_the_desk(org: Org, *granted: Role) -> Client:
    """Return the browser of chief, with these roles, who has passed the second factor."""
    chief, browser = org.user("chief"), org.browser()
    with entered(org.row):
        people.change(chief, {"roles": [role.value for role in granted]}, actor="tests")
        device = chief.devices.first() or give_app(chief)
        sign_in(browser, chief.sign_in_name)
        session = browser.session
        session["otp_device_id"] = device.persistent_id
        session.save()
    return browser


def page_of(schema: str) -> str:
    """Return the address of an organization's page."""
    return f"{LIST}{Org(schema).row.pk}/change/"


def act_of(schema: str, what: str, on: object = "") -> str:
    """Return the address of an act on an organization."""
    return f"{LIST}{Org(schema).row.pk}/do/{what}/{f'?on={on}' if on else ''}"
