"""Every code of the table has its words."""

from licensing.editions import Edition, Feature, Reason
from licensing.labels import EDITIONS, FEATURES, REASONS, edition_choices


def test_every_code_has_words() -> None:
    assert (set(EDITIONS), set(FEATURES), set(REASONS)) == (set(Edition), set(Feature), set(Reason))
    assert all(str(words) for words in (*EDITIONS.values(), *FEATURES.values(), *REASONS.values()))


def test_editions_are_offered_in_the_order_of_the_table() -> None:
    assert [code for code, _ in edition_choices()] == ["free", "p1", "p2", "business", "m365"]
