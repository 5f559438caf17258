"""What every answer tells the browser, and what becomes of a browser's report."""

import json
import os
import subprocess
import sys

import pytest

from tenants.reports import LARGEST, REPORTS
from tests.building import Org, sign_in

STRICT = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "frame-ancestors 'none'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "report-uri /csp-report/",
}
PAGES = ["/sign-in/", "/reset/", "/security-info/", "/password/", "/activate/", "/nothing/"]
REPORT = {
    "csp-report": {
        "document-uri": "https://contoso.example/activate/?token=secret",
        "effective-directive": "script-src",
        "blocked-uri": "https://evil.example/x.js?stolen=1",
    }
}


@pytest.mark.parametrize("page", PAGES)
def test_every_page_carries_the_rules(contoso: Org, page: str) -> None:
    answer = contoso.browser().get(page)
    assert set(answer.headers["Content-Security-Policy"].split("; ")) >= STRICT
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}


@pytest.mark.parametrize("page", ["/sign-in/", "/reset/", "/password/", "/security-info/", "/verify/"])
def test_no_page_of_a_person_is_kept(contoso: Org, page: str) -> None:
    browser = contoso.browser()
    if page != "/sign-in/":
        sign_in(browser, "adele@contoso.example")
    assert "no-store" in browser.get(page).headers["Cache-Control"]


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(contoso: Org) -> None:
    browser = contoso.browser()
    sign_in(browser, "adele@contoso.example")
    for name in ("session", "csrf"):
        cookie = browser.cookies[name]
        assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")


def test_a_served_installation_asks_for_https() -> None:
    code = (
        "from config import settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        " s.SESSION_COOKIE_NAME, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS, 'config.demo' in s.INSTALLED_APPS)"
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith("REKEY_DEMO")}
    environ["REKEY_EMAIL_URL"] = "smtp://mail.example"
    said = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["True", "True", "__Host-session", "True", "31536000", "False"]


def test_a_report_is_one_line_without_a_query(contoso: Org, caplog: pytest.LogCaptureFixture) -> None:
    answer = contoso.browser().post("/csp-report/", json.dumps(REPORT), content_type="application/csp-report")
    assert answer.status_code == 204
    assert [record.getMessage() for record in caplog.records if record.name == "tenants.csp"] == [
        "policy violated: https://contoso.example/activate/ script-src https://evil.example/x.js"
    ]


@pytest.mark.parametrize(
    ("body", "status"),
    [("", 400), ("{", 400), ("[1, null]", 204), ('{"csp-report": 1}', 204), ("x" * (LARGEST + 1), 413)],
)
def test_rubbish_is_dropped(contoso: Org, caplog: pytest.LogCaptureFixture, body: str, status: int) -> None:
    answer = contoso.browser().post("/csp-report/", body, content_type="application/reports+json")
    assert answer.status_code == status
    assert not [record for record in caplog.records if record.name == "tenants.csp"]


def test_reports_are_counted_by_network(contoso: Org) -> None:
    answers = [
        contoso.browser().post("/csp-report/", "{}", content_type="application/csp-report").status_code
        for _time in range(REPORTS.limit + 1)
    ]
    assert answers == [204] * REPORTS.limit + [429]
