"""What is Contoso's opens nothing at Fabrikam, and nothing at the provider's, though the same people are there.

The cases that need words of their own; addresses, models, cache keys, media, signed values and jobs are generated beside them.
"""

import pytest
from django.core import mail

from registration import state
from registration.models import AuditEvent, Device
from tenants.context import current, entered
from tenants.shield import sealing
from tests.building import Browser, Org, app_code, browser_of, give_app, run_jobs, sign_in
from tests.journeys.people import choose_password, prove_app
from tests.registration.steps import proved
from tests.resets.steps import NEW, begun

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
