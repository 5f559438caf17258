"""The provider's desk: its customers, its operators, and its own people, groups, policy and audit log on the same pages."""

from registration import baseline_desk, visits_desk
from registration.customers.desk import OrganizationAdmin
from registration.desk import PAGES
from tenants.desks import provider_desk
from tenants.models import Organization

provider_desk.register(Organization, OrganizationAdmin)
for model, page in (*PAGES, *baseline_desk.PAGES, *visits_desk.PAGES):
    provider_desk.register(model, page)
