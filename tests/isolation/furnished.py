"""Contoso with something of everything, all of it marked, and one browser in whose session everything is begun."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from licensing import subscribing
from registration import activation, configuring, connecting, notices, objection_links, tickets, verification
from registration import state as states
from registration.audit import Activity, record
from registration.authenticator.pairing import new_code
from registration.models import Challenge, Device, Group, User
from registration.purpose import Purpose
from resets import flow
from resets.helping import Help
from tenants import hosts
from tenants.branding import painting
from tenants.branding.context import here
from tenants.branding.logos import clean_icon, clean_logo
from tenants.branding.places import Place
from tenants.context import entered
from tenants.shield.sealing import mac
from tests.building import Browser, Org, app_code, browser_of, give_app, give_email
from tests.isolation import rows
from tests.isolation.rows import MARK
from tests.journeys.people import prove_app
from tests.registration.authenticator.phone import Phone
from tests.registration.steps import proved, put
from tests.resets.steps import HERE
from tests.tenants.branding import pictures

FILL = "#b91c1c"
#: What a session may hold of what is begun; a copy of them in another organization's session must open nothing.
BEGUN = ("reset", "activation", "objection", "ticket", "enrolment", "proving")


@dataclass(frozen=True, eq=False)
class Furnished:
    """What an outsider might have got hold of."""

    org: Org
    begun: Browser
    device: Device
    activation: str
    objection: str
    help: str
    logo: str
    logo_dark: str
    icon: str
    #: adele's phone, the request that it is asked, and the code by which chief's is to be paired.
    phone: Phone
    asked: str
    pairing: str
    #: The browsers of the other organizations' administrators; what Contoso's session has begun stands in theirs, too.
    administrators: Mapping[str, Browser]

    def browser(self, host: str = "contoso") -> Browser:
        """Return a fresh browser at a host, with a copy of the cookies of Contoso's."""
        return _copied(self.begun, host)

    def said(self, act: str, parts: Mapping[str, str]) -> dict[str, list[str]]:
        """Return what adele's phone posts to say something."""
        return {name: [value] for name, value in self.phone.body(act, **parts).items()}

    def administrator(self, host: str) -> Browser:
        """Return a fresh browser of another organization's administrator."""
        return _copied(self.administrators[host], host)


def furnish(contoso: Org, *others: Org) -> Furnished:
    """Fill Contoso, and begin everything that can be begun; all have an edition in which nothing is lacking."""
    for org in (contoso, *others):
        subscribing.assign(org.row, edition="p2", actor="tests")
        with entered(org.row):
            painting.complete()
    hosts.forget()
    with entered(contoso.row):
        _mark_people()
        _paint()
        _connect()
        chief, adele = contoso.user("chief"), contoso.user("adele")
        app, mine = give_app(chief), give_email(chief, f"chief@home.{MARK}.example")
        give_app(adele)
        browser = proved(contoso, chief, app)
        browser.post("/security-info/add/email/", {"address": f"more@{MARK}.example"})
        browser.get("/verify/?next=/admin/")
        put(browser, reset=_begun(browser, adele.sign_in_name))
        prove_app(browser, app_code())
        invited = activation.invite(contoso.user("bo"), actor="tests").partition(":8000")[2]
        notices.security_info(chief, "added", "email")
        objection = _newest_objection()
        help_ = _ticket(contoso.user("bo"), chief)
        for link in (invited, objection, help_):
            browser.get(link)
        phone, asked, pairing = _phones(contoso)
        for model in rows.of_organizations():
            rows.example(model)
        assert set(BEGUN) <= set(browser.session.keys())
        session = {name: browser.session[name] for name in BEGUN}
        pictures_ = (here().logo_url, here().logo_dark_url, here().icon_url)
    theirs = {org.schema: _administrator(org, session) for org in others}
    return Furnished(
        contoso, browser, mine, invited, objection, help_, *pictures_, phone, asked, pairing, theirs
    )


def _phones(contoso: Org) -> tuple[Phone, str, str]:
    """Give adele a phone that is asked, and begin to pair one for chief, in browsers that nobody has any more."""
    phone, code = Phone(contoso, name=f"{MARK} phone"), new_code()
    device = phone.given(contoso.user("adele"))
    values: dict[str, Any] = {"binding": "elsewhere", "language": "en"}
    asked = verification.challenge(
        device.kind, user=device.user, state=states.of(device), purpose=Purpose.PROVE, **values
    )
    Challenge.objects.filter(pk=asked.pk).update(sent_at=asked.created_at)
    verification.challenge(
        device.kind, user=contoso.user("chief"), state={"code": code}, purpose=Purpose.ENROL, **values
    )
    return phone, str(asked.pk), code


def _administrator(org: Org, session: Mapping[str, object]) -> Browser:
    with entered(org.row):
        chief = org.user("chief")
        browser = proved(org, chief, give_app(chief, "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK"))
        put(browser, **session)
    return browser


def _copied(browser: Browser, host: str) -> Browser:
    there = browser_of(host)
    for name, cookie in browser.cookies.items():
        there.cookies[name] = cookie.value
    return there


def _mark_people() -> None:
    for user in User.objects.all():
        local = user.sign_in_name.partition("@")[0]
        User.objects.filter(pk=user.pk).update(
            name=f"{MARK} {local}", primary_address=f"{local}@{MARK}.example"
        )
    Group.objects.update(name=f"{MARK} pilot")
    configuring.configure({"banned_words": [f"{MARK}ium"]}, actor="tests")
    record(Activity.SIGNED_IN, actor=f"{MARK} actor", subject=f"{MARK} subject", data={"what": MARK})


def _paint() -> None:
    links = {"helpdesk": f"https://{MARK}.example/help", "privacy": f"https://{MARK}.example/privacy"}
    shown = {
        "logo": clean_logo(pictures.plain(300, 100, FILL)),
        "logo_dark": clean_logo(pictures.plain(200, 100, FILL)),
        "icon": clean_icon(pictures.plain(50, 50, FILL)),
    }
    painting.save_brand({**links, "logo_alt": f"{MARK} logo", "fill": FILL}, pictures=shown, actor="tests")
    for place in Place:
        painting.save_text(place, {"en": f"{MARK} words"}, actor="tests")
    hosts.forget()


def _connect() -> None:
    """Choose a carrier that no request can reach, and let people use telephones."""
    given = {"account_sid": f"{MARK}1", "auth_token": MARK, "sender": MARK, "caller": "+4930901820"}
    connecting.connect(
        {"carrier": "twilio"}, settings={**given, "base_url": "https://127.0.0.1:9"}, actor="tests"
    )
    configuring.configure({"methods": ["app_code", "mobile_phone", "office_phone", "email"]}, actor="tests")
    hosts.forget()


def _begun(browser: Browser, name: str) -> str:
    binding = mac("registration.binding", browser.session.session_key or "")
    return str(flow.start(name, binding=binding, origin=HERE).pk)


def _ticket(user: User, by: User) -> str:
    """Start a reset for somebody, and return the link that is to be mailed."""
    tickets.issue(user, Help.MAILED, by=by, address=f"bo@{MARK}.example", with_code=False)
    row = Challenge.objects.get(purpose=Purpose.HELP, consumed_at=None)
    return tickets._kept(row)["link"].partition(":8000")[2]


def _newest_objection() -> str:
    row = Challenge.objects.filter(purpose=Purpose.OBJECT).latest("created_at")
    return objection_links.to_mail(str(row.pk)).partition(":8000")[2]
