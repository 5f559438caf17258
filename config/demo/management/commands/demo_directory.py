"""What the demo's domain needs of the portal while it is started."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from config.demo import northwind


class Command(BaseCommand):
    """Print a code for an agent, or wait until its people have been brought."""

    help = "Print a one-time code for an agent of Northwind's domain, or wait until its people have been brought."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what is wanted."""
        parser.add_argument("what", choices=["code", "people"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        if options["what"] == "code":
            self.stdout.write(northwind.code())
            return
        try:
            northwind.await_people()
        except northwind.NotBrought as problem:
            raise CommandError("no agent has brought the domain's people within a minute") from problem
