"""The organization's desk: on-premises domains, and what was asked of them."""

from resets.writeback.desk import OnPremisesDomainAdmin
from resets.writeback.job_desk import JobAdmin
from resets.writeback.models import Job, OnPremisesDomain
from tenants.desks import organization_desk

organization_desk.register(OnPremisesDomain, OnPremisesDomainAdmin)
organization_desk.register(Job, JobAdmin)
