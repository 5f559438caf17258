"""`manage.py rename_schema` is closed: a schema's name stands in every key and is never used again."""

from tenants.closed import ClosedCommand


class Command(ClosedCommand):
    """Refuse, and name the way there is."""

    instead = (
        "A schema keeps its name; `manage.py organizations list` shows it beside the name that people see."
    )
