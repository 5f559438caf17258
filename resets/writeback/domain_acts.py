"""What can be done to an on-premises domain from its page: each says what it means before it is done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registration.origin import origin
from registration.proof import person
from resets.writeback import agents, bringing, domains
from resets.writeback.domains import DomainProblem
from resets.writeback.models import Account, Agent, OnPremisesDomain
from tenants.links import absolute

Words = str | Promise
_OTHER = {
    OnPremisesDomain.Deployment.CONNECT: OnPremisesDomain.Deployment.CLOUD_SYNC,
    OnPremisesDomain.Deployment.CLOUD_SYNC: OnPremisesDomain.Deployment.CONNECT,
}


@dataclass(frozen=True)
class Shown:
    """A page that is shown once."""

    template: str
    title: str
    given: Mapping[str, Any]


@dataclass(frozen=True)
class Act:
    """One thing that can be done."""

    title: Words
    about: tuple[Words, ...]
    #: Do it; a page of its own where something is shown once.
    perform: Callable[[HttpRequest, OnPremisesDomain, Agent | None], Shown | None]
    #: Whether it is done to one of the domain's agents.
    of_agent: bool = False
    #: Whether it takes something away.
    grave: bool = False


def agent_of(domain: OnPremisesDomain, text: str) -> Agent:
    """Return an agent of a domain by the text of its id, or answer 404."""
    try:
        found = Agent.objects.filter(domain=domain, pk=UUID(text), revoked_at=None).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


def _add(request: HttpRequest, domain: OnPremisesDomain, _agent: Agent | None) -> Shown | None:
    try:
        agent, code = agents.prepare(domain, actor=person(request), origin=origin(request))
    except agents.TooMany:
        messages.error(
            request,
            gettext(
                "Connect has one agent, and it is there. Revoke it first, or make the domain cloud sync."
            ),
        )
        return None
    given = {
        "code": code,
        "portal": absolute("home").rstrip("/"),
        "until": agent.code_expires_at or timezone.now(),
    }
    title = gettext("Code for an agent of %(domain)s") % {"domain": domain.name}
    return Shown("desk/on_premises_code.html", title, given)


def _revoke(request: HttpRequest, domain: OnPremisesDomain, agent: Agent | None) -> None:
    assert agent is not None
    agents.revoke(agent, actor=person(request), origin=origin(request))
    messages.success(request, gettext("%(agent)s is revoked, and can do nothing more.") % {"agent": agent})


def _roll(request: HttpRequest, domain: OnPremisesDomain, agent: Agent | None) -> None:
    assert agent is not None
    agents.ask_to_roll(agent, actor=person(request), origin=origin(request))
    text = gettext("%(agent)s renews its keys with its next heartbeat, within a minute.")
    messages.success(request, text % {"agent": agent})


def _bring(request: HttpRequest, domain: OnPremisesDomain, _agent: Agent | None) -> None:
    domains.ask_to_bring(domain, actor=person(request), origin=origin(request))
    messages.success(request, gettext("An agent brings everybody with its next heartbeat, within a minute."))


def _let_go(request: HttpRequest, domain: OnPremisesDomain, _agent: Agent | None) -> None:
    count = bringing.release_held(domain, actor=person(request))
    messages.success(
        request, gettext("%(count)d people who are gone can no longer sign in.") % {"count": count}
    )


def _switch(request: HttpRequest, domain: OnPremisesDomain, _agent: Agent | None) -> None:
    wanted = _OTHER[OnPremisesDomain.Deployment(domain.deployment)]
    try:
        domains.change_deployment(domain, wanted, actor=person(request), origin=origin(request))
    except DomainProblem as problem:
        messages.error(request, problem.text)
    else:
        messages.success(request, gettext("The deployment is changed."))


def _remove(request: HttpRequest, domain: OnPremisesDomain, _agent: Agent | None) -> None:
    people = Account.objects.filter(domain=domain).count()
    domains.remove(domain, actor=person(request), origin=origin(request))
    text = gettext("%(domain)s is removed. %(people)d people of it live in the cloud now.")
    messages.success(request, text % {"domain": domain.name, "people": people})


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "add-agent": Act(
            _("Add an agent"),
            (
                _("A code is shown to you, once. Whoever installs the agent types it there, within an hour."),
                _(
                    "Whoever has the code becomes an agent of this domain, and is told the passwords that are set there. Give"
                    " it to nobody else."
                ),
                _("A code that was made before and not used becomes worthless."),
            ),
            _add,
        ),
        "bring": Act(
            _("Bring everybody now"),
            (
                _(
                    "An agent brings all people of its places anew; otherwise that is done once a day, and changes each five"
                    " minutes."
                ),
            ),
            _bring,
        ),
        "deployment": Act(
            _("Change the deployment"),
            (
                _("Connect has one agent. Cloud sync has several, and any of them serves."),
                _("Agents stay as they are; to make it Connect, revoke all but one first."),
            ),
            _switch,
        ),
        "roll": Act(
            _("Renew its keys"),
            (
                _(
                    "The agent makes new keys with its next heartbeat. Nothing is interrupted; otherwise that is done every"
                    " 180 days."
                ),
            ),
            _roll,
            of_agent=True,
        ),
        "revoke": Act(
            _("Revoke the agent"),
            (
                _(
                    "It can do nothing more, at once, and ends. To use it again it is enrolled anew, by a new code."
                ),
                _(
                    "Where it was the last one, nobody of this domain can reset or change a password until another is there."
                ),
            ),
            _revoke,
            of_agent=True,
            grave=True,
        ),
        "let-go": Act(
            _("Let those go who are gone"),
            (
                _("The last run missed more than half of the people of this domain, so nothing was changed."),
                _(
                    "If they are really gone, this signs them out everywhere and lets them sign in no more. After 30 days they"
                    " are deleted; who comes back before that is as before."
                ),
            ),
            _let_go,
            grave=True,
        ),
        "remove": Act(
            _("Remove the domain"),
            (
                _(
                    "Its agents are revoked. Its people stay, and live in the cloud from then on: what they set here is theirs"
                    " alone."
                ),
                _("Their password in the directory stays as it is there."),
            ),
            _remove,
            grave=True,
        ),
    }
)
