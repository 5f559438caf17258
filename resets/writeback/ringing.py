"""Ring for who waits elsewhere, by PostgreSQL's NOTIFY: it is heard when the transaction is committed, and never before."""

from uuid import UUID

from django.db import connection

#: What has a new job: `<schema>/<domain's id>`; and which agent is to be looked at anew: `<schema>/<agent's id>`.
JOBS, AGENTS = "rekey_jobs", "rekey_agents"


def ring(schema: str, domain: UUID) -> None:
    """Tell the agents of a domain that a job waits."""
    _notify(JOBS, f"{schema}/{domain}")


def ring_agents(schema: str, agent: UUID) -> None:
    """Tell those who keep an agent in mind that it has changed: new keys, or none any more."""
    _notify(AGENTS, f"{schema}/{agent}")


def _notify(channel: str, said: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [channel, said])
