"""The way back in."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ResetsConfig(AppConfig):
    """Resets of forgotten passwords, and the signed-in change."""

    name = "resets"
    verbose_name = _("Password reset")

    def ready(self) -> None:
        """Listen to what lower rooms announce, and offer on a person's page what is done here."""
        autodiscover_modules("receivers", "person_care")
