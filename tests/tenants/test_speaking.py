"""The order in which a language is chosen, for pages and for mails, and that a choice is remembered and leads nowhere else."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import translation

from registration import activation, notices
from registration.models import AuditEvent, User
from tenants import hosts, provisioning, speaking
from tenants.branding import painting
from tenants.branding.logos import clean_logo
from tenants.branding.models import Brand
from tenants.context import entered
from tests.building import Browser, Org, give_app, give_email, run_jobs, sign_in
from tests.journeys.people import ask_email, begin_reset
from tests.registration.steps import proved
from tests.resets.steps import begun
from tests.tenants.branding import pictures
from tests.tenants.branding.queries import asked

ADELE = "adele@contoso.example"
BAD = ["", "xx", "de;q=1", "../de", "d" * 21, "*", "%0d%0aSet-Cookie:x", "de\x00", "١", "[]"]
#: The heading of the sign-in page tells nothing that the tag does not.
OPENING = re.compile(r'<html lang="(\w+)"[^>]* dir="(\w+)"')


def language_of(page: Any) -> str:
    """Return the language that a page says it is in; its direction is that of the language."""
    found = OPENING.search(page.content.decode())
    assert found is not None
    assert found[2] in ({"rtl"} if found[1] == "ar" else {"ltr", "auto"})
    assert page.headers.get("Content-Language", found[1]) == found[1]
    return found[1]


def speaks(org: Org, language: str) -> None:
    """Let an organization have this language."""
    with entered(org.row):
        painting.save_brand({"language": language}, actor="tests")
    hosts.forget()


def opened(org: Org, *, accept: str = "", cookie: str = "") -> Browser:
    browser = org.browser(**({"accept-language": accept} if accept else {}))
    if cookie:
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie
    return browser


@pytest.mark.parametrize(
    ("lng", "cookie", "own", "accept", "organization", "spoken"),
    [
        ("ar", "de", "de", "de", "de", "ar"),
        ("", "ar", "de", "de", "de", "ar"),
        ("", "", "ar", "de", "de", "ar"),
        ("", "", "", "ar", "de", "ar"),
        ("", "", "", "", "ar", "ar"),
        ("", "", "", "", "", "en"),
        ("xx", "ar", "de", "de", "de", "ar"),
        ("", "xx", "ar", "de", "de", "ar"),
        ("", "", "xx", "ar", "de", "ar"),
        ("", "", "", "fr, xx;q=0.9, ar-EG;q=0.5, de;q=0.4", "de", "ar"),
        ("", "", "", "fr, *;q=0.1", "ar", "ar"),
        ("", "", "", "fr", "ar", "ar"),
    ],
)
def test_the_order_of_choice(
    contoso: Org, lng: str, cookie: str, own: str, accept: str, organization: str, spoken: str
) -> None:
    speaks(contoso, organization)
    User.objects.filter(sign_in_name=ADELE).update(language=own)
    browser = opened(contoso, accept=accept, cookie=cookie)
    sign_in(browser, ADELE)
    assert language_of(browser.get("/password/", {"lng": lng} if lng else {})) == spoken


def test_ones_own_language_is_not_another_persons(contoso: Org) -> None:
    User.objects.filter(sign_in_name=ADELE).update(language="ar")
    browser = contoso.browser()
    sign_in(browser, ADELE)
    assert language_of(browser.get("/password/")) == "ar"
    assert language_of(contoso.browser().get("/sign-in/")) == "en"


def test_an_organizations_language_is_its_own(contoso: Org, fabrikam: Org) -> None:
    speaks(contoso, "ar")
    assert language_of(contoso.browser().get("/sign-in/")) == "ar"
    assert language_of(fabrikam.browser().get("/sign-in/")) == "en"


@pytest.mark.parametrize(("lng", "spoken"), [("de", "de"), ("de-AT", "de"), ("AR_eg", "ar"), ("ar-SA", "ar")])
def test_a_choice_in_the_address_is_remembered(contoso: Org, lng: str, spoken: str) -> None:
    browser = contoso.browser()
    assert language_of(browser.get("/sign-in/", {"lng": lng})) == spoken
    assert language_of(browser.get("/reset/")) == spoken
    kept = browser.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (kept.value, kept["httponly"], kept["samesite"], kept["path"]) == (spoken, True, "Lax", "/")
    spoken_to = User.objects.exclude(language="")
    assert not spoken_to.exists()  # a link does not say in which language somebody is written to


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_one_changes_nothing(contoso: Org, bad: str) -> None:
    browser = contoso.browser()
    page = browser.get("/sign-in/", {"lng": bad})
    assert page.status_code == (400 if "\x00" in bad else 200)
    assert settings.LANGUAGE_COOKIE_NAME not in page.cookies
    browser.get("/sign-in/?lng=ar")
    again = browser.get("/sign-in/", {"lng": bad})
    assert settings.LANGUAGE_COOKIE_NAME not in again.cookies
    if again.status_code == 200:
        assert language_of(again) == "ar"


def test_without_cookies_the_address_is_enough(contoso: Org) -> None:
    browser = contoso.browser()
    for page in (browser.get("/sign-in/?lng=ar"), browser.post("/sign-in/?lng=ar", {})):
        browser.cookies.clear()
        assert language_of(page) == "ar"
    assert language_of(browser.get("/sign-in/")) == "en"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sign-in/", 200),
        ("/reset/", 200),
        ("/reset/kiosk/", 200),
        ("/activate/", 410),
        ("/object/", 410),
        ("/nothing/", 404),
    ],
)
def test_everywhere(contoso: Org, path: str, status: int) -> None:
    for query, accept in (("?lng=ar", ""), ("", "ar")):
        page = opened(contoso, accept=accept).get(path + query)
        assert page.status_code == status
        assert language_of(page) == "ar"


def test_in_the_middle_of_a_reset(contoso: Org) -> None:
    browser = begun(contoso, ADELE)
    assert language_of(browser.get("/reset/verify/?lng=ar")) == "ar"
    assert language_of(browser.post("/reset/verify/", {"action": "choose"})) == "ar"


def test_a_kiosk_forgets_it_with_the_screen(contoso: Org) -> None:
    browser = contoso.browser()
    assert language_of(browser.get("/reset/kiosk/?lng=ar")) == "ar"
    assert language_of(browser.get("/reset/kiosk/")) == "ar"
    browser.get("/reset/kiosk/over/")
    assert language_of(browser.get("/reset/kiosk/")) == "en"


def test_on_a_refused_form(contoso: Org) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"host": "contoso.localhost"})
    page = strict.post("/sign-in/?lng=ar", {})
    assert page.status_code == 403
    assert language_of(page) == "ar"


def test_where_nobody_is_served(contoso: Org) -> None:
    nobodys = Client(headers={"host": "nobody.localhost"}).get("/?lng=ar")
    assert (nobodys.status_code, language_of(nobodys)) == (404, "ar")
    provisioning.suspend(contoso.row, actor="tests")
    suspended = contoso.browser().get("/sign-in/?lng=ar")
    assert (suspended.status_code, language_of(suspended)) == (403, "ar")
    assert "no-store" in suspended.headers["Cache-Control"]


def test_at_the_desk_it_is_no_filter(contoso: Org) -> None:
    chief = contoso.user("chief")
    browser = proved(contoso, chief, give_app(chief))
    page = browser.get("/admin/registration/user/?lng=de&q=adele")
    assert (page.status_code, language_of(page)) == (200, "de")
    assert page.context["cl"].result_count == 1
    assert "lng=" not in page.content.decode()


def test_a_later_choice_in_the_menu_wins(contoso: Org) -> None:
    """The form of the menu goes back to the page, and takes the earlier choice out of its address."""
    browser = contoso.browser()
    page = browser.get("/sign-in/?lng=de&next=/password/").content.decode()
    found = re.search(r'action="/language/">.*?name="next" value="([^"]*)"', page, re.DOTALL)
    assert found is not None
    assert found[1] == "/sign-in/?next=%2Fpassword%2F"
    after = browser.post("/language/", {"language": "ar", "next": found[1]}, follow=True)
    assert language_of(after) == "ar"
    assert after.request["QUERY_STRING"] == "next=%2Fpassword%2F"


def test_the_menu_is_a_form_and_needs_no_script(contoso: Org) -> None:
    page = contoso.browser().get("/sign-in/").content.decode()
    for code, _name in settings.LANGUAGES:
        assert re.search(rf'<button type="submit" name="language" value="{code}" lang="{code}"', page)


def test_the_answer_says_what_it_depends_on(contoso: Org) -> None:
    page = contoso.browser().get("/sign-in/")
    assert {"Accept-Language", "Cookie"} <= {one.strip() for one in page.headers["Vary"].split(",")}
    assert page.headers["Content-Language"] == "en"


def test_what_has_no_words_depends_on_nothing(contoso: Org) -> None:
    painting.save_brand({}, pictures={"logo": clean_logo(pictures.plain())}, actor="tests")
    hosts.forget()
    browser = contoso.browser()
    sign_in(browser, ADELE)
    page = browser.get("/password/").content.decode()
    links = re.findall(r'(?:href|src)="(/brand[^"]+)"', page)
    assert len(links) == 2
    for link in links:
        with asked() as queries:
            answer = browser.get(link)
        assert "Vary" not in answer.headers
        assert "Content-Language" not in answer.headers
        assert not [one for one in queries if "django_session" in one]


def test_nothing_is_left_for_the_next_request(contoso: Org) -> None:
    before = translation.get_language()
    contoso.browser().get("/sign-in/?lng=ar")
    assert (translation.get_language(), speaking.of_page()) == (before, "")


def test_the_desk_sets_the_organizations_language(contoso: Org) -> None:
    chief = contoso.user("chief")
    browser = proved(contoso, chief, give_app(chief))
    path = f"/admin/branding/brand/{Brand.objects.get().pk}/change/"
    values = {"fill": "#0f766e", "logo_alt": "", "helpdesk": "", "privacy": "", "terms": "", "language": "xx"}
    assert browser.post(path, values).status_code == 200
    assert browser.post(path, {**values, "language": "ar"}).status_code == 302
    assert Brand.objects.get().language == "ar"
    hosts.forget()
    event = AuditEvent.objects.get(activity="branding_changed")
    assert event.data["language"] == {"before": "", "after": "ar"}
    assert language_of(contoso.browser().get("/sign-in/")) == "ar"


def sent_in(expected: str) -> None:
    """Run the jobs; every mail is in this language."""
    mail.outbox = []
    run_jobs()
    assert mail.outbox
    for one in mail.outbox:
        assert f'<html lang="{expected}"' in str(one.message())


@pytest.mark.parametrize(
    ("own", "pages", "organization", "spoken"),
    [("ar", "de", "en", "ar"), ("", "ar", "de", "ar"), ("", "", "ar", "ar"), ("xx", "", "ar", "ar")],
)
def test_the_order_of_choice_for_a_notice(
    contoso: Org, own: str, pages: str, organization: str, spoken: str
) -> None:
    speaks(contoso, organization)
    User.objects.filter(sign_in_name=ADELE).update(language=own)
    kept = speaking._page.set(pages)
    notices.security_info(contoso.user("adele"), "added", "email")
    speaking._page.reset(kept)
    sent_in(spoken)


@pytest.mark.parametrize(("own", "spoken"), [("", "ar"), ("de", "de")])
def test_a_code_is_in_ones_own_language_else_in_the_pages(contoso: Org, own: str, spoken: str) -> None:
    adele = contoso.user("adele")
    give_email(adele)
    User.objects.filter(pk=adele.pk).update(language=own)
    browser = contoso.browser()
    browser.get("/reset/?lng=ar")
    begin_reset(browser, ADELE)
    ask_email(browser, "adele@home.example")
    sent_in(spoken)


@pytest.mark.parametrize(("own", "spoken"), [("", "ar"), ("de", "de")])
def test_an_invitation_is_in_ones_own_language_else_in_the_desks(contoso: Org, own: str, spoken: str) -> None:
    chief = contoso.user("chief")
    browser = proved(contoso, chief, give_app(chief))
    browser.get("/admin/?lng=ar")
    values = {"sign_in_name": "new@contoso.example", "name": "New", "primary_address": "new@post.example"}
    assert browser.post("/admin/registration/user/add/", values).status_code == 302
    User.objects.filter(sign_in_name="new@contoso.example").update(language=own)
    sent_in(spoken)


def test_from_a_command_it_is_the_organizations(contoso: Org) -> None:
    speaks(contoso, "ar")
    activation.invite(contoso.user("bo"), actor="tests")
    sent_in("ar")


def test_notices_that_a_page_caused_are_in_its_language(contoso: Org) -> None:
    """Over HTTP, for a person who has chosen none."""
    browser = contoso.browser()
    sign_in(browser, ADELE)
    browser.get("/password/?lng=ar")
    new = {"current": "Correct-Horse-7", "new_password": "Quite-Another-9", "confirm": "Quite-Another-9"}
    assert browser.post("/password/", new).status_code == 302
    sent_in("ar")
