"""Which fields of the branding stand in each language."""

from modeltranslation.translator import TranslationOptions, register

from tenants.branding.models import BrandText


@register(BrandText)
class BrandTextOptions(TranslationOptions):
    """One row for each place, so that a new text is a row and not a column for each language."""

    fields = ("text",)
