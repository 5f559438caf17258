"""`manage.py delete_domain` is closed: it could leave an organization without a host, without a line in the journal."""

from tenants.closed import ClosedCommand


class Command(ClosedCommand):
    """Refuse, and name the way there is."""

    instead = "A host goes with its organization: `manage.py organizations erase`, or `suspend`."
