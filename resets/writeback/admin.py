"""The organization's desk: on-premises domains, and what was asked of them."""

from resets.writeback.desk import JobAdmin, OnPremisesDomainAdmin
from resets.writeback.models import Job, OnPremisesDomain
from tenants.desks import organization_desk

organization_desk.register(OnPremisesDomain, OnPremisesDomainAdmin)
organization_desk.register(Job, JobAdmin)
