"""Folders, clusters and a stand-in for the software, so that what surrounds it can be tried in no time."""

import contextlib
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.demo import postgres
from tests.first_run.processes import FAST, ROOT, family, survivors

STAND_IN = {
    "Makefile": f"demo:\n\t@exec {sys.executable} -m config.demo.launcher\n",
    "manage.py": """
import json, os, sys, time
if sys.argv[1] == "demo":
    assert os.environ["REKEY_DEMO"] == "1" and os.environ["DATABASE_URL"] and os.environ["REKEY_SEALING_KEYS"]
    sys.exit(os.environ.get("FAULT")) if "FAULT" in os.environ else None
    print(json.dumps([{"host": "localhost", "sign_in_name": "kim@here.example", "password": "Secret-7", "note": "operator"}]))
else:
    time.sleep(600)
""",
    "config/wsgi.py": """
import time
def application(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        time.sleep(600)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]
""",
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only root can do where the tests are not root's; let tests of processes fork."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork.*:DeprecationWarning"))
    if os.geteuid() != 0:
        left = [item for item in items if item.get_closest_marker("root")]
        items[:] = [item for item in items if item not in left]
        config.hook.pytest_deselected(items=left)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a short folder that every user can enter; pytest's own is closed to others."""
    with tempfile.TemporaryDirectory(prefix="rekey-") as made:
        Path(made).chmod(0o755)
        yield Path(made, "data", "postgres")


@pytest.fixture(scope="session")
def empty_cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty cluster, made once: making one takes longer than most of these tests."""
    folder = tmp_path_factory.mktemp("cluster")
    with postgres.running(folder, options=FAST):
        pass
    return folder / "data"


@pytest.fixture
def cluster(folder: Path, empty_cluster: Path) -> Iterator[Path]:
    """Return a folder with that cluster in it; what a test does to it must not hurt the next."""
    folder.mkdir(mode=0o700, parents=True)
    empty_cluster.rename(folder / "data")
    yield folder
    next(folder.parent.glob("*/data")).rename(empty_cluster)


@pytest.fixture
def port() -> int:
    """Return a port on which nobody listens, nor on the next, and which the system gives to no connection by itself."""
    while True:
        number = random.randrange(20_000, 32_000, 2)
        with contextlib.suppress(OSError), socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", number))
            two.bind(("127.0.0.1", number + 1))
            return number


@pytest.fixture
def software(cluster: Path) -> Path:
    """Return a clone in which the stand-in has the place of the software."""
    root = cluster.parent.parent / "clone"
    shutil.copytree(
        ROOT / "config", root / "config", ignore=shutil.ignore_patterns("__pycache__", "settings.py")
    )
    for name, text in STAND_IN.items():
        (root / name).write_text(text)
    return root


@pytest.fixture
def environ(cluster: Path, port: int) -> dict[str, str]:
    """Return the environment of a demo: next to nothing."""
    return {"PATH": os.environ["PATH"], "PORT": str(port), "REKEY_DATA": str(cluster.parent)}


@pytest.fixture
def stand_in(software: Path, environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Return the demo of a stand-in, started by make in a session of its own, as from a terminal."""
    make = subprocess.Popen(
        ["make", "demo"],
        cwd=software,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    yield make
    tree = family(make.pid)
    make.kill()
    make.wait()
    assert make.stdout
    make.stdout.close()
    assert survivors(tree) == set()
