"""Writing back, as an app: a set of its tables stands in every schema."""

from django.apps import AppConfig


class WritebackConfig(AppConfig):
    """Writing back to on-premises domains."""

    name = "resets.writeback"
    label = "writeback"
