"""The look of an organization, as an app of its own: its tables stand in every schema."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class BrandingConfig(AppConfig):
    """Logo, colours and texts of each organization."""

    name = "tenants.branding"
    label = "branding"
    verbose_name = _("Company branding")

    def ready(self) -> None:
        """Join the cached look-up of hosts, begin with each new organization, and find the texts of every room."""
        autodiscover_modules("receivers", "texts", "previews")
