"""The organization's desk: people, groups, policy, audit log."""

from registration.desk import PAGES
from tenants.desks import organization_desk

for model, page in PAGES:
    organization_desk.register(model, page)
