"""`manage.py create_missing_schemas` is closed: it would make schemas past the prepared SQL."""

from tenants.closed import ClosedCommand


class Command(ClosedCommand):
    """Refuse, and name the way there is."""

    instead = "Schemas are made by `manage.py organizations create`, and brought up by `manage.py upgrade`."
