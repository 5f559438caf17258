"""Every text that an organization may say in its own words: that it is said, and held to its rules."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import RequestFactory
from django.utils import translation

from registration import calling, notices
from registration.methods.mobile_phone import _words
from registration.purpose import Purpose
from tenants import hosts
from tenants import mail as door
from tenants.branding import letters, painting, previews, replaceable, samples
from tenants.branding.context import here, trying
from tenants.branding.models import BrandText
from tenants.branding.previews import Asked
from tenants.branding.replaceable import PLACEHOLDERS, Group, Replaceable
from tenants.branding.saying import say
from tenants.branding.standing_still import LIGHT
from tests.building import Org, run_jobs
from tests.tenants.branding.queries import asked

TEMPLATES = Path(__file__).parents[3] / "templates"
MARK = "Zirkon"
#: Mails of three templates, which no organization can reword, each with the reason.
FIXED: dict[str, str] = {}
EVERY = list(replaceable.every())
PAGES = [text for text in EVERY if text.section.group is Group.PAGES]
MAILS = [text for text in EVERY if text.section.group is Group.MAILS]
MESSAGES = [text for text in EVERY if text.section.group is Group.MESSAGES]


def own(text: Replaceable) -> str:
    """Return own words that keep to the rules, with every placeholder that is needed."""
    needed = " ".join(f"%({name})s" for name in text.required)
    return f"{MARK} <b>&amp; {needed}".strip()


def request_of(org: Org) -> Any:
    """Return a request as the desk has one."""
    request = RequestFactory().get("/admin/")
    request.user = org.user("chief")
    return request


def looked(org: Org, text: Replaceable, words: str, language: str = "en") -> str:
    """Return what a preview shows of a text that is said so in one language."""
    facts = previews.with_text(here(), text.key, {language: words})
    (page, _name), *_others = previews.offered(text)
    return previews.look(request_of(org), Asked(page, LIGHT, language), facts, about=text.key)


@pytest.mark.parametrize("text", PAGES, ids=lambda text: text.key)
def test_each_page_says_it_in_own_words_and_escaped(contoso: Org, text: Replaceable) -> None:
    page = looked(contoso, text, own(text))
    assert f"{MARK} &lt;b&gt;&amp;amp;" in page
    assert f"{MARK} <b>" not in page


def test_each_page_has_its_text_in_a_template_and_each_template_a_text_that_there_is() -> None:
    said = {
        key
        for path in TEMPLATES.rglob("*.html")
        for key in re.findall(r'{% text "([^"]+)"', path.read_text())
    }
    assert said <= {text.key for text in PAGES}
    by_code = {"reset-stopped.", "reset-unavailable.", "activate.dead", "objection.dead"}
    others = {text.key for text in PAGES if not text.key.startswith(tuple(by_code))} - said
    assert others == {"sign_in", "help", "footer"}


@pytest.mark.parametrize("text", MAILS, ids=lambda text: text.key)
def test_each_mail_says_it_in_own_words_and_escaped(contoso: Org, text: Replaceable) -> None:
    with trying(previews.with_text(here(), text.key, {"en": own(text)})):
        written = samples.mail(text.key)
    plain = written.text if not text.key.endswith((".subject", ".button")) else written.subject
    assert f"{MARK} <b>&amp;" in plain or text.key.endswith(".button")
    assert f"{MARK} &lt;b&gt;&amp;amp;" in written.html or text.key.endswith(".subject")
    assert f"{MARK} <b>" not in written.html
    assert "%(" not in f"{written.subject}{written.text}{written.html}"


def test_each_mail_that_is_sent_is_made_of_texts_or_says_why_not() -> None:
    """Declare the texts of a new mail in its room's `texts.py`, or say in FIXED why no organization may reword it."""
    assert {path.name for path in (TEMPLATES / "mail").iterdir() if path.is_dir()} == set(FIXED)
    assert {letter.event for letter in letters.every()} == {text.key.split(".")[1] for text in MAILS}


@pytest.mark.parametrize("text", MESSAGES, ids=lambda text: text.key)
def test_each_message_and_call_says_it_in_own_words(contoso: Org, text: Replaceable) -> None:
    with trying(previews.with_text(here(), text.key, {"en": own(text)})):
        said = [
            _words("271828", purpose=one, language="en")
            for one in (Purpose.ENROL, Purpose.RESET, Purpose.PROVE)
        ]
        calls = [calling.code("1", "en"), calling.key("en"), calling.thanks("en"), calling.stopped("en")]
        said += [sentence for call in calls for sentence in call.sentences]
    assert sum(f"{MARK} <b>&amp;" in one for one in said) == 1


def test_what_a_message_ends_with_stays(contoso: Org) -> None:
    painting.save_text("sms.reset", {"en": "Ihr Code: %(code)s"}, actor="chief")
    hosts.forget()
    assert _words("271828", purpose=Purpose.RESET, language="en") == (
        "Ihr Code: 271828 Tell it to nobody.\n\n@contoso.localhost #271828"
    )


def test_what_a_call_asks_for_stays(contoso: Org) -> None:
    painting.save_text("call.key", {"en": "Press hash."}, actor="chief")
    hosts.forget()
    assert calling.key("en").sentences[1:] == (
        "Somebody wants to prove by this call that they are you.",
        "If it is you, press the hash key. If it is not, press the star key.",
    )


@pytest.mark.parametrize(
    ("key", "words", "code"),
    [
        ("mail.code.body", "Your code is ready.", "missing_placeholder"),
        ("mail.code.body", "%(code)s %(password)s", "unknown_placeholder"),
        ("mail.code.body", "{{ code }} %(code)s", "half_placeholder"),
        ("mail.code.body", "%(code)s %(code", "half_placeholder"),
        ("mail.code.body", "%(code)s, see https://evil.example", "link"),
        ("mail.code.body", "%(code)s, see evil.example/login", "link"),
        ("mail.code.subject", "Two\nlines", "not_one_line"),
        ("mail.password_reset.body", "%(sign_in_name)s %(date)s", "missing_placeholder"),
        ("mail.activation.body", "%(sign_in_name)s", "missing_placeholder"),
        ("sms.reset", "No code", "missing_placeholder"),
        ("sms.reset", "%(code)s " + "ж" * 250, "too_many_messages"),
        ("sign-in.heading", "x" * 121, "too_long"),
        ("sign-in.heading", "pay\u202ecod.exe", "invisible"),
    ],
)
def test_a_text_that_breaks_a_rule_is_refused_by_name_and_changes_nothing(
    contoso: Org, key: str, words: str, code: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        painting.save_text(key, {"en": words, "de": ""}, actor="chief")
    (error,) = refused.value.error_dict["text_en"]
    assert error.code == code
    assert BrandText.objects.count() == 0


def test_every_default_keeps_to_its_own_rules() -> None:
    found = {}
    for language in ("en", "de", "ar"):
        with translation.override(language):
            for text in EVERY:
                if flaws := text.flaws(text.words()):
                    found[f"{text.key} {language}"] = flaws
    assert found == {}


def test_every_placeholder_is_filled_where_it_is_offered(contoso: Org) -> None:
    for text in MAILS:
        words = " ".join(f"%({name})s" for name in text.known)
        with trying(previews.with_text(here(), text.key, {"en": words})):
            written = samples.mail(text.key)
        assert "%(" not in written.subject + written.text, text.key
    declared = [text for text in EVERY if text.section.group is not Group.SENTENCES]
    assert set(PLACEHOLDERS) == {name for text in declared for name in text.known}


def test_another_languages_own_words_are_never_taken(contoso: Org) -> None:
    painting.save_text("sign-in.heading", {"de": "Grüß Gott"}, actor="chief")
    hosts.forget()
    for language, words in (
        ("de", "Grüß Gott"),
        ("de-at", "Grüß Gott"),
        ("en", "Sign in"),
        ("ar", "تسجيل الدخول"),
    ):
        with translation.override(language):
            assert say("sign-in.heading") == words


def test_a_number_chooses_the_default_and_fills_own_words(contoso: Org) -> None:
    assert "Register one method" in say("register.lead", missing=1)
    assert "Register 2 methods" in say("register.lead", missing=2)
    with trying(previews.with_text(here(), "register.lead", {"en": "Missing: %(missing)s"})):
        assert say("register.lead", missing=1) == "Missing: 1"


def test_what_is_filled_in_is_not_filled_again(contoso: Org) -> None:
    with trying(previews.with_text(here(), "sms.prove", {"en": "%(organization)s %(code)s"})):
        assert say("sms.prove", organization="%(code)s", code="1") == "%(code)s 1"


def test_a_page_of_no_organization_says_the_default(db: None) -> None:
    assert say("sign-in.heading") == "Sign in"


def test_a_key_that_nobody_declared_is_an_error(contoso: Org) -> None:
    with pytest.raises(LookupError):
        say("nothing.here")


@pytest.fixture
def notice(contoso: Org) -> Org:
    """Contoso with own words for a notice, in German alone."""
    words = "Hallo %(name)s,\n\n%(sign_in_name)s hat ein neues Kennwort (%(date)s, %(address)s)."
    painting.save_text("mail.password_changed.body", {"de": words}, actor="chief")
    painting.save_text("mail.password_changed.subject", {"de": "Neues Kennwort"}, actor="chief")
    hosts.forget()
    return contoso


def _told(org: Org, language: str) -> Any:
    user = org.user("adele")
    user.language = language
    user.save(update_fields=["language"])
    mail.outbox = []
    notices.tell_of_password("password_changed", user, address="203.0.113.9")
    run_jobs()
    (sent,) = mail.outbox
    return sent


def test_a_job_writes_own_words_in_the_readers_language_with_the_way_to_object(notice: Org) -> None:
    sent = _told(notice, "de")
    html = unescape(str(sent.alternatives[0][0]))
    assert sent.subject == "Neues Kennwort"
    assert "adele@contoso.example hat ein neues Kennwort" in sent.body
    assert "203.0.113.9" in sent.body
    assert re.search(r"/object/\S+", sent.body)
    assert "/object/" in html and "adele@contoso.example hat ein neues Kennwort" in html
    english = _told(notice, "en")
    assert english.subject == "Your Contoso password was changed"
    assert "Neues" not in english.body


def test_own_words_are_no_other_organizations(notice: Org, fabrikam: Org) -> None:
    assert _told(fabrikam, "de").subject == "Ihr Kennwort bei Fabrikam wurde geändert"
    german = {"accept-language": "de"}
    painting.save_text("sign-in.heading", {"de": "Nur bei Fabrikam"}, actor="chief")
    hosts.forget()
    assert "Nur bei Fabrikam" in fabrikam.browser(**german).get("/sign-in/").content.decode()
    assert "Nur bei Fabrikam" not in notice.browser(**german).get("/sign-in/").content.decode()


def test_own_words_cost_no_query(notice: Org) -> None:
    here()
    with asked() as queries, translation.override("de"):
        for text in PAGES:
            say(text.key, missing=1)
        door.write("code", {"code": "123456"})
    assert queries == []


def test_what_is_tried_is_not_there_afterwards_nor_elsewhere(contoso: Org, fabrikam: Org) -> None:
    with trying(previews.with_text(here(), "sign-in.heading", {"en": MARK})):  # Fabrikam's, entered last
        assert say("sign-in.heading") == MARK
        assert MARK not in contoso.browser().get("/sign-in/").content.decode()
    assert say("sign-in.heading") == "Sign in"
