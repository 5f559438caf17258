"""`manage.py create_tenant_superuser` is closed: it would set a password past every rule, unaudited."""

from tenants.closed import ClosedCommand


class Command(ClosedCommand):
    """Refuse, and name the way there is."""

    instead = "An administrator is added by `manage.py organizations create`, and chooses a password by a one-time link."
