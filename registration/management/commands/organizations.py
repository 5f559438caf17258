"""`manage.py organizations create|invite|operator|list|suspend|resume|erase`: what an operator does from the command line."""

import argparse
import getpass
import time
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Prefetch

from licensing.subscribing import SubscriptionProblem
from registration import activation, people
from registration.models import User
from registration.onboarding import onboard
from registration.people import PersonProblem
from registration.roles import PROVIDER_ROLES, Role
from tenants import hosts, provisioning
from tenants.context import PUBLIC, entered
from tenants.models import Domain, Organization
from tenants.provisioning import ProvisioningProblem


class Command(BaseCommand):
    """Create, list, suspend, resume and erase organizations, and invite people."""

    help = "Create, list, suspend, resume and erase organizations, and invite people."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one of the actions."""
        actions = parser.add_subparsers(dest="action", required=True, parser_class=argparse.ArgumentParser)
        create = actions.add_parser(
            "create", help="make an organization and its first administrator's one-time link"
        )
        create.add_argument("slug", help="its short name, such as contoso")
        create.add_argument("--name", required=True, help="the name that people see")
        create.add_argument(
            "--sign-in-name", required=True, help="what stands after @, such as contoso.example"
        )
        create.add_argument("--edition", required=True, help="free, p1, p2, business or m365")
        create.add_argument(
            "--trial-ends", type=date.fromisoformat, help="the last day of a trial, such as 2026-12-31"
        )
        create.add_argument("--administrator", required=True, help="the first administrator's sign-in name")
        create.add_argument("--address", default="", help="where the administrator's link is mailed, too")
        create.add_argument(
            "--host", default="", help="the host name; default: the slug below the provider's"
        )
        invite = actions.add_parser("invite", help="make another one-time link for somebody")
        invite.add_argument("slug")
        invite.add_argument("person", help="a sign-in name, such as chief@contoso.example")
        operator = actions.add_parser("operator", help="add an operator of the provider's own organization")
        operator.add_argument(
            "person", help="a sign-in name that ends in the provider's, such as kim@localhost"
        )
        operator.add_argument("--role", default=Role.OWNER, choices=sorted(PROVIDER_ROLES))
        operator.add_argument("--address", default="", help="where the link is mailed, too")
        actions.add_parser("list", help="list all organizations")
        for action in ("suspend", "resume", "erase"):
            one = actions.add_parser(action, help=f"{action} an organization")
            one.add_argument("slug")
            if action == "erase":
                one.add_argument(
                    "--yes", action="store_true", help="really: nothing of it can be brought back"
                )

    def handle(self, *_args: Any, action: str, **options: Any) -> None:
        """Do it, or say in one line what to change."""
        try:
            getattr(self, f"_{action}")(**options)
        except (ProvisioningProblem, PersonProblem, SubscriptionProblem) as problem:
            raise CommandError(f"{problem.field}: {problem}") from problem

    @property
    def _actor(self) -> str:
        return f"command line ({getpass.getuser()})"

    def _create(self, slug: str, **options: Any) -> None:
        made = onboard(
            slug,
            name=options["name"],
            sign_in_name=options["sign_in_name"],
            edition=options["edition"],
            administrator=options["administrator"],
            host=options["host"],
            address=options["address"],
            trial_ends=options["trial_ends"],
            actor=self._actor,
        )
        self.stdout.write(
            f"{made.organization.name} is ready. {made.administrator} chooses a password, within 72 hours, at:"
        )
        self.stdout.write(made.link)

    def _invite(self, slug: str, *, person: str, **_options: Any) -> None:
        with entered(self._find(slug)):
            user = User.objects.filter(sign_in_name=person.lower()).first()
            if user is None:
                raise CommandError(f"There is nobody called {person[:113]} in {slug}.")
            link = activation.invite(user, actor=self._actor)
        self.stdout.write(f"{user} chooses a password, within 72 hours, at:")
        self.stdout.write(link)

    def _operator(self, *, person: str, role: str, address: str, **_options: Any) -> None:
        with entered(self._find(PUBLIC)):
            added = people.add(person, primary_address=address, granted=(role,), actor=self._actor)
            link = activation.invite(added, actor=self._actor)
        self.stdout.write(f"{added} chooses a password, within 72 hours, at:")
        self.stdout.write(link)

    def _list(self, **_options: Any) -> None:
        hosts = Prefetch("domains", Domain.objects.order_by("-is_primary", "domain"))
        for one in Organization.objects.prefetch_related(hosts).select_related("subscription"):
            edition = one.subscription.edition if hasattr(one, "subscription") else "none"
            names = ", ".join(domain.domain for domain in one.domains.all())
            self.stdout.write(f"{one.schema_name}\t{one.state}\t{edition}\t{one.name}\t{names}")

    def _suspend(self, slug: str, **_options: Any) -> None:
        provisioning.suspend(self._find(slug), actor=self._actor)
        self.stdout.write(f"{slug} is suspended.")

    def _resume(self, slug: str, **_options: Any) -> None:
        provisioning.resume(self._find(slug), actor=self._actor)
        self.stdout.write(f"{slug} is served again.")

    def _erase(self, slug: str, *, yes: bool, **_options: Any) -> None:
        organization = self._find(slug)
        if not yes:
            raise CommandError(f"Erasing {organization.name} cannot be undone. Add --yes if you mean it.")
        provisioning.suspend(organization, actor=self._actor)
        self.stdout.write(f"{slug} is suspended; it is erased once every server has heard of that.")
        time.sleep(hosts.SECONDS)
        provisioning.erase(organization, actor=self._actor)
        self.stdout.write(f"{slug} is erased.")

    def _find(self, slug: str) -> Organization:
        found: Organization | None = Organization.objects.filter(schema_name=slug.replace("-", "_")).first()
        if found is None:
            raise CommandError(f"There is no organization {slug[:60]}. `organizations list` shows them.")
        return found
