"""Each reason to refuse somebody has a code, and each code a paragraph; what is new is found, not listed."""

import ast
import enum
import importlib
import pkgutil
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tenants import refusals
from tests.building import Browser, browser_of
from tests.isolation.addresses import Route, examples, routes
from tests.isolation.conftest import _furnished, had  # noqa: F401  # fixtures
from tests.isolation.furnished import Furnished

ROOT = Path(settings.BASE_DIR)
ROOMS = ("tenants", "licensing", "registration", "resets")
PARAGRAPH = re.compile(r"^### (RK-[A-Z]+-\d{3})\n(.+?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
CODE = re.compile(r'<dd dir="ltr">(RK-[A-Z]+-\d{3})</dd>')
REFERENCE = re.compile(r'<dd dir="ltr">([0-9A-F]{8})</dd>')
#: Enumerations that refuse nobody. Whoever adds one says so here, or gives its members codes in a `codes.py`.
OTHERS = {
    "licensing.editions.Edition",
    "licensing.editions.Feature",
    "registration.advice.Advice",
    "registration.advice.Note",
    "registration.advice.Severity",
    "registration.audit.Activity",
    "registration.audit_export.Format",
    "registration.audit_wording.Category",
    "registration.audit_wording.Service",
    "registration.baseline.Mode",
    "registration.counting.Standing",
    "registration.impact.Cause",
    "registration.impact.Turn",
    "registration.importing.parsing.Column",
    "registration.people_many.Act",
    "registration.roles.Visiting",
    "registration.tightness.Order",
    "registration.usage.Days",
    "registration.visits.End",
    "resets.helping.Help",
    "resets.writeback.brought_rows.RowFlaw",
    "tenants.branding.replaceable.Group",
    "registration.authenticator.requests.Decision",
    "registration.checklist.Step",
    "registration.interrupts.Interrupt",
    "registration.lifetime.State",
    "registration.password_rules.ProfileName",
    "registration.policy.Scope",
    "registration.purpose.Purpose",
    "registration.roles.Role",
    "resets.journey.Entry",
    "resets.journey.Move",
    "resets.journey.Step",
    "tenants.branding.places.Place",
}
#: Members that let somebody through, or tell them to wait a moment, among others that refuse.
ALLOW = {
    "Reason.INCLUDED",
    "Code.ALLOWED",
    "Outcome.PASSED",
    "Outcome.WAITING",
    "Problem.WAITING",
    "Answered.APPROVED",
    "Written.NOT_YET",
    "Written.PENDING",
    "Written.DONE",
    "Outcome.DONE",
    "Outcome.REFUSED",
    "Outcome.UNKNOWN",
    "Outcome.PUT_BACK",
}
#: What a form says at a field that a person simply corrects: the sentence says all there is to do.
CORRECTED = {
    "baseline",
    "before",
    "no_group",
    "bad_mailto",
    "bad_tel",
    "domain_malformed",
    "elsewhere",
    "not_a_colour",
    "not_https",
    "query",
    "required",
    "unknown_scheme",
    "user_in_address",
}
#: Functions that answer programs and not people, with a status and no page.
FOR_PROGRAMS = {
    "registration.carrier.Carrier.speak": "a carrier asks what to say",
    "registration.carrier_views.hook": "a carrier tells what became of a message",
    "tenants.reports.collect": "a browser tells of the content security policy",
    "tenants.shield.captcha_views.captcha_challenge": "the captcha's script asks for a challenge",
}


def paragraphs() -> dict[str, str]:
    text = (ROOT / "docs" / "troubleshooting.md").read_text()
    found = PARAGRAPH.findall(text)
    assert len(found) == len(dict(found)) == text.count("\n### ")
    return dict(found)


def modules() -> Iterator[str]:
    for room in ROOMS:
        package = importlib.import_module(room)
        for one in pkgutil.walk_packages(package.__path__, f"{room}."):
            if ".migrations" not in one.name and ".management" not in one.name:
                yield one.name


def enumerations() -> dict[str, type[StrEnum]]:
    found = {}
    for name in modules():
        for one in vars(importlib.import_module(name)).values():
            if (
                isinstance(one, type)
                and issubclass(one, enum.Enum)
                and one.__module__ == name
                and "." not in one.__qualname__
            ):
                found[f"{name}.{one.__qualname__}"] = one
    return found  # type: ignore[return-value]  # the test says so of each


def every_code() -> set[str]:
    return {*refusals.every().values(), *refusals.every_text().values()}


def test_every_code_has_a_paragraph_and_every_paragraph_a_code() -> None:
    assert set(paragraphs()) == every_code()


def test_a_paragraph_says_something() -> None:
    assert [code for code, text in paragraphs().items() if len(text.split()) < 5] == []


def test_a_code_is_of_one_form() -> None:
    assert [code for code in every_code() if not re.fullmatch(r"RK-[A-Z]+-\d{3}", code)] == []


def test_every_enumeration_refuses_or_does_not() -> None:
    refusing = {f"{kind.__module__}.{kind.__qualname__}" for kind, _value in refusals.every()}
    found = enumerations()
    assert refusing | OTHERS == set(found)
    assert not refusing & OTHERS
    assert [name for name in refusing if not issubclass(found[name], StrEnum)] == []


def test_every_member_that_refuses_has_a_code() -> None:
    kinds = {kind for kind, _value in refusals.every()}
    without = {f"{kind.__name__}.{one.name}" for kind in kinds for one in kind if not refusals.code_of(one)}
    assert without == ALLOW


def test_a_plain_text_is_no_member_of_an_enumeration_with_another_code() -> None:
    """A text is looked up without knowing where it stands."""
    texts = refusals.every_text()
    assert {value: texts[value] for _kind, value in refusals.every() if value in texts} == {}


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Return each call of a module with the function or method that it stands in."""
    tree = ast.parse((ROOT / f"{name.replace('.', '/')}.py").read_text())

    def walk(node: ast.AST, inside: str) -> Iterator[tuple[str, ast.Call]]:
        for child in ast.iter_child_nodes(node):
            here = inside
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                here = f"{inside}.{child.name}"
            if isinstance(child, ast.Call):
                yield inside, child
            yield from walk(child, here)

    yield from walk(tree, name)


def sources() -> list[str]:
    return [name for name in modules() if (ROOT / f"{name.replace('.', '/')}.py").exists()]


def test_what_a_form_says_has_a_code_or_is_simply_corrected() -> None:
    said = set()
    for name in sources():
        for _inside, call in calls(name):
            raised = getattr(call.func, "id", "")
            codes = [word.value for word in call.keywords if word.arg == "code"]
            if raised == "Unacceptable":
                codes = call.args[:1]
            if raised in {"ValidationError", "Unacceptable"}:
                said |= {one.value for one in codes if isinstance(one, ast.Constant)}
    assert {one for one in said if not refusals.code_of(one)} == CORRECTED - {"required"} | (
        {"required"} & said
    )


def test_every_view_that_refuses_gives_a_code() -> None:
    """A status of 400 or more stands only where a code is given in the same function, or a program is answered."""
    bare = {"HttpResponseBadRequest", "HttpResponseForbidden", "HttpResponseNotFound", "HttpResponseGone"}
    without = set()
    for name in sources():
        gives, refuses = set(), set()
        for inside, call in calls(name):
            called = ast.unparse(call.func)
            if called in {"refusing.refuse", "refuse", "refusing.log", "log", "_page", "_refusal"}:
                gives.add(inside)
            status = [word.value for word in call.keywords if word.arg == "status"]
            codes = [one.value for one in status if isinstance(one, ast.Constant)]
            if called.rpartition(".")[2] in bare or any(isinstance(one, int) and one >= 400 for one in codes):
                refuses.add(inside)
        without |= refuses - gives
    assert without == set(FOR_PROGRAMS)


#: Pages that stand on their own, and why they show no code by the tag.
ALONE = {
    "templates/500.html": "it leans on nothing, and shows its code by itself",
    "templates/mail/layout.html": "a mail",
    "templates/desk/preview_message.html": "what a mail or a telephone says, in a frame of the desk",
}


def test_every_frame_of_a_page_shows_codes() -> None:
    """Whatever replaces the frame of people's pages must say why it refuses, too."""
    without = set()
    for room in ("templates", "tenants/templates", "licensing/templates"):
        for path in (ROOT / room).rglob("*.html"):
            text = path.read_text()
            if ("<html" in text or "{% block frame %}" in text) and "{% dead_end %}" not in text:
                without.add(str(path.relative_to(ROOT)))
    assert without == set(ALONE)


#: Addresses that answer programs: their refusals are no pages.
SPOKEN_TO = (
    "agent/v1/",
    "brand",
    "captcha",
    "carriers/",
    "csp-report/",
    "inbox/",
    "methods/",
    "authenticator/",
)
EVERY = [one for one in routes(settings.ROOT_URLCONF) if not one.path.startswith(SPOKEN_TO)]


def answers(had: Furnished, route: Route) -> Iterator[tuple[str, Any]]:  # noqa: F811  # what the fixture returns
    """Return what each address says to somebody with no role at all, and to a form without a token."""
    strict: Any = Browser(headers={"host": "contoso.localhost"}, enforce_csrf_checks=True)
    for path in examples(route, had):
        yield path, browser_of("contoso").post(path, {})
        yield path, strict.post(path, {})
        yield path, had.browser().get(f"{path}nothing-is-here")
        if not path.startswith("/admin/"):
            yield path, browser_of("contoso").get(path)


@pytest.mark.parametrize("route", EVERY, ids=str)
def test_every_page_that_refuses_shows_a_code_and_a_reference(had: Furnished, route: Route) -> None:  # noqa: F811
    for path, answer in answers(had, route):
        if answer.status_code < 400:
            continue
        text = answer.content.decode()
        assert CODE.findall(text), (path, answer.status_code)
        assert REFERENCE.findall(text), (path, answer.status_code)
