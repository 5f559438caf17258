"""What pages know of an organization's look: one snapshot, in the language of whoever looks."""

from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory, override_settings
from django.utils import translation

from tenants import hosts
from tenants.branding import painting
from tenants.branding.context import brand, here
from tenants.branding.facts import BrandFacts
from tenants.branding.models import Brand, BrandText
from tenants.branding.places import Place
from tests.building import Org
from tests.tenants.branding.queries import asked


@pytest.fixture
def texts(contoso: Org) -> Org:
    """Contoso with a sign-in text in two languages, and a footer in German alone."""
    painting.save_text(Place.SIGN_IN, {"en": "Hello", "de": "Hallo"}, actor="chief")
    painting.save_text(Place.FOOTER, {"de": "Impressum"}, actor="chief")
    return contoso


@pytest.mark.parametrize(
    ("active", "text", "language"),
    [("en", "Hello", "en"), ("de", "Hallo", "de"), ("de-at", "Hallo", "de"), ("fr", "Hello", "en")],
)
def test_text_in_the_readers_language_else_in_the_default_one(
    texts: Org, active: str, text: str, language: str
) -> None:
    with translation.override(active):
        shown = here().sign_in
    assert shown is not None
    assert (str(shown), shown.language, shown.direction) == (text, language, "ltr")


def test_text_in_another_language_is_better_than_none(texts: Org) -> None:
    footer = here().footer
    assert footer is not None
    assert (footer.text, footer.language) == ("Impressum", "de")


def test_no_text_is_nothing(texts: Org) -> None:
    assert here().help is None


def test_arabic_is_told_to_run_from_right_to_left(contoso: Org) -> None:
    painting.save_text(Place.HELP, {"ar": "مكتب المساعدة"}, actor="chief")
    shown = here().help
    assert shown is not None
    assert shown.direction == "rtl"


def test_reading_takes_two_queries_and_then_none(contoso: Org) -> None:
    with asked() as cold:
        here()
    with asked() as warm:
        assert brand(RequestFactory().get("/"))["brand"] == here()
    assert len(cold) == 2
    assert warm == []


def test_pictures_are_not_read_with_the_facts(contoso: Org) -> None:
    with asked() as queries:
        here()
    columns = queries[0].partition(" FROM ")[0]
    assert '"logo_digest"' in columns
    assert '"logo"' not in columns


def test_organization_without_rows_has_the_plain_look(contoso: Org) -> None:
    Brand.objects.all().delete()
    BrandText.objects.all().delete()
    facts = here()
    assert (facts.name, facts.logo_url, facts.logo_alt, facts.sign_in) == ("Contoso", "", "Contoso", None)


def test_nothing_where_no_organization_is_served(db: None) -> None:
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    assert brand(RequestFactory().get("/")) == {"brand": None}


def test_version_follows_the_colours(contoso: Org) -> None:
    before = here().css_version
    painting.save_brand({"fill": "#0f766e"}, actor="chief")
    hosts.forget()
    assert here().css_version != before
    assert here().css_url.endswith(f"?v={here().css_version}")


def test_facts_cannot_be_changed(texts: Org) -> None:
    facts: Any = here()
    with pytest.raises(AttributeError):
        facts.name = "Fabrikam"
    with pytest.raises(TypeError):
        facts.texts["sign_in"]["en"] = "Hacked"


@override_settings(MODELTRANSLATION_DEFAULT_LANGUAGE="de")
def test_default_language_is_a_setting(texts: Org) -> None:
    with translation.override("fr"):
        assert str(here().sign_in) == "Hallo"


def test_empty_facts_need_only_a_name_and_colours() -> None:
    from tenants.branding.colours import palette

    assert BrandFacts("Contoso", palette("#0f766e")).logo_alt == "Contoso"
