"""The jobs of this room, imported here so that a worker finds them."""

from tenants.branding.trying_out import deliver

__all__ = ["deliver"]
