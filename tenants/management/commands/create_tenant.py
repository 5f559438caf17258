"""`manage.py create_tenant` is closed: it would make an organization without a policy, and write no line in the journal."""

from tenants.closed import ClosedCommand


class Command(ClosedCommand):
    """Refuse, and name the way there is."""

    instead = "An organization is made by `manage.py organizations create`."
