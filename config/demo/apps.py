"""The demo as a Django app, installed by the settings only when the demo is on."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Give the demo its command and its templates."""

    name = "config.demo"
    label = "demo"
