"""Collect what is to be translated, by Babel's own extractor, so that neither xgettext nor msgmerge need be there."""

import importlib.util
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("config", "tenants", "licensing", "registration", "resets", "templates")
# The admin's skin: it ships no catalogues. What Django's own catalogues have in the language, they translate.
SKIN = "unfold"
TRANSLATED = ("django/conf", "django/contrib/auth", "django/contrib/admin")
KEYWORDS = {
    "_": None,
    "_now": None,  # gettext, beside a lazy _
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_COMMENT = "Translators:"
# Not read: sentences of long ago, the program that runs at the customer's, parts of the skin that are not installed.
_APART = {"migrations", "agent", "contrib"}


def template(language: str) -> Catalog:
    """Return every message that the catalogue of a language needs: ours, and the skin's that Django leaves in English.

    The places are files without lines, so that a line added above a message does not change its catalogue.
    """
    catalogue = Catalog(locale=language, charset="utf-8", fuzzy=False)
    for room in ROOMS:
        _collect(catalogue, ROOT / room, ROOT)
    theirs = Catalog(locale=language)
    skin = package(SKIN)
    _collect(theirs, skin, skin.parent)
    known = _known(language)
    for message in theirs:
        if message.id and (message.context, _singular(message.id)) not in known:
            catalogue.add(message.id, locations=message.locations, context=message.context)
    return catalogue


def package(name: str) -> Path:
    """Return the folder of an installed package, without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise LookupError(f"The package {name} is not installed.")
    return Path(spec.origin).parent


def _collect(catalogue: Catalog, folder: Path, root: Path) -> None:
    for file in _sources(folder):
        text = file.read_text(encoding="utf-8")
        # A template becomes calls of gettext between fillers; its indentation would mean something to Python alone.
        code = (
            text
            if file.suffix == ".py"
            else "\n".join(line.lstrip() for line in templatize(text).split("\n"))
        )
        place = file.relative_to(root).as_posix()
        found = extract("python", BytesIO(code.encode()), KEYWORDS, (_COMMENT,), {"encoding": "utf-8"}, True)
        for _line, message, comments, context in found:
            catalogue.add(message, locations=[(place, 0)], auto_comments=comments, context=context)


def _sources(folder: Path) -> Iterator[Path]:
    """Yield a folder's Python and its templates, of pages and of mails."""
    for file in sorted(folder.rglob("*")):
        inside = {folder.name, *file.relative_to(folder).parts}
        if inside & _APART:
            continue
        if file.suffix == ".py" or (file.suffix in {".html", ".txt"} and "templates" in inside):
            yield file


def _known(language: str) -> set[tuple[str | None, str]]:
    """Return what Django itself translates into a language."""
    known = set()
    root = package("django").parent
    for place in TRANSLATED:
        with (root / place / "locale" / language / "LC_MESSAGES" / "django.po").open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id and not message.fuzzy and is_complete(message.string):
                    known.add((message.context, _singular(message.id)))
    return known


def is_complete(string: str | tuple[str, ...] | list[str] | None) -> bool:
    """Tell whether a translation says something in each of its plural forms."""
    return bool(string) if isinstance(string, str | None) else all(string)


def _singular(message_id: str | tuple[str, ...] | list[str]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]
