"""Values handed to a browser and taken back: signed, not secret, worth nothing elsewhere."""

from datetime import timedelta
from typing import Any

from django.core import signing
from django.core.signing import BadSignature, SignatureExpired

from tenants.context import current_schema

__all__ = ["BadSignature", "SignatureExpired", "dumps", "loads"]


def dumps(value: Any, *, purpose: str) -> str:
    """Sign a JSON value for one purpose in this organization; the result is safe in a URL or a cookie."""
    return signing.dumps(value, salt=_salt(purpose))


def loads(text: str, *, purpose: str, max_age: timedelta) -> Any:
    """Return the value that was signed, or raise `BadSignature`, of which `SignatureExpired` is one."""
    return signing.loads(text, salt=_salt(purpose), max_age=max_age)


def _salt(purpose: str) -> str:
    # A schema's name has no slash, so no two pairs of schema and purpose meet in one salt.
    return f"rekey/{current_schema()}/{purpose}"
