"""The room of organizations, and the admin sites' discovery."""

from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class TenantsConfig(AppConfig):
    """Organizations, their hosts, and what every room needs for each of them."""

    name = "tenants"
    verbose_name = _("Customers")
    default = True

    def ready(self) -> None:
        """Look at start whether every schema is complete (tenants.E001), and collect every room's codes of refusals."""
        autodiscover_modules("checks", "codes")


class DesksConfig(SimpleAdminConfig):
    """Django's admin without its stock site: each app registers on the desks in `admin` and `provider_admin`."""

    default = False

    def ready(self) -> None:
        """Collect every app's registrations."""
        super().ready()
        autodiscover_modules("admin", "provider_admin")
