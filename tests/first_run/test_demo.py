"""The real demo: every program of it, in a folder of its own."""

import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.first_run.processes import ROOT, family, survivors


def start(data: Path, port: int) -> tuple[subprocess.Popen[str], float]:
    """Start the demo, and return it with how long it took to be up."""
    began = time.monotonic()
    demo = subprocess.Popen(
        [sys.executable, "-m", "config.demo.launcher"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PORT": str(port), "REKEY_DATA": str(data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert demo.stdout
    said = ""
    while "Ctrl-C ends everything" not in said:
        line = demo.stdout.readline()
        assert line, said + "".join(log.read_text() for log in data.glob("*.log"))
        said += line
    return demo, time.monotonic() - began


def ask(port: int, host: str, path: str) -> tuple[int, str]:
    """Return the status and the text of a page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Host": f"{host}:{port}"})
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    connection.close()
    return answer.status, text


@pytest.mark.first_run
def test_it_serves_survives_a_kill_and_leaves_nothing(tmp_path: Path, port: int) -> None:
    demo, _ = start(tmp_path, port)
    for host in ("localhost", "contoso.localhost", "fabrikam.localhost"):
        assert ask(port, host, "/sign-in/")[0] == 200
        status, inbox = ask(port, host, "/inbox/")
        assert status == 200 and "chief@contoso.example" in inbox
    assert ask(port, "nobody.localhost", "/sign-in/")[0] == 404
    tree = family(demo.pid)
    demo.kill()
    demo.communicate()
    assert len(tree) > 6 and survivors(tree) == set()

    again, seconds = start(tmp_path, port)
    tree = family(again.pid)
    again.send_signal(signal.SIGINT)
    assert again.communicate(timeout=20)[0].split() == ["Stopping"]
    assert again.returncode == 0 and survivors(tree) == set()
    assert seconds < 30, "it reuses what is there: 3 seconds on an idle machine"
