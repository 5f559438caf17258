"""The codes of what an edition leaves out (`tenants.refusals`)."""

from licensing.editions import Reason
from tenants.refusals import contribute

contribute(
    (Reason.EDITION_LACKS, "RK-LICENCE-001"),
    (Reason.TRIAL_LACKS, "RK-LICENCE-002"),
    (Reason.TRIAL_ENDED, "RK-LICENCE-003"),
    (Reason.NO_SUBSCRIPTION, "RK-LICENCE-004"),
)
