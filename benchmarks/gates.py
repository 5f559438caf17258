"""What a gate of a reset costs by each method: requests, queries, and the server's time, without what a job delivers.

A gate is passed by somebody who has the method: the page that offers it, the choice, where something is typed later its page,
and the right answer, until the next page is due. A code is taken from where it waits for its job, and what is answered
elsewhere is settled between two looks; neither is counted. The ratio compares the dearest gate with the same one when the
organization's host and facts are looked up anew with every request.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from benchmarks.comparing import seconds
from registration import configuring, connecting, people, verification
from registration import state as states
from registration.method import Method, registry
from registration.models import Challenge, Device, User
from registration.onboarding import onboard
from tenants import hosts
from tenants.context import entered
from tenants.models import Counter
from tenants.shield.sealing import unseal
from tests.building import ANSWERS, Browser, Org, app_code
from tests.contracts.test_methods import ENTERED
from tests.resets.steps import begun

#: How many times as fast a gate is with what is kept warm, at least.
FLOOR = 1.05
ROUNDS = 10
_numbers = count()


@dataclass(frozen=True)
class Gate:
    """What one method's gate costs."""

    kind: str
    requests: int
    queries: int
    warm_ms: float
    cold_ms: float

    @property
    def ratio(self) -> float:
        """Return how many times as fast it is warm."""
        return self.cold_ms / self.warm_ms

    def __str__(self) -> str:
        return f"  {self.kind:<18}{self.requests:>8}{self.queries:>9}{self.warm_ms:>9.1f}{self.cold_ms:>9.1f}"


@dataclass(frozen=True)
class Gates:
    """Every method's gate; it holds when the dearest of them gains by what is kept."""

    gates: tuple[Gate, ...]

    @property
    def dearest(self) -> Gate:
        """Return the gate that takes the server longest."""
        return max(self.gates, key=lambda one: one.warm_ms)

    @property
    def holds(self) -> bool:
        """Say whether the ratio reaches its floor."""
        return self.dearest.ratio >= FLOOR

    def __str__(self) -> str:
        verdict = "" if self.holds else "  UNDER THE FLOOR"
        one = self.dearest
        line = (
            f"a gate, warm against cold: {one.ratio:.1f} times as fast by {one.kind}; floor {FLOOR}{verdict}"
        )
        head = f"  {'method':<18}{'requests':>8}{'queries':>9}{'warm ms':>9}{'cold ms':>9}"
        return "\n".join([line, head, *map(str, self.gates)])


class Counting(Browser):
    """A browser that counts its requests, and takes time and queries of nothing else."""

    cold = False

    def __init__(self, browser: Browser) -> None:
        super().__init__()
        self.defaults, self.cookies, self.headers = browser.defaults, browser.cookies, browser.headers
        self.asked, self.queries, self.seconds = 0, 0, 0.0

    def request(self, **request: Any) -> Any:
        """Ask, and count."""
        if self.cold:
            hosts.forget()
        answers = []
        with CaptureQueriesContext(connection) as captured:
            self.seconds += seconds(lambda: answers.append(super(Counting, self).request(**request)))
        self.asked, self.queries = self.asked + 1, self.queries + len(captured)
        return answers[0]


def measure() -> Gates:
    """Pass each method's gate, warm and cold in turns."""
    fabrikam = _fabrikam()
    with (
        entered(fabrikam.row),
        override_settings(PASSWORD_HASHERS=["tests.hashing.QuickHasher"]),
    ):
        return Gates(
            tuple(_gate(fabrikam, method) for method in registry().values() if method.kind in ENTERED)
        )


def _gate(fabrikam: Org, method: Method) -> Gate:
    configuring.configure(
        {"scope": "all", "methods": [method.kind], "required": 1, "weak_alone_acknowledged": True},
        actor="benchmark",
    )
    _passed(fabrikam, method, cold=False)
    pairs = [
        (_passed(fabrikam, method, cold=False), _passed(fabrikam, method, cold=True)) for _n in range(ROUNDS)
    ]
    warm, cold = (min(one.seconds for one in side) * 1000 for side in zip(*pairs, strict=True))
    return Gate(method.kind, pairs[0][0].asked, pairs[0][0].queries, warm, cold)


def _passed(fabrikam: Org, method: Method, *, cold: bool) -> Counting:
    """Let somebody new pass the gate, whom no budget keeps waiting."""
    Counter.objects.all().delete()
    name = f"person{next(_numbers)}@fabrikam.example"
    device = _give(people.add(name, actor="benchmark", name="Adele Vance"), method)
    hosts.forget()
    begun_by = begun(fabrikam, name)
    begun_by.get("/sign-in/")  # warm
    browser = Counting(begun_by)
    browser.cold = cold
    browser.get("/reset/verify/")
    form = method.choice_form()(prefix=method.kind)
    typed = _typed(method, device)
    chosen = {form.add_prefix(field): typed.get(field, "") for field in form.fields}
    browser.post("/reset/verify/", {"action": "choose", "method": method.kind, **chosen})
    if method.waits:
        browser.get("/reset/wait/")
        verification.settle(_newest().pk, Challenge.Verdict.APPROVED, device=device)
        last = browser.get("/reset/wait/")
    elif not method.answers_at_once:
        browser.get("/reset/verify/")
        last = browser.post("/reset/verify/", {"action": "answer", **_answer(method, _newest())})
    else:
        last = browser.get("/reset/verify/")
    assert last.headers["location"] in {"/reset/password/", "/reset/verify/"}, method.kind
    assert begun_by.get("/reset/password/").status_code == 200, f"{method.kind}: the gate was not passed"
    return browser


def _typed(method: Method, device: Device) -> Mapping[str, str]:
    """Return what is typed where the method is chosen."""
    known = {field: str(value) for field, value in ENTERED[method.kind].items()}
    return {**known, "code": app_code(states.of(device)["key"])} if method.answers_at_once else known


def _answer(method: Method, challenge: Challenge) -> dict[str, str]:
    """Return what answers it: the code that waits for its job, or the answers to what was drawn."""
    if not method.sends:
        return {question: ANSWERS[question] for question in verification.drawn(challenge)}
    content = json.loads(unseal(bytes(challenge.sealed or b""), context=challenge.context))
    return {"code": content["code"]}


def _give(user: User, method: Method) -> Device:
    device = Device(user=user, kind=method.kind, confirmed=True, digest=uuid4().hex)
    state = method.begin(ENTERED[method.kind], user=user)
    states.keep(device, state)
    device.marks = method.marks(state)
    device.save(force_insert=True)
    return device


def _newest() -> Challenge:
    return Challenge.objects.latest("created_at")


def _fabrikam() -> Org:
    """Make the organization whose people pass gates; Contoso is another figure's."""
    made = onboard(
        "fabrikam",
        name="Fabrikam",
        sign_in_name="fabrikam.example",
        edition="p1",
        administrator="chief@fabrikam.example",
        address="chief@post.example",
        actor="benchmark",
    )
    with entered(made.organization):
        connecting.connect({"carrier": "inbox"}, settings={}, actor="benchmark")
    return Org(made.organization.schema_name)
