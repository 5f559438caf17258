"""The organization's desk: company branding."""

from tenants.branding.desk import PAGES
from tenants.desks import organization_desk

for model, page in PAGES:
    organization_desk.register(model, page)
