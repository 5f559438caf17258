"""An organization's look. Images are rows, not files, so that an organization can be dumped, moved and erased alone."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from tenants.branding import colours
from tenants.branding.links import validate_helpdesk_link, validate_web_link
from tenants.branding.replaceable import LETTER, find


def validate_colour(value: str) -> None:
    """Refuse anything but a normalized #rrggbb: the value is written into a style sheet."""
    if colours.normalized(value) != value:
        raise ValidationError(_("Enter a colour such as #0f766e."), code="not_a_colour")


def language_choices() -> list[tuple[str, str]]:
    """Return the languages of pages and mails, each by its own name."""
    return [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]


class Brand(models.Model):
    """The one row of an organization's look. Empty fields mean the default: no logo, the organization's name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    only = models.BooleanField(default=True, unique=True, editable=False)
    logo = models.BinaryField(_("logo"), default=bytes, blank=True)
    logo_digest = models.CharField(max_length=64, blank=True, editable=False)
    logo_dark = models.BinaryField(_("logo for dark pages"), default=bytes, blank=True)
    logo_dark_digest = models.CharField(max_length=64, blank=True, editable=False)
    logo_alt = models.CharField(
        _("logo in words"),
        max_length=100,
        blank=True,
        help_text=_("What people hear who cannot see the logo. Empty: the organization's name."),
    )
    icon = models.BinaryField(_("icon"), default=bytes, blank=True)
    icon_digest = models.CharField(max_length=64, blank=True, editable=False)
    fill = models.CharField(
        _("colour"),
        max_length=7,
        default=colours.DEFAULT_FILL,
        validators=[validate_colour],
        help_text=_("Fills buttons. Links, edges and backgrounds follow from it, and stay readable."),
    )
    helpdesk = models.CharField(
        _("help-desk link"),
        max_length=500,
        blank=True,
        validators=[validate_helpdesk_link],
        help_text=_(
            "Where people turn who cannot help themselves: an address with https://, mailto: or tel:."
        ),
    )
    privacy = models.CharField(
        _("privacy statement"), max_length=500, blank=True, validators=[validate_web_link]
    )
    terms = models.CharField(_("terms of use"), max_length=500, blank=True, validators=[validate_web_link])
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        choices=language_choices,
        help_text=_(
            "For pages and mails, where neither the person nor their browser asks for one that we have. Default: English."
        ),
    )

    class Meta:
        verbose_name, verbose_name_plural = _("company branding"), _("company branding")
        constraints = [models.CheckConstraint(condition=models.Q(only=True), name="brand_only_one")]

    def __str__(self) -> str:
        return str(_("company branding"))


class BrandText(models.Model):
    """An organization's own words for one text (`replaceable`), in each language that it wrote them in.

    What it has not changed has no row.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    place = models.CharField(_("place"), max_length=64, unique=True, editable=False)
    text = models.TextField(_("text"), max_length=LETTER, blank=True, validators=[MaxLengthValidator(LETTER)])

    objects: ClassVar[models.Manager["BrandText"]] = models.Manager()

    class Meta:
        verbose_name, verbose_name_plural = _("text"), _("texts")
        ordering = ["place"]

    def __str__(self) -> str:
        text = find(self.place)
        return str(text.name) if text else self.place

    @staticmethod
    def column(language: str) -> str:
        """Return the field that holds the words in this language.

        >>> BrandText.column("de"), BrandText.column("pt-br")
        ('text_de', 'text_pt_br')
        """
        return f"text_{language.replace('-', '_')}"

    def written(self) -> dict[str, str]:
        """Return the words in each language that has some."""
        all_languages = {
            code: getattr(self, self.column(code)) for code in settings.MODELTRANSLATION_LANGUAGES
        }
        return {code: text for code, text in all_languages.items() if text}
