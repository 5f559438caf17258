"""Whatever is kept between requests, by a cache or a process, is kept for its organization; heard while a day is lived."""

from collections.abc import Mapping
from types import MappingProxyType

import pytest
from django.conf import settings
from django.core.cache import caches

from tenants import hosts
from tenants.context import entered
from tests.building import Org
from tests.isolation import everyday, recording, source
from tests.isolation.furnished import Furnished
from tests.isolation.rows import MARK

#: Every cache, with whose it is.
CACHES: Mapping[str, str] = MappingProxyType(
    {
        "default": "one organization's: its keys carry the schema",
        "shared": "all organizations': see SHARED_KEYS",
    }
)
#: How keys begin that hold for all organizations, each with the reason.
SHARED_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "altcha:replay:": "a solved challenge is claimed once anywhere; it was signed by one organization's secret",
        "captcha/characters/": "a key is spent once anywhere; it was signed by one organization's secret",
    }
)
#: What a process keeps, each with the reason why no organization gets another's.
KEPT: Mapping[str, str] = MappingProxyType(
    {
        "registration/carrier.py:registry": "the carriers that the code has",
        "registration/importing/judging.py:_nobody": "a person whom nothing was said of, read and never changed",
        "registration/common_passwords.py:words": "a list from a file",
        "licensing/foreseeing.py:_readers": "functions that the code has",
        "registration/caring.py:_CARES": "what can be done for a person: functions that the code has",
        "registration/caring.py:_PANELS": "parts of a person's page: functions that the code has",
        "tenants/refusals.py:_codes": "the codes that the code has",
        "tenants/refusals.py:_texts": "the codes that the code has",
        "tenants/shield/envelope.py:derived": "keys; the schema is among what each is derived from",
        "registration/customers/parts.py:_PARTS": "parts of an organization's page: functions that the code has",
        "registration/fixed.py:_readers": "functions that the code has",
        "registration/method.py:registry": "the methods that the code has",
        "registration/methods/questions.py:_nobodys": "a hash that no answer has",
        "registration/phone_forms.py:_options": "the same list as a field of a form, by language",
        "registration/phone_numbers.py:countries": "the names of countries, by language",
        "tenants/glances.py:_parts": "what a room adds to how an organization stands, as the code has it",
        "tenants/glances.py:_readers": "functions that the code has",
        "tenants/naming.py:_in_use": "functions that the code has",
        "tenants/branding/letters.py:_letters": "the mails that the code has",
        "tenants/branding/previews.py:_pages": "the pages that the code has",
        "tenants/branding/replaceable.py:_declared": "the texts that the code has, without anybody's own words",
        "tenants/branding/replaceable.py:_gathered": "functions that the code has",
        "tenants/branding/said.py:_desks": "sentences of the code that only desks say",
        "tenants/branding/said.py:_spoken": "files of the code that speak to people",
        "tenants/branding/said.py:every": "the sentences that the code has, without anybody's own words",
        "tenants/branding/said.py:key_of": "digests of sentences that the code has",
        "tenants/branding/standing_still.py:sheet": "the style sheet of the code",
        "tenants/hosts.py:_facts": "its keys carry the schema (test_a_fact_is_of_its_organization)",
        "tenants/hosts.py:_hosts": "host to organization, asked before it is known who is served",
        "tenants/hosts.py:_loaders": "functions that the code has",
        "tenants/shield/captcha.py:kinds": "the captchas that the code has",
        "tenants/shield/egress.py:system_trust": "the machine's certificates",
        "tenants/upgrading.py:tables": "the names of tables, the same in each schema",
    }
)
OTHERS = ("fabrikam", "public")


def test_every_cache_is_here() -> None:
    assert set(settings.CACHES) == set(CACHES), (
        "Say in CACHES in tests/isolation/test_cache_keys.py whose the new cache is."
    )


def test_every_key_carries_its_organization(had: Furnished) -> None:
    with recording.listening() as heard:
        everyday.live(had)
    users = {file for file, name in source.mentions({"django.core.cache.caches", "django.core.cache.cache"})}
    assert users <= {site.file for site in heard.sites("cached")}, (
        "This file uses a cache, and the day in tests/isolation/everyday.py does not come by: add a step."
    )
    readable = 0
    for site, cache, key, made in {one[3]: one for one in heard.cached}.values():
        if cache is caches["shared"]:
            assert key.startswith(tuple(SHARED_KEYS)), (
                f"{site} writes {key} for all organizations: say why in SHARED_KEYS, or use caches['default']."
            )
            continue
        assert made.startswith("contoso:"), f"{site}: {made}"
        readable += cache.get(key) is not None
        for other in OTHERS:
            with entered(Org(other).row):
                assert cache.get(key) is None, f"{site}: {key}"
    assert readable


def test_everything_that_a_process_keeps_is_here() -> None:
    assert {str(one) for one in source.kept()} == set(KEPT), (
        "A process keeps this from one request to the next, whichever organization is served. "
        "Say in KEPT in tests/isolation/test_cache_keys.py why it is the same for all, or carries the schema."
    )


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("name", sorted(hosts._loaders))
def test_a_fact_is_of_its_organization(had: Furnished, name: str, other: str) -> None:
    """Warm for Contoso, and asked for from within it: another gets its own all the same."""
    contosos, there = hosts.fact(had.org.row, name), Org(other).row
    hosts.forget()
    with entered(there):
        own = hosts._loaders[name](there)
        assert hosts.fact(had.org.row, name) == contosos
        assert hosts.fact(there, name) == own
    assert hosts.fact(there, name) == own
    assert hosts.fact(had.org.row, name) == contosos
    assert MARK not in repr(own)


@pytest.mark.parametrize("other", OTHERS)
def test_a_host_is_of_its_organization(had: Furnished, other: str) -> None:
    names = {"contoso": "contoso.localhost", "fabrikam": "fabrikam.localhost", "public": "localhost"}
    for schema in ("contoso", other, "contoso"):
        found = hosts.find(names[schema])
        assert found is not None
        assert found.schema_name == schema
