"""The entrance of the process in which agents wait; the pages have their own (`config.wsgi`)."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from resets.writeback.waiting.application import Waits  # noqa: E402  # the models are there from here on
from tenants.upgrading import refuse_incomplete  # noqa: E402

refuse_incomplete()
application = Waits()
