"""The demo with a domain: people come from it, and a password that is reset on the pages opens it."""

import contextlib
import http.cookiejar
import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import psycopg
import pytest

from config.demo import postgres
from config.demo.directory import ADDRESS, PASSWORD, DirectoryProblem, refuse_long, refuse_taken
from config.demo.opens import tried
from tests.directory.controller import skip_unless_here
from tests.first_run.processes import FAST, ROOT, family, survivors, until
from tests.tenants.shield.solving import solve

NEW = "Quite-Another-9"


class Visitor:
    """A browser without a script, on Northwind's host."""

    def __init__(self, port: int) -> None:
        self._root, self._host = f"http://127.0.0.1:{port}", f"northwind.localhost:{port}"
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)
        self.path, self.page = "", ""

    def get(self, path: str) -> str:
        """Look at a page."""
        return self._ask(urllib.request.Request(self._root + path))

    def post(self, **values: str) -> str:
        """Post a form of the page that is looked at."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page)
        assert token, self.page
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **values}).encode()
        return self._ask(urllib.request.Request(self._root + self.path, body))

    def _ask(self, request: urllib.request.Request) -> str:
        request.add_header("Host", self._host)
        with self._opener.open(request, timeout=40) as answer:
            self.path, self.page = urllib.parse.urlsplit(answer.url).path, answer.read().decode()
        return self.page


class Database:
    """A database of the test's own, which it may restart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = postgres.start(folder, options=FAST)
        with psycopg.connect(self._server.url, autocommit=True) as own:
            own.execute("create database rekey")
        self.url = self._server.database("rekey")

    def stop(self) -> None:
        """End it."""
        self._server.stop()

    def restart(self) -> None:
        """End every connection, shut down and come back at the same address."""
        self._server.stop()
        self._server = postgres.start(self._folder, options=FAST)
        assert self._server.database("rekey") == self.url


@contextlib.contextmanager
def database(folder: Path) -> Iterator[Database]:
    """Run a database until the end."""
    found = Database(folder)
    try:
        yield found
    finally:
        found.stop()


@contextlib.contextmanager
def running(data: Path, port: int, **environ: str) -> Iterator[str]:
    """Run the demo with its domain, give what it says when it is up, and see that nothing is left of it at its end."""
    demo = subprocess.Popen(
        [sys.executable, "-m", "config.demo.launcher"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "PORT": str(port),
            "REKEY_DATA": str(data),
            "DIRECTORY": "1",
            **environ,
        },
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
            assert line, said + "".join(log.read_text() for log in data.glob("*.log"))
            said += line
        yield said
    finally:
        tree = family(demo.pid)
        demo.send_signal(signal.SIGINT)
        last = demo.communicate(timeout=30)[0]
        assert survivors(tree) == set()
    assert (last.split(), demo.returncode) == (["Stopping"], 0)
    assert len(tree) >= 10


def prove(data: Path, port: int, name: str) -> Visitor:
    """Begin a reset and prove who one is by the code that came by mail, up to the page of the new password."""
    one = Visitor(port)
    answer = solve(json.loads(one.get("/captcha/altcha")))
    one.get("/reset/")
    one.post(sign_in_name=f"{name}@northwind.example", captcha=answer)
    assert one.path == "/reset/verify/", one.page
    one.post(action="choose", method="email", **{"email-address": f"{name}@home.example"})
    codes: list[str] = []

    def come() -> bool:
        for file in sorted((data / "inbox").glob("*.eml"), reverse=True):
            mail = message_from_bytes(file.read_bytes(), policy=default)
            body = mail.get_body(("plain",))
            assert body is not None
            if f"{name}@home.example" in f"{mail['To']} {mail['X-Envelope-To']}":
                codes.extend(re.findall(r"\b\d{6}\b", body.get_content()))
        return bool(codes)

    assert until(come), "no code has come"
    one.post(action="answer", code=codes[0])
    assert one.path == "/reset/password/", one.page
    return one


def arrive(one: Visitor) -> None:
    """Wait, on the page that waits, until a reset is done."""
    while one.path == "/reset/wait/":
        one.get(one.path)
    assert one.path == "/reset/done/", one.page


@contextlib.contextmanager
def agents_held_still() -> Iterator[None]:
    """Stop the demo's agents for a while, as a machine that is busy would."""
    agents = [pid for pid in family(os.getpid()) if b"rekey_agent\0run" in command(pid)]
    assert len(agents) == 2
    for pid in agents:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in agents:
            os.kill(pid, signal.SIGCONT)


def command(pid: int) -> bytes:
    """Return the command line of a process; nothing of one that has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a name that is short enough for a domain controller's sockets."""
    with tempfile.TemporaryDirectory(prefix="demo-") as folder:
        yield Path(folder)


@pytest.mark.first_run
def test_a_password_that_is_reset_on_the_pages_opens_the_domain(short: Path, port: int) -> None:
    skip_unless_here()
    try:
        refuse_taken()
    except DirectoryProblem as problem:
        pytest.skip(str(problem))
    with database(short / "db") as server, running(short, port, DATABASE_URL=server.url) as said:
        for word in (
            "Bringing people from the directory ... ",
            "dana@northwind.example",
            "config.demo.opens dana",
        ):
            assert word in said
        assert tried("dana", PASSWORD, short) == ""
        dana = prove(short, port, "dana")
        dana.post(new_password=NEW, confirm=NEW)
        arrive(dana)
        assert tried("dana", NEW, short) == ""
        assert tried("dana", PASSWORD, short) == "it is another"

        assert tried("eli", PASSWORD, short) == "the account is locked out"
        eli = prove(short, port, "eli")
        eli.post(action="unlock")
        arrive(eli)
        assert tried("eli", PASSWORD, short) == ""
        assert tried("fay", PASSWORD, short) == "it is right, and must be changed first"

        # The database is restarted under a job that nobody has begun: it is done all the same, and once.
        fay = prove(short, port, "fay")
        with agents_held_still():
            fay.post(new_password=NEW, confirm=NEW)
            assert fay.path == "/reset/wait/", fay.page
            server.restart()
        arrive(fay)
        assert tried("fay", NEW, short) == ""
        with psycopg.connect(server.url) as rows:
            jobs = rows.execute(
                "select state, attempt from northwind.writeback_job order by created_at"
            ).fetchall()
        assert jobs == [("done", 1)] * 3

        with pytest.raises(DirectoryProblem, match=f"{ADDRESS}:88 cannot be had"):
            refuse_taken()
    secrets = [*short.glob("directory/agent?/password"), *short.glob("directory/agent?/state/*.json")]
    secrets += [short / "directory" / "dc" / "tls" / "key.pem"]
    assert len(secrets) >= 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}
    assert stat.S_IMODE((short / "directory").stat().st_mode) == 0o700
    refuse_taken()


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ("os.geteuid = lambda: 1000", "needs root"),
        ("os.geteuid, Path.glob = int, lambda *_: iter(())", "apt install "),
    ],
)
def test_what_a_domain_lacks_is_one_line_before_anything_is_begun(
    tmp_path: Path, lacking: str, said: str
) -> None:
    code = f"import os, sys; from pathlib import Path; {lacking}; from config.demo.launcher import main; sys.exit(main())"
    data = tmp_path / "data"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "REKEY_DATA": str(data), "DIRECTORY": "1"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout, data.exists()) == (1, "", False)
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr


def test_a_folder_too_long_for_sockets_is_refused() -> None:
    refuse_long(Path("/" + 68 * "x"))
    with pytest.raises(DirectoryProblem, match="of 69 bytes at most"):
        refuse_long(Path("/" + 69 * "x"))
