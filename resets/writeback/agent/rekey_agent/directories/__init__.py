"""Which directories the agent knows: every module of this package that has a `Directory` of its own."""

import importlib
import pkgutil
from collections.abc import Callable

from rekey_agent.directories.directory import Directory, DirectorySettings


class UnknownKind(Exception):
    """The configuration names a kind of directory that nobody here knows."""


def kinds() -> dict[str, Callable[[DirectorySettings], Directory]]:
    """Return each kind of directory and what makes one."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return {each.kind: each for each in Directory.__subclasses__()}


def made(settings: DirectorySettings) -> Directory:
    """Return the directory that the settings name. Raises `UnknownKind`."""
    known = kinds()
    if settings.kind not in known:
        raise UnknownKind(f"directory.kind is one of {', '.join(sorted(known))}.")
    return known[settings.kind](settings)
