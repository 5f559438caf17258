"""The demo with a domain: people come from it, and a password that is reset by the pages opens it."""

import http.cookiejar
import os
import re
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from config.demo.directory import PASSWORD
from tests.directory.controller import skip_unless_here
from tests.first_run.processes import ROOT, family, survivors

NEW = "Quite-Another-9"


class Visitor:
    """A browser without a script, on Northwind's host."""

    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self.host = f"northwind.localhost:{port}"
        policy = http.cookiejar.DefaultCookiePolicy(rfc2965=True, strict_domain=False)
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar(policy))
        self.opener = urllib.request.build_opener(jar)

    def get(self, path: str) -> str:
        """Look at a page."""
        return self._ask(urllib.request.Request(self.root + path))

    def post(self, path: str, page: str, **values: str) -> str:
        """Post a form of a page."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, page
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **values}).encode()
        return self._ask(urllib.request.Request(self.root + path, body))

    def _ask(self, request: urllib.request.Request) -> str:
        request.add_header("Host", self.host)
        with self.opener.open(request, timeout=30) as answer:
            return str(answer.read().decode())


def opens(data: Path, password: str) -> bool:
    """Say whether a password of dana's opens the domain."""
    code = (
        "import sys; from pathlib import Path; from config.demo.opens import main;"
        " sys.exit(main('dana', Path(sys.argv[1]), sys.argv[2]))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(data), password], cwd=ROOT, capture_output=True, check=False
    )
    return done.returncode == 0


@pytest.mark.first_run
def test_the_whole_way_can_be_walked(tmp_path: Path, port: int) -> None:
    skip_unless_here()
    demo = subprocess.Popen(
        [sys.executable, "-m", "config.demo.launcher"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PORT": str(port), "REKEY_DATA": str(tmp_path), "DIRECTORY": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert demo.stdout
        said = ""
        while "Ctrl-C ends everything" not in said:
            line = demo.stdout.readline()
            assert line, said + "".join(log.read_text() for log in tmp_path.glob("*.log"))
            said += line
        assert "dana@northwind.example" in said and "config.demo.opens" in said
        assert opens(tmp_path, PASSWORD)
        inbox = Visitor(port).get("/inbox/")
        assert "chief@northwind.example" in inbox
        _reset(tmp_path, port)
        assert opens(tmp_path, NEW) and not opens(tmp_path, PASSWORD)
    finally:
        tree = family(demo.pid)
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=30)
    assert survivors(tree) == set()


def _reset(data: Path, port: int) -> None:
    """Reset dana's password; the captcha is the one thing that is not walked by the pages."""
    code = """
import os, sys
sys.path.insert(0, os.getcwd())
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from registration.models import Challenge, User
from registration.origin import NOWHERE
from resets import flow, writing_back
from tenants.context import entered
from tenants.models import Organization
from registration import verification
with entered(Organization.objects.get(schema_name="northwind")):
    reset = flow.start("dana@northwind.example", binding="test", origin=NOWHERE)
    reset.passed = ["email"]
    reset.save()
    flow.set_password(reset, sys.argv[1], origin=NOWHERE)
    job = writing_back.open_job(reset)
    job = writing_back.await_answer(job.pk)
    print(job.state, job.code)
    assert job.state == "done"
"""
    environ = dict(line.split("=", 1) for line in (data / "demo.env").read_text().splitlines())
    socket = next(data.glob("postgres/**/.s.PGSQL.*"), None) or next(Path("/tmp").glob("**/.s.PGSQL.*"))
    number = socket.name.rpartition(".")[2]
    done = subprocess.run(
        [sys.executable, "-c", code, NEW],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={
            "PATH": os.environ["PATH"],
            **environ,
            "REKEY_DEMO": "1",
            "REKEY_DATA": str(data),
            "PORT": str(port),
            "DATABASE_URL": f"postgresql://postgres@/rekey?host={socket.parent}&port={number}",
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr
    time.sleep(0)
