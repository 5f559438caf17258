"""What Contoso uploaded is served at Contoso alone. Nothing is stored in files, and every column of bytes is known."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

import pytest
from django.conf import settings
from django.core.files.storage import InMemoryStorage, default_storage
from django.db import models

from tests.building import browser_of
from tests.isolation import rows, source
from tests.isolation.furnished import FILL, Furnished

OTHERS = ("fabrikam", "public")
#: Of each column of bytes that a page serves: its address at Contoso.
SERVED: Mapping[str, Callable[[Furnished], str]] = MappingProxyType(
    {
        "branding.Brand.logo": lambda had: had.logo,
        "branding.Brand.logo_dark": lambda had: had.logo_dark,
        "branding.Brand.icon": lambda had: had.icon,
    }
)
#: Columns of bytes that no page serves, each with what is in it.
SEALED: Mapping[str, str] = MappingProxyType(
    {
        "registration.Device.sealed": "what a device keeps, sealed",
        "registration.Challenge.sealed": "a code or a token until it is sent, sealed",
        "registration.Telephony.sealed": "what a carrier needs, sealed",
        "registration.PhoneMessage.sealed": "what a call says until it was said, sealed",
        "resets.Reset.typed_address": "an address, sealed",
        "registration.PeopleImport.sealed": "a part of a file of people until it is imported, sealed",
        "writeback.Agent.sealing_key": "a public key",
        "writeback.Agent.signing_key": "a public key",
        "writeback.Job.after": "what is done when a directory has answered, sealed",
        "registration.PeopleImport.found": "what is wrong with its lines, sealed",
    }
)
#: Names by which a file could be written, and the files of code that may say them, with the reason.
WRITING = frozenset(
    {
        "default_storage", "FileSystemStorage", "FileField", "ImageField", "write_bytes", "write_text", "NamedTemporaryFile",
        "mkstemp", "TemporaryFile", "MEDIA_ROOT", "shutil",
    }
)  # fmt: skip
WRITERS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("config/catalogues.py", "write_bytes"): "translations, compiled; the same for all",
        (
            "resets/writeback/agent/rekey_agent/keys.py",
            "write_bytes",
        ): "the agent's own folder, at the customer's: it runs nowhere here",
        (
            "registration/importing/desk.py",
            "FileField",
        ): "the form's field; the file is read in memory and stands sealed in rows",
        (
            "tenants/branding/desk.py",
            "FileField",
        ): "the form's field; the picture is drawn again and stands in its row",
    }
)


def columns(*kinds: type["models.Field[object, object]"]) -> set[str]:
    """Return the fields of these kinds, of every model of an organization."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in rows.of_organizations()
        for field in model._meta.concrete_fields
        if isinstance(field, kinds) and not model._meta.proxy
    }


def test_every_column_of_bytes_is_here() -> None:
    assert columns(models.BinaryField) == {*SERVED, *SEALED}, (
        "Say in tests/isolation/test_media.py at which address the new column is served (SERVED), or why it is not (SEALED)."
    )


def test_no_column_names_a_file() -> None:
    assert columns(models.FileField) == set(), (
        "A file's path must carry the schema (upload_to), and be served for its own organization alone. Bytes in a row do so "
        "by themselves: use a BinaryField, and say in SERVED in tests/isolation/test_media.py where it is served."
    )


def test_nothing_is_written_into_files() -> None:
    assert isinstance(default_storage._wrapped or default_storage, InMemoryStorage)  # type: ignore[attr-defined]  # a lazy object
    assert settings.MEDIA_ROOT == ""
    assert source.mentions(WRITING) == set(WRITERS), (
        "This code writes a file. Its path must carry the schema; say in WRITERS in tests/isolation/test_media.py whose it is."
    )


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("column", sorted(SERVED))
def test_its_address_serves_it_at_home_alone(had: Furnished, column: str, other: str) -> None:
    path = SERVED[column](had)
    home = had.org.browser().get(path)
    assert home.status_code == 200
    known = {"if-none-match": home.headers.get("ETag", "*"), "range": "bytes=0-3"}
    for browser in (browser_of(other), had.browser(other), had.administrator(other)):
        for headers in ({}, known):
            for ask in (browser.get, browser.head):
                answer = ask(path, headers=headers)
                assert answer.status_code == 404
                assert home.content not in answer.content


@pytest.mark.parametrize("other", OTHERS)
def test_a_style_sheet_is_the_hosts_own_whatever_version_is_asked(had: Furnished, other: str) -> None:
    address = _style_sheet(had)
    assert FILL in had.org.browser().get(address).content.decode()
    answer = browser_of(other).get(address)
    assert FILL not in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-cache"
    etag = had.org.browser().get(address).headers["ETag"]
    assert browser_of(other).get(address, headers={"if-none-match": etag}).status_code == 200


@pytest.mark.parametrize("other", OTHERS)
def test_no_other_draws_the_picture_of_a_captcha(had: Furnished, other: str) -> None:
    page = had.org.browser().get("/reset/").content.decode()
    key = page.partition('name="captcha_key" value="')[2].partition('"')[0]
    assert had.org.browser().get("/captcha/characters", {"key": key}).status_code == 200
    assert browser_of(other).get("/captcha/characters", {"key": key}).status_code == 404


def _style_sheet(had: Furnished) -> str:
    """Return the address of Contoso's style sheet, as its pages write it."""
    found = re.search(r'href="(/brand\.css\?v=[^"]+)"', had.org.browser().get("/sign-in/").content.decode())
    assert found is not None
    return found[1]
