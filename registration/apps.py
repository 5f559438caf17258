"""Who a person is, and how they can prove it."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class RegistrationConfig(AppConfig):
    """People, their security info, and the organization's policy."""

    name = "registration"
    verbose_name = _("Administration")

    def ready(self) -> None:
        """Find the methods, and listen to what lower rooms announce."""
        autodiscover_modules("receivers")
