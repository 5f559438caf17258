"""What is asked of a served installation, and what becomes of a browser's report; `test_every_answer` has the answers."""

import json
import os
import subprocess
import sys

import pytest

from tenants.reports import LARGEST, REPORTS
from tests.building import Org

REPORT = {
    "csp-report": {
        "document-uri": "https://contoso.example/activate/?token=secret",
        "effective-directive": "script-src",
        "blocked-uri": "https://evil.example/x.js?stolen=1",
    }
}


def test_a_served_installation_asks_for_https() -> None:
    code = (
        "from config import settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        " s.LANGUAGE_COOKIE_SECURE, s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.KIOSK_COOKIE_NAME, s.SECURE_SSL_REDIRECT,"
        " s.SECURE_HSTS_SECONDS, 'config.demo' in s.INSTALLED_APPS)"
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith("REKEY_DEMO")}
    environ["REKEY_EMAIL_URL"] = "smtp://mail.example"
    said = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    names = ["__Host-session", "__Host-csrf", "__Host-kiosk"]
    assert said.stdout.split() == ["True", "True", "True", *names, "True", "31536000", "False"]


def test_a_report_is_one_line_without_a_query(contoso: Org, caplog: pytest.LogCaptureFixture) -> None:
    answer = contoso.browser().post("/csp-report/", json.dumps(REPORT), content_type="application/csp-report")
    assert answer.status_code == 204
    assert [record.getMessage() for record in caplog.records if record.name == "tenants.csp"] == [
        "policy violated: https://contoso.example/activate/ script-src https://evil.example/x.js"
    ]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("{", 400),
        ("[1, null]", 204),
        ('{"csp-report": 1}', 204),
        ("x" * (LARGEST + 1), 413),
        ("[" * 16_000, 400),
    ],
)
def test_rubbish_is_dropped(contoso: Org, caplog: pytest.LogCaptureFixture, body: str, status: int) -> None:
    answer = contoso.browser().post("/csp-report/", body, content_type="application/reports+json")
    assert answer.status_code == status
    assert not [record for record in caplog.records if record.name == "tenants.csp"]


def test_what_is_no_text_is_not_shown(contoso: Org, caplog: pytest.LogCaptureFixture) -> None:
    deep = f'{{"csp-report": {{"document-uri": {"[" * 400}{"]" * 400}}}}}'
    answer = contoso.browser().post("/csp-report/", deep, content_type="application/csp-report")
    assert answer.status_code == 204
    assert [one.getMessage() for one in caplog.records if one.name == "tenants.csp"] == [
        "policy violated: - - -"
    ]


def test_reports_are_counted_by_network(contoso: Org) -> None:
    answers = [
        contoso.browser().post("/csp-report/", "{}", content_type="application/csp-report").status_code
        for _time in range(REPORTS.limit + 1)
    ]
    assert answers == [204] * REPORTS.limit + [429]
