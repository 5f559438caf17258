"""A real page made a picture of itself: its styles inside, in one colour scheme, with nothing that runs, leads or sends."""

import re
from functools import cache
from html import escape
from html.parser import HTMLParser
from pathlib import Path

from django.contrib.staticfiles import finders

LIGHT, DARK = "light", "dark"
_SCHEME = re.compile(r"\(prefers-color-scheme:\s*(light|dark)\)")
_GONE = frozenset({"script", "noscript", "dialog", "iframe", "object", "embed"})
_EMPTY = frozenset({"meta", "link", "base"})
#: What leads, sends, takes the focus, or asks for something when it is shown.
_TAKEN = frozenset(
    {"href", "action", "formaction", "method", "target", "ping", "autofocus", "tabindex", "name"}
)
_LEADS = frozenset({"a", "area"})
#: On top of the desk's policy, which a frame inherits, and which lets it show pictures of this host alone.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data: http: https:"


def still(page: str, *, scheme: str, css: str = "") -> str:
    """Return a whole page as it looks in a colour scheme; `css` comes after the page's own sheet.

    >>> said = still('<html><body><a href="/x" onclick="y()">Go</a><script>z()</script></body></html>', scheme=LIGHT)
    >>> "<a >Go</a>" in said, "href" in said, "script>" in said, "onclick" in said
    (True, False, False, False)
    """
    reader = _Reader(scheme, css)
    reader.feed(page)
    reader.close()
    return "".join(reader.out)


def only(css: str, scheme: str) -> str:
    """Return a style sheet with its questions about the colour scheme answered.

    >>> only("@media (prefers-color-scheme: dark) {}", DARK), only("@media (prefers-color-scheme: dark) {}", LIGHT)
    ('@media all {}', '@media not all {}')
    """
    return _SCHEME.sub(lambda asked: "all" if asked[1] == scheme else "not all", css)


@cache
def sheet() -> str:
    """Return the style sheet of people's pages."""
    found = finders.find("app.css")
    assert isinstance(found, str)
    return Path(found).read_text()


class _Reader(HTMLParser):
    """Writes down what it reads, but what a picture has no use for."""

    def __init__(self, scheme: str, css: str) -> None:
        super().__init__(convert_charrefs=False)
        self.scheme, self.css, self.out, self.gone = scheme, css, list[str](), 0
        self.in_style = False

    def handle_decl(self, decl: str) -> None:
        self.out.append(f"<!{decl}>")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _GONE:
            self.gone += 1
        elif not self.gone and tag not in _EMPTY:
            self._open(tag, dict(attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self.gone and tag not in _GONE | _EMPTY:
            self._open(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag in _GONE:
            self.gone = max(0, self.gone - 1)
        elif not self.gone:
            self.in_style = self.in_style and tag != "style"
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self.gone:
            self.out.append(only(data, self.scheme) if self.in_style else data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def _open(self, tag: str, attrs: dict[str, str | None]) -> None:
        if tag == "input" and attrs.get("type") == "hidden":
            return
        if tag == "button":
            attrs["type"] = "button"
        self.in_style = tag == "style"
        kept = {
            name: only(value or "", self.scheme) if name == "media" else value
            for name, value in attrs.items()
            if name not in _TAKEN and not name.startswith("on")
        }
        if tag in _LEADS:
            kept["class"] = attrs.get("class")
        written = " ".join(
            name if value is None else f'{name}="{escape(value)}"'
            for name, value in kept.items()
            if not (name == "class" and value is None)
        )
        self.out.append(f"<{tag} {written}>" if written or tag in _LEADS else f"<{tag}>")
        if tag == "head":
            self.out.append(self._head())

    def _head(self) -> str:
        styles = only(f"{sheet()}\n{self.css}", self.scheme) if self.css else ""
        return (
            f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<meta name="color-scheme" content="{self.scheme}">'
            f"<style>{styles}\n:root {{ color-scheme: {self.scheme}; }}</style>"
        )
