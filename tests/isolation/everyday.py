"""A day at Contoso: every page is looked at and everything is done once, so that whatever is cached or signed is seen.

Something new that is cached or signed and that no step here reaches fails a test, which names it: add the step.
"""

import io
import re
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from registration import activation, configuring, connecting, telephony, visiting
from registration.importing import flow as importing
from registration.method import Undeliverable
from registration.models import Policy, User
from registration.origin import NOWHERE
from resets import starting
from resets.writeback import accounts, queue
from tenants import naming
from tenants.context import entered
from tenants.shield.captchas.characters import _nonce, letters
from tests.building import PASSWORD, Org, app_code, give_email, give_questions, run_jobs, sign_in
from tests.isolation.addresses import examples, routes
from tests.isolation.furnished import Furnished
from tests.isolation.rows import MARK
from tests.journeys.people import answer, ask_email, begin_reset, choose_password, code_in_mail, prove_app
from tests.registration.authenticator.phone import Phone
from tests.registration.steps import proved
from tests.resets.steps import HERE
from tests.resets.writeback.speaking import domain_of, enrolled

ADELE, NEW = "adele@contoso.example", "Quite-Another-9"
A_DAY = timedelta(days=1)


def live(had: Furnished) -> None:
    """Do all of it; Contoso is entered."""
    _look(had)
    _preview(had)
    _try_a_text(had)
    _sign_in_and_out(had)
    _reset_by_mail(had)
    _reset_by_letters(had)
    _reset_by_help(had)
    _reset_by_questions(had)
    _change(had)
    _register(had)
    _prove(had)
    _ask_a_phone(had)
    _activate(had)
    _object(had)
    _telephone()
    _visit(had)
    _import_people(had)
    _write_back(had)
    naming.text_of(had.org.row, f"{MARK}.example")
    run_jobs()


def _look(had: Furnished) -> None:
    session = Session.objects.get(pk=had.begun.cookies["session"].value)
    for route in routes("config.urls_organization"):
        for path in examples(route, had):
            had.browser().get(path)  # a fresh one: where it came by would change what it sees
            session.save()  # there are pages that end it


def _try_a_text(had: Furnished) -> None:
    had.browser().post("/admin/branding/brandtext/mail.code.body/change/", {"_test": "1"})
    assert run_jobs()[-1] == "branding.trial"


def _sign_in_and_out(had: Furnished) -> None:
    browser = had.org.browser()
    sign_in(browser, ADELE, "wrong")
    sign_in(browser, ADELE)
    browser.post("/sign-out/")


def _reset_by_mail(had: Furnished) -> None:
    _give_adele_mail(had)
    browser = had.org.browser()
    begin_reset(browser, ADELE)
    ask_email(browser, f"adele@{MARK}home.example")
    browser.post("/reset/verify/", {"action": "resend"})
    answer(browser, code_in_mail())
    choose_password(browser, NEW)
    assert browser.get("/reset/verify/").headers["location"] == "/reset/done/"


def _reset_by_help(had: Furnished) -> None:
    starting.start(had.org.user("adele"), actor=had.org.user("chief"), origin=HERE)
    browser = had.org.browser()
    _follow(browser, "reset/help")
    assert browser.post("/reset/help/").headers["location"] == "/reset/verify/"


def _reset_by_letters(had: Furnished) -> None:
    browser = had.org.browser()
    key = re.findall(r'name="captcha_key" value="([^"]+)"', browser.get("/reset/").content.decode())[0]
    browser.get("/captcha/characters", {"key": key})
    text = letters(_nonce(key) or "")
    browser.post("/reset/", {"sign_in_name": ADELE, "captcha_key": key, "captcha_text": text})
    browser.post("/reset/verify/", {"action": "abandon"})


def _reset_by_questions(had: Furnished) -> None:
    configuring.configure({"methods": ["app_code", "email", "questions"], "required": 2}, actor="tests")
    give_questions(had.org.user("adele"))
    browser = had.org.browser()
    begin_reset(browser, ADELE)
    prove_app(browser, app_code(steps=1))
    browser.post("/reset/verify/", {"action": "choose", "method": "questions"})
    browser.post("/reset/verify/", {"action": "abandon"})
    configuring.configure({"required": 1}, actor="tests")


def _change(had: Furnished) -> None:
    browser = had.org.browser()
    sign_in(browser, ADELE, NEW)
    browser.post("/password/", {"current": NEW, "new_password": PASSWORD + "8", "confirm": PASSWORD + "8"})


def _register(had: Furnished) -> None:
    browser = proved(had.org, had.org.user("bo"))
    browser.post("/security-info/add/email/", {"address": f"bo@more.{MARK}.example"})
    browser.post("/security-info/confirm/", {"action": "resend"})
    browser.post("/security-info/confirm/", {"code": code_in_mail()})
    browser.post("/security-info/add/app_code/")
    key = re.findall(r"secret=([A-Z2-7]+)", browser.get("/security-info/confirm/").content.decode())[0]
    browser.post("/security-info/confirm/", {"code": app_code(key)})
    assert had.org.user("bo").devices.filter(kind="app_code").exists()


def _prove(had: Furnished) -> None:
    browser = had.browser()
    browser.get("/verify/")
    browser.post("/verify/", {"action": "answer", "code": app_code(steps=1)})


def _ask_a_phone(had: Furnished) -> None:
    configuring.configure({"methods": ["app_code", "app_notification", "email"]}, actor="tests")
    browser, phone = proved(had.org, had.org.user("bo")), Phone(had.org, name=f"{MARK} phone")
    browser.post("/security-info/add/app_notification/")
    phone.pairs(browser.get("/security-info/confirm/").context["secret"])
    browser.get("/security-info/confirm/")
    phone.say("subscribe")
    other = had.org.browser()
    begin_reset(other, "bo@contoso.example")
    other.post("/reset/verify/", {"action": "choose", "method": "app_notification"})
    run_jobs()
    phone.answer("00")
    other.get("/reset/wait/")
    phone.say("remove")


def _activate(had: Furnished) -> None:
    new = User.objects.get(sign_in_name__startswith="new@")
    activation.invite(new, actor="tests")
    browser = had.org.browser()
    _follow(browser, "activate")
    browser.post("/activate/", {"new_password": NEW, "confirm": NEW})
    assert had.org.user("new").has_usable_password()


def _object(had: Furnished) -> None:
    browser = had.org.browser()
    sign_in(browser, "new@contoso.example", NEW)
    browser.post("/password/", {"current": NEW, "new_password": PASSWORD, "confirm": PASSWORD})
    other = had.org.browser()
    _follow(other, "object")
    other.post("/object/")
    assert not had.org.user("new").has_usable_password()


def _telephone() -> None:
    """Choose a carrier, text and call: the carrier's address is one that no request may go to."""
    given = connecting.kept(connecting.complete())
    connecting.connect({"carrier": "twilio"}, settings={**given, "sender": "Contoso"}, actor="tests")
    with suppress(Undeliverable):
        telephony.text("+4915112345678", "123456", challenge=str(uuid4()))
    with suppress(Undeliverable):
        telephony.ring("+493012345678", challenge=str(uuid4()), language="en")


def _preview(had: Furnished) -> None:
    """Take away who may reset, and look at what that would do."""
    path = f"/admin/registration/properties/{Policy.objects.get().pk}/change/"
    assert "Before you save" in had.browser().post(path, {"scope": "none"}).content.decode()


def _import_people(had: Furnished) -> None:
    """Have a file of people checked, and import it."""
    lines = (
        "sign-in name,name,email",
        f"many@contoso.example,{MARK} many,",
        f"bo@contoso.example,Bo,bo@{MARK}third.example",
        "nobody,Nobody,",
    )
    text = "\n".join(lines).encode()
    whole = importing.take(io.BytesIO(text), actor=had.org.user("chief"), origin=NOWHERE)
    run_jobs()
    importing.begin(whole.pk, links=True, actor=had.org.user("chief"))
    run_jobs()


def _write_back(had: Furnished) -> None:
    speaker = enrolled("contoso", domain_of("contoso", f"corp.{MARK}.example"))
    account = accounts.tie(had.org.user("bo"), speaker.row.domain, f"guid-{MARK}", actor="tests")
    queue.submit(account, "unlock", secret={}, after={})
    speaker.answer(speaker.claim(), "done")
    accounts.untie(account.user, actor="tests")  # whose link by which they choose a password is opened later


def _visit(had: Furnished) -> None:
    """Let an operator of the provider enter the desk, and leave it."""
    provider = Org("public")
    with entered(provider.row):
        chief = provider.user("chief")
        _made, ticket = visiting.ask(
            had.org.row, operator=chief, reason="INC-4711", minutes=15, may_change=False
        )
    browser = had.org.browser()
    browser.post("/visit/", {"ticket": ticket}, headers={"origin": "http://localhost:8000"})
    assert browser.get("/admin/").status_code == 200
    browser.post("/visit/leave/")


def _follow(browser: Client, what: str) -> None:
    """Run the jobs, and open the newest link of its kind that was mailed."""
    run_jobs()
    links = [re.search(rf"http://[^/]+(/{what}/\S+)", str(one.body)) for one in mail.outbox]
    browser.get(next(link[1] for link in reversed(links) if link))


def _give_adele_mail(had: Furnished) -> None:
    give_email(had.org.user("adele"), f"adele@{MARK}home.example")
