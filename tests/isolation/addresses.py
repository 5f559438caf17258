"""The URL map: every route of both desks' hosts, and Contoso's own example of each that takes an id.

A route that takes something which is not known here fails `test_every_route_has_an_example`, which says what to add.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.apps import apps
from django.conf import settings
from django.urls import URLResolver, get_resolver

from registration.method import registry
from registration.models import NOBODY, PhoneMessage
from resets.writeback.models import OnPremisesDomain
from tenants.branding import app_icon
from tenants.context import entered
from tenants.shield.captcha import kinds
from tests.isolation import rows
from tests.isolation.furnished import Furnished
from tests.isolation.rows import MARK

#: Finds what Contoso has, and is not the whole mark, so that an echo of it tells nothing.
SEARCH = MARK[:-1]
URLCONF = {"fabrikam": settings.ROOT_URLCONF, "public": settings.PUBLIC_SCHEMA_URLCONF}
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
#: A desk's page of one row, the buttons of such a page included.
_OF_A_ROW = re.compile(r"admin/(\w+)/(\w+)/<(?:path:object_id|uuid:pk|int:pk)>/")
LIST = re.compile(r"admin/(\w+)/(\w+)/$")


NOT_KNOWN = "The kit does not know what %s takes. Add an example of Contoso's to EXAMPLES in tests/isolation/addresses.py."


@dataclass(frozen=True)
class Route:
    """One route of a URL configuration, as it is written there."""

    path: str

    @property
    def takes(self) -> tuple[str, ...]:
        """What it takes: the names of its parameters."""
        return tuple(one or other for one, other in _PARAMETER.findall(self.path))

    def __str__(self) -> str:
        return self.path or "(home)"


Examples = Callable[[Furnished], list[str]]
#: Of each route that takes something: Contoso's own addresses. A desk's pages of a row need none, `rows` has it.
EXAMPLES: Mapping[str, Examples] = MappingProxyType(
    {
        "activate/<uuid:challenge>/<str:token>/": lambda had: [had.activation],
        "object/<uuid:challenge>/<str:token>/": lambda had: [had.objection],
        "reset/help/<uuid:ticket>/<str:token>/": lambda had: [had.help],
        "security-info/add/<slug:kind>/": lambda _had: [
            f"/security-info/add/{kind}/" for kind, one in registry().items() if one.traits.for_administrators
        ],
        "carriers/<slug:kind>/<slug:name>/<uuid:message>/": lambda _had: [
            f"/carriers/twilio/{name}/{rows.example(PhoneMessage).pk}/" for name in ("state", "answer", "key")
        ],
        "methods/<slug:kind>/<slug:name>/": lambda _had: [*BODIES] or ["/methods/nothing/nothing/"],
        "security-info/<int:device>/change/": lambda had: [f"/security-info/{had.device.pk}/change/"],
        "security-info/<int:device>/default/": lambda had: [f"/security-info/{had.device.pk}/default/"],
        "security-info/<int:device>/remove/": lambda had: [f"/security-info/{had.device.pk}/remove/"],
        "brand/logo/<slug:digest>.png": lambda had: [had.logo],
        "brand/logo-dark/<slug:digest>.png": lambda had: [had.logo_dark],
        "admin/branding/brandtext/<str:key>/preview/": lambda _had: [
            f"/admin/branding/brandtext/{key}/preview/" for key in ("sign_in", "mail.code.body", "sms.reset")
        ],
        "brand/icon/<slug:digest>.png": lambda had: [had.icon],
        "brand/app/<slug:version>/<int:size>.png": lambda _had: [
            app_icon.url(size) for size in app_icon.SIZES
        ],
        "captcha/<slug:kind>": lambda had: [_captcha(had, kind) for kind in kinds()],
        "admin/autocomplete/": lambda _had: [
            "/admin/autocomplete/?app_label=registration&model_name=user&field_name=groups&term=" + SEARCH
        ],
        "admin/tenants/journalentry/export/<slug:kind>/": lambda _had: [
            "/admin/tenants/journalentry/export/csv/"
        ],
        "admin/tenants/organization/made/<uuid:pk>/": lambda _had: [
            f"/admin/tenants/organization/made/{NOBODY}/"
        ],
        "admin/tenants/organization/made/<uuid:pk>/link/": lambda _had: [
            f"/admin/tenants/organization/made/{NOBODY}/link/"
        ],
        "admin/writeback/onpremisesdomain/<uuid:pk>/do/<slug:what>/": lambda _had: [
            f"/admin/writeback/onpremisesdomain/{rows.example(OnPremisesDomain).pk}/do/{what}/"
            for what in ("add-agent", "bring", "deployment", "remove")
        ],
        "admin/search/": lambda _had: ["/admin/search/?s=" + SEARCH],
        "inbox/<slug:name>/": lambda _had: ["/inbox/nothing/"],
        "inbox/calls/<slug:name>/": lambda _had: ["/inbox/calls/nothing/"],
    }
)
Parts = Callable[[Furnished], dict[str, str]]


def _said(act: str, parts: Parts) -> Callable[[Furnished], dict[str, list[str]]]:
    return lambda had: had.said(act, parts(had))


#: What adele's phone says, with Contoso's ids.
PHONE: Mapping[str, Parts] = MappingProxyType(
    {
        "pair": lambda had: {"code": had.pairing, "name": f"{MARK} phone"},
        "open": lambda _had: {},
        "answer": lambda had: {"request": had.asked, "number": "", "decision": "deny"},
        "subscribe": lambda _had: {},
        "remove": lambda _had: {},
    }
)
#: What is posted to each address that a method serves for itself, right at Contoso, with Contoso's ids.
BODIES: Mapping[str, Callable[[Furnished], dict[str, list[str]]]] = MappingProxyType(
    {f"/methods/app_notification/{act}/": _said(act, parts) for act, parts in PHONE.items()}
)
#: What stands for a parameter that names nothing of anybody's.
NOBODYS: Mapping[str, str] = MappingProxyType({"app_label": "registration", "url": "nothing/here/"})


def routes(urlconf: str) -> list[Route]:
    """Return every route of a URL configuration."""

    def walk(patterns: list[Any], prefix: str) -> Iterator[Route]:
        for one in patterns:
            path = prefix + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, path)
            else:
                yield Route(path)

    return list(dict.fromkeys(walk(get_resolver(urlconf).url_patterns, "")))


def is_known(route: Route) -> bool:
    """Say whether `examples` can make an address of it."""
    return set(route.takes) <= set(NOBODYS) or route.path in EXAMPLES or bool(_OF_A_ROW.match(route.path))


def endpoints() -> set[str]:
    """Return the addresses that methods serve for themselves."""
    return {f"/methods/{kind}/{name}/" for kind, one in registry().items() for name in one.endpoints()}


def examples(route: Route, had: Furnished) -> list[str]:
    """Return Contoso's own addresses of a route."""
    if route.path in EXAMPLES:
        with entered(had.org.row):
            return EXAMPLES[route.path](had)
    assert is_known(route), NOT_KNOWN % route
    if found := _OF_A_ROW.match(route.path):
        with entered(had.org.row):
            pk = rows.example(apps.get_model(found[1], found[2])).pk
        return ["/" + _PARAMETER.sub(str(pk), route.path)]
    plain = "/" + _PARAMETER.sub(lambda found: NOBODYS[found[1] or found[2]], route.path).strip("^$").replace(
        "/^", "/"
    )
    return [plain, f"{plain}?q={SEARCH}"] if LIST.match(route.path) else [plain]


def _captcha(had: Furnished, kind: str) -> str:
    key = kinds()[kind].context().get("key")
    return f"/captcha/{kind}?key={key}" if key else f"/captcha/{kind}"
