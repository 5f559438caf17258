"""Role x address: every address of both desks, for every role, by GET and by an empty POST.

What is allowed is reckoned from the table of roles; everything else is 403, and written down. The addresses are found in the
URL map: one whose name does not say what it asks for needs a line in `ASKS`.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.template.base import Origin
from django.template.loaders.base import Loader
from django.test import override_settings
from django.urls import URLResolver, get_resolver

from registration import people, receivers, roles
from registration.models import AuditEvent, User
from registration.roles import Role
from tenants.context import entered
from tenants.shield.throttle import Budget
from tests.building import Org, give_app
from tests.isolation import rows
from tests.registration.steps import proved

#: What an address asks for whose name does not say it.
ASKS: Mapping[str, str] = MappingProxyType(
    {
        "registration_user_set_office_phone": "registration.add_device",
        "registration_user_require-registration": roles.REQUIRE_REGISTRATION,
        "registration_user_end-sessions": roles.END_SESSIONS,
        "registration_user_release": roles.RELEASE_RESET,
        "registration_user_invite": roles.RESET_FOR,
        "registration_user_start-reset": roles.RESET_FOR,
        "registration_user_disable": "registration.change_user",
        "registration_user_enable": "registration.change_user",
        "registration_user_remove-method": "registration.delete_device",
        "registration_user_tie-to-directory": "writeback.change_onpremisesdomain",
        "registration_user_remind": roles.REMIND,
        "registration_role_changelist": roles.VIEW_ROLES,
        "registration_user_set_mobile_phone": "registration.add_device",
        "registration_user_set_email": "registration.add_device",
        "registration_user_export": roles.EXPORT_PEOPLE,
        "registration_peopleimport_template": "registration.add_peopleimport",
        "registration_peopleimport_begin": "registration.add_peopleimport",
        "registration_peopleimport_cancel": "registration.add_peopleimport",
        "registration_peopleimport_problems": "registration.view_peopleimport",
        "registration_auditevent_export": "registration.view_auditevent",
        "registration_usage_table": "registration.view_usage",
        "registration_usage_events": "registration.view_usage",
        "registration_usage_people": "registration.view_usage",
        "branding_brand_preview": "branding.view_brand",
        "branding_brandtext_preview": "branding.view_brandtext",
        "writeback_onpremisesdomain_do": "writeback.change_onpremisesdomain",
        "tenants_journalentry_export": "tenants.view_journalentry",
        "tenants_organization_look": "tenants.view_organization",
        "tenants_organization_made": "tenants.add_organization",
        "tenants_organization_link": roles.INVITE_FIRST,
        "tenants_organization_do": roles.SUSPEND_ORGANIZATION,
        "tenants_organization_operators": "tenants.view_operator",
        "tenants_rollout_apply": roles.APPLY_BASELINE,
        "tenants_rollout_again": roles.APPLY_BASELINE,
        "tenants_rollout_csv": "tenants.view_rollout",
        "tenants_visit_add": roles.ENTER_ORGANIZATION,
    }
)
#: Refused to everybody where nothing is sent: what they need stands in the form.
NEEDS_A_FORM = frozenset({"registration_role_grant", "registration_role_take"})
#: Refused to everybody who only looks: a button, and no page.
BUTTONS = re.compile(
    r"registration_(peopleimport_(begin|cancel)|auditevent_export)|tenants_(rollout_(apply|again)|organization_(link|look))"
)
#: What stands in an address that is no id.
SAID: Mapping[str, str] = MappingProxyType({"kind": "csv", "what": "suspend", "key": "sign-in.heading"})
#: What whoever opens the desk may open.
FOR_ALL = frozenset({"search", "index", "login", "logout", "password_change", "jsi18n", "app_list"})
#: Refused to everybody by GET without its query; by POST it is no page at all.
NEVER_BARE = frozenset({"autocomplete"})
#: Where the table allows what a page need not offer: it is done by a page of its own, or there is nothing to add or take away.
#: Whom the table refuses, these refuse all the same.
NOT_OFFERED = re.compile(
    r"registration_device_(add|change)|registration_policy_change|branding_brandtext_(add|delete)"
    r"|writeback_onpremisesdomain_(add|change|delete)|(tenants|licensing)_\w+"
)
VERBS = {"changelist": "view", "add": "add", "change": "change", "delete": "delete"}
_NAMED = re.compile(r"^([a-z]+)_([a-z]+)_(changelist|add|change|delete|history)$")
_PARAMETER = re.compile(r"<\w+:\w+>|\(\?P<app_label>[^)]*\)")
#: What a page shows is not asked here, and to draw a thousand of them would take longer than all else.
BLANK = [{**settings.TEMPLATES[0], "OPTIONS": {"loaders": ["tests.registration.test_desk_table.Blank"]}}]
#: Methods that Django's own pages weigh by the very same line as the other one: asked once.
SAME = {"changelist": ("POST",), "add": ("GET",), "delete": ("GET",)}
LIMIT = Budget("tests/refused", limit=10_000, seconds=60)


class Blank(Loader):
    """Every template is empty."""

    def get_template_sources(self, template_name: str) -> Iterator[Origin]:
        yield Origin(name=template_name, template_name=template_name, loader=self)

    def get_contents(self, origin: Origin) -> str:
        return ""


def addresses(urlconf: str) -> Iterator[tuple[str, str]]:
    """Return the path and the name of every address of the desk that has a name."""

    def walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, str]]:
        for one in patterns:
            path = prefix + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, path)
            elif path.startswith("admin/") and one.name:
                yield path, one.name

    return walk(get_resolver(urlconf).url_patterns, "")


def action(name: str, method: str) -> str:
    """Return what the table has to allow for an address, "" where it is nothing that anybody may do, "*" where all may."""
    if name in FOR_ALL:
        return "*"
    if name in NEEDS_A_FORM | NEVER_BARE or (method == "GET" and BUTTONS.fullmatch(name)):
        return ""
    if name in ASKS:
        return ASKS[name]
    found = _NAMED.match(name)
    assert found, f"Say in ASKS what {name} asks for."
    app_label, model, page = found.groups()
    verb = "view" if page == "change" and method == "GET" else VERBS[page]
    return f"{app_label}.{verb}_{model}"


def filled(path: str, name: str, somebody: User) -> str:
    """Return an address with an id that is there."""
    pk: object = somebody.pk
    if (found := _NAMED.match(name)) and "<" in path and found[2] != "role":
        model = apps.get_model(found[1], found[2])
        pk = somebody.pk if model is User else rows.example(model).pk
    for said, value in SAID.items():
        path = re.sub(rf"<\w+:{said}>", value, path)
    return "/" + _PARAMETER.sub(
        lambda part: "registration" if "app_label" in part[0] else str(pk), path
    ).strip("^$").replace("/^", "/")


SCHEMAS = {"contoso": settings.ROOT_URLCONF, "public": settings.PUBLIC_SCHEMA_URLCONF}
CASES = [("contoso", role) for role in roles.valid_roles(provider=False)] + [
    ("public", role) for role in roles.valid_roles(provider=True)
]


@pytest.fixture
def quick() -> Iterator[None]:
    """Draw no page and log nothing."""
    logging.disable(logging.CRITICAL)
    with override_settings(TEMPLATES=BLANK):
        yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize(("schema", "role"), CASES)
def test_every_address_for_every_role(
    db: None, quick: None, schema: str, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    org = Org(schema)
    monkeypatch.setattr(receivers, "REFUSED_PERSON", LIMIT)
    with entered(org.row):
        chief, adele = org.user("chief"), org.user("adele")
        people.change(chief, {"roles": [role]}, actor="tests")
        browser = proved(org, org.user("chief"), give_app(chief))
        expected, got, refused = {}, {}, set()
        for path, name in addresses(SCHEMAS[schema]):
            if name.endswith("_history") or name == "logout":
                continue
            target = filled(path, name, adele)
            for method, ask in (("GET", browser.get), ("POST", browser.post)):
                if method in SAME.get(name.rpartition("_")[2], ()) or (method == "POST" and name in FOR_ALL):
                    continue
                wanted = action(name, method)
                allowed = wanted == "*" or (bool(wanted) and roles.may_for([role], wanted, []))
                expected[method, name] = allowed
                status = ask(target).status_code
                assert status < 500, (method, target, status)
                got[method, name] = status not in {403, 405} or (
                    allowed and bool(NOT_OFFERED.fullmatch(name))
                )
                if status == 403:
                    refused.add((method, name))
        assert {key: value for key, value in got.items() if expected[key] != value} == {}
        events = AuditEvent.objects.filter(
            activity="desk_refused", reason="desk_forbidden", actor=chief.sign_in_name
        )
        told = {(event.data["request"], event.data["page"].removeprefix("admin:")) for event in events}
        assert told == refused
