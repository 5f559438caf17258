"""What the agent logs: one line each, and of an exception no word."""

import logging
import sys

from rekey_agent.logs import OneLine


def formatted(message: str, *arguments: object, problem: Exception | None = None) -> str:
    caught = (type(problem), problem, problem.__traceback__) if problem else None
    record = logging.LogRecord("rekey_agent", logging.ERROR, __file__, 1, message, arguments, caught)
    return OneLine().format(record)


def test_a_line_is_one_whatever_the_portal_says() -> None:
    said = formatted("refused: %s", "a\nERROR jobs: forged\r\x1b[31m")
    assert len(said.splitlines()) == 1
    assert "\x1b" not in said


def test_of_an_exception_stands_there_what_and_where() -> None:
    try:
        raise ValueError("the password is Neu-und-9-lang")
    except ValueError as problem:
        said = formatted("unexpected", problem=problem)
    line = sys._getframe().f_lineno - 3
    assert said.endswith(f"MainThread: unexpected: ValueError at test_logs.py:{line}")
