"""`manage.py upgrade`: bring the database to this version, public first, then every organization that is behind."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from tenants import provisioning, upgrading


class Command(BaseCommand):
    """Migrate every schema, prepare the SQL of the next organization, and make the provider's own row."""

    help = "Migrate public and every organization that is behind. Run it at each deployment, before serving."

    def handle(self, *_args: Any, verbosity: int, **_options: Any) -> None:
        """Upgrade, and say what was done."""
        upgrading.upgrade(self.stdout.write)
        provisioning.create_provider(name=settings.REKEY_PROVIDER_NAME, actor="upgrade")
        if verbosity:
            self.stdout.write("Every schema is complete.")
