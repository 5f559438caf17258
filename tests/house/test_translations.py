"""Every language says everything, with the same placeholders, and every message can be extracted."""

import ast
import gettext
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from shutil import copytree

import pytest
from babel.messages.catalog import Catalog, Message
from django.conf import settings

from config import catalogues
from config.extracting import KEYWORDS, ROOMS, ROOT, is_complete, template

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
UPDATE = "run `python -m config.catalogues update` and translate what it lists"
_NAMED = re.compile(r"%\((\w+)\)[#0\- +]*\d*(?:\.\d+)?[a-z]")
_ANONYMOUS = re.compile(r"%[sdifr]|\{\w*\}")


@cache
def source(language: str) -> Catalog:
    """Return what the source asks this language to say."""
    return template(language)


@cache
def catalogue(language: str) -> Catalog:
    """Return what this language says."""
    return catalogues.read(catalogues.path(language))


def messages(found: Catalog) -> dict[tuple[str | None, str], Message]:
    """Return a catalogue's messages by context and singular, without its header."""
    return {(one.context, forms(one.id)[0]): one for one in found if one.id}


def forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """Return each plural form of an identity or a translation."""
    return (text,) if isinstance(text, str) else tuple(text or ())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_message_and_no_other(language: str) -> None:
    wanted, there = messages(source(language)), messages(catalogue(language))
    assert sorted(str(key) for key in wanted.keys() - there.keys()) == [], UPDATE
    assert sorted(str(key) for key in there.keys() - wanted.keys()) == [], UPDATE
    changed = [key for key, one in wanted.items() if forms(one.id) != forms(there[key].id)]
    assert changed == [], UPDATE


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_leaves_nothing_unsaid(language: str) -> None:
    found = catalogue(language)
    silent = [key for key, one in messages(found).items() if one.fuzzy or not is_complete(one.string)]
    assert silent == [], UPDATE
    short = [
        key
        for key, one in messages(found).items()
        if one.pluralizable and len(forms(one.string)) != found.num_plurals
    ]
    assert short == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_those_of_the_source(language: str) -> None:
    found = catalogue(language)
    wrong = [key for key, one in messages(found).items() if not _fits(one, _numbers(found))]
    assert wrong == []


def _numbers(found: Catalog) -> dict[int, int]:
    """Return how many of the numbers up to 200 each plural form is for: a form for one alone may leave the number out."""
    rule = gettext.c2py(found.plural_expr)
    chosen = [rule(number) for number in range(200)]
    return {form: chosen.count(form) for form in range(found.num_plurals)}


def _fits(message: Message, numbers: dict[int, int]) -> bool:
    wanted = [_placeholders(form) for form in forms(message.id)]
    if not message.pluralizable:
        return _placeholders(forms(message.string)[0]) == wanted[0]
    for number, form in enumerate(forms(message.string)):
        said = _placeholders(form)
        if numbers[number] == 1 and said <= wanted[-1] and len(wanted[-1] - said) <= 1:
            continue
        if said != wanted[-1]:
            return False
    return True


def _placeholders(text: str) -> set[str]:
    return set(_NAMED.findall(text)) | set(_ANONYMOUS.findall(_NAMED.sub("", text)))


@pytest.mark.parametrize(
    ("german", "fits"),
    [
        (("%(n)s Methode von %(who)s", "%(n)s Methoden von %(who)s"), True),
        (("eine Methode von %(who)s", "%(n)s Methoden von %(who)s"), True),
        (("eine Methode", "%(n)s Methoden von %(who)s"), False),
        (("eine Methode von %(who)s", "Methoden von %(who)s"), False),
        (("eine Methode von %(wer)s", "%(n)s Methoden von %(who)s"), False),
        (("%s Methode von %(who)s", "%(n)s Methoden von %(who)s"), False),
    ],
)
def test_a_form_for_one_number_may_leave_it_out(german: tuple[str, str], fits: bool) -> None:
    message = Message(("%(n)s method of %(who)s", "%(n)s methods of %(who)s"), german)
    assert _fits(message, {0: 1, 1: 199}) is fits


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_begins_and_ends_as_its_source(language: str) -> None:
    wrong = [
        key
        for key, one in messages(catalogue(language)).items()
        for form in forms(one.string)
        if (form[:1].isspace(), form[-1:].isspace()) != (key[1][:1].isspace(), key[1][-1:].isspace())
    ]
    assert wrong == []


def test_every_catalogue_compiles_and_an_update_of_the_updated_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "locale"
    copytree(catalogues.FOLDER, folder, ignore=lambda _folder, names: [one for one in names if ".mo" in one])
    assert {file.parents[1].name for file in catalogues.compile_all(folder)} == set(LANGUAGES)
    catalogues.update_all(folder)
    first = {language: catalogues.path(language, folder).read_bytes() for language in LANGUAGES}
    catalogues.update_all(folder)
    assert {language: catalogues.path(language, folder).read_bytes() for language in LANGUAGES} == first
    for language in LANGUAGES:
        with catalogues.path(language, folder).with_suffix(".mo").open("rb") as file:
            compiled = gettext.GNUTranslations(file)
        assert compiled.gettext("Password") != "Password"


@pytest.mark.parametrize("language", LANGUAGES)
def test_plurals_follow_djangos_own_rule(language: str) -> None:
    assert catalogue(language).plural_forms.rstrip(";") == catalogues.plural_forms(language).rstrip(";")


# --- The source -------------------------------------------------------------------------------------------------------


def faults(code: str) -> Iterator[str]:
    """Yield what in this Python could not be extracted, or not be translated well."""
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called not in KEYWORDS:
            continue
        spec = KEYWORDS[called]
        places = [part if isinstance(part, int) else part[0] for part in spec] if spec else [1]
        for place in places:
            text = node.args[place - 1] if len(node.args) >= place else None
            if not (isinstance(text, ast.Constant) and isinstance(text.value, str)):
                yield f"line {node.lineno}: not a plain string, so it is never extracted"
            elif _ANONYMOUS.search(_NAMED.sub("", text.value)):
                yield f"line {node.lineno}: a placeholder without a name"


@pytest.mark.parametrize(
    "good",
    [
        '_("Hello %(name)s") % {"name": name}',
        '_("one" " sentence")',
        'ngettext("%(n)d day", "%(n)d days", n) % {"n": n}',
        'pgettext("a person", "chief")',
        'translation.gettext("100% sure")',
        '"%s" % name',
    ],
)
def test_good_messages_pass(good: str) -> None:
    assert list(faults(good)) == []


@pytest.mark.parametrize(
    "bad",
    [
        '_("Hello %s") % name',
        '_("Hello {}").format(name)',
        '_("Hello {name}").format(name=name)',
        '_(f"Hello {name}")',
        '_("Hello %(name)s" % {"name": name})',
        '_("Hello {0}".format(name))',
        '_("Hello " + name)',
        "_(name)",
        'ngettext("%d day", "%d days", n)',
        'translation.gettext(f"{name}")',
    ],
)
def test_bad_messages_do_not(bad: str) -> None:
    assert list(faults(bad)) != []


def test_every_message_of_the_source_can_be_translated_well() -> None:
    found = [
        f"{file.relative_to(ROOT)} {fault}"
        for room in ROOMS
        for file in sorted((ROOT / room).rglob("*.py"))
        if not {"migrations", "rekey_agent"} & {*file.parts}  # the agent speaks to logs alone
        for fault in faults(file.read_text())
    ]
    assert found == []
