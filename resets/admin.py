"""The organization's desk: resets."""

from resets.desk import ResetAdmin
from resets.models import Reset
from tenants.desks import organization_desk

organization_desk.register(Reset, ResetAdmin)
