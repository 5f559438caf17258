"""Writing back, as an app: a set of its tables stands in every schema."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class WritebackConfig(AppConfig):
    """Writing back to on-premises domains."""

    name = "resets.writeback"
    label = "writeback"
    verbose_name = _("On-premises integration")

    def ready(self) -> None:
        """Listen to what lower rooms announce, and add to their pages what is known here."""
        autodiscover_modules("receivers", "person_care", "people_filter", "customer_part")
