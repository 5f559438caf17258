"""`manage.py create_domain` is closed: it would serve a host past what a host's name may be, without a line in the journal."""

from tenants.closed import ClosedCommand


class Command(ClosedCommand):
    """Refuse, and name the way there is."""

    instead = "A host is given with `manage.py organizations create --host`."
