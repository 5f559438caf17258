"""The message catalogues are compiled by Babel, when they have changed."""

import gettext
import os
from pathlib import Path

import pytest

from config.catalogues import compile_all

SOURCE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=n != 1;\\n"

msgid "Password"
msgstr "Kennwort"

#, fuzzy
msgid "Guess"
msgstr "Geraten"

#, python-format
msgid "%(number)s method"
msgid_plural "%(number)s methods"
msgstr[0] "%(number)s Methode"
msgstr[1] "%(number)s Methoden"
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a German catalogue."""
    path = tmp_path / "de" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(SOURCE)
    return path


def test_what_is_compiled_translates(source: Path) -> None:
    (target,) = compile_all(source.parents[2])
    with target.open("rb") as file:
        german = gettext.GNUTranslations(file)
    assert german.gettext("Password") == "Kennwort"
    assert german.ngettext("%(number)s method", "%(number)s methods", 2) == "%(number)s Methoden"
    assert german.gettext("Guess") == "Guess", "a fuzzy entry is a guess that nobody has looked at"


def test_only_what_has_changed_is_compiled(source: Path) -> None:
    assert compile_all(source.parents[2]) == [source.with_suffix(".mo")]
    assert compile_all(source.parents[2]) == []
    later = source.with_suffix(".mo").stat().st_mtime + 5
    os.utime(source, (later, later))
    assert compile_all(source.parents[2]) == [source.with_suffix(".mo")]
    assert [each.name for each in source.parent.iterdir() if each.suffix not in {".po", ".mo"}] == []
