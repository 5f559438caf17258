"""`manage.py clone_tenant` is closed: what an organization keeps is sealed for it, and a copy could open none of it."""

from tenants.closed import ClosedCommand


class Command(ClosedCommand):
    """Refuse, and name the way there is."""

    instead = "An organization is not copied: `manage.py organizations create` makes another."
