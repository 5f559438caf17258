"""What the demo's domain needs of the portal while it is started."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from config.demo import northwind


class Command(BaseCommand):
    """Print a code for an agent or which agents stand, or wait until people have been brought."""

    help = "For Northwind's domain: print a one-time code, or which agents stand, or wait for its people."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what is wanted, and the agents that are asked about."""
        parser.add_argument("what", choices=["code", "standing", "people"])
        parser.add_argument("agents", nargs="*")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        if options["what"] == "code":
            self.stdout.write(northwind.code())
            return
        if options["what"] == "standing":
            self.stdout.write("\n".join(northwind.standing(options["agents"])))
            return
        try:
            northwind.await_people()
        except northwind.NotBrought as problem:
            raise CommandError(
                "no agent has brought its people within a minute; see agent1.log and agent2.log"
            ) from problem
