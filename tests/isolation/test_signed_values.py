"""Whatever Contoso has signed, sealed or keyed is worth nothing elsewhere.

It is heard at the doors while a day is lived. The places that use a door are found in the code: one that the day does not come
by fails.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from django.core import signing as django_signing
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from registration import activation, objecting, tickets, verification
from registration.models import Challenge, User
from registration.purpose import Purpose
from registration.verification import Outcome
from tenants.context import entered
from tenants.shield import captcha, sealing, signing
from tenants.shield.captchas.characters import _nonce, letters
from tests.building import Org, browser_of, run_jobs
from tests.isolation import everyday, recording, source
from tests.isolation.conftest import undone
from tests.isolation.furnished import Furnished
from tests.isolation.recording import Heard
from tests.isolation.source import Site
from tests.journeys.people import code_in_mail
from tests.tenants.shield.solving import solved

OTHERS = ("fabrikam", "public")
SEALING, SIGNING = "tenants.shield.sealing", "tenants.shield.signing"
#: What borrowed code signs without the schema, each with the reason why it is worth nothing elsewhere all the same.
BORROWED: Mapping[str, str] = MappingProxyType(
    {
        "django.contrib.sessions.SessionStore": "stands in the schema's own table; the browser has its random key alone"
        " (test_session_of_the_same_key)",
    }
)
#: Names by which something could be signed past the doors, and the files that may say them, with the reason.
PAST_THE_DOORS = frozenset(
    {
        "django.core.signing", "django.core.signing.dumps", "django.core.signing.Signer", "Signer", "TimestampSigner",
        "set_signed_cookie", "get_signed_cookie", "salted_hmac", "default_token_generator", "PasswordResetTokenGenerator",
        "hmac.new", "hmac.digest", "tenants.shield.envelope", "SECRET_KEY", "AESGCM", "HKDF", "Fernet",
    }
)  # fmt: skip
DOORS: Mapping[str, str] = MappingProxyType(
    {
        "tenants/shield/signing.py": "a door",
        "tenants/shield/sealing.py": "a door",
        "tenants/shield/envelope.py": "what the door of sealing is made of; it takes the schema",
        "config/settings.py": "reads the key",
        "registration/carriers/twilio.py": "compares what a carrier signed by the secret that it shares with its customer",
    }
)


@pytest.fixture(scope="module")
def _heard(_furnished: Furnished, django_db_blocker: Any) -> Iterator[Heard]:
    with django_db_blocker.unblock(), undone():
        connection.set_tenant(_furnished.org.row)  # type: ignore[attr-defined]
        with recording.listening() as heard:
            everyday.live(_furnished)
        yield heard


@pytest.fixture
def heard(_heard: Heard, had: Furnished) -> Heard:
    """What went through the doors in a day; Contoso is entered."""
    return _heard


def test_nothing_signs_past_the_doors() -> None:
    found = {(file, name) for file, name in source.mentions(PAST_THE_DOORS) if file not in DOORS}
    assert found == set(), (
        "Sign by tenants.shield.signing and seal by tenants.shield.sealing, which carry the schema; "
        "or say in DOORS in tests/isolation/test_signed_values.py why this file need not."
    )


def missed(asked: set[Site], heard: Heard, *kinds: str) -> set[str]:
    """Return the places that use a door and that the day did not come by."""
    return {str(site) for site in asked - heard.sites(*kinds)}


def test_the_day_comes_by_every_place_that_signs(heard: Heard) -> None:
    why = "This place signs, seals or keys, and the day in tests/isolation/everyday.py does not come by: add a step."
    assert missed(source.calls({"seal", "reseal"}, SEALING), heard, "sealed") == set(), why
    assert missed(source.calls({"mac", "macs"}, SEALING), heard, "digests") == set(), why
    assert missed(source.calls({"dumps"}, SIGNING), heard, "signed") == set(), why
    assert len(source.calls({"seal", "mac", "macs"}, SEALING)) > 10


@pytest.mark.parametrize("other", OTHERS)
def test_what_was_sealed_does_not_open(heard: Heard, other: str) -> None:
    for site, sealed, context in heard.sealed:
        sealing.unseal(sealed, context=context)
        with entered(Org(other).row), pytest.raises(sealing.Unsealable):
            print(site, context, sealing.unseal(sealed, context=context))


@pytest.mark.parametrize("other", OTHERS)
def test_a_keyed_digest_is_another(heard: Heard, other: str) -> None:
    for site, purpose, parts, digest in heard.digests:
        if site.file:  # else a test's own
            assert sealing.mac(purpose, *parts) == digest
            with entered(Org(other).row):
                assert sealing.mac(purpose, *parts) != digest, f"{site}: {purpose} is the same at {other}"


@pytest.mark.parametrize("other", OTHERS)
def test_what_was_signed_is_refused(heard: Heard, other: str) -> None:
    ours = 0
    for site, salt, text in heard.signed:
        if salt in BORROWED:
            continue
        assert salt.startswith("rekey/contoso/"), (
            f"{site}: {salt} is signed without the schema. Sign by tenants.shield.signing, or say in BORROWED in "
            "tests/isolation/test_signed_values.py why it is worth nothing elsewhere."
        )
        ours += 1
        purpose = salt.removeprefix("rekey/contoso/")
        signing.loads(text, purpose=purpose, max_age=everyday.A_DAY)
        with entered(Org(other).row), pytest.raises(django_signing.BadSignature):
            signing.loads(text, purpose=purpose, max_age=everyday.A_DAY)
    assert ours


def _letters() -> str:
    key = str(captcha.find("characters").context()["key"])
    return f"{key} {letters(_nonce(key) or '')}"


#: A right answer to each kind of captcha.
SOLVED: Mapping[str, Callable[[], str]] = MappingProxyType({"altcha": solved, "characters": _letters})


def test_every_captcha_is_solved_here() -> None:
    assert set(captcha.kinds()) == set(SOLVED), (
        "Add how it is solved to SOLVED in tests/isolation/test_signed_values.py."
    )


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("kind", sorted(captcha.kinds()))
def test_a_solved_captcha_passes_at_home_alone(had: Furnished, kind: str, other: str) -> None:
    answer = SOLVED[kind]()
    with entered(Org(other).row):
        assert captcha.find(kind).verify(answer) is captcha.Outcome.FAILED
    assert captcha.find(kind).verify(answer) is captcha.Outcome.PASSED


Opens = Callable[[Challenge, str], object]


def _by_code(asked: Challenge, code: str) -> object:
    judged = verification.answer(asked.pk, code, purpose=Purpose(asked.purpose), binding=asked.binding)
    return judged.outcome is Outcome.PASSED


#: What opens a challenge of each purpose: a code that is typed, or the token of a link.
OPENS: Mapping[Purpose, Opens] = MappingProxyType(
    {
        Purpose.ENROL: _by_code,
        Purpose.PROVE: _by_code,
        Purpose.RESET: _by_code,
        Purpose.ACTIVATE: lambda asked, token: activation.find(asked.pk, token),
        Purpose.OBJECT: lambda asked, token: objecting.find(asked.pk, token),
        Purpose.HELP: lambda asked, token: tickets.spend_link(asked.pk, token),
    }
)


def test_every_purpose_is_opened_here() -> None:
    assert set(OPENS) == set(Purpose), "Add what opens it to OPENS in tests/isolation/test_signed_values.py."


@pytest.mark.parametrize("copied", [False, True], ids=["", "copied"])
@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("purpose", sorted(Purpose))
def test_a_code_or_link_opens_at_home_alone(
    had: Furnished, purpose: Purpose, other: str, copied: bool
) -> None:
    """Not even where its row was copied, for somebody of the same name: its digest is keyed by the organization."""
    asked, secret = _asked(had, purpose)
    with entered(Org(other).row):
        if copied:
            asked.user, asked.device = User.objects.get(sign_in_name__startswith="bo@"), None
            asked.save(force_insert=True)
        assert not OPENS[purpose](asked, secret)
    asked = Challenge.objects.get(pk=asked.pk)
    assert OPENS[purpose](asked, secret)


def _asked(had: Furnished, purpose: Purpose) -> tuple[Challenge, str]:
    """Return a challenge of Contoso's, and what opens it."""
    links = {Purpose.ACTIVATE: had.activation, Purpose.OBJECT: had.objection, Purpose.HELP: had.help}
    if purpose in links:
        *_what, pk, token, _end = links[purpose].split("/")
        return Challenge.objects.get(pk=pk), token
    bo = User.objects.get(sign_in_name__startswith="bo@")
    run_jobs()
    asked = verification.challenge(
        "email", user=bo, state={"address": "bo@home.example"}, purpose=purpose, binding="here",
        language="en",
    )  # fmt: skip
    code = code_in_mail()
    return Challenge.objects.get(pk=asked.pk), code


@pytest.mark.parametrize("other", OTHERS)
def test_a_token_of_a_form_is_of_its_own_cookie(had: Furnished, other: str) -> None:
    """It is not signed: a random text in a cookie of this host, which the form repeats."""
    posted = {"language": "de", "next": "/"}

    def post(browser: Client, token: str) -> HttpResponse:
        there = Client(enforce_csrf_checks=True, headers={"host": browser.defaults["HTTP_HOST"]})
        there.cookies = browser.cookies
        return there.post("/language/", {**posted, "csrfmiddlewaretoken": token})  # type: ignore[return-value]

    here, there = had.org.browser(), browser_of(other)
    for browser in (here, there):
        browser.get("/sign-in/")
    token = here.cookies["csrf"].value
    assert post(here, token).status_code == 302
    assert post(there, token).status_code == 403
