"""Commands of Django and of its packages that would write past a flow: closed, each by a command of the same name."""

from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser


class ClosedCommand(BaseCommand):
    """Refuse, whatever stands behind the name, and say what to do instead."""

    #: One sentence: the way there is.
    instead: ClassVar[str]
    help = "Closed: it would write past what Rekey checks and writes down."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take anything, so that the answer is not about arguments."""
        parser.add_argument("anything", nargs="*")

    def run_from_argv(self, argv: list[str]) -> None:
        """Forget the arguments: the borrowed command's options are none of this one."""
        super().run_from_argv(argv[:2])

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Refuse."""
        raise CommandError(self.instead)
