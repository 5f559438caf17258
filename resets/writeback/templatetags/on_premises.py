"""What pages of other rooms show of an organization's domains."""

from typing import Any

from django import template

from resets.writeback import desk_words, health
from resets.writeback.models import OnPremisesDomain

register = template.Library()


@register.simple_tag
def on_premises_domains() -> list[dict[str, Any]]:
    """Return each domain with how it is: two queries."""
    found = []
    for domain in OnPremisesDomain.objects.prefetch_related("agents"):
        words, colour = desk_words.STATES[health.state(domain.agents.all())]
        agents = sum(agent.is_enrolled for agent in domain.agents.all())
        found.append({"domain": domain, "state": words, "colour": colour, "agents": agents})
    return found
