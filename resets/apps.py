"""The way back in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResetsConfig(AppConfig):
    """Resets of forgotten passwords, and the signed-in change."""

    name = "resets"
    verbose_name = _("Password reset")
