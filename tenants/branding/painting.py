"""Change how an organization looks: the only writer of its brand and its texts."""

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.dispatch import Signal

from tenants import hosts
from tenants.branding.logos import Picture
from tenants.branding.models import Brand, BrandText
from tenants.branding.places import Place

#: Sent in the transaction of a change. Takes `actor`, and `data`: each field with its value before and after.
brand_changed = Signal()

FIELDS = ("logo_alt", "fill", "helpdesk", "privacy", "terms", "language")
PICTURES = ("logo", "icon")


@transaction.atomic
def complete() -> Brand:
    """Return the organization's one brand, after making what it lacks: that row, and one for each place of a text."""
    brand, _made = Brand.objects.get_or_create(only=True)
    there = set(BrandText.objects.values_list("place", flat=True))
    BrandText.objects.bulk_create(
        [BrandText(place=place) for place in Place if place not in there], ignore_conflicts=True
    )
    return brand


@transaction.atomic
def save_brand(
    values: Mapping[str, str], *, pictures: Mapping[str, Picture | None] | None = None, actor: object
) -> Brand:
    """Set some of `FIELDS`, and some of `PICTURES` (None removes one). Raises ValidationError and changes nothing then."""
    complete()
    brand = Brand.objects.select_for_update().get()
    data: dict[str, dict[str, str]] = {}
    for name, value in values.items():
        assert name in FIELDS, name
        _set(brand, name, value, data)
    for name, picture in (pictures or {}).items():
        assert name in PICTURES, name
        setattr(brand, name, picture.png if picture else b"")
        _set(brand, f"{name}_digest", picture.digest if picture else "", data)
    brand.full_clean()
    brand.save()
    _announce(Brand, data, actor)
    return brand


@transaction.atomic
def save_text(place: Place, texts: Mapping[str, str], *, actor: object) -> BrandText:
    """Set the words at a place in some languages. Raises ValidationError and changes nothing then."""
    complete()
    row = BrandText.objects.select_for_update().get(place=place)
    data: dict[str, dict[str, str]] = {}
    for language, text in texts.items():
        assert language in settings.MODELTRANSLATION_LANGUAGES, language
        _set(row, BrandText.column(language), text, data)
    row.full_clean()
    row.save()
    _announce(BrandText, {f"{place}.{name}": values for name, values in data.items()}, actor)
    return row


def _set(row: Brand | BrandText, name: str, value: str, data: dict[str, dict[str, str]]) -> None:
    before = getattr(row, name) or ""
    if before != value:
        data[name] = {"before": before, "after": value}
        setattr(row, name, value)


def _announce(sender: type[Brand | BrandText], data: dict[str, dict[str, str]], actor: object) -> None:
    if data:
        brand_changed.send(sender=sender, actor=actor, data=data)
        transaction.on_commit(hosts.forget)
