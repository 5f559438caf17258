"""The provider's desk: its own people, groups, policy and audit log, on the same pages."""

from registration.desk import PAGES
from tenants.desks import provider_desk

for model, page in PAGES:
    provider_desk.register(model, page)
