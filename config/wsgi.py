"""The pages' entrance for a web server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from tenants.upgrading import refuse_incomplete  # noqa: E402  # the models are there from here on

refuse_incomplete()
