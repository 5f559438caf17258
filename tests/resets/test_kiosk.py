"""The kiosk form of a reset: nothing leads out of it, it ends untouched, and its entry stands in the trail."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.core import signing
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.utils import timezone

import registration.urls
import resets.urls
from registration import configuring
from registration.models import AuditEvent
from resets.budgets import START_NAME
from resets.models import Reset
from tenants.branding import painting
from tenants.branding.places import Place
from tenants.context import entered
from tenants.shield import throttle
from tests.building import (
    PASSWORD,
    Browser,
    Org,
    app_code,
    give_app,
    give_email,
    give_questions,
    run_jobs,
    sign_in,
)
from tests.contracts.test_a_method_dropped_in import press, register
from tests.journeys.people import answer, ask_email, choose_password, code_in_mail, prove_app
from tests.registration.steps import proved, text_of
from tests.resets.steps import HERE, HOME, NEW, begun, newest
from tests.tenants.branding.queries import asked
from tests.tenants.shield.solving import fetched

ADELE, NOBODY = "adele@contoso.example", "nobody@contoso.example"
START, IDLE = "/reset/kiosk/", timedelta(minutes=2)
_SECONDS = re.compile(r'data-seconds="\d+"|content="\d+; url=')


@pytest.fixture
def painted(contoso: Org) -> Org:
    """Contoso with every link that a brand can put onto a page."""
    painting.save_brand(
        {
            "helpdesk": "mailto:help@contoso.example",
            "privacy": "https://contoso.example/privacy",
            "terms": "https://contoso.example/terms",
        },
        pictures={},
        actor="tests",
    )
    for place in Place:
        painting.save_text(place, {"en": "Call extension 4357."}, actor="tests")
    give_app(contoso.user("adele"))
    give_email(contoso.user("adele"))
    return contoso


def at_kiosk(org: Org, name: str = ADELE) -> Browser:
    """Return a kiosk at which somebody has told a name and solved the captcha."""
    browser = org.browser()
    browser.get(START)
    page = browser.post(START, {"sign_in_name": name, "captcha": fetched(browser)})
    assert (page.status_code, page.headers["location"]) == (302, "/reset/verify/")
    return browser


def past_the_gate(org: Org) -> Browser:
    """Return a kiosk at which adele has proved her app."""
    browser = at_kiosk(org)
    prove_app(browser, app_code())
    return browser


def left() -> timedelta:
    """Return how long the newest reset stays open."""
    return newest().expires_at - timezone.now()


def let_it_end_in(**time: float) -> None:
    """Move the end of every reset."""
    Reset.objects.update(expires_at=timezone.now() + timedelta(**time))


# --- What each page of a kiosk may hold ---------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a page leads to, and what its fields say of remembering."""

    LEADING = frozenset({"href", "src", "action", "formaction", "data-over", "srcset", "data", "poster"})
    NEVER = frozenset({"target", "formtarget", "download", "ping"})
    ELEMENTS = frozenset({"iframe", "object", "embed", "video", "audio", "base", "area", "applet"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.leads: set[str] = set()
        self.wrong: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect."""
        found = {name: value or "" for name, value in attrs}
        self.leads |= {value for name, value in found.items() if name in self.LEADING}
        self.wrong += [f"{tag} {name}" for name in found if name in self.NEVER]
        self.wrong += [tag] * (tag in self.ELEMENTS)
        if tag == "meta" and found.get("http-equiv") == "refresh" and "url=" in found["content"]:
            self.leads.add(found["content"].partition("url=")[2])
        if tag == "input" and found.get("name") == "next":
            self.leads.add(found["value"])
        if (
            tag == "input"
            and found.get("type") not in {"hidden", "radio"}
            and found.get("autocomplete") != "off"
        ):
            self.wrong.append(f"remembers {found.get('name')}")
        if "username" in found.get("autocomplete", ""):
            self.wrong.append("tells whose password it is")


def leaves(address: str) -> bool:
    """Say whether an address is anything but the page itself, a page of the reset, or what these are made of."""
    parts = urlsplit(address)
    if address == "data:,":  # no icon
        return False
    if parts.scheme or parts.netloc:
        return True
    if not parts.path or parts.path.startswith("/static/"):
        return False
    page = resolve(parts.path)
    made_of = page.view_name in {"captcha", "language"} or "brand" in page.namespaces
    return not (made_of or page.view_name.startswith("reset-"))


def refused(org: Org) -> Any:
    browser = org.browser()
    browser.get(START)
    return browser.post(START, {"sign_in_name": "", "captcha": ""})


def not_offered(org: Org) -> Any:
    configuring.configure({"scope": "none"}, actor="tests")
    page = org.browser().get(START)
    assert page.context["code"] == "policy_none"
    return page


def sent(org: Org) -> Any:
    browser = at_kiosk(org)
    ask_email(browser, HOME)
    return browser.get("/reset/verify/")


def questions(org: Org) -> Any:
    values = {"methods": ["questions"], "required": 1, "weak_alone_acknowledged": True}
    configuring.configure(values, actor="tests")
    give_questions(org.user("adele"))
    browser = at_kiosk(org)
    browser.post("/reset/verify/", {"action": "choose", "method": "questions"})
    page = browser.get("/reset/verify/")
    assert len(page.context["form"].fields) > 1
    return page


def second(org: Org) -> Any:
    configuring.configure({"required": 2}, actor="tests")
    page = past_the_gate(org).get("/reset/verify/")
    assert page.context["options"][0]["detail"] == "ad•••@home.example"
    return page


def writing(org: Org, written: str, page: str) -> Any:
    browser = past_the_gate(org)
    Reset.objects.update(written=written)
    return browser.get(page)


def done(org: Org) -> Any:
    browser = past_the_gate(org)
    choose_password(browser, NEW)
    return browser.get("/reset/done/")


def five_wrong(org: Org) -> Any:
    browser = at_kiosk(org)
    for _try in range(5):
        prove_app(browser, "000000")
    return browser.get("/reset/stopped/")


def helped(org: Org) -> Any:
    browser = org.browser()
    browser.get(START)
    return browser.get("/reset/help/")


#: Every page of the map of addresses, in each of its states. A new page has to be added here.
PAGES: dict[str, list[Callable[[Org], Any]]] = {
    "reset-kiosk": [lambda org: org.browser().get(START), refused, not_offered],
    "reset-verify": [
        lambda org: at_kiosk(org).get("/reset/verify/"),
        lambda org: prove_app(at_kiosk(org), "000000"),
        sent,
        questions,
        second,
    ],
    "reset-wait": [lambda org: writing(org, "pending", "/reset/wait/")],
    "reset-password": [
        lambda org: past_the_gate(org).get("/reset/password/"),
        lambda org: choose_password(past_the_gate(org), "adele"),
    ],
    "reset-help": [helped],
    "reset-done": [done],
    "reset-stopped": [five_wrong, lambda org: writing(org, "unknown", "/reset/stopped/")],
}
REDIRECTS = {"reset-kiosk-stay", "reset-kiosk-over", "reset-help-link"}
STATES = [
    pytest.param(state, id=f"{name}-{number}")
    for name, states in PAGES.items()
    for number, state in enumerate(states)
]


def test_every_page_of_the_map_is_looked_at() -> None:
    names = {str(pattern.name) for pattern in resets.urls.urlpatterns}
    assert names - {"reset", "password", "password-wait"} == set(PAGES) | REDIRECTS


@pytest.mark.parametrize("state", STATES)
def test_no_page_leads_out(painted: Org, state: Callable[[Org], Any]) -> None:
    response = state(painted)
    text = response.content.decode()
    page = Page(text)
    assert (response.templates[0].name.startswith("resets/"), "data-kiosk" in text) == (True, True)
    assert [lead for lead in page.leads if leaves(lead)] == []
    assert page.wrong == []
    assert re.findall(r"\b(?:mailto|tel|sms|otpauth|javascript|intent|ms-[a-z]+):", text) == []
    assert "help@contoso.example" in text  # told instead of linked
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize("state", STATES)
def test_every_page_is_sandboxed(painted: Org, state: Callable[[Org], Any]) -> None:
    rules = state(painted).headers["Content-Security-Policy"].split("; ")
    assert "sandbox allow-forms allow-same-origin allow-scripts" in rules
    assert {"default-src 'none'", "form-action 'self'", "media-src 'none'", "manifest-src 'none'"} <= set(
        rules
    )


@pytest.mark.parametrize("state", STATES)
def test_every_page_goes_back_by_itself(painted: Org, state: Callable[[Org], Any]) -> None:
    text = state(painted).content.decode()
    (seconds,) = re.findall(
        r'<noscript><meta http-equiv="refresh" content="(\d+); url=/reset/kiosk/over/">', text
    )
    assert 115 <= int(seconds) <= 121
    assert "It is cleared when nobody touches it for 2 minutes." in text


def test_the_ordinary_form_is_as_it_was(painted: Org) -> None:
    text = painted.browser().get("/reset/").content.decode()
    page = Page(text)
    assert {"mailto:help@contoso.example", "https://contoso.example/privacy", "/sign-in/"} <= page.leads
    assert "remembers sign_in_name" in page.wrong
    assert "kiosk" not in text


# --- The way through it -------------------------------------------------------------------------------------------------


#: What a page that refuses says in small print.
REFERENCE = re.compile(r'<dd dir="ltr">([0-9A-F]{8})</dd>')


def trail() -> list[tuple[str, str, str, object]]:
    """Return what the audit trail says, with the details of each event."""
    events = AuditEvent.objects.exclude(activity__in=["code_sent", "notice_sent", "policy_changed"]).order_by(
        "at"
    )
    return [(event.activity, event.status, event.reason, event.data) for event in events]


def test_the_whole_way(contoso: Org) -> None:
    configuring.configure({"required": 2}, actor="tests")
    give_app(contoso.user("adele"))
    give_email(contoso.user("adele"))
    AuditEvent.objects.all().delete()
    browser = past_the_gate(contoso)
    ask_email(browser, HOME)
    answer(browser, code_in_mail())
    choose_password(browser, "adele")
    assert choose_password(browser, NEW).headers["location"] == "/reset/done/"
    page = browser.get("/reset/done/")
    assert "Close this window and sign in with the new password." in page.content.decode()
    assert contoso.user("adele").check_password(NEW)
    details = {"reference": newest().reference, "entry": "kiosk"}
    assert trail() == [
        ("reset_started", "success", "", details),
        ("reset_gate", "success", "", details),
        ("reset_gate", "success", "", details),
        ("reset_password_refused", "failure", "too_short", details | {"code": "RK-PASSWORD-001"}),
        ("password_reset", "success", "", details),
    ]


def test_the_web_form_says_that_it_is_the_web_form(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    browser = begun(contoso, ADELE)
    prove_app(browser, app_code())
    choose_password(browser, NEW)
    details = {"reference": newest().reference, "entry": "web"}
    assert [data for *_event, data in trail()] == [details] * 3
    assert newest().expires_at - newest().created_at == timedelta(minutes=15)


def test_who_comes_too_often_is_written_down_with_the_entry(contoso: Org) -> None:
    for _start in range(START_NAME.limit):
        throttle.spend(START_NAME, ADELE, HERE.network)
    browser = contoso.browser()
    page = browser.post(START, {"sign_in_name": ADELE, "captcha": fetched(browser)})
    assert (page.status_code, Reset.objects.count()) == (200, 0)
    ((*event, data),) = trail()
    assert event == ["reset_started", "failure", "too_often"]
    reference = REFERENCE.findall(page.content.decode())
    assert data == {"entry": "kiosk", "code": "RK-RESET-105", "reference": reference[0]}


def test_the_desk_shows_the_entry_and_filters_by_it(contoso: Org) -> None:
    begun(contoso, ADELE)
    at_kiosk(contoso)
    chief = proved(contoso, contoso.user("chief"), give_app(contoso.user("chief")))
    page = "/admin/resets/reset/"
    assert [row.entry for row in chief.get(page).context["cl"].result_list] == ["kiosk", "web"]
    for entry in ("kiosk", "web"):
        found = chief.get(f"{page}?entry__exact={entry}").context["cl"].result_list
        assert [row.entry for row in found] == [entry]


def test_a_name_may_be_handed_over(contoso: Org) -> None:
    page = contoso.browser().get(START, {"username": ADELE})
    assert page.context["form"]["sign_in_name"].value() == ADELE


# --- Nothing is left to the next one ------------------------------------------------------------------------------------


def test_the_done_page_forgets_the_session(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    browser = past_the_gate(contoso)
    choose_password(browser, NEW)
    assert Session.objects.count() == 1
    assert browser.get("/reset/done/").status_code == 200
    assert (Session.objects.count(), browser.cookies["session"].value) == (0, "")
    for page in ("done", "password", "verify", "wait", "stopped"):
        back = browser.get(f"/reset/{page}/", follow=True)
        assert back.redirect_chain[-1][0] == START
        assert ADELE not in back.content.decode()


def test_a_kiosk_reset_lives_two_minutes_untouched(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    past_the_gate(contoso)
    assert (
        timedelta(0) < newest().expires_at - newest().created_at - IDLE < timedelta(minutes=1)
    )  # of one touch
    let_it_end_in(seconds=30)
    browser = at_kiosk(contoso)
    assert newest().expires_at - newest().created_at == IDLE
    for _look in range(3):
        browser.get("/reset/verify/")
    assert newest().expires_at - newest().created_at == IDLE


@pytest.mark.parametrize(
    "touch",
    [
        lambda one: one.post("/reset/kiosk/stay/"),
        lambda one: prove_app(one, "000000"),
        lambda one: ask_email(one, HOME),
    ],
)
def test_a_touch_keeps_it_open(contoso: Org, touch: Callable[[Browser], Any]) -> None:
    browser = at_kiosk(contoso)
    let_it_end_in(seconds=10)
    touch(browser)
    assert timedelta(seconds=100) < left() <= IDLE


def test_no_touch_keeps_it_open_longer_than_its_life(contoso: Org) -> None:
    browser = at_kiosk(contoso)
    begun_at = timezone.now() - timedelta(minutes=14)
    Reset.objects.update(created_at=begun_at, expires_at=timezone.now() + timedelta(seconds=10))
    browser.post("/reset/kiosk/stay/")
    assert newest().expires_at == begun_at + timedelta(minutes=15)


def test_waiting_is_no_touch(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    browser = past_the_gate(contoso)
    Reset.objects.update(written="pending")
    let_it_end_in(seconds=10)
    assert browser.get("/reset/wait/").status_code == 200
    assert left() <= timedelta(seconds=10)


def test_whose_phone_answers_too_late_leaves_nothing_to_the_next_one(contoso: Org, bell: Any) -> None:
    configuring.configure({"methods": ["doorbell"], "required": 1}, actor="tests")
    register(contoso, bell)
    browser = at_kiosk(contoso)
    browser.post("/reset/verify/", {"action": "choose", "method": "doorbell"})
    let_it_end_in(seconds=10)
    page = browser.get("/reset/wait/")
    text = page.content.decode()
    assert [lead for lead in Page(text).leads if leaves(lead)] == []
    assert ("data-kiosk" in text, left() <= timedelta(seconds=10)) == (True, True)  # asking is no touch
    assert browser.post("/reset/kiosk/stay/").headers["location"] == "/reset/verify/"
    assert left() > timedelta(seconds=100)
    run_jobs()
    assert press(contoso, bell, "approved", bell.number_of(page)) == 200
    let_it_end_in(seconds=0)
    assert browser.get("/reset/wait/").headers["location"] == START
    assert (newest().passed, contoso.user("adele").check_password(PASSWORD)) == ([], True)


@pytest.mark.parametrize(
    "come_back",
    [
        lambda one: one.get("/reset/password/"),
        lambda one: choose_password(one, NEW),
        lambda one: one.post("/reset/kiosk/stay/"),
        lambda one: one.get("/reset/kiosk/over/"),
        lambda one: one.get(START),
    ],
)
def test_untouched_it_is_over(contoso: Org, come_back: Callable[[Browser], Any]) -> None:
    give_app(contoso.user("adele"))
    browser = past_the_gate(contoso)
    let_it_end_in(seconds=0)
    page = come_back(browser)
    if page.status_code == 302:
        page = browser.get(page.headers["location"], follow=True)
    assert page.request["PATH_INFO"] == START
    assert page.context["form"]["sign_in_name"].value() == ""
    assert (Session.objects.count(), contoso.user("adele").check_password(PASSWORD)) == (0, True)
    details = {"reference": newest().reference, "entry": "kiosk"}
    assert trail()[-1] == ("reset_stopped", "failure", "expired", details | {"code": "RK-RESET-101"})
    assert (AuditEvent.objects.filter(activity="reset_stopped").count(), newest().stopped) == (1, "expired")


def test_who_clears_the_screen_ends_it(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    browser = past_the_gate(contoso)
    assert browser.get("/reset/kiosk/over/").headers["location"] == START
    details = {"reference": newest().reference, "entry": "kiosk"}
    assert trail()[-1] == ("reset_stopped", "failure", "abandoned", details | {"code": "RK-RESET-103"})
    assert choose_password(browser, NEW).headers["location"] == "/reset/"
    assert contoso.user("adele").check_password(PASSWORD)


def test_cancelling_leads_to_the_start(contoso: Org) -> None:
    browser = at_kiosk(contoso)
    page = browser.post("/reset/verify/", {"action": "abandon"}, follow=True)
    assert page.redirect_chain[-1][0] == START
    assert (Session.objects.count(), newest().stopped) == (0, "abandoned")


def test_a_name_stays_where_no_script_does(contoso: Org) -> None:
    browser = contoso.browser()
    page = browser.post(START, {"action": "stay", "sign_in_name": ADELE})
    assert (page.status_code, page.context["form"].errors) == (200, {})
    assert page.context["form"]["sign_in_name"].value() == ADELE


def test_looking_at_the_start_keeps_nothing(contoso: Org) -> None:
    contoso.browser().get(START)
    assert Session.objects.count() == 0


def test_a_language_is_the_next_ones_no_more(contoso: Org) -> None:
    browser = contoso.browser()
    browser.get(START)
    chosen = browser.post("/language/", {"language": "de", "next": START})
    assert chosen.headers["location"] == START
    assert browser.get(START).headers["content-language"] == "de"
    browser.get("/reset/kiosk/over/")
    assert browser.get(START).headers["content-language"] == "en"


# --- Nothing else of the host -------------------------------------------------------------------------------------------


def others() -> Iterator[str]:
    """Return every address of people's pages that is not a kiosk's, and some of the rest."""
    sample = {"uuid": "00000000-0000-4000-8000-000000000000", "int": 1, "str": "x", "slug": "email"}
    for pattern in [*registration.urls.urlpatterns, *resets.urls.urlpatterns]:
        if isinstance(pattern, URLResolver):
            yield from (f"/{pattern.pattern}{one.pattern}" for one in pattern.url_patterns)
            continue
        assert isinstance(pattern, URLPattern)
        if pattern.name == "language" or str(pattern.name).startswith("reset-"):
            continue
        converters: Any = pattern.pattern.converters
        kinds = {name: type(it).__name__.removesuffix("Converter").lower() for name, it in converters.items()}
        yield reverse(
            str(pattern.name),
            urlconf="config.urls_organization",
            kwargs={name: sample["str" if kind == "string" else kind] for name, kind in kinds.items()},
        )
    yield from ("/admin/", "/admin/login/", "/admin/registration/user/", "/nothing/", "/inbox/")


@pytest.mark.parametrize("address", list(others()))
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_other_page_is_the_start(contoso: Org, address: str, method: str) -> None:
    browser = at_kiosk(contoso)
    page = getattr(browser, method)(address)
    assert (page.status_code, page.headers["location"]) == (302, START)


def test_there_are_other_pages() -> None:
    found = set(others())
    assert {"/", "/sign-in/", "/reset/", "/password/", "/security-info/"} <= found
    assert len(found) > 20


def test_nobody_signs_in_at_a_kiosk(contoso: Org) -> None:
    browser = contoso.browser()
    browser.get(START)
    assert sign_in(browser, ADELE).headers["location"] == START
    assert (Session.objects.count(), trail()) == (0, [])


def test_whoever_was_signed_in_no_longer_is(contoso: Org) -> None:
    browser = contoso.browser()
    sign_in(browser, ADELE)
    browser.get(START)
    assert Session.objects.count() == 0
    assert [activity for activity, *_rest in trail()] == ["signed_in", "signed_out"]


@pytest.mark.parametrize("page", [START, "/reset/verify/", "/reset/kiosk/stay/", "/sign-in/"])
def test_a_form_that_came_from_elsewhere_is_the_start(contoso: Org, page: str) -> None:
    browser = Browser(enforce_csrf_checks=True, headers={"host": "contoso.localhost"})
    browser.get(START)
    answered = browser.post(page, {})
    assert (answered.status_code, answered.headers["location"]) == (302, START)


def test_a_fault_is_no_dead_end(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = at_kiosk(contoso)
    browser.raise_request_exception = False
    monkeypatch.setattr("resets.flow.offered", lambda at: 1 / 0)
    page = browser.get("/reset/verify/")
    assert (page.status_code, page.headers["Refresh"]) == (500, f"30; url={START}")


# --- The mark -----------------------------------------------------------------------------------------------------------


def test_the_mark_is_out_of_reach_and_passes(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = contoso.browser()
    browser.get(START)
    cookie = browser.cookies["kiosk"]
    kept = (cookie["httponly"], cookie["samesite"], cookie["domain"], cookie["max-age"])
    assert kept == (True, "Lax", "", 15 * 60)
    now = signing.time.time()  # type: ignore[attr-defined]
    monkeypatch.setattr(signing.time, "time", lambda: now + 15 * 60 + 5)  # type: ignore[attr-defined]
    assert browser.get("/sign-in/").status_code == 200


def test_each_page_renews_the_mark(contoso: Org) -> None:
    browser = at_kiosk(contoso)
    del browser.cookies["kiosk"]["max-age"]
    browser.get("/reset/verify/")
    assert browser.cookies["kiosk"]["max-age"] == 15 * 60


@pytest.mark.parametrize("page", ["/sign-in/", "/security-info/", "/nothing/", "/"])
def test_no_other_page_renews_the_mark(contoso: Org, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    """Somebody who followed a stranger's link signs in a quarter of an hour later, however often they try."""
    browser = contoso.browser()
    browser.get(START)
    now = signing.time.time()  # type: ignore[attr-defined]
    for minutes in (5, 10, 14):
        monkeypatch.setattr(signing.time, "time", lambda later=minutes: now + later * 60)  # type: ignore[attr-defined]
        answer = browser.get(page, follow=True)
        assert answer.request["PATH_INFO"] == START
        browser.post(page)
    monkeypatch.setattr(signing.time, "time", lambda: now + 15 * 60 + 5)  # type: ignore[attr-defined]
    assert browser.get("/sign-in/").status_code == 200


@pytest.mark.parametrize("page", ["/reset/kiosk/over/", "/reset/verify/"])
def test_a_kiosk_that_clears_its_screen_stays_one(
    contoso: Org, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    browser = contoso.browser()
    browser.get(START)
    now = signing.time.time()  # type: ignore[attr-defined]
    for minutes in (10, 20):
        monkeypatch.setattr(signing.time, "time", lambda later=minutes: now + later * 60)  # type: ignore[attr-defined]
        browser.get(page)
    monkeypatch.setattr(signing.time, "time", lambda: now + 30 * 60)  # type: ignore[attr-defined]
    assert browser.get("/sign-in/").headers["location"] == START


@pytest.mark.parametrize("mark", ["", "kiosk", "x:y:z"])
def test_only_a_mark_of_ours_counts(contoso: Org, mark: str) -> None:
    browser = contoso.browser()
    browser.cookies["kiosk"] = mark
    assert browser.get("/sign-in/").status_code == 200


def test_a_reset_of_one_form_is_none_of_the_other(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    browser = past_the_gate(contoso)
    del browser.cookies["kiosk"]
    assert choose_password(browser, NEW).headers["location"] == START
    other = begun(contoso, ADELE)
    marked = contoso.browser()
    marked.get(START)
    other.cookies["kiosk"] = marked.cookies["kiosk"].value
    assert other.get("/reset/verify/").headers["location"] == START
    assert contoso.user("adele").check_password(PASSWORD)


def test_an_ordinary_reset_ends_where_a_kiosk_begins(contoso: Org) -> None:
    browser = begun(contoso, ADELE)
    browser.get(START)
    assert (newest().entry, newest().stopped) == ("web", "abandoned")
    assert trail()[-1][3] == {"reference": newest().reference, "entry": "web", "code": "RK-RESET-103"}


def test_a_kiosk_of_one_organization_is_none_of_another(contoso: Org, fabrikam: Org) -> None:
    """Under the same cookies, and where the other offers a reset too."""
    with entered(contoso.row):
        give_app(contoso.user("adele"))
        browser = past_the_gate(contoso)
    elsewhere = fabrikam.browser()
    elsewhere.cookies = browser.cookies
    assert elsewhere.get("/sign-in/").status_code == 200
    assert elsewhere.get("/reset/password/").headers["location"] == "/reset/"
    assert not Reset.objects.exists()
    with entered(contoso.row):
        assert browser.get("/sign-in/").headers["location"] == START


# --- Nothing is told ----------------------------------------------------------------------------------------------------


def seen(org: Org, name: str, address: str = HOME) -> list[tuple[int, str, str, int]]:
    """Return what somebody who knows nothing but a name and an address sees and causes at a kiosk."""
    browser, found = org.browser(), []
    browser.get(START)
    steps: list[Callable[[], Any]] = [
        lambda: browser.post(START, {"sign_in_name": name, "captcha": solution}),
        lambda: browser.get("/reset/verify/"),
        lambda: prove_app(browser, "000000"),
        lambda: ask_email(browser, address),
        lambda: browser.get("/reset/verify/"),
        lambda: answer(browser, "00000x"),
        lambda: browser.post("/reset/kiosk/stay/"),
        lambda: choose_password(browser, NEW),
        lambda: browser.get("/reset/kiosk/over/"),
        lambda: browser.get("/reset/verify/"),
    ]
    solution = fetched(browser)
    for step in steps:
        with asked() as queries:
            page = step()
        text = _SECONDS.sub("", text_of(page, name, address))
        found.append((page.status_code, page.headers.get("location", ""), text, len(queries)))
    return found


@pytest.mark.parametrize("name", [NOBODY, "bo@contoso.example", "chief@contoso.example"])
def test_everybody_sees_the_same_at_a_kiosk(painted: Org, name: str) -> None:
    seen(painted, "warm@contoso.example")  # what is read once in a while has been read
    adele_sees = seen(painted, ADELE)
    assert [status for status, *_rest in adele_sees] == [302, 200, 200, 302, 200, 200, 302, 302, 302, 302]
    assert seen(painted, name) == adele_sees


def test_the_map_has_no_other_host_than_this(contoso: Org) -> None:
    """The pages stand on every host: an organization's and the provider's."""
    for urlconf in ("config.urls_organization", "config.urls_provider"):
        assert reverse("reset-kiosk", urlconf=urlconf) == START
        assert get_resolver(urlconf).resolve(START).kwargs == {"entry": "kiosk"}
