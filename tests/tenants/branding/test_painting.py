"""One writer: what it changes, what it refuses, what it announces, and that pages see it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tenants.branding import painting
from tenants.branding.context import here
from tenants.branding.logos import clean_logo
from tenants.branding.models import Brand, BrandText
from tenants.branding.places import LONGEST, Place
from tenants.context import entered
from tests.building import Org
from tests.tenants.branding import pictures

Changes = list[dict[str, Any]]


@pytest.fixture
def announced() -> Iterator[Changes]:
    """Collect what is announced."""
    heard: Changes = []

    def hear(**said: Any) -> None:
        heard.append({"actor": said["actor"], "data": said["data"]})

    painting.brand_changed.connect(hear)
    yield heard
    painting.brand_changed.disconnect(hear)


def test_change_is_saved_and_announced_with_before_and_after(contoso: Org, announced: Changes) -> None:
    before = Brand.objects.get().fill
    painting.save_brand({"fill": "#0f766e", "logo_alt": ""}, actor="chief")
    assert Brand.objects.get().fill == "#0f766e"
    assert announced == [{"actor": "chief", "data": {"fill": {"before": before, "after": "#0f766e"}}}]


def test_nothing_changed_is_nothing_announced(contoso: Org, announced: Changes) -> None:
    painting.save_brand({"fill": Brand.objects.get().fill}, actor="chief")
    painting.save_text(Place.FOOTER, {"en": ""}, actor="chief")
    assert announced == []


def test_picture_is_announced_by_its_digest_alone(contoso: Org, announced: Changes) -> None:
    picture = clean_logo(pictures.plain())
    painting.save_brand({}, pictures={"logo": picture}, actor="chief")
    painting.save_brand({}, pictures={"logo": None}, actor="chief")
    assert [one["data"] for one in announced] == [
        {"logo_digest": {"before": "", "after": picture.digest}},
        {"logo_digest": {"before": picture.digest, "after": ""}},
    ]
    assert bytes(Brand.objects.get().logo) == b""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fill", "red"),
        ("fill", "#FFFFFF"),
        ("fill", "#fff;}body{display:none"),
        ("helpdesk", "javascript:alert(1)"),
        ("privacy", "mailto:a@b.example"),
        ("terms", "http://contoso.example"),
        ("logo_alt", "x" * 101),
    ],
)
def test_bad_value_changes_nothing(contoso: Org, announced: Changes, field: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        painting.save_brand({"terms": "https://contoso.example/terms", field: value}, actor="chief")
    assert list(refused.value.message_dict) == [field]
    assert Brand.objects.get().terms == ""
    assert announced == []


def test_there_is_one_brand(contoso: Org) -> None:
    for only in (True, False):
        with pytest.raises(IntegrityError), transaction.atomic():
            Brand.objects.create(only=only)


def test_what_is_not_changed_has_no_row(contoso: Org) -> None:
    assert BrandText.objects.count() == 0
    painting.save_text(Place.HELP, {"en": "Call 4357.", "de": ""}, actor="chief")
    assert BrandText.objects.get().written() == {"en": "Call 4357."}
    painting.save_text(Place.HELP, {"en": ""}, actor="chief")
    assert BrandText.objects.count() == 0


def test_a_brand_that_an_older_organization_lacks_is_made(contoso: Org) -> None:
    Brand.objects.all().delete()
    painting.save_text(Place.HELP, {"en": "Call 4357."}, actor="chief")
    assert painting.complete() == Brand.objects.get()


def test_text_is_announced_by_place_and_language(contoso: Org, announced: Changes) -> None:
    painting.save_text(Place.SIGN_IN, {"en": "Hello", "de": "Hallo"}, actor="chief")
    assert announced[0]["data"] == {
        "sign_in.text_en": {"before": "", "after": "Hello"},
        "sign_in.text_de": {"before": "", "after": "Hallo"},
    }


def test_text_that_is_too_long_changes_nothing(contoso: Org, announced: Changes) -> None:
    with pytest.raises(ValidationError):
        painting.save_text(Place.SIGN_IN, {"en": "Hello", "de": "x" * (LONGEST + 1)}, actor="chief")
    assert BrandText.objects.count() == 0
    assert announced == []


def test_pages_see_a_change_as_soon_as_it_is_committed(
    contoso: Org, django_capture_on_commit_callbacks: Any
) -> None:
    assert here().palette.fill != "#0f766e"
    with django_capture_on_commit_callbacks(execute=True):
        painting.save_brand({"fill": "#0f766e"}, actor="chief")
    assert here().palette.fill == "#0f766e"


def test_one_organization_does_not_change_another(contoso: Org, fabrikam: Org) -> None:
    painting.save_brand({"fill": "#0f766e"}, actor="chief")
    assert here().palette.fill == "#0f766e"
    with entered(contoso.row):
        assert here().palette.fill != "#0f766e"
