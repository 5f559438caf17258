"""Usage & insights and the audit log among a million events: the statements of each page, and how long it takes.

The page of insights is compared with the slowest statement in it, which counts all events of the range at once: what the page
does beside that must stay small. `INSIGHTS_EVENTS` is another number of events.
"""

import os
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.comparing import seconds
from registration import audit_query
from registration.models import AuditEvent, User
from registration.onboarding import onboard
from registration.usage import Days
from tenants.context import entered
from tenants.models import Organization
from tests.building import PASSWORD, Browser, give_app, sign_in
from tests.registration.steps import put

EVENTS = 1_000_000
#: The page of a range takes at most as long as this many of its slowest statement.
LIMIT = 2.0
#: That many statements, whatever there is to count: the schema, the session, the person, their second factor, the policy, the
#: selected groups, everybody, all events, the oldest.
STATEMENTS = 9
ROUNDS = 3
_SLUG = "insights"
_USAGE, _LOG = "/admin/registration/usage/", "/admin/registration/auditevent/"
#: 90 days of the events of 20,000 people, as many each day, most of them sign-ins.
_FILL = """
insert into registration_auditevent (id, at, activity, status, reason, actor, subject, method, address, data)
select gen_random_uuid(), now() - i * interval '90 days' / %(events)s, activity,
    case when failed then 'failure' else 'success' end,
    case when failed then (array['wrong', 'expired', 'too_many_tries', 'abandoned'])[1 + i / 5 %% 4] else '' end,
    who, who, (array['email', 'app_code', 'email+app_code', 'mobile_phone'])[1 + i / 3 %% 4], '192.0.2.1',
    '{"reference": "1A2B3C4D", "entry": "web"}'
from (
    select i, i %% 5 = 0 as failed, 'person' || i %% 20000 || '@insights.example' as who,
        (array['signed_in', 'signed_out', 'signed_in', 'sign_in_failed', 'code_sent', 'notice_sent', 'reset_started',
            'reset_gate', 'reset_gate', 'password_reset', 'security_info_registered', 'security_info_started',
            'reset_stopped', 'proved_again'])[1 + i %% 14] as activity
    from generate_series(1, %(events)s) as i
) as one
"""


@dataclass(frozen=True)
class Page:
    """What one page costs."""

    name: str
    statements: int
    ms: float
    slowest_ms: float

    @property
    def ratio(self) -> float:
        """Return how many times its slowest statement the page takes."""
        return self.ms / self.slowest_ms

    def __str__(self) -> str:
        return f"  {self.name:<28}{self.statements:>11}{self.ms:>10.0f}{self.slowest_ms:>12.1f}{self.ratio:>8.2f}"


@dataclass(frozen=True)
class Insights:
    """Every page; it holds when the longest range's keeps to the limit, and no range asks more statements than another."""

    events: int
    pages: tuple[Page, ...]

    @property
    def ranges(self) -> tuple[Page, ...]:
        """Return the pages of insights."""
        return tuple(page for page in self.pages if page.name.startswith("insights"))

    @property
    def holds(self) -> bool:
        """Say so."""
        same = {page.statements for page in self.ranges} == {STATEMENTS}
        return same and self.ranges[-1].ratio <= LIMIT

    def __str__(self) -> str:
        verdict = "" if self.holds else "  PAST THE LIMIT"
        longest = self.ranges[-1]
        line = (
            f"insights over {self.events:,} events: the page takes {longest.ratio:.2f} times its slowest statement,"
            f" in {longest.statements} statements; limit {LIMIT}{verdict}"
        )
        head = f"  {'page':<28}{'statements':>11}{'page ms':>10}{'slowest ms':>12}{'ratio':>8}"
        return "\n".join([line, head, *map(str, self.pages)])


def measure() -> Insights:
    """Fill an organization with events, and look at each page in turn."""
    made = onboard(
        _SLUG,
        name="Insights",
        sign_in_name="insights.example",
        edition="p1",
        administrator="chief@insights.example",
        address="chief@post.example",
        actor="benchmark",
    )
    with entered(made.organization):
        chief = User.objects.get()
        chief.set_password(PASSWORD)
        chief.save(update_fields=["password"])
    events = int(os.environ.get("INSIGHTS_EVENTS", EVENTS))
    return looked_at(made.organization, chief, f"{_SLUG}.localhost", events)


def looked_at(
    organization: Organization, chief: User, host: str, events: int, *, rounds: int = ROUNDS
) -> Insights:
    """Write so many events, and measure what an administrator looks at."""
    with entered(organization):
        app = give_app(chief)
        browser = Browser(headers={"host": host})
        assert sign_in(browser, chief.sign_in_name).status_code == 302
        put(browser, otp_device_id=app.persistent_id)
        with connection.cursor() as cursor:
            cursor.execute(_FILL, {"events": events})
            cursor.execute("analyze registration_auditevent")
        name = AuditEvent.objects.order_by("at").values_list("subject", flat=True)[0]
        place = audit_query.page(AuditEvent.objects.order_by("-at", "-pk")).older
        addresses = {
            **{f"insights, {days:d} days": f"{_USAGE}?days={days:d}" for days in Days},
            "events behind it": f"{_USAGE}events/?days=90",
            "audit log": _LOG,
            "audit log, next page": f"{_LOG}?{urlencode({'before': place})}",
            "audit log, one person": f"{_LOG}?q={name}",
            "audit log, a rare activity": f"{_LOG}?activity=objected",
        }
        return Insights(events, tuple(_page(browser, *one, rounds) for one in addresses.items()))


def _page(browser: Any, name: str, address: str, rounds: int) -> Page:
    """Take the least of several rounds, with the slowest statement of the same; what is kept warm may end in one of them."""
    taken = []
    for _round in range(rounds):
        with CaptureQueriesContext(connection) as captured:
            page = seconds(lambda: _ok(browser, address))
        slowest = max(float(query["time"]) for query in captured)
        taken.append((page * 1000, max(slowest * 1000, 1.0), len(captured)))
    ms, slowest_ms, _statements = min(taken)
    return Page(name, min(statements for *_ms, statements in taken), ms, slowest_ms)


def _ok(browser: Any, address: str) -> None:
    assert browser.get(address).status_code == 200
