"""Compile the message catalogues by Babel, so that msgfmt need not be there."""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).resolve().parent.parent / "locale"


def compile_all(folder: Path = FOLDER) -> list[Path]:
    """Compile each catalogue that is newer than its compiled form, and return what was written.

    A fuzzy entry is left out, as msgfmt does: it is a guess that nobody has looked at.
    """
    return [target for source in sorted(folder.glob("*/LC_MESSAGES/*.po")) if (target := _compile(source))]


def _compile(source: Path) -> Path | None:
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime_ns > source.stat().st_mtime_ns:
        return None
    locale = source.parents[1].name
    with source.open("rb") as file:
        catalogue = read_po(file, locale=locale)
    new = target.with_name(f"{target.name}.{os.getpid()}")
    with new.open("wb") as file:
        write_mo(file, catalogue)
    new.replace(target)
    return target
