"""`manage.py delete_tenant` is closed: it would leave the journal, the counters and the jobs of an organization behind."""

from tenants.closed import ClosedCommand


class Command(ClosedCommand):
    """Refuse, and name the way there is."""

    instead = "An organization is erased by `manage.py organizations erase`."
