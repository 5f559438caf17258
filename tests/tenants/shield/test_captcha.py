"""A solved captcha passes once, in its own organization, in time; whatever else happens, nobody passes."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import hypothesis
import pytest
from altcha_django import build_challenge
from django import forms
from django.core.cache import caches
from django.db import connection, transaction
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django_tenants.utils import schema_context
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from pytest_django import Settings

from tenants.shield.captcha import Captcha, Outcome, find, kinds
from tenants.shield.captcha_form import CaptchaField
from tenants.shield.captcha_views import CHALLENGES, captcha_challenge
from tenants.shield.captchas.altcha import Altcha
from tenants.shield.captchas.characters import _nonce, letters
from tenants.shield.throttle import Budget
from tests.tenants.shield.solving import solve, solved

ALTCHA = Altcha()


@pytest.fixture(autouse=True)
def cheap(settings: Settings) -> None:
    """Solve in no time."""
    settings.ALTCHA_CHALLENGE = {"cost": 1, "max_number": 4, "expires_seconds": 600}


class Form(forms.Form):
    """A form with nothing but a captcha."""

    captcha = CaptchaField()


def codes(answer: str) -> list[str]:
    """Return the codes of a form's errors."""
    return [error["code"] for error in Form({"captcha": answer}).errors.get_json_data().get("captcha", [])]


@pytest.mark.django_db
class TestAltcha:
    """Proof of work."""

    def test_an_answer_passes_once(self) -> None:
        """The challenge is claimed when its answer passes."""
        answer = solved()
        assert [ALTCHA.verify(answer) for _ in range(3)] == [
            Outcome.PASSED,
            Outcome.REPLAYED,
            Outcome.REPLAYED,
        ]

    def test_another_organization_refuses_it_and_it_stays_good_at_home(self) -> None:
        """Each signs with its own secret; the refusal claims nothing."""
        with schema_context("contoso"):
            answer = solved()
        with schema_context("fabrikam"):
            assert ALTCHA.verify(answer) is Outcome.FAILED
        with schema_context("contoso"):
            assert ALTCHA.verify(answer) is Outcome.PASSED
        with schema_context("fabrikam"):
            assert ALTCHA.verify(answer) is Outcome.FAILED

    def test_an_old_answer_fails(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its time is signed with it."""
        answer = solved()
        later = time.time() + 601
        monkeypatch.setattr("altcha.v2.time.time", lambda: later)
        assert ALTCHA.verify(answer) is Outcome.FAILED

    def test_an_unsolved_or_changed_answer_fails(self) -> None:
        """Every part of it is checked."""
        answer = json.loads(base64.b64decode(solved()))

        def changed(change: Callable[[dict[str, Any]], object]) -> Outcome:
            copy = json.loads(json.dumps(answer))
            change(copy)
            return ALTCHA.verify(base64.b64encode(json.dumps(copy).encode()).decode())

        assert changed(lambda copy: copy["solution"].update(derivedKey="00" * 32)) is Outcome.FAILED
        assert changed(lambda copy: copy["solution"].pop("derivedKey")) is Outcome.FAILED
        assert changed(lambda copy: copy["challenge"]["parameters"].update(expiresAt=2**40)) is Outcome.FAILED
        assert changed(lambda copy: copy["challenge"]["parameters"].update(keyPrefix="00")) is Outcome.FAILED
        assert changed(lambda copy: copy["challenge"]["parameters"].pop("keySignature")) is Outcome.FAILED
        assert changed(lambda copy: copy["challenge"].pop("signature")) is Outcome.FAILED
        assert changed(lambda copy: copy.update(test=True, challenge=None, solution=None)) is Outcome.FAILED
        assert changed(lambda copy: None) is Outcome.PASSED

    def test_a_cache_that_is_down_lets_nobody_through(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It is said as "try again", and told to the operator."""
        answer = solved()

        def down(*_: object, **__: object) -> bool:
            raise ConnectionError("no cache")

        with monkeypatch.context() as patch:
            patch.setattr(type(caches["shared"]), "add", down)
            assert ALTCHA.verify(answer) is Outcome.UNAVAILABLE
            assert codes(answer) == ["unavailable"]
        assert "could not be judged" in caplog.text
        assert ALTCHA.verify(answer) is Outcome.PASSED

    def test_inside_a_transaction_nobody_passes(self) -> None:
        """A rollback would hand the claim back."""
        answer = solved()
        with transaction.atomic():
            assert ALTCHA.verify(answer) is Outcome.UNAVAILABLE
        assert ALTCHA.verify(answer) is Outcome.PASSED

    def test_a_challenge_signed_with_the_installations_secret_fails(self, settings: Settings) -> None:
        """The setting that altcha's check asks for opens nothing."""
        settings.ALTCHA_HMAC_SECRET = "the installation's own secret"
        assert ALTCHA.verify(solve(build_challenge().to_dict())) is Outcome.FAILED

    def test_altchas_test_mode_opens_nothing_by_default(self) -> None:
        """The widget's test answer is an answer like any other."""
        test = base64.b64encode(b'{"challenge": null, "solution": null, "test": true}').decode()
        assert ALTCHA.verify(test) is Outcome.FAILED


@pytest.mark.django_db
@hypothesis.settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=3000) | st.binary(max_size=1500).map(lambda value: base64.b64encode(value).decode()))
def test_rubbish_fails(answer: str) -> None:
    """No answer makes an error page."""
    assert ALTCHA.verify(answer) is Outcome.FAILED


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["[" * 1400, '{"a":' * 250, "null", "[]", "{}", '{"challenge": 1, "solution": []}', "1e999"]
)
def test_well_formed_rubbish_fails(text: str) -> None:
    """Nor does any JSON, however deep."""
    assert ALTCHA.verify(base64.b64encode(text.encode()).decode()) is Outcome.FAILED


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_passes() -> None:
    """Real threads, each with a connection of its own."""
    answer, crowd = solved(), 8
    start = Barrier(crowd)

    def rush(_: int) -> Outcome:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            return ALTCHA.verify(answer)
        finally:
            connection.close()

    with ThreadPoolExecutor(crowd) as pool:
        outcomes = list(pool.map(rush, range(crowd)))
    assert sorted(outcome.value for outcome in outcomes) == ["passed", *["replayed"] * (crowd - 1)]


@pytest.mark.django_db
class TestForm:
    """The field and its widget."""

    def test_the_error_is_the_outcome(self) -> None:
        """Codes, so that a test asserts why."""
        answer = solved()
        assert codes("") == ["required"]
        assert codes("x") == ["failed"]
        assert codes(answer) == []
        assert codes(answer) == ["replayed"]

    def test_the_page_needs_no_inline_script_or_style(self) -> None:
        """And no other host."""
        page = Form().as_div()
        assert '<altcha-widget name="captcha"' in page
        assert '<script type="module" src="/static/captcha.js"></script>' in page
        assert "style=" not in page
        assert "http" not in page
        assert "<noscript>" in page

    def test_a_browser_without_script_gets_letters_to_type(self) -> None:
        """The same field takes either answer."""
        page = Form().as_div()
        assert "captcha_text" in page.partition("<noscript>")[2]
        key = str(find("characters").context()["key"])
        posted = {"captcha": "", "captcha_key": key, "captcha_text": letters(_nonce(key) or "")}
        assert Form(posted).is_valid()
        assert Form(posted).errors.get_json_data()["captcha"][0]["code"] == "replayed"

    def test_the_letters_can_be_left_out(self) -> None:
        """Then the sentence says what is needed."""
        assert "needs JavaScript" in CaptchaField(spare=None).widget.render("captcha", None)

    def test_an_answer_is_not_shown_again(self) -> None:
        """It is spent, and the widget fetches another."""
        assert "answer-to-hide" not in Form({"captcha": "answer-to-hide"}).as_div()


@pytest.mark.django_db
class TestChallengeView:
    """Where the widget gets its challenge."""

    @pytest.fixture(autouse=True)
    def provider(self) -> Iterator[None]:
        """Serve the provider's own organization."""
        with schema_context("public"):
            yield

    def test_a_challenge_is_never_stored_and_can_be_solved(self, rf: RequestFactory) -> None:
        """What is fetched passes."""
        response = captcha_challenge(rf.get("/captcha/altcha"), "altcha")
        assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
        assert ALTCHA.verify(solve(json.loads(response.content))) is Outcome.PASSED

    def test_a_network_gets_so_many(self, rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
        """Another network is not held back by it."""
        monkeypatch.setattr("tenants.shield.captcha_views.CHALLENGES", Budget(CHALLENGES.name, 1, 60))

        def ask(address: str) -> HttpResponse:
            return captcha_challenge(rf.get("/", REMOTE_ADDR=address), "altcha")

        assert [ask(address).status_code for address in ("192.0.2.1", "192.0.2.2", "198.51.100.1")] == [
            200,
            429,
            200,
        ]
        assert 0 < int(ask("192.0.2.1")["Retry-After"]) <= 60

    def test_only_reading_and_only_known_kinds(self, rf: RequestFactory) -> None:
        """A post is refused, an unknown kind is not found."""
        assert captcha_challenge(rf.post("/captcha/altcha"), "altcha").status_code == 405
        with pytest.raises(Http404):
            captcha_challenge(rf.get("/captcha/none"), "none")


def test_every_kind_keeps_the_contract() -> None:
    """Whatever a file in captchas/ declares."""
    assert "altcha" in kinds()
    for kind, captcha in kinds().items():
        assert isinstance(captcha, Captcha)
        assert captcha.kind == kind
        assert find(kind) is captcha
        assert captcha.verify("") is Outcome.FAILED
        assert captcha.read({}, "captcha") == ""
    with pytest.raises(LookupError):
        find("none")
