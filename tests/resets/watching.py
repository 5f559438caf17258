"""What a request costs and answers, with all that is random taken out, so that two can be compared."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.utils.html import escape

from registration import questions
from tests.resets.visitors import Visitor

#: What is drawn anew for each page, or counts down: tokens, a captcha's key, a help desk's reference, minutes left.
_RANDOM = [
    (re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"'), "CSRF"),
    (re.compile(r'name="captcha_key" value="[^"]*"'), "CAPTCHA"),
    (re.compile(r'src="/captcha/characters\?key=[^"]*"'), "CAPTCHA"),
    (re.compile(r'<dd dir="ltr">[0-9A-F]{8}</dd>'), "REFERENCE"),
    (re.compile(r'<p class="number" dir="ltr">[0-9]{2}</p>'), "NUMBER"),
    (re.compile(r"closes in \d+\s+minutes?"), "TIME"),
    (re.compile(r"Please wait \d+\s+minutes?"), "TIME"),
]
_JSON = re.compile(r'"(?:nonce|salt|keyPrefix|expiresAt|keySignature|signature)":\s*(?:"[^"]*"|\d+)')
_SAVEPOINT = re.compile(r'"s\d+_x\d+"')
_WRITES = re.compile(r'^(INSERT INTO|UPDATE|DELETE FROM) "?([\w".]+?)"?(?= |$)', re.IGNORECASE)
_QUESTION = re.compile(rf'(name|id|for)="(id_)?({"|".join(questions.PREDEFINED)})(_\w+)?"')


@dataclass(frozen=True)
class Seen:
    """One answer and what it took."""

    status: int
    headers: tuple[tuple[str, str], ...]
    cookies: tuple[str, ...]
    body: str
    queries: tuple[str, ...]
    writes: tuple[tuple[str, int], ...]
    hashes: int
    jobs: tuple[str, ...]

    def differences(self, other: "Seen") -> list[str]:
        """Return which parts differ, and how."""
        return [
            f"{name}: {_first_difference(mine, its)}"
            for name in self.__dataclass_fields__
            if (mine := getattr(self, name)) != (its := getattr(other, name))
        ]


class Watcher:
    """Look on while requests are served."""

    def __init__(self) -> None:
        self._queries: list[str] = []
        self._writes: list[tuple[str, int]] = []
        self._hashes = 0

    def look(self, visitor: Visitor, do: Any) -> Seen:
        """Let a visitor do something, and return what is seen of it."""
        self._queries, self._writes, self._hashes = [], [], 0
        last = _last_job()
        with connection.execute_wrapper(self._wrap), self._hashing():
            response = do(visitor)
        return Seen(
            status=response.status_code,
            headers=tuple(
                sorted((name.lower(), _steady(name.lower(), text)) for name, text in response.items())
            ),
            cookies=tuple(sorted(_plain_cookie(one.OutputString()) for one in response.cookies.values())),
            body=_plain(response.content.decode(), visitor),
            queries=tuple(self._queries),
            writes=tuple(self._writes),
            hashes=self._hashes,
            jobs=_jobs_after(last),
        )

    def _wrap(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if "search_path" in sql:
            return result
        text = _SAVEPOINT.sub("SAVEPOINT", " ".join(str(sql).split()))
        self._queries.append(text)
        if found := _WRITES.match(text):
            self._writes.append((" ".join(found.groups()), context["cursor"].rowcount))
        return result

    @contextmanager
    def _hashing(self) -> Iterator[None]:
        """Count what Argon2 is asked for, to make a hash or to compare with one."""
        real = {name: getattr(Argon2PasswordHasher, name) for name in ("encode", "verify")}

        def counted(name: str) -> Any:
            def call(hasher: Any, *args: Any) -> Any:
                self._hashes += 1
                return real[name](hasher, *args)

            return call

        for name in real:
            setattr(Argon2PasswordHasher, name, counted(name))
        try:
            yield
        finally:
            for name, method in real.items():
                setattr(Argon2PasswordHasher, name, method)


def _steady(name: str, text: str) -> str:
    """Return a header's value, but for a moment, and for the length of a body that is compared by itself."""
    return "" if name in {"expires", "content-length"} else text


def _first_difference(mine: Any, its: Any) -> str:
    if isinstance(mine, str):
        mine, its = mine.splitlines(), its.splitlines()
    if isinstance(mine, int):
        return f"{mine} and {its}"
    return next(
        (f"{one!r} and {two!r}" for one, two in zip_longest(mine, its) if one != two),
        "nothing that can be shown",
    )


def _plain(text: str, visitor: Visitor) -> str:
    for pattern, word in _RANDOM:
        text = pattern.sub(word, text)
    text = _JSON.sub("JSON", text)
    numbers = (visitor.mobile, "0" + visitor.mobile[3:], visitor.office)
    for typed in (visitor.address, visitor.name, *numbers):
        text = text.replace(str(escape(typed)), "TYPED").replace(typed, "TYPED")
    if 'value="answer"' in text:  # which questions are asked is drawn by the name
        text = _QUESTION.sub("QUESTION", text)
        for question in questions.PREDEFINED.values():
            text = text.replace(str(escape(str(question))), "QUESTION")
    return text


def _plain_cookie(text: str) -> str:
    """Return a cookie with its name and attributes, without its value and the second when it ends."""
    return re.sub(r"expires=[^;]*", "expires", re.sub(r"=[^;]*;", ";", text, count=1))


def _last_job() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(id), 0) from public.procrastinate_jobs")
        found: int = cursor.fetchone()[0]
    return found


def _jobs_after(last: int) -> tuple[str, ...]:
    """Return each job's task, queue, priority and the names of its arguments."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select task_name, queue_name, priority, array(select jsonb_object_keys(args) order by 1)"
            " from public.procrastinate_jobs where id > %s order by id",
            [last],
        )
        return tuple(map(str, cursor.fetchall()))
