"""Change how an organization looks: the only writer of its brand and its texts."""

from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import Signal

from tenants import hosts
from tenants.branding import placeholders
from tenants.branding.flaws import sentence
from tenants.branding.logos import Picture
from tenants.branding.models import Brand, BrandText
from tenants.branding.replaceable import find

#: Sent in the transaction of a change. Takes `actor`, and `data`: each field with its value before and after.
brand_changed = Signal()

FIELDS = ("logo_alt", "fill", "helpdesk", "privacy", "terms", "language")
PICTURES = ("logo", "logo_dark", "icon")


@transaction.atomic
def complete() -> Brand:
    """Return the organization's one brand, after making it where it is missing."""
    return Brand.objects.get_or_create(only=True)[0]


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
def save_text(key: str, texts: Mapping[str, str], *, actor: object) -> BrandText:
    """Set the organization's own words for a text in some languages; empty ones bring the default back.

    Raises ValidationError, by the field of the language, and changes nothing then. A text that is nowhere changed has no row.
    """
    declared = find(key)
    assert declared is not None, key
    Brand.objects.select_for_update().get_or_create(only=True)  # one at a time, also for a text without a row
    row = BrandText.objects.filter(place=key).first() or BrandText(place=key)
    data: dict[str, dict[str, str]] = {}
    errors: dict[str, list[ValidationError]] = {}
    for language, text in texts.items():
        assert language in settings.MODELTRANSLATION_LANGUAGES, language
        written = placeholders.cleaned(text)
        if found := [sentence(one) for one in declared.flaws(written)]:
            errors[BrandText.column(language)] = found
        _set(row, BrandText.column(language), written, data)
    if errors:
        raise ValidationError(errors)
    row.full_clean()
    if row.written():
        row.save()
    elif not row._state.adding:
        row.delete()
    _announce(BrandText, {f"{key}.{name}": values for name, values in data.items()}, actor)
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
