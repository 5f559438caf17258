"""The journal of finished jobs: on the disk, and forgotten when no such job is valid any more."""

from pathlib import Path

import pytest

from rekey_agent.journal import Answer, Journal


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path)


def test_a_job_is_untold_until_it_is_told(journal: Journal) -> None:
    assert (journal.untold("a"), journal.is_told("a")) == (None, False)
    journal.note("a", 1060, Answer("refused", "access_denied"), 1000)
    assert (journal.untold("a"), journal.is_told("a")) == (Answer("refused", "access_denied"), False)
    journal.tell("a")
    assert (journal.untold("a"), journal.is_told("a")) == (None, True)
    assert (journal.untold("b"), journal.is_told("b")) == (None, False)


def test_the_first_word_of_a_job_stays(journal: Journal) -> None:
    journal.note("a", 1060, Answer("done"), 1000)
    journal.note("a", 1060, Answer("refused"), 1000)
    assert journal.untold("a") == Answer("done")


def test_it_outlasts_the_process(journal: Journal, tmp_path: Path) -> None:
    journal.note("a", 1060, Answer("done"), 1000)
    journal.note("b", 1060, Answer("done"), 1000)
    journal.tell("b")
    after = Journal(tmp_path)  # the first was never closed
    assert (after.untold("a"), after.is_told("b")) == (Answer("done"), True)


def test_what_has_long_expired_is_forgotten(journal: Journal) -> None:
    journal.note("a", 1060, Answer("done"), 1000)
    journal.note("b", 1660, Answer("done"), 1660)
    assert journal.untold("a") == Answer("done")
    journal.note("c", 1800, Answer("done"), 1661)
    assert journal.untold("a") is None
    assert journal.untold("b") == Answer("done")
