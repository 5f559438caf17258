"""Every order of requests that Hypothesis thinks of, and what must never come of one."""
