"""The room of editions."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LicensingConfig(AppConfig):
    """What an organization has bought."""

    name = "licensing"
    verbose_name = _("Licensing")

    def ready(self) -> None:
        """Have the subscription kept beside what else is known of an organization."""
        import_module("licensing.facts")  # only now: it needs the models
