"""What a browser would post: the forms of a page, read from its HTML, filled in where a person would type."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

from tests.building import PASSWORD, app_code
from tests.isolation.rows import MARK

_BUTTONS = {"submit", "image", "button"}
_LEFT_OUT = {"file", "reset", "csrfmiddlewaretoken"}


@dataclass
class Form:
    """One form: where it goes to, and what it holds."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    #: Buttons, and choices that a person makes: each is one way of sending it.
    ways: list[tuple[str, str, str]] = field(default_factory=list)

    def sent(self) -> list[tuple[str, dict[str, list[str]]]]:
        """Return each way of sending it: where to, and what."""
        filled = {name: [_typed(name, one) for one in values] for name, values in self.values.items()}
        ways = self.ways or [("", "", "")]
        return [
            (action or self.action, {**filled, **({name: [value]} if name else {})})
            for action, name, value in ways
        ]


def forms(html: str, page: str) -> list[Form]:
    """Return the forms of a page that are posted."""
    reader = _Reader(page)
    reader.feed(html)
    return [one for one in reader.found if one.method == "post"]


def _typed(name: str, value: str) -> str:
    """Return what a person types into an empty field, and something neutral in place of Contoso's own words."""
    if value and MARK not in value.lower():
        return value
    by_name = {
        "login": "adele@contoso.example",
        "sign_in_name": "adele@contoso.example",
        "password": PASSWORD,
        "current": PASSWORD,
        "new_password": "Quite-Another-9",
        "confirm": "Quite-Another-9",
        "code": app_code(),
        "address": "mallory@else.example",
    }
    return by_name.get(name.rpartition("-")[2], "Mallory")


class _Reader(HTMLParser):
    """Read forms, fields and buttons; buttons may name the form that they belong to, or another address."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.found = page, list[Form]()
        self.select, self.many = "", False
        self.open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = Form(urljoin(self.page, has.get("action", "")), has.get("method", "get").lower())
            self.found.append(self.open)
        elif self.open is not None:
            self._field(tag, has)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        elif tag == "select":
            self.select = ""

    def _field(self, tag: str, has: dict[str, str]) -> None:
        assert self.open is not None
        name, kind = has.get("name", ""), has.get("type", "submit" if tag == "button" else "text")
        if tag == "button" or (tag == "input" and kind in _BUTTONS):
            target = urljoin(self.page, has["formaction"]) if "formaction" in has else ""
            self.open.ways.append((target, name, has.get("value", "")))
        elif tag == "select":
            self.select, self.many = name, "multiple" in has
        elif tag == "option" and self.select == "action":
            self.open.ways += [("", "action", has["value"])] if has.get("value") else []
        elif tag == "option" and self.select and (self.many or "selected" in has):
            self.open.values.setdefault(self.select, []).append(has.get("value", ""))
        elif tag in {"input", "textarea"} and name and kind not in _LEFT_OUT and name not in _LEFT_OUT:
            chosen = (
                kind not in {"checkbox", "radio"}
                or "checked" in has
                or name in {"_selected_action", "method"}
            )
            if chosen:
                self.open.values.setdefault(name, []).append(has.get("value", ""))
