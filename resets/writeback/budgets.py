"""How often a code for an agent may be tried from one network."""

from tenants.shield.throttle import Budget

ENROL = Budget("writeback/enrol", limit=10, seconds=60 * 60)
