"""Say a text: in the organization's own words where it has some in the active language, else as it is by default.

What the organization wrote in another language is never taken: the default in the reader's language is better.
"""

from tenants.branding import placeholders
from tenants.branding.context import here
from tenants.branding.replaceable import find


def say(key: str, **values: object) -> str:
    """Return the text of this key in the active language, its placeholders filled. It is text, never HTML."""
    text = find(key)
    if text is None:
        raise LookupError(f"no text {key} is declared")
    number = values.get(text.counted) if text.counted else None
    return placeholders.fill(own(key) or text.words(int(str(number or 0))), values)


def own(key: str) -> str:
    """Return the organization's own words in the active language, unfilled; empty where there are none."""
    try:
        return here().own(key)
    except LookupError:  # a page of no organization
        return ""
