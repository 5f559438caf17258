"""What is Contoso's opens nothing at Fabrikam, and nothing at the provider's, though the same people are there."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.core import mail
from django.core.cache import caches
from django.core.signing import BadSignature
from django.db import connection

from registration import activation, delivery, state, verification
from registration.models import AuditEvent, Challenge, Device, User
from registration.purpose import Purpose
from tenants import hosts
from tenants.branding import painting
from tenants.branding.context import here
from tenants.branding.logos import clean_logo
from tenants.context import current, entered
from tenants.shield import sealing, signing
from tests.building import Browser, Org, app_code, browser_of, give_app, give_email, run_jobs, sign_in
from tests.journeys.people import answer, ask_email, choose_password, code_in_mail, prove_app
from tests.registration.steps import proved
from tests.resets.steps import NEW, begun
from tests.tenants.branding import pictures

ELSEWHERE = ["fabrikam", "public"]


@pytest.fixture(params=ELSEWHERE)
def other(request: pytest.FixtureRequest, contoso: Org) -> Org:
    """Another organization; Contoso stays entered."""
    return Org(request.param)


def carried(browser: Browser, other: Org) -> Browser:
    """Return a browser at another organization with the cookies of this one."""
    there = browser_of(other.schema)
    there.cookies = browser.cookies
    return there


def test_session(contoso: Org, other: Org) -> None:
    chief = contoso.user("chief")
    browser = proved(contoso, chief, give_app(chief))
    assert browser.get("/admin/").status_code == 200
    there = carried(browser, other)
    assert there.get("/admin/").headers["location"].startswith("/admin/login/")
    assert there.get("/security-info/").headers["location"].startswith("/sign-in/")


def test_session_of_the_same_key(contoso: Org, other: Org) -> None:
    """Even a session that stands in the other schema under the same key names a person of this one."""
    browser = proved(contoso, contoso.user("adele"))
    values, key = dict(browser.session.items()), browser.session.session_key
    with entered(other.row):
        there = browser_of(other.schema)
        store = there.session.__class__(session_key=key)
        store.update(values)
        store.save(must_create=True)
    assert carried(browser, other).get("/security-info/").headers["location"].startswith("/sign-in/")


def test_reset_in_progress(contoso: Org, other: Org) -> None:
    give_app(contoso.user("adele"))
    browser = begun(contoso, "adele@contoso.example")
    prove_app(browser, app_code())
    there = carried(browser, other)
    for page in ("/reset/verify/", "/reset/password/", "/reset/done/"):
        assert there.get(page).headers["location"] == "/reset/"
    assert choose_password(there, NEW).headers["location"] == "/reset/"


def test_sent_code(contoso: Org, other: Org) -> None:
    """A code that was sent here is not the code of the same step there."""
    give_email(contoso.user("adele"))
    ask_email(begun(contoso, "adele@contoso.example"), "adele@home.example")
    code = code_in_mail()
    asked = Challenge.objects.get(purpose="reset")
    with entered(other.row):
        judged = verification.answer(asked.pk, code, purpose=Purpose.RESET, binding=asked.binding)
        assert (judged.outcome, judged.challenge) == (verification.Outcome.EXPIRED, None)
    assert verification.answer(asked.pk, code, purpose=Purpose.RESET, binding=asked.binding).passed


def test_code_whose_row_was_copied(contoso: Org, other: Org) -> None:
    """The digest of a code is keyed by the organization: a copied row is answered by no code."""
    give_email(contoso.user("adele"))
    browser = begun(contoso, "adele@contoso.example")
    ask_email(browser, "adele@home.example")
    code = code_in_mail()
    asked = Challenge.objects.get(purpose="reset")
    with entered(other.row):
        asked.user, asked.device = User.objects.get(sign_in_name=f"adele@{other.domain}"), None
        asked.save(force_insert=True)
        judged = verification.answer(asked.pk, code, purpose=Purpose.RESET, binding=asked.binding)
    assert judged.outcome is verification.Outcome.WRONG
    answer(browser, code)
    assert browser.get("/reset/verify/").headers["location"] == "/reset/password/"


def test_activation_link(contoso: Org, other: Org) -> None:
    path = activation.invite(contoso.user("adele"), actor="tests").partition(":8000")[2]
    there = browser_of(other.schema)
    assert there.get(path, follow=True).status_code == 410
    assert there.post("/activate/", {"new_password": NEW, "confirm": NEW}).status_code == 410
    here = contoso.browser()
    assert here.get(path, follow=True).status_code == 200


@pytest.mark.parametrize("page", ["change", "remove"])
def test_device_id(contoso: Org, other: Org, page: str) -> None:
    device = give_email(contoso.user("adele"))
    with entered(other.row):
        there = proved(other, other.user("adele"))
        for method in (there.get, there.post):
            assert method(f"/security-info/{device.pk}/{page}/").status_code == 404
    assert Device.objects.get() == device


def test_device_copied(contoso: Org, other: Org) -> None:
    """What a device keeps is sealed for its organization: the row alone, carried over, proves nothing."""
    device = give_app(contoso.user("adele"))
    with entered(other.row):
        device.user = other.user("adele")
        device.save(force_insert=True)
        with pytest.raises(sealing.Unsealable):
            state.of(Device.objects.get(pk=device.pk))


def test_totp_secret_of_the_same_name(contoso: Org, other: Org) -> None:
    """Both are called adele; each has an app of her own."""
    give_app(contoso.user("adele"))
    with entered(other.row):
        give_app(other.user("adele"), "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK")
        browser = begun(other, f"adele@{other.domain}")
        prove_app(browser, app_code())
        assert browser.session["reset"]
        assert not AuditEvent.objects.filter(activity="reset_gate", status="success").exists()


def test_signed_value(contoso: Org, other: Org) -> None:
    text = signing.dumps({"a": 1}, purpose="p")
    with entered(other.row), pytest.raises(BadSignature):
        signing.loads(text, purpose="p", max_age=timedelta(days=1))


def test_sealed_value_and_digest(contoso: Org, other: Org) -> None:
    sealed, digest = sealing.seal(b"secret", context="c"), sealing.mac("p", "text")
    with entered(other.row):
        assert sealing.mac("p", "text") != digest
        with pytest.raises(sealing.Unsealable):
            sealing.unseal(sealed, context="c")


def test_logo(contoso: Org, other: Org) -> None:
    painting.save_brand({}, pictures={"logo": clean_logo(pictures.plain())}, actor="tests")
    hosts.forget()
    address = here().logo_url
    assert address
    assert contoso.browser().get(address).status_code == 200
    assert browser_of(other.schema).get(address).status_code == 404


def test_cache_entry(contoso: Org, other: Org) -> None:
    caches["default"].set("key", "Contoso's")
    with entered(other.row):
        assert caches["default"].get("key") is None
    assert caches["default"].get("key") == "Contoso's"


def test_job(contoso: Org, other: Org) -> None:
    """A job names its organization: run as another's, it finds no row and does nothing."""
    give_email(contoso.user("adele"))
    ask_email(begun(contoso, "adele@contoso.example"), "adele@home.example")
    pk = str(Challenge.objects.get(purpose="reset").pk)
    delivery.deliver._run(schema=other.schema, challenge=pk)
    assert Challenge.objects.get(pk=UUID(pk)).sent_at is None
    delivery.deliver._run(schema="contoso", challenge=pk)
    assert Challenge.objects.get(pk=UUID(pk)).sent_at is not None


def test_job_carries_its_schema_and_no_secret(contoso: Org) -> None:
    give_email(contoso.user("adele"))
    ask_email(begun(contoso, "adele@contoso.example"), "adele@home.example")
    with connection.cursor() as cursor:
        cursor.execute("select args from public.procrastinate_jobs where status = 'todo'")
        ((args,),) = cursor.fetchall()
    pk = str(Challenge.objects.get(purpose="reset").pk)
    assert (args if isinstance(args, dict) else json.loads(args)) == {"schema": "contoso", "challenge": pk}


def test_notices_go_to_ones_own(contoso: Org, other: Org) -> None:
    """A notice is mailed in the name of the organization that it is about, and to its own people."""
    give_app(contoso.user("adele"))
    browser = begun(contoso, "adele@contoso.example")
    prove_app(browser, app_code())
    choose_password(browser, NEW)
    mail.outbox = []
    run_jobs()
    assert current().schema_name == "contoso"
    assert [(one.to, "Contoso" in one.from_email) for one in mail.outbox] == [(["adele@post.example"], True)]
    with entered(other.row):
        assert not AuditEvent.objects.filter(activity="password_reset").exists()


@pytest.mark.parametrize("name", ["adele", "bo", "chief"])
def test_people_of_the_same_name(contoso: Org, fabrikam: Org, provider: Org, name: str) -> None:
    orgs = (contoso, fabrikam, provider)
    assert len({org.user(name).pk for org in orgs}) == 3
    for org in orgs:
        for host in orgs:
            with entered(host.row):
                status = sign_in(host.browser(), f"{name}@{org.domain}").status_code
            assert status == (302 if host is org else 200)
