"""The demo's inbox: every mail, shown so that it can do no harm, and the codes of the administrators' apps."""

import stat
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import RequestFactory

from config.demo import inbox, views


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Any) -> Path:
    """Keep the mails of a test in a folder of its own."""
    settings.REKEY_DATA = tmp_path
    return tmp_path


def send(subject: str = "Your code", html: str = "<p>Your code is <b>123456</b>.</p>") -> None:
    """Send a mail through the demo's backend."""
    message = EmailMultiAlternatives(
        subject, "Your code is 123456.\nhttp://contoso.localhost:8000/x", "a@b.example", ["c@d.example"]
    )
    message.attach_alternative(html, "text/html")
    assert inbox.Backend().send_messages([message]) == 1


def test_a_mail_is_read_as_it_was_sent() -> None:
    send("Ihr Kennwort wurde zurückgesetzt")
    (name,) = inbox.names()
    mail = inbox.read(name)
    assert mail
    assert (mail.subject, mail.to, mail.sender) == (
        "Ihr Kennwort wurde zurückgesetzt",
        "c@d.example",
        "a@b.example",
    )
    assert "Your code is 123456." in mail.text and "<b>123456</b>" in mail.html


def test_everybody_it_was_sent_to_is_shown(data: Path) -> None:
    message = EmailMultiAlternatives(
        "Notice", "text", "a@b.example", ["c@d.example"], bcc=["hidden@d.example"]
    )
    inbox.Backend().send_messages([message])
    mail = inbox.read(inbox.names()[0])
    assert mail and mail.to == "c@d.example, hidden@d.example"


def test_mails_are_private_and_whole(data: Path) -> None:
    send()
    (path,) = (data / "inbox").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.suffix == ".eml"


def test_the_newest_come_first_and_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "KEPT", 3)
    for number in range(5):
        send(f"Mail {number}")
    mails = [mail for name in inbox.names() if (mail := inbox.read(name))]
    assert [mail.subject for mail in mails] == ["Mail 4", "Mail 3", "Mail 2"]


@pytest.mark.parametrize("name", ["", "..", "../demo.env", "nothing", "0" * 20 + "-" + "0" * 8])
def test_a_name_that_is_no_mail_reads_nothing(data: Path, name: str) -> None:
    (data / "demo.env").write_text("secret")
    assert inbox.read(name) is None


def page(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the page as a browser gets it."""
    monkeypatch.setattr(
        views, "totp_keys", lambda: [("kim@localhost", "localhost", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    )
    monkeypatch.setattr(time, "time", lambda: 59)
    response = views.index(rf.get("/inbox/"))
    assert response.status_code == 200 and "no-store" in response["Cache-Control"]
    return response.content.decode()


def test_the_page_shows_codes_and_mails(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    send()
    shown = page(rf, monkeypatch)
    for word in ("kim@localhost", "287082", "Your code", "c@d.example", "123456"):
        assert word in shown
    assert '<a href="http://contoso.localhost:8000/x" rel="nofollow">' in shown


def test_a_mail_cannot_write_into_the_page(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    message = EmailMultiAlternatives(
        "<script>1</script>", "<script>2</script>", "a@b.example", ["c@d.example"]
    )
    inbox.Backend().send_messages([message])
    shown = page(rf, monkeypatch)
    assert "<script>1" not in shown and "<script>2" not in shown and "&lt;script&gt;2" in shown


def test_the_formatted_part_can_do_nothing(rf: RequestFactory) -> None:
    send(html="<script>alert(1)</script>")
    response = views.html(rf.get("/inbox/x/"), inbox.names()[0])
    policy = response["Content-Security-Policy"]
    assert policy.startswith("sandbox ") and "allow-scripts" not in policy and "default-src 'none'" in policy
