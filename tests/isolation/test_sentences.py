"""Whatever a page of people's says, an organization can say in its own words: found by looking at every page, not listed."""

import pytest
from django.conf import settings

from registration.wording import ACTIVITIES
from tenants import hosts
from tenants.branding import own_words, painting, replaceable, said
from tests.isolation.addresses import URLCONF, examples, routes
from tests.isolation.furnished import Furnished


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every sentence that is asked of the catalogue while own words would be said."""
    found: set[str] = set()
    looked = own_words._own

    def noting(message: str) -> str:
        if own_words._words.get() is not None:
            found.add(message)
        return looked(message)

    monkeypatch.setattr(own_words, "_own", noting)
    return found


def replaced() -> set[str]:
    declared = {str(part) for text in replaceable.every() for part in text.default}
    return declared | {one.message for one in said.every().values() if isinstance(one, said.Said)}


def test_every_sentence_of_every_page_can_be_replaced(had: Furnished, asked: set[str]) -> None:
    painting.save_text(said.key_of("Sign-in name"), {"en": "Your name"}, actor="tests")
    hosts.forget()
    browsers = [had.org.browser(), had.browser()]
    seen = 0
    for route in routes(URLCONF["fabrikam"]):
        if route.path.startswith(("admin/", "inbox/")):
            continue
        for address in examples(route, had):
            for browser in browsers:
                browser.get(address)
                browser.post(address, {})
                seen += 1
    assert seen > 60
    assert "Sign-in name" in asked
    # The menu asks for each language's English name too, and shows the language's own.
    names = {str(name) for _code, name in settings.LANGUAGES}
    left = (asked & ours()) - replaced() - {str(words) for words in ACTIVITIES.values()} - names
    assert sorted(left) == [], "Say in the room's texts.py which file it comes from: `speak`."


def ours() -> set[str]:
    """Return every sentence of our own catalogue; months and the like are Django's."""
    found = set()
    for one in said._catalogue():
        texts = one.id if isinstance(one.id, list | tuple) else (one.id,)
        found |= {f"{one.context}\x04{text}" if one.context else text for text in texts}
    return found - {""}
