"""The provider's desk: on-premises domains, and what was asked of them."""

from resets.writeback.desk import OnPremisesDomainAdmin
from resets.writeback.job_desk import JobAdmin
from resets.writeback.models import Job, OnPremisesDomain
from tenants.desks import provider_desk

provider_desk.register(OnPremisesDomain, OnPremisesDomainAdmin)
provider_desk.register(Job, JobAdmin)
