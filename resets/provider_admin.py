"""The provider's desk: resets."""

from resets.desk import ResetAdmin
from resets.models import Reset
from tenants.desks import provider_desk

provider_desk.register(Reset, ResetAdmin)
