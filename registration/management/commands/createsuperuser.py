"""`manage.py createsuperuser` is closed: it would set a password past every rule, unaudited, with sessions going on."""

from tenants.closed import ClosedCommand


class Command(ClosedCommand):
    """Refuse, and name the way there is."""

    instead = "An operator is added by `manage.py organizations operator`, and chooses a password by a one-time link."
