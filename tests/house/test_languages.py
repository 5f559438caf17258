"""People read their own language on every page and in every mail, and no English is left between its lines."""

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.core import mail
from django.template.loader import render_to_string
from django.test import Client
from django.utils.translation import override

from config import catalogues
from config.extracting import SKIN
from registration import activation, people
from registration.models import User
from tests.building import PASSWORD, Browser, Org, app_code, give_app, give_email, run_jobs, sign_in
from tests.house.test_translations import LANGUAGES, forms
from tests.journeys.people import answer, ask_email, begin_reset, choose_password, code_in_mail, prove_app
from tests.registration.steps import proved

_PLACEHOLDER = re.compile(r"%\(\w+\)\w|\{\w*\}|%%|<[^>]*>")
_VOID = {"br", "input", "img", "hr", "meta", "link", "source"}
_SPOKEN = {"alt", "aria-label", "aria-description", "placeholder", "title"}
#: Words that stand in almost every English sentence, and in none of ours in another language.
_ENGLISH = re.compile(r"\b(?:the|your|you|and|with|this|please|that|from)\b", re.IGNORECASE)


class _Reader(HTMLParser):
    """Collects what people see or hear of a page, but what says that it is in another language."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.unseen = 0
        self.language = ""
        self.other: list[str] = []  # elements in a language of their own, and those within

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unseen += tag in {"script", "style"}
        spoken = dict(attrs).get("lang")
        self.language = self.language or spoken or ""
        if (self.other or (spoken and spoken != self.language)) and tag not in _VOID:
            self.other.append(tag)
        if self.other:
            return
        self.said += [value for name, value in attrs if value and name in _SPOKEN]

    def handle_endtag(self, tag: str) -> None:
        self.unseen -= tag in {"script", "style"}
        if tag in self.other:
            del self.other[len(self.other) - 1 - self.other[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if not self.unseen and not self.other and data.strip():
            self.said.append(data)


def seen(page: str) -> str:
    """Return what people see or hear of a page, in one line."""
    reader = _Reader()
    reader.feed(page)
    return re.sub(r"\s+", " ", " | ".join(reader.said))


@cache
def english(language: str) -> list[str]:
    """Return pieces of English sentences, longer than 12 characters, that this language says otherwise."""
    found = set()
    for message in catalogues.read(catalogues.path(language)):
        said = forms(message.string)
        for text in forms(message.id):
            piece = re.sub(r"\s+", " ", max(_PLACEHOLDER.split(text), key=len)).strip()
            if len(piece) > 12 and not any(piece in one for one in said):
                found.add(piece)
    return sorted(found)


def left(language: str, text: str) -> list[str]:
    """Return what is English in this text."""
    words = text.replace("adele@contoso.example", "")
    return [one for one in english(language) if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", words)] + [
        words[max(0, one.start() - 30) : one.end() + 30] for one in _ENGLISH.finditer(words)
    ]


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    """Each language beside English."""
    return str(request.param)


def _reset(org: Org, language: str) -> Iterator[tuple[str, Any]]:
    """Walk a reset with its mistakes."""
    give_app(org.user("adele"))
    browser = org.browser(**{"accept-language": language})
    yield "start", browser.get("/reset/")
    yield "start, empty", browser.post("/reset/", {})
    begin_reset(browser, "adele@contoso.example")
    yield "gate", browser.get("/reset/verify/")
    yield "gate, nothing chosen", browser.post("/reset/verify/", {"action": "choose"})
    yield "gate, wrong", prove_app(browser, "000000")
    ask_email(browser, "adele@home.example")
    yield "gate, a code was sent", browser.get("/reset/verify/")
    yield "gate, wrong code", answer(browser, "000000")
    prove_app(browser, app_code())
    browser.get("/reset/verify/")
    yield "password", browser.get("/reset/password/")
    yield "password, too short", choose_password(browser, "a")
    yield (
        "password, not the same",
        browser.post("/reset/password/", {"new_password": "Quite-Another-9", "confirm": "x"}),
    )
    yield "password, saved", choose_password(browser, "Quite-Another-9")
    yield "done", browser.get("/reset/done/")
    begin_reset(browser, "adele@contoso.example")
    for _try in range(6):
        prove_app(browser, "000000")
    yield "stopped", browser.get("/reset/stopped/")


def _signed_in(org: Org, language: str) -> Iterator[tuple[str, Any]]:
    """Look at the pages of somebody who has an account, with their mistakes."""
    anybody = org.browser(**{"accept-language": language})
    yield "sign-in", anybody.get("/sign-in/")
    yield "sign-in, empty", anybody.post("/sign-in/", {})
    yield "sign-in, wrong", sign_in(anybody, "adele@contoso.example", "wrong")
    yield "a link of no use", anybody.get(f"/activate/{uuid4()}/abc/", follow=True)
    yield "nothing there", anybody.get("/nothing/")
    adele = org.user("adele")
    with_one = give_email(adele)
    browser = proved(org, adele)
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    for path in (
        "/security-info/",
        "/security-info/add/email/",
        "/security-info/add/app_code/",
        f"/security-info/{with_one.pk}/change/",
        f"/security-info/{with_one.pk}/remove/",
        "/password/",
        "/sign-in/again/",
        "/verify/",
        "/sign-out/",
    ):
        yield path, browser.get(path, follow=True)
    yield (
        "add, not an address",
        browser.post("/security-info/add/email/", {"address": "x", "email-address": "x"}),
    )
    yield "password, wrong", browser.post("/password/", {"current": "x", "new_password": "a", "confirm": "b"})
    yield "again, wrong", browser.post("/sign-in/again/", {"password": "wrong"}, follow=True)
    yield (
        "password, changed",
        browser.post(
            "/password/",
            {"current": PASSWORD, "new_password": "Quite-Another-9", "confirm": "Quite-Another-9"},
            follow=True,
        ),
    )


@pytest.mark.parametrize("walk", [_reset, _signed_in])
def test_no_english_is_left_on_peoples_pages(contoso: Org, language: str, walk: Any) -> None:
    found = {}
    for name, response in walk(contoso, language):
        if response.status_code == 302:
            continue
        page = response.content.decode()
        assert f'<html lang="{language}"' in page, name
        found[name] = left(language, seen(page))
    assert len(found) > 8
    assert {name: words for name, words in found.items() if words} == {}


def test_no_english_is_left_where_reset_is_not_to_be_had(fabrikam: Org, language: str) -> None:
    page = fabrikam.browser(**{"accept-language": language}).get("/reset/").content.decode()
    assert left(language, seen(page)) == []


def test_no_english_is_left_on_the_way_to_a_first_password(contoso: Org, language: str) -> None:
    bo = contoso.user("bo")
    people.change(bo, {"language": language}, actor="tests")
    mail.outbox = []
    link = activation.invite(bo, actor="tests")
    run_jobs()
    (sent,) = mail.outbox
    browser = contoso.browser(**{"accept-language": language})
    page = browser.get(urlsplit(link).path, follow=True).content.decode()
    refused = browser.post("/activate/", {"new_password": "a", "confirm": "b"}).content.decode()
    assert left(language, f"{sent.subject} {sent.body} {seen(page)} {seen(refused)}") == []


@pytest.mark.parametrize(
    "name",
    [
        "400.html",
        "403.html",
        "403_csrf.html",
        "404.html",
        "429.html",
        "tenants/suspended.html",
        "captcha/characters.html",
    ],
)
def test_no_english_is_left_on_a_refusal(language: str, name: str) -> None:
    with override(language):
        assert left(language, seen(render_to_string(name))) == []


def test_an_unknown_host_answers_in_the_browsers_language(db: None, language: str) -> None:
    page = Client(headers={"host": "nobody.localhost", "accept-language": language}).get("/").content.decode()
    assert f'<html lang="{language}"' in page
    assert left(language, seen(page)) == []


def test_no_english_is_left_on_the_desk(contoso: Org, language: str) -> None:
    chief = contoso.user("chief")
    browser = proved(contoso, chief, give_app(chief))
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    found = dict(_desk(browser, language))
    assert len(found) > 8, f"{SKIN} shows fewer pages than there are models: {sorted(found)}"
    assert {path: words for path, words in found.items() if words} == {}


def test_no_english_is_left_on_the_providers_desk(provider: Org, language: str) -> None:
    chief = provider.user("chief")
    browser = proved(provider, chief, give_app(chief))
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    found = dict(_desk(browser, language))
    assert len(found) > 4, sorted(found)
    assert {path: words for path, words in found.items() if words} == {}


def _desk(browser: Browser, language: str) -> Iterator[tuple[str, list[str]]]:
    """Follow the desk's own links: each list, each form, one row of each."""
    waiting, known = ["/admin/"], {"/admin/"}
    while waiting:
        path = waiting.pop(0)
        response = browser.get(path)
        if response.status_code == 200 and "html" in response.headers["content-type"]:
            page = response.content.decode()
            yield path, left(language, seen(page))
            for link in re.findall(r'href="(/admin/[^"?#]*)"', page):
                shape = re.sub(r"/[0-9a-f-]{20,}/|/\d+/|(?<=/brandtext)/[^/]+/", "/ROW/", link)
                if shape not in known and "logout" not in link:
                    known.add(shape)
                    waiting.append(link)


def test_a_mail_is_in_the_language_of_the_page_that_asked(contoso: Org, language: str) -> None:
    give_email(contoso.user("adele"))
    browser = contoso.browser(**{"accept-language": language})
    begin_reset(browser, "adele@contoso.example")
    ask_email(browser, "adele@home.example")
    code_in_mail()
    sent = mail.outbox[-1]
    assert sent.subject == {"de": "Ihr Prüfcode von Contoso", "ar": "رمز التحقق من Contoso"}[language]
    html = str(sent.alternatives[0][0])  # type: ignore[attr-defined]
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in html
    for text in (sent.subject, str(sent.body), seen(html)):
        assert left(language, text) == []


def test_a_notice_is_in_the_language_that_the_person_chose(contoso: Org, language: str) -> None:
    browser = contoso.browser()
    sign_in(browser, "adele@contoso.example")
    browser.post("/language/", {"language": language})
    browser.post(
        "/password/", {"current": PASSWORD, "new_password": "Quite-Another-9", "confirm": "Quite-Another-9"}
    )
    mail.outbox = []
    run_jobs()
    assert User.objects.get(sign_in_name="adele@contoso.example").language == language
    (sent,) = mail.outbox
    assert left(language, f"{sent.subject} {sent.body}") == []


def test_german_browsers_get_german(contoso: Org) -> None:
    give_email(contoso.user("adele"))
    browser = contoso.browser(**{"accept-language": "de-AT,de;q=0.9,en;q=0.5"})
    assert "Anmeldename" in browser.get("/sign-in/").content.decode()
    assert "Zurück in Ihr Konto" in browser.get("/reset/").content.decode()
    adele = contoso.user("adele")
    browser = proved(contoso, adele)
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    assert "<h1>Sicherheitsinformationen</h1>" in browser.get("/security-info/").content.decode()


def test_the_language_of_choice_wins_over_the_browsers(contoso: Org) -> None:
    browser = contoso.browser(**{"accept-language": "de"})
    assert '<html lang="de" dir="ltr">' in browser.get("/sign-in/").content.decode()
    for chosen, opening in (
        ("en", '<html lang="en" dir="ltr">'),
        ("ar", '<html lang="ar" dir="rtl">'),
        ("xx", '<html lang="ar" dir="rtl">'),  # a language that there is not changes nothing
    ):
        response = browser.post("/language/", {"language": chosen, "next": "/sign-in/"}, follow=True)
        assert opening in response.content.decode()


def test_what_other_packages_say_is_translated_too(contoso: Org, language: str) -> None:
    page = contoso.browser(**{"accept-language": language}).post("/sign-in/", {}).content.decode()
    assert "This field is required" not in page
