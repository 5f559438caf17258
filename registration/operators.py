"""What changes about who works at the provider's, written into the journal beside its own audit trail."""

from collections.abc import Mapping
from typing import Any

from registration.models import User
from tenants import journal
from tenants.context import current, is_provider

#: What makes somebody an operator, or keeps them from working.
_TELLS = ("roles", "is_active")


def note(event: str, user: User, actor: User | str, data: Mapping[str, Any]) -> None:
    """Write that somebody with a role came or went; elsewhere, and of anybody else, nothing."""
    if is_provider() and user.roles:
        told = {"operator": user.sign_in_name, **data}
        journal.record(event, actor=str(actor), organization=current(), data=told)


def note_change(user: User, actor: User | str, changed: Mapping[str, Mapping[str, Any]]) -> None:
    """Write that somebody's roles changed, or that an operator was disabled or enabled."""
    told = {field: changed[field] for field in _TELLS if field in changed}
    if not is_provider() or not ("roles" in told or (told and user.roles)):
        return
    data = {
        "operator": user.sign_in_name,
        "before": {field: one["before"] for field, one in told.items()},
        "after": {field: one["after"] for field, one in told.items()},
    }
    journal.record("operator_changed", actor=str(actor), organization=current(), data=data)
