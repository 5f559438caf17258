"""The desk's pages of the branding: what an administrator can do there, and what is written down."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from registration.audit import Activity
from registration.models import AuditEvent
from tenants import hosts
from tenants.branding import painting
from tenants.branding.logos import clean_logo
from tenants.branding.models import Brand
from tenants.branding.places import Place
from tenants.context import entered
from tests import building
from tests.building import Org
from tests.tenants.branding import pictures

FORM = {"fill": "#0F766E", "logo_alt": "", "helpdesk": "", "privacy": "", "terms": ""}


@pytest.fixture
def desk(contoso: Org) -> Iterator[Client]:
    """The browser of Contoso's administrator, second factor passed."""
    building.give_app(contoso.user("chief"))
    browser = contoso.browser()
    building.sign_in(browser, f"chief@{contoso.domain}")
    browser.get("/verify/?next=/admin/")
    browser.post("/verify/?next=/admin/", {"action": "answer", "code": building.app_code()})
    yield browser
    hosts.forget()


def brand_page(org: Org) -> str:
    with entered(org.row):
        return f"/admin/branding/brand/{Brand.objects.get().pk}/change/"


def text_page(key: str) -> str:
    return f"/admin/branding/brandtext/{key}/change/"


def upload(content: bytes, name: str = "logo.png") -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def test_list_is_the_form_of_the_one_row(desk: Client, contoso: Org) -> None:
    answer = desk.get("/admin/branding/brand/", follow=True)
    assert answer.redirect_chain in ([], [(brand_page(contoso), 302)])
    page = answer.content.decode()
    assert 'name="new_logo"' in page
    assert 'enctype="multipart/form-data"' in page
    assert desk.get("/admin/branding/brand/add/").status_code == 403


def test_look_is_saved_drawn_again_and_written_down(desk: Client, contoso: Org) -> None:
    answer = desk.post(brand_page(contoso), {**FORM, "new_logo": upload(pictures.with_comment("<script>"))})
    assert answer.status_code == 302
    with entered(contoso.row):
        brand = Brand.objects.get()
        event = AuditEvent.objects.get(activity=Activity.BRANDING_CHANGED)
    assert brand.fill == "#0f766e"
    assert b"script" not in bytes(brand.logo)
    assert event.actor == "chief@contoso.example"
    assert set(event.data) == {"fill", "logo_digest"}


def test_nothing_else_is_written_down(desk: Client, contoso: Org) -> None:
    desk.post(brand_page(contoso), FORM)
    with entered(contoso.row):
        assert not AuditEvent.objects.filter(activity=Activity.DESK_CHANGED).exists()


def test_logo_can_be_removed(desk: Client, contoso: Org) -> None:
    desk.post(brand_page(contoso), {**FORM, "new_logo": upload(pictures.plain())})
    desk.post(brand_page(contoso), {**FORM, "remove_logo": "on"})
    with entered(contoso.row):
        assert Brand.objects.get().logo_digest == ""


def test_logo_stays_when_nothing_is_uploaded(desk: Client, contoso: Org) -> None:
    desk.post(brand_page(contoso), {**FORM, "new_logo": upload(pictures.plain())})
    desk.post(brand_page(contoso), FORM)
    with entered(contoso.row):
        assert Brand.objects.get().logo_digest == clean_logo(pictures.plain()).digest


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"new_logo": upload(pictures.SVG, "logo.svg")}, "not a PNG or JPEG"),
        ({"fill": "red"}, "Enter a colour such as #0f766e."),
        ({"helpdesk": "javascript:alert(1)"}, "https://, mailto: or tel:"),
    ],
)
def test_refusal_says_why_and_changes_nothing(
    desk: Client, contoso: Org, values: dict[str, Any], words: str
) -> None:
    answer = desk.post(brand_page(contoso), {**FORM, "terms": "https://contoso.example/", **values})
    assert answer.status_code == 200
    assert words in answer.content.decode()
    with entered(contoso.row):
        assert Brand.objects.get().terms == ""


@pytest.mark.parametrize(
    ("fill", "words"),
    [("#f2c811", "buttons have dark text"), ("#0f766e", "On dark pages, links are a lighter")],
)
def test_desk_tells_what_was_done_for_readability(desk: Client, contoso: Org, fill: str, words: str) -> None:
    desk.post(brand_page(contoso), {**FORM, "fill": fill})
    assert words in desk.get(brand_page(contoso)).content.decode()


def test_a_text_has_a_field_for_each_language_and_nothing_from_elsewhere(desk: Client, contoso: Org) -> None:
    page = desk.get(text_page(Place.SIGN_IN)).content.decode()
    for name in ("text_en", "text_de"):
        assert f'name="{name}"' in page
    assert "googleapis" not in page
    assert "jquery-ui" not in page


def test_text_is_saved_shown_and_written_down(desk: Client, contoso: Org) -> None:
    desk.post(text_page(Place.SIGN_IN), {"text_en": "<b>Hello</b>", "text_de": "Hallo"})
    hosts.forget()
    assert "&lt;b&gt;Hello&lt;/b&gt;" in contoso.browser().get("/sign-in/").content.decode()
    german = contoso.browser(**{"accept-language": "de"}).get("/sign-in/").content.decode()
    assert "Hallo" in german
    with entered(contoso.row):
        event = AuditEvent.objects.get(activity=Activity.BRANDING_CHANGED)
    assert event.data["sign_in.text_de"] == {"before": "", "after": "Hallo"}


def test_list_of_texts_names_places_and_languages(desk: Client, contoso: Org) -> None:
    desk.post(text_page(Place.FOOTER), {"text_en": "", "text_de": "Impressum"})
    page = desk.get("/admin/branding/brandtext/").content.decode()
    assert "Footer of every page" in page
    assert page.count("Changed in: Deutsch") == 1
    assert desk.get("/admin/branding/brandtext/add/").status_code == 403


def test_text_of_another_organization_is_not_there(desk: Client, fabrikam: Org) -> None:
    painting.save_text(Place.SIGN_IN, {"en": "Fabrikam alone", "de": "Nur Fabrikam"}, actor="chief")
    for path in (text_page(Place.SIGN_IN), "/admin/branding/brandtext/", "/sign-in/"):
        assert b"Fabrikam" not in desk.get(path).content
