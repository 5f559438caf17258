"""Writing back to a directory on-premises: domains, agents, and the jobs that agents do there."""
