"""Find the templates that a method brings: `templates/methods/<kind>/` beside it."""

from pathlib import Path

from django.template.loaders.filesystem import Loader as Files

from registration import methods


class Loader(Files):
    """Look beside the methods, wherever their package reaches."""

    def get_dirs(self) -> list[str | Path]:
        """Return a folder for each place of the package."""
        return [Path(place) / "templates" for place in methods.__path__]
