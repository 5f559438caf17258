"""What the demo needs before it can be served."""

import json
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser, call_command
from django.db import OperationalError

from config.catalogues import compile_all
from config.demo.seed import seed


class Command(BaseCommand):
    """Bring catalogues, schemas and seeded organizations up to date; print who can sign in where, as JSON."""

    help = "Bring the demo's organizations up to date and print who can sign in where, as JSON."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether there is a domain."""
        parser.add_argument("--hybrid", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do each step; each is quick where there is nothing to do."""
        compile_all()
        try:
            call_command("upgrade")
        except OperationalError as error:
            reason = " ".join(str(error).split())
            raise CommandError(f"the database that DATABASE_URL names does not answer: {reason}") from error
        self.stdout.write(json.dumps(seed(hybrid=options["hybrid"])))
