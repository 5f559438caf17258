"""One function writes a local password. Every other way to one is closed: pages, commands, borrowed code."""

import ast
import io
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from tests.building import PASSWORD, Org

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
    assert found - rules == {"password/", "reset/password/", "activate/", "admin/password_change/"}


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


@pytest.mark.parametrize("command", ["changepassword", "createsuperuser"])
def test_no_command_writes_a_password(contoso: Org, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert get_commands()[command] == "registration"
    monkeypatch.setattr("getpass.getpass", lambda *_args: "Side-Door-1")
    with pytest.raises(CommandError, match="organizations"):
        call_command(command, "chief@contoso.example", stdout=io.StringIO())
    assert contoso.user("chief").check_password(PASSWORD)
