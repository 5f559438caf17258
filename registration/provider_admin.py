"""The provider's desk: its own people, groups, policy and audit log, on the same pages."""

from registration import baseline_desk, visits_desk
from registration.desk import PAGES
from tenants.desks import provider_desk

for model, page in (*PAGES, *baseline_desk.PAGES, *visits_desk.PAGES):
    provider_desk.register(model, page)
