"""What this room shows on the provider's page of an organization: its domains and agents as they were seen at a glance."""

from collections.abc import Mapping
from typing import Any

from django.utils.dateparse import parse_datetime

from registration.customers import parts
from registration.customers.parts import Part
from resets.writeback import desk_words, event_codes
from resets.writeback.models import Job, OnPremisesDomain
from tenants.models import Glance

_OPERATIONS, _DEPLOYMENTS = dict(Job.Operation.choices), dict(OnPremisesDomain.Deployment.choices)


def given(seen: Glance) -> Mapping[str, Any] | None:
    """Return the domains in words; nothing where there are none."""
    return {"domains": [_domain(one) for one in seen.directories]} if seen.directories else None


def _domain(one: Mapping[str, Any]) -> dict[str, Any]:
    words, colour = desk_words.STATES[one["state"]]
    return {
        "name": one["name"],
        "deployment": _DEPLOYMENTS.get(one["deployment"], one["deployment"]),
        "state": words,
        "colour": colour,
        "agents": [_agent(agent) for agent in one["agents"]],
        "refusals": [_refusal(refusal) for refusal in one["refusals"]],
    }


def _agent(one: Mapping[str, Any]) -> dict[str, Any]:
    todo = [remedy for _words, remedy in map(desk_words.check, one["failed"])]
    if not one["alive"]:
        todo = [desk_words.UNHEARD[1]]
    elif not one["reachable"] and one["code"] in desk_words.ANSWERS:
        todo.insert(0, desk_words.ANSWERS[one["code"]][1])
    return {
        **one,
        "seen_at": parse_datetime(one["seen_at"]),
        "todo": list(dict.fromkeys(filter(None, map(str, todo)))),
    }


def _refusal(one: Mapping[str, Any]) -> dict[str, Any]:
    state, code = one["state"], one["code"]
    return {
        "at": parse_datetime(one["at"]),
        "operation": _OPERATIONS.get(one["operation"], one["operation"]),
        "words": desk_words.answer(state, code),
        "remedy": desk_words.remedy(state, code),
        "event": event_codes.of(one["operation"], state, code),
    }


parts.contribute(Part("desk/on_premises_glance.html", given))
