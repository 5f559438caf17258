"""The global list of banned words: the 20,000 common passwords that come with Django.

The list is Royce Williams' (gist.github.com/roycewilliams/226886fd01572964e1431ac8afc999ce), lower-cased and deduplicated,
the most frequent first; Django ships it under the BSD licence, so that a release of Django renews it. More than 8,000 of
them have eight characters or more, where ASVS 6.2.4 asks for 3,000. static/vendor/common-passwords holds its first part for
the meter in the browser.
"""

import gzip
from functools import cache
from pathlib import Path

from django.contrib.auth import password_validation

from registration.banned_words import Words

PATH = Path(password_validation.__file__).with_name("common-passwords.txt.gz")


def lines() -> list[str]:
    """Return the list, the most frequent first."""
    with gzip.open(PATH, "rt", encoding="utf-8") as file:
        return [word for line in file if (word := line.strip())]


@cache
def words() -> Words:
    """Return the list as it judges, made at its first use in a process."""
    return Words(lines())
