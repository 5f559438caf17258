"""What browsers report of the content security policy: one line in the log for each, without anything that is secret.

Anybody can send a report, so it is small, counted by network, and never answered with a word.
"""

import json
import logging
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tenants.shield import throttle
from tenants.shield.client import announced_length, client_address, network
from tenants.shield.throttle import Budget

logger = logging.getLogger("tenants.csp")

LARGEST = 16 * 1024  # bytes
REPORTS = Budget("csp/report", limit=60, seconds=600)
#: As the two formats call them: `report-uri` with hyphens, the Reporting API in one word.
_FIELDS = (
    ("document-uri", "documentURL"),
    ("effective-directive", "effectiveDirective"),
    ("blocked-uri", "blockedURL"),
)


@csrf_exempt  # a browser sends it by itself; it changes nothing
@require_POST
def collect(request: HttpRequest) -> HttpResponse:
    """Log a report; too large, unreadable or too many are dropped."""
    if announced_length(request) > LARGEST:
        return HttpResponse(status=413)
    if not throttle.spend(REPORTS, network(client_address(request))).allowed:
        return HttpResponse(status=429)
    try:
        content = json.loads(request.body)
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    for report in content if isinstance(content, list) else [content]:
        body = report.get("csp-report") or report.get("body") if isinstance(report, dict) else None
        if isinstance(body, dict):
            logger.warning("policy violated: %s", " ".join(_shown(body, *names) for names in _FIELDS))
    return HttpResponse(status=204)


def _shown(body: dict[str, Any], *names: str) -> str:
    """Return a value as it may be logged: of an address no query, of anything no more than a line.

    >>> _shown({"document-uri": "https://a.example/activate/?token=1"}, "document-uri")
    'https://a.example/activate/'
    >>> _shown({"effectiveDirective": "script-src forged line"}, "x", "effectiveDirective")
    'script-src'
    >>> _shown({"blocked-uri": "   "}, "blocked-uri"), _shown({"blocked-uri": [["x"]]}, "blocked-uri")
    ('-', '-')
    """
    said = next((body[name] for name in names if name in body), "")
    words = said.split() if isinstance(said, str) else []
    word = words[0] if words else "-"
    try:
        parts = urlsplit(word)
    except ValueError:
        return "-"
    return f"{parts.scheme}://{parts.netloc}{parts.path}"[:200] if parts.netloc else word[:60]
