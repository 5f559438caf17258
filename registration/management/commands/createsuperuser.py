"""`manage.py createsuperuser` is closed: it would set a password past every rule, unaudited, with sessions going on."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """Refuse, and name the way there is."""

    help = "Closed: a password is chosen by its owner, by a reset or by a one-time link."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what Django's own takes, so that the answer is not about arguments."""
        parser.add_argument("anything", nargs="*")

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Refuse."""
        raise CommandError(
            "A password is chosen by its owner: by a reset, or by the one-time link of `manage.py organizations create`."
        )
