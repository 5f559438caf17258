"""One function writes a local password. Every other way to one is closed: pages, commands, borrowed code."""

import ast
import inspect
import io
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, ManagementUtility, call_command, get_commands
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from registration.models import User
from tenants.models import Domain, Organization
from tests.building import PASSWORD, Org
from tests.isolation import source

ROOT = Path(settings.BASE_DIR)
URLCONFS = [settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF]
WRITER = "registration/passwords.py"
#: Answers to security questions are hashed as passwords are (SQ1); no account's password is written there.
ANSWERS = {"registration/methods/questions.py": ["make_password"]}


def served(urlconf: str) -> list[tuple[str, str]]:
    """Return every route with its view's full name."""

    def walk(patterns: list[Any], prefix: str) -> list[tuple[str, str]]:
        found = []
        for one in patterns:
            path = prefix + str(one.pattern)
            if isinstance(one, URLResolver):
                found += walk(one.url_patterns, path)
            elif isinstance(one, URLPattern):
                found.append((path, one.lookup_str))
        return found

    return walk(get_resolver(urlconf).url_patterns, "")


@pytest.mark.parametrize("urlconf", URLCONFS)
def test_borrowed_routes(urlconf: str) -> None:
    """Of allauth three pages are routed, and none of django.contrib.auth's."""
    views = dict(served(urlconf))
    assert {path: view for path, view in views.items() if view.startswith("allauth")} == {
        "sign-in/": "allauth.account.views.LoginView",
        "sign-in/again/": "allauth.account.views.ReauthenticateView",
        "sign-out/": "allauth.account.views.LogoutView",
    }
    assert not [view for view in views.values() if view.startswith("django.contrib.auth")]


@pytest.mark.parametrize("urlconf", URLCONFS)
def test_every_route_that_names_a_password_is_known(urlconf: str) -> None:
    found = {path for path, view in served(urlconf) if "password" in f"{path} {view}".lower()}
    rules = {
        path for path in found if path.startswith("admin/registration/passwordprotection/")
    }  # no passwords
    waits = {"password/wait/"}  # says what a directory answered, and takes nothing
    assert found - rules - waits == {"password/", "reset/password/", "activate/", "admin/password_change/"}


@pytest.mark.parametrize("urlconf", URLCONFS)
@pytest.mark.parametrize(
    "name",
    [
        "account_signup",
        "account_change_password",
        "account_set_password",
        "account_reset_password",
        "account_reset_password_from_key",
        "account_email",
        "account_confirm_email",
        "account_request_login_code",
        "password_reset",
        "password_reset_confirm",
        "admin:auth_user_password_change",
    ],
)
def test_stock_pages_are_not_routed(urlconf: str, name: str) -> None:
    for args in ((), ("a",), ("a", "b")):
        with pytest.raises(NoReverseMatch):
            reverse(name, urlconf=urlconf, args=args)


def test_the_desk_sends_a_change_of_password_to_the_one_page(contoso: Org) -> None:
    assert contoso.browser().get("/admin/password_change/").headers["location"].startswith("/admin/login/")


HASHING = {"set_password", "aset_password", "make_password", "acheck_password"}


def writes(tree: ast.AST) -> list[str]:
    """Return each place of a file that could write a password."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            owner = node.func.value if isinstance(node.func, ast.Attribute) else None
            through_the_door = owner is not None and ast.unparse(owner) in {"passwords", "flow", "super()"}
            found += [name] if name in HASHING and not through_the_door else []
            if name in {"update", "create", "bulk_update", "update_or_create", "get_or_create"}:
                found += [f"{name}(password)" for word in node.keywords if word.arg == "password"]
        elif isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            parts = [part for target in targets for part in ast.walk(target)]
            found += [
                ".password ="
                for part in parts
                if isinstance(part, ast.Attribute)
                and part.attr == "password"
                and isinstance(part.ctx, ast.Store)
            ]
    return found


def test_one_file_writes_passwords() -> None:
    found = {}
    for room in ("config", "tenants", "licensing", "registration", "resets"):
        for path in (ROOT / room).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            if (
                name != WRITER
                and not name.startswith("config/demo/")
                and (places := writes(ast.parse(path.read_text())))
            ):
                found[name] = sorted(set(places))
    assert found == ANSWERS


#: Whatever can come to the writer of passwords, and what stands before it.
GATES = {
    "registration.passwords.set_password": "judges by every rule, in each of these",
    "registration.activation.activate": "a one-time link that is open, and spent by it",
    "registration.views.activate_password": "the same",
    "resets.changing.change": "the current password",
    "resets.changing.password": "the same, of who is signed in, at most five tries an hour",
    "resets.flow.set_password": "every gate that the policy asks, passed in this reset",
    "resets.views.password": "the same, in the browser that began it",
}


def references(tree: ast.Module, module: str) -> dict[str, set[str]]:
    """Return what each function and class of a file says of the rooms' own: full names, by its own full name."""
    known = {
        one.asname or one.name: f"{node.module}.{one.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for one in node.names
    }
    own = {one.name: f"{module}.{one.name}" for one in tree.body if hasattr(one, "name")}
    found: dict[str, set[str]] = {}
    for inside, node in source.functions(tree):
        if inside and isinstance(node, ast.Name | ast.Attribute):
            first, _dot, rest = ast.unparse(node).partition(".")
            said = f"{(known | own).get(first, first)}.{rest}".strip(".")
            found.setdefault(f"{module}.{inside.partition('.')[0]}", set()).add(said)
    return found


def reaching(target: str) -> set[str]:
    """Return every function and class of the rooms that comes to another, by whatever way."""
    said: dict[str, set[str]] = {}
    for file, tree in source.trees().items():
        said |= references(tree, file.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    found, before = {target}, 0
    while len(found) > before:
        before = len(found)
        found |= {one for one, names in said.items() if names & found}
    return found


def test_every_way_to_a_password_has_its_gate() -> None:
    assert reaching("registration.passwords.set_password") == set(GATES), (
        "Something new comes to the writer of passwords. Say in GATES in tests/house/test_doors.py what stands before it."
    )


def test_a_new_way_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    trees = dict(source.trees())
    code = "from resets import changing as other\n\ndef side_door(user):\n    return other.change(user, '', '', origin=None)\n"
    monkeypatch.setattr(source, "trees", lambda: {**trees, "registration/side.py": ast.parse(code)})
    assert reaching("registration.passwords.set_password") - set(GATES) == {"registration.side.side_door"}


def callbacks(urlconf: str) -> dict[str, str]:
    """Return the full name of the function or class that each route comes to, without what is wrapped around it."""

    def walk(patterns: list[Any], prefix: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for one in patterns:
            path = prefix + str(one.pattern)
            if isinstance(one, URLResolver):
                found |= walk(one.url_patterns, path)
            else:
                view = inspect.unwrap(one.callback)
                while isinstance(view, partial):
                    view = inspect.unwrap(view.func)
                view = getattr(view, "view_class", view)
                found[path] = f"{view.__module__}.{view.__qualname__}"
        return found

    return walk(get_resolver(urlconf).url_patterns, "")


@pytest.mark.parametrize("urlconf", URLCONFS)
def test_the_routes_that_come_to_a_password(urlconf: str) -> None:
    ways = reaching("registration.passwords.set_password")
    found = {path: view for path, view in callbacks(urlconf).items() if view in ways}
    assert found == {
        "activate/": "registration.views.activate_password",
        "password/": "resets.changing.password",
        "reset/password/": "resets.views.password",
    }


#: Every command that is installed and not Django's own: ours, closed ones, and borrowed ones with what they do.
OURS = {"organizations", "upgrade"}
CLOSED = {
    "changepassword": "organizations invite",
    "createsuperuser": "organizations operator",
    "create_tenant_superuser": "organizations create",
    "create_tenant": "organizations create",
    "clone_tenant": "organizations create",
    "delete_tenant": "organizations erase",
    "rename_schema": "organizations list",
    "create_domain": "organizations create --host",
    "delete_domain": "organizations erase",
    "create_missing_schemas": "upgrade",
}
BORROWED = {
    "account_unsetmultipleprimaryemails": "of a table of allauth's that nothing fills",
    "altcha_vendor_widget": "fetches a script for developers",
    "remove_stale_contenttypes": "tidies the names of models",
    "clearsessions": "tidies sessions of one schema; a job does it for all",
    "collectstatic": "collects files",
    "collectstatic_schemas": "collects files",
    "findstatic": "finds files",
    "runserver": "serves a developer",
    "all_tenants_command": "runs one of these in every schema",
    "tenant_command": "runs one of these in one schema",
    "migrate": "migrates schemas, as `upgrade` does",
    "migrate_schemas": "migrates schemas, as `upgrade` does",
    "loaddata": "writes rows: whoever runs the machine writes to the database by any way",
    "sync_translation_fields": "adds columns of languages",
    "update_translation_fields": "fills columns of languages",
    "procrastinate": "runs jobs",
}


def test_every_command_is_known() -> None:
    found = {name for name, app in get_commands().items() if app != "django.core"}
    assert found - {"demo", "demo_directory"} == {*OURS, *CLOSED, *BORROWED}, (
        "Say in tests/house/test_doors.py what this command does; where it writes a password, or an organization, close it."
    )


@pytest.mark.parametrize("command", CLOSED)
def test_no_command_writes_a_password_or_an_organization(
    contoso: Org, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert get_commands()[command] in {"registration", "tenants"}
    monkeypatch.setattr("getpass.getpass", lambda *_args: "Side-Door-1")
    before = (Organization.objects.count(), Domain.objects.count(), User.objects.count())
    with pytest.raises(CommandError, match=f"`manage.py {CLOSED[command]}`"):
        call_command(command, "chief@contoso.example", stdout=io.StringIO())
    assert contoso.user("chief").check_password(PASSWORD)
    assert (Organization.objects.count(), Domain.objects.count(), User.objects.count()) == before


def test_a_closed_command_says_so_whatever_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        ManagementUtility(["manage.py", "create_tenant_superuser", "--noinput", "--schema=contoso"]).execute()
    assert "manage.py organizations create" in capsys.readouterr().err
