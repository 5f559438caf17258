"""What pages and mails show of an organization: one frozen snapshot, kept with its host, read without a query while warm."""

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, get_language_info

from tenants.branding import colours, links
from tenants.branding.colours import Palette
from tenants.branding.models import Brand, BrandText
from tenants.branding.places import Place
from tenants.branding.said import KEY
from tenants.models import Organization


@dataclass(frozen=True)
class Wording:
    """An organization's own words, and the language that they turned out to be in."""

    text: str
    language: str

    @property
    def direction(self) -> str:
        """Return the direction in which these words are written."""
        return "rtl" if get_language_info(self.language)["bidi"] else "ltr"

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class BrandFacts:
    """The look of one organization. Texts are chosen by the active language when they are read."""

    name: str
    palette: Palette
    alt: str = ""
    logo_digest: str = ""
    logo_dark_digest: str = ""
    icon_digest: str = ""
    helpdesk: str = ""
    privacy: str = ""
    terms: str = ""
    language: str = ""
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: Pictures that are tried out, by their fields, as addresses that hold them; empty for one that is taken away.
    tried: Mapping[str, str] = field(default_factory=dict)

    @functools.cached_property
    def sentences(self) -> Mapping[str, Mapping[str, str]]:
        """The organization's own words for what pages say besides the texts that have a name (`said`)."""
        return {key: texts for key, texts in self.texts.items() if key.startswith(KEY)}

    @property
    def css(self) -> str:
        """Return the style sheet of the organization's colours."""
        return colours.css(self.palette)

    @property
    def css_version(self) -> str:
        """Return what changes whenever the style sheet does."""
        return hashlib.sha256(self.css.encode()).hexdigest()[:12]

    @property
    def css_url(self) -> str:
        """Return the address of the style sheet; it can be kept for ever."""
        return f"{reverse('brand:css')}?v={self.css_version}"

    @property
    def logo_url(self) -> str:
        """Return the address of the logo; empty when there is none."""
        if "logo" in self.tried:
            return self.tried["logo"]
        return reverse("brand:logo", args=[self.logo_digest]) if self.logo_digest else ""

    @property
    def logo_dark_url(self) -> str:
        """Return the address of the logo for dark pages; empty when there is none."""
        if "logo_dark" in self.tried:
            return self.tried["logo_dark"]
        return reverse("brand:logo-dark", args=[self.logo_dark_digest]) if self.logo_dark_digest else ""

    @property
    def icon_url(self) -> str:
        """Return the address of the browser's icon; empty when there is none."""
        return reverse("brand:icon", args=[self.icon_digest]) if self.icon_digest else ""

    @property
    def logo_alt(self) -> str:
        """Return the logo in words."""
        return self.alt or self.name

    @property
    def helpdesk_in_words(self) -> str:
        """Return where the help desk is, for a page that links nowhere."""
        return links.in_words(self.helpdesk)

    @property
    def privacy_in_words(self) -> str:
        """Return where the privacy statement is, likewise."""
        return links.in_words(self.privacy)

    @property
    def terms_in_words(self) -> str:
        """Return where the terms of use are, likewise."""
        return links.in_words(self.terms)

    @property
    def sign_in(self) -> Wording | None:
        """Return the words below the sign-in form."""
        return self.text(Place.SIGN_IN)

    @property
    def help(self) -> Wording | None:
        """Return the words beside the link to the help desk."""
        return self.text(Place.HELP)

    @property
    def footer(self) -> Wording | None:
        """Return the words in the footer."""
        return self.text(Place.FOOTER)

    def own(self, key: str) -> str:
        """Return the organization's own words in the active language alone; empty where it has none."""
        there = self.texts.get(key)
        if not there:
            return ""
        active = get_language() or settings.LANGUAGE_CODE
        return there.get(active) or there.get(active.partition("-")[0], "")

    def text(self, place: Place) -> Wording | None:
        """Return the words at a place in the active language, else in the organization's, in ours, in any that there is."""
        there = self.texts.get(place, {})
        active = get_language() or settings.LANGUAGE_CODE
        for language in (
            active,
            active.partition("-")[0],
            self.language,
            settings.MODELTRANSLATION_DEFAULT_LANGUAGE,
            *there,
        ):
            if text := there.get(language):
                return Wording(text, language)
        return None


def load(organization: Organization) -> BrandFacts:
    """Read the snapshot of the organization that has been entered: two queries."""
    brand = Brand.objects.defer("logo", "logo_dark", "icon").first() or Brand()
    return BrandFacts(
        name=organization.name,
        palette=colours.palette(brand.fill),
        alt=brand.logo_alt,
        logo_digest=brand.logo_digest,
        logo_dark_digest=brand.logo_dark_digest,
        icon_digest=brand.icon_digest,
        helpdesk=brand.helpdesk,
        privacy=brand.privacy,
        terms=brand.terms,
        language=brand.language,
        texts=MappingProxyType(
            {
                row.place: MappingProxyType(written)
                for row in BrandText.objects.all()
                if (written := row.written())
            }
        ),
    )
