"""`manage.py changepassword` is closed: it would set a password past every rule, unaudited, with sessions going on."""

from tenants.closed import ClosedCommand


class Command(ClosedCommand):
    """Refuse, and name the way there is."""

    instead = "A password is chosen by its owner: by a reset, or by the one-time link of `manage.py organizations invite`."
