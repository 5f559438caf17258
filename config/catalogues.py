"""The message catalogues: brought up to date with the source and compiled by Babel, so that gettext need not be there.

`python -m config.catalogues update` writes each locale/<language>/LC_MESSAGES/django.po anew and says what is left to
translate; a new language begins with `python -m config.catalogues update fr`.
"""

import os
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from config.extracting import is_complete, package, template

FOLDER = Path(__file__).resolve().parent.parent / "locale"
_HEAD = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""


def compile_all(folder: Path = FOLDER) -> list[Path]:
    """Compile each catalogue that is newer than its compiled form, and return what was written.

    A fuzzy entry is left out, as msgfmt does: it is a guess that nobody has looked at.
    """
    return [target for source in sorted(folder.glob("*/LC_MESSAGES/*.po")) if (target := _compile(source))]


def update_all(folder: Path = FOLDER, languages: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Bring each language's catalogue up to date with the source, and return what each has still to translate.

    A translation is kept only under the very words that it was made for: a similar sentence may say the opposite.
    The same source gives the same bytes, whenever it is asked.
    """
    known = {file.parents[1].name for file in folder.glob("*/LC_MESSAGES/django.po")}
    return {language: _update(folder, language) for language in sorted(known.union(languages))}


def path(language: str, folder: Path = FOLDER) -> Path:
    """Return where a language's catalogue stands."""
    return folder / language / "LC_MESSAGES" / "django.po"


def read(file: Path) -> Catalog:
    """Read a catalogue."""
    with file.open("rb") as source:
        return read_po(source, locale=file.parents[1].name)


def plural_forms(language: str) -> str:
    """Return a language's plural rule as Django has it: it merges catalogues only of the same rule."""
    return read(path(language, package("django") / "conf" / "locale")).plural_forms


def _update(folder: Path, language: str) -> list[str]:
    file = path(language, folder)
    catalogue = template(language)
    if file.exists():
        kept = read(file)
        for message in catalogue:
            before = kept.get(message.id, message.context) if message.id else None
            if before is not None and before.pluralizable == message.pluralizable:
                message.string, message.user_comments = before.string, before.user_comments
                message.flags |= before.flags & {"fuzzy"}
    text = BytesIO(_HEAD.format(language=language, plurals=plural_forms(language)).encode())
    text.seek(0, os.SEEK_END)
    write_po(
        text,
        catalogue,
        width=100,
        omit_header=True,
        sort_output=True,
        ignore_obsolete=True,
        include_lineno=False,
    )
    if not file.exists() or file.read_bytes() != text.getvalue():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.getvalue())
    return [
        str(message.id)
        for message in catalogue
        if message.id and (message.fuzzy or not is_complete(message.string))
    ]


def _compile(source: Path) -> Path | None:
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime_ns > source.stat().st_mtime_ns:
        return None
    catalogue = read(source)
    new = target.with_name(f"{target.name}.{os.getpid()}")
    with new.open("wb") as file:
        write_mo(file, catalogue)
    new.replace(target)
    return target


def main(arguments: list[str]) -> None:
    """Do what the command line asks: `update [language ...]`, or nothing but compile."""
    if arguments[:1] == ["update"]:
        for language, missing in update_all(languages=tuple(arguments[1:])).items():
            print(f"{language}: {len(missing)} to translate", *missing, sep="\n  ")  # noqa: T201 - a command's answer
    compile_all()


if __name__ == "__main__":
    main(sys.argv[1:])
