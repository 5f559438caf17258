"""The walls of the house: who may know whom, and what stands where."""

import ast
import contextlib
import io
from pathlib import Path

import django.contrib.admin
import django.contrib.auth
import pytest
from django.conf import settings
from django.contrib.auth import hashers
from django.core.management import call_command
from importlinter.cli import lint_imports

from config import env
from config import settings as real

ROOT = Path(settings.BASE_DIR)
ROOMS = ["config", "tenants", "licensing", "registration", "resets"]
FILES = sorted(
    path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts
)
NAMES = [str(path.relative_to(ROOT)) for path in FILES]


def test_the_contracts_of_imports_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    # Its set-up of logging would silence every logger of the tests that follow.
    monkeypatch.setattr("importlinter.cli.logging_config.dictConfig", lambda _config: None)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        failed = lint_imports()
    assert failed == 0, said.getvalue()


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_no_import_hides_in_a_function(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    hidden = [
        node.lineno
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_no_template_shadows_djangos_own() -> None:
    """Our app is called registration, and so is a folder of templates of Django's auth and admin."""
    django_own = {
        f"registration/{path.name}"
        for app in (django.contrib.admin, django.contrib.auth)
        for path in Path(app.__file__ or "").parent.glob("templates/registration/*")
    }
    folders = [ROOT / "templates", *ROOT.glob("*/templates"), *ROOT.glob("*/*/templates")]
    ours = {str(path.relative_to(folder)) for folder in folders for path in folder.rglob("*.*")}
    assert len(django_own) > 8
    assert ours & django_own == set()


def test_migrations_are_complete(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_only_config_reads_the_environment() -> None:
    readers = {
        name
        for name, path in zip(NAMES, FILES, strict=True)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb"}
    }
    # The agent is a program of its own, at a customer's: it reads one hook of the tests of faults.
    readers -= {name for name in readers if name.endswith("rekey_agent/dying.py")}
    assert {name.partition("/")[0] for name in readers} == {"config"}


def test_every_setting_of_the_environment_is_documented() -> None:
    text = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")
    assert [name for name in sorted(env.KNOWN) if f"`{name}`" not in text] == []


def test_passwords_are_hashed_by_argon2_as_it_is_advised() -> None:
    """The tests hash at the lowest cost; what is served does not."""
    assert real.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    served = hashers.Argon2PasswordHasher
    assert (served.time_cost, served.memory_cost, served.parallelism) == (2, 102400, 8)


def test_no_setting_of_the_demo_is_on_without_it() -> None:
    assert real.DEBUG is False
    assert real.ALLOWED_HOSTS == ["*"]  # tenants.middleware answers 404 to any host that is no organization's
    assert real.MIDDLEWARE.index("tenants.middleware.OrganizationMiddleware") < real.MIDDLEWARE.index(
        "django.contrib.sessions.middleware.SessionMiddleware"
    )
