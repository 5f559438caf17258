"""The journal of finished jobs: on the disk, and forgotten when no such job is valid any more."""

from pathlib import Path

import pytest

from rekey_agent.journal import Answer, Journal


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path)


def test_a_job_is_untold_until_it_is_told(journal: Journal) -> None:
    assert (journal.untold("a"), journal.is_over("a", 1060)) == (None, False)
    journal.note("a", 1060, Answer("refused", "access_denied"))
    assert (journal.untold("a"), journal.is_over("a", 1060)) == (Answer("refused", "access_denied"), False)
    journal.tell("a")
    assert (journal.untold("a"), journal.is_over("a", 1060)) == (None, True)
    assert (journal.untold("b"), journal.is_over("b", 1060)) == (None, False)


def test_the_first_word_of_a_job_stays(journal: Journal) -> None:
    journal.note("a", 1060, Answer("done"))
    journal.note("a", 1060, Answer("refused"))
    assert journal.untold("a") == Answer("done")


def test_it_outlasts_the_process(journal: Journal, tmp_path: Path) -> None:
    journal.note("a", 1060, Answer("done"))
    journal.note("b", 1060, Answer("done"))
    journal.tell("b")
    after = Journal(tmp_path)  # the first was never closed
    assert (after.untold("a"), after.is_over("b", 1060)) == (Answer("done"), True)


def test_what_is_much_older_than_the_newest_is_forgotten_and_over_for_good(journal: Journal) -> None:
    journal.note("a", 1060, Answer("done"))
    journal.tell("a")
    journal.note("b", 1660, Answer("done"))
    assert journal.is_over("a", 1060) and not journal.is_over("c", 1060)
    journal.note("d", 1661, Answer("done"))
    # No clock plays a part: whoever sets one back and brings the old job again is refused all the same.
    assert journal.is_over("a", 1060) and journal.is_over("c", 1060)
    assert journal.untold("b") == Answer("done") and not journal.is_over("e", 1061)
