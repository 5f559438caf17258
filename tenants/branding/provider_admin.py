"""The provider's desk: the provider's own branding."""

from tenants.branding.desk import PAGES
from tenants.desks import provider_desk

for model, page in PAGES:
    provider_desk.register(model, page)
