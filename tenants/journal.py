"""What operators did: the only writer of the journal."""

from collections.abc import Mapping

from tenants.models import JournalEntry, Organization


def record(
    event: str, *, actor: str, organization: Organization, data: Mapping[str, object] | None = None
) -> JournalEntry:
    """Write one entry; `actor` is a text, since an operator may be gone when the entry is read."""
    return JournalEntry.objects.create(
        event=event,
        actor=actor,
        schema=organization.schema_name,
        organization=organization.name,
        data=dict(data or {}),
    )
