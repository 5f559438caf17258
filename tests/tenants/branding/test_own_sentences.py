"""Own words for buttons, labels, hints and errors: said where people are, and nowhere else, and never as markup."""

from collections.abc import Iterator
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext, ngettext

from registration.models import AuditEvent
from tenants import hosts
from tenants.branding import own_words, painting, said
from tenants.branding.facts import BrandFacts
from tenants.branding.models import BrandText
from tenants.context import entered
from tests import building
from tests.building import Org
from tests.registration.steps import proved
from tests.tenants.branding.queries import asked

LABEL = said.key_of("Sign-in name")
REQUIRED = said.key_of("This field is required.")
LIST = "/admin/branding/brandtext/"


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    yield
    hosts.forget()


@pytest.fixture
def desk(contoso: Org) -> Client:
    """The browser of Contoso's administrator, second factor passed."""
    chief = contoso.user("chief")
    return proved(contoso, chief, building.give_app(chief))


def page(org: Org, path: str = "/sign-in/", **headers: str) -> str:
    return unescape(org.browser(**headers).get(path).content.decode())


def say(key: str, **texts: str) -> None:
    painting.save_text(key, texts, actor="tests")
    hosts.forget()


def test_it_is_said_at_home_in_its_language_and_nowhere_else(
    desk: Client, contoso: Org, fabrikam: Org
) -> None:
    with entered(contoso.row):
        say(LABEL, en="Your Contoso name")
    assert "Your Contoso name" in page(contoso)
    assert "Your Contoso name" in page(contoso, "/reset/")
    assert "Your Contoso name" not in page(contoso, accept_language="de")
    assert "Anmeldename" in page(contoso, accept_language="de")
    assert "Your Contoso name" not in page(fabrikam)
    assert "Sign-in name" in page(fabrikam)
    assert "Your Contoso name" not in unescape(desk.get("/admin/registration/user/").content.decode())
    with entered(contoso.row):
        assert gettext("Sign-in name") == "Sign-in name"  # a job, a command


def test_an_error_is_said_in_own_words(contoso: Org) -> None:
    with entered(contoso.row):
        say(REQUIRED, en="We need this")
    answer = contoso.browser().post("/sign-in/", {"login": "", "password": ""})
    assert "We need this" in unescape(answer.content.decode())


def test_a_warm_page_costs_no_more_queries(contoso: Org) -> None:
    browser = contoso.browser()
    browser.get("/sign-in/")
    with asked() as before:
        browser.get("/sign-in/")
    with entered(contoso.row):
        say(LABEL, en="Your Contoso name")
    browser.get("/sign-in/")
    with asked() as after:
        browser.get("/sign-in/")
    assert len(after) == len(before)


@pytest.mark.parametrize("text", ["<b>Name</b>", "Name & more", 'say "name"'])
def test_markup_is_refused(contoso: Org, text: str) -> None:
    with entered(contoso.row), pytest.raises(ValidationError) as refused:
        painting.save_text(LABEL, {"en": text}, actor="tests")
    assert [one.code for one in refused.value.error_dict["text_en"]] == ["markup"]
    with entered(contoso.row):
        assert not BrandText.objects.filter(place=LABEL).exists()


def counted() -> said.Said:
    """Return a sentence with a number and a name in it."""
    found = (one for one in said.every().values() if isinstance(one, said.Said))
    return next(one for one in found if len(one.default) > 1 and len(one.known) == 1)


def test_placeholders_are_checked_and_filled(contoso: Org) -> None:
    one = counted()
    (name,) = one.known
    with entered(contoso.row):
        with pytest.raises(ValidationError) as refused:
            painting.save_text(one.key, {"en": "%(other)s"}, actor="tests")
        assert {flaw.code for flaw in refused.value.error_dict["text_en"]} == {
            "unknown_placeholder",
            "missing_placeholder",
        }
        say(one.key, en=f"100% of %({name})s")
        with own_words.speaking(), translation.override("en"):
            said_now = ngettext(one.message, str(one.default[1]), 2) % {name: 2}
    assert said_now == "100% of 2"


def test_the_desk_finds_writes_previews_and_brings_back(desk: Client, contoso: Org) -> None:
    found = unescape(desk.get(LIST, {"q": "sign-in name", "group": "sentences"}).content.decode())
    assert f"{LIST}{LABEL}/change/" in found
    address = f"{LIST}{LABEL}/change/"
    shown = unescape(desk.get(address).content.decode())
    assert "Anmeldename" in shown and "Send me a test" not in shown
    look = {"text_en": "Your Contoso name", "preview_page": "sign_in", "preview_language": "en"}
    preview = desk.post(f"{LIST}{LABEL}/preview/", look)
    assert "Your Contoso name" in unescape(preview.content.decode())
    assert "Your Contoso name" not in page(contoso)  # nothing is saved by a look
    assert desk.post(address, {"text_en": "Your Contoso name", "_save": "1"}).status_code == 302
    hosts.forget()
    assert "Your Contoso name" in page(contoso)
    with entered(contoso.row):
        assert AuditEvent.objects.filter(
            activity="branding_changed", data__has_key=f"{LABEL}.text_en"
        ).exists()
    desk.post(address, {"_reset": "en", "text_en": ""})
    hosts.forget()
    assert "Your Contoso name" not in page(contoso)


def test_facts_know_their_sentences() -> None:
    palette = BrandFacts.__dataclass_fields__["palette"].type
    assert palette is not None
    facts = BrandFacts("Contoso", None, texts={"sign_in": {"en": "a"}, LABEL: {"en": "b"}})  # type: ignore[arg-type]
    assert facts.sentences == {LABEL: {"en": "b"}}
