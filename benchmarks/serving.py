"""A page of an organization whose host and facts are warm, against the same page when each is looked up again."""

from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.comparing import Result, in_turns
from tenants import hosts, provisioning

FLOOR = 1.2
ROUNDS = 200
_HOST = "warm.localhost"
_PAGE = "/sign-in/"


def measure() -> Result:
    """Ask for the sign-in page in turns, warm and cold."""
    provisioning.create("warm", name="Warm", sign_in_name="warm.example", actor="benchmark")
    browser = Client(headers={"host": _HOST})

    def warm() -> None:
        assert browser.get(_PAGE).status_code == 200

    def cold() -> None:
        hosts.forget()
        warm()

    cold()
    warm_queries, cold_queries = _queries(warm), _queries(cold)
    fast, slow = in_turns(warm, cold, ROUNDS)
    details = f"{warm_queries} queries, {fast * 1000:.1f} ms warm; {cold_queries} queries, {slow * 1000:.1f} ms cold"
    return Result("a sign-in page", slow / fast, FLOOR, details)


def _queries(work: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)
