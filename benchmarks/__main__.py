"""`python -m benchmarks [NAME ...]`: print each figure; exit 1 when one is past its limit, 2 for a name that is none."""

import importlib
import os
import pkgutil
import sys
import tempfile
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connections

import benchmarks
from benchmarks.comparing import Figure
from config.demo import postgres

_NOT_ONE = {"__main__", "settings", "comparing", "crowd"}


def main(wanted: list[str]) -> int:
    """Measure what is wanted, or everything, in a PostgreSQL that is thrown away afterwards."""
    names = sorted({module.name for module in pkgutil.iter_modules(benchmarks.__path__)} - _NOT_ONE)
    if unknown := set(wanted) - set(names):
        sys.stderr.write(f"{', '.join(sorted(unknown))}: no such benchmark. There are {', '.join(names)}.\n")
        return 2
    with (
        tempfile.TemporaryDirectory(prefix="rekey-bench-") as folder,
        postgres.running(Path(folder) / "postgres") as server,
    ):
        _prepare(server)
        try:
            held = [_measured(name) for name in wanted or names]
        finally:
            connections.close_all()
    return 0 if all(held) else 1


def _prepare(server: postgres.Server) -> None:
    os.environ["DATABASE_URL"] = server.url
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    django.setup()
    call_command("upgrade", verbosity=0)


def _measured(name: str) -> bool:
    result: Figure = importlib.import_module(f"benchmarks.{name}").measure()
    sys.stdout.write(f"{result}\n")
    sys.stdout.flush()
    return result.holds


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
