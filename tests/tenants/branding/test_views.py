"""The style sheet and the pictures, over HTTP."""

import pytest

from tenants import hosts
from tenants.branding import painting
from tenants.branding.context import here
from tenants.branding.facts import BrandFacts
from tenants.branding.logos import Picture, clean_icon, clean_logo
from tenants.context import entered
from tests.building import Org
from tests.tenants.branding import pictures
from tests.tenants.branding.queries import asked

FOR_EVER = "public, max-age=31536000, immutable"


def facts_of(org: Org) -> BrandFacts:
    """Return what pages know; a request leaves its organization when it ends."""
    with entered(org.row):
        return here()


def change(org: Org, fill: str) -> None:
    """Paint an organization, as a desk would."""
    with entered(org.row):
        painting.save_brand({"fill": fill}, actor="chief")
    hosts.forget()


@pytest.fixture
def logo(contoso: Org) -> Picture:
    """A logo of Contoso's."""
    picture = clean_logo(pictures.plain())
    icon = clean_icon(pictures.plain(50, 50))
    painting.save_brand({"fill": "#0f766e"}, pictures={"logo": picture, "icon": icon}, actor="chief")
    hosts.forget()
    return picture


def test_style_sheet_holds_the_colours_and_nothing_else(contoso: Org, logo: Picture) -> None:
    response = contoso.browser().get("/brand.css")
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert response.content.decode() == facts_of(contoso).css
    assert "--brand-fill:#0f766e" in response.content.decode()
    assert len(response.content) < 600


def test_only_the_right_version_may_be_kept(contoso: Org, logo: Picture) -> None:
    browser = contoso.browser()
    assert browser.get(facts_of(contoso).css_url)["Cache-Control"] == FOR_EVER
    for address in ("/brand.css", "/brand.css?v=000000000000"):
        assert browser.get(address)["Cache-Control"] == "no-cache"


def test_unchanged_style_sheet_is_not_sent_again(contoso: Org, logo: Picture) -> None:
    browser = contoso.browser()
    etag = browser.get("/brand.css")["ETag"]
    assert browser.get("/brand.css", headers={"if-none-match": etag}).status_code == 304
    change(contoso, "#334155")
    assert browser.get("/brand.css", headers={"if-none-match": etag}).status_code == 200


def test_logo_can_do_nothing_but_be_looked_at(contoso: Org, logo: Picture) -> None:
    response = contoso.browser().get(facts_of(contoso).logo_url)
    assert response.content == logo.png
    assert response["Content-Type"] == "image/png"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("inline")
    assert response["Cache-Control"] == FOR_EVER


def test_icon_has_its_own_address(contoso: Org, logo: Picture) -> None:
    assert contoso.browser().get(facts_of(contoso).icon_url)["Content-Type"] == "image/png"
    assert contoso.browser().get(f"/brand/icon/{logo.digest}.png").status_code == 404


def test_logo_of_another_organization_is_not_found(contoso: Org, fabrikam: Org, db: None) -> None:
    with entered(contoso.row):
        picture = clean_logo(pictures.plain())
        painting.save_brand({}, pictures={"logo": picture}, actor="chief")
    hosts.forget()
    address = f"/brand/logo/{picture.digest}.png"
    assert contoso.browser().get(address).status_code == 200
    assert fabrikam.browser().get(address).status_code == 404


@pytest.mark.parametrize("digest", ["0" * 64, "x", "-"])
def test_unknown_picture_is_not_found(contoso: Org, logo: Picture, digest: str) -> None:
    assert contoso.browser().get(f"/brand/logo/{digest}.png").status_code == 404


def test_no_logo_has_no_address(contoso: Org) -> None:
    assert facts_of(contoso).logo_url == facts_of(contoso).icon_url == ""
    assert contoso.browser().get("/brand/logo/.png").status_code == 404


def test_nothing_is_taken_by_post(contoso: Org, logo: Picture) -> None:
    for address in ("/brand.css", facts_of(contoso).logo_url, facts_of(contoso).icon_url):
        assert contoso.browser().post(address).status_code == 405


def test_style_sheet_takes_no_query_and_the_logo_one(contoso: Org, logo: Picture) -> None:
    browser, facts = contoso.browser(), facts_of(contoso)
    browser.get(facts.css_url)
    with asked() as for_style:
        browser.get(facts.css_url)
    with asked() as for_logo:
        browser.get(facts.logo_url)
    assert for_style == []
    assert len(for_logo) == 1


def test_pages_show_the_look(contoso: Org, logo: Picture) -> None:
    page = contoso.browser().get("/sign-in/").content.decode()
    assert facts_of(contoso).css_url in page
    assert f'<img src="{facts_of(contoso).logo_url}" alt="Contoso">' in page
    assert f'<link rel="icon" href="{facts_of(contoso).icon_url}">' in page
