"""The demo's people: the provider, Contoso (P1) and Fabrikam (Free), made once and kept over restarts."""

import base64
import hashlib
from io import BytesIO

from django.conf import settings
from django.db import transaction
from django_otp.oath import totp
from PIL import Image, ImageDraw

from config.demo import northwind
from licensing import subscribing
from registration import configuring, connecting, enrolling, people, verification
from registration.activation import activate, invite
from registration.models import Challenge, Device, Group, User
from registration.onboarding import onboard
from registration.origin import NOWHERE
from registration.purpose import Purpose
from registration.roles import Role
from tenants.branding import painting
from tenants.branding.logos import clean_logo
from tenants.branding.places import Place
from tenants.context import PUBLIC, entered
from tenants.models import Organization

PASSWORD = "Monday-Morning-7"
ADMINISTRATOR = "chief"
_METHODS = ["app_notification", "app_code", "mobile_phone", "office_phone", "email"]


def seed(*, hybrid: bool = False) -> list[dict[str, str]]:
    """Make what is not there yet, and return who can sign in, where and as what.

    `hybrid` makes Northwind too, whose people come from a domain.
    """
    with transaction.atomic():
        if hybrid:
            northwind.seed()
            with entered(Organization.objects.get(schema_name=northwind.SLUG)):
                chief = User.objects.get(sign_in_name=f"{ADMINISTRATOR}@{northwind.SIGN_IN}")
                if not chief.has_usable_password():
                    _paint(northwind.NAME, "#1d4ed8")
                    _ready(chief, with_app=True)
        for slug in ("contoso", "fabrikam"):
            if not Organization.objects.filter(schema_name=slug).exists():
                _organization(slug)
        provider = Organization.objects.get(schema_name=PUBLIC)
        with entered(provider):
            if not User.objects.exists():
                owner = people.add(
                    f"{ADMINISTRATOR}@{settings.REKEY_BASE_DOMAIN}",
                    name="Kim Provider",
                    actor="demo",
                    primary_address="chief@rekey.example",
                    granted=(Role.OWNER,),
                )
                _ready(owner, with_app=True)
                subscribing.assign(provider, edition="p2", actor="demo")
                connecting.connect({"carrier": "inbox", "serves_others": True}, settings={}, actor="demo")
                configuring.configure({"scope": "all", "methods": _METHODS, "required": 2}, actor="demo")
    return _welcome()


def totp_keys() -> list[tuple[str, str, str]]:
    """Return the sign-in name, host and base32 key of each administrator's app: the demo's inbox shows their codes."""
    return [(name, host, key_of(name)) for host, name in _administrators()]


def key_of(sign_in_name: str) -> str:
    """Return the key of a demo administrator's app: the same on every machine, since it guards sample data."""
    return base64.b32encode(hashlib.sha256(f"demo {sign_in_name}".encode()).digest()[:20]).decode()


def _organization(slug: str) -> None:
    edition, colour, required = {"contoso": ("p1", "#0f766e", 2), "fabrikam": ("free", "#7c3aed", 1)}[slug]
    name = slug.capitalize()
    made = onboard(
        slug,
        name=name,
        sign_in_name=f"{slug}.example",
        edition=edition,
        administrator=f"{ADMINISTRATOR}@{slug}.example",
        address=f"chief@{slug}.example",
        actor="demo",
    )
    with entered(made.organization):
        people.change(made.administrator, {"name": f"Chris {name}"}, actor="demo")
        configuring.configure({"scope": "all", "methods": _METHODS, "required": required}, actor="demo")
        _paint(name, colour)
        pilot = Group.objects.create(name="Pilot", may_reset=True)
        for person in ("Adele Vance", "Bo Larsen"):
            local = person.split()[0].lower()
            user = people.add(
                f"{local}@{slug}.example",
                name=person,
                actor="demo",
                primary_address=f"{local}.work@{slug}.example",
            )
            _ready(user, with_app=False)
            people.put_into_only(user, [pilot], actor="demo")
        _ready(made.administrator, with_app=True)


def _ready(user: User, *, with_app: bool) -> None:
    """Let somebody choose the demo's password by their one-time link, and confirm an app for an administrator."""
    link = invite(user, actor="demo")
    pk, token = link.rstrip("/").split("/")[-2:]
    invited = Challenge.objects.get(pk=pk)
    assert activate(invited.pk, token, PASSWORD, origin=NOWHERE) is not None
    if with_app:
        _give_app(user)


def _give_app(user: User) -> None:
    state = {"key": key_of(user.sign_in_name)}
    asked = verification.challenge(
        "app_code", user=user, state=state, purpose=Purpose.ENROL, binding="demo", language="en"
    )
    code = f"{totp(base64.b32decode(state['key'])):06d}"
    assert isinstance(enrolling.confirm(user, asked.pk, code, binding="demo", origin=NOWHERE), Device)


def _paint(name: str, colour: str) -> None:
    """Draw a logo: a disc with a letter-like cut, and the name."""
    picture = Image.new("RGBA", (480, 96), (255, 255, 255, 0))
    pen = ImageDraw.Draw(picture)
    pen.pieslice((8, 8, 88, 88), 40, 320, fill=colour)
    pen.ellipse((58, 36, 82, 60), fill="#f59e0b")
    pen.text((108, 18), name.lower(), fill=colour, font_size=56)
    file = BytesIO()
    picture.save(file, "PNG")
    painting.save_brand(
        {"fill": colour, "helpdesk": "mailto:help@example.com"},
        pictures={"logo": clean_logo(file.getvalue())},
        actor="demo",
    )
    painting.save_text(
        Place.SIGN_IN,
        {
            "en": "Trouble signing in? Call the help desk on extension 4357.",
            "de": "Probleme beim Anmelden? Der Helpdesk hat die Durchwahl 4357.",
        },
        actor="demo",
    )


def _administrators() -> list[tuple[str, str]]:
    base = settings.REKEY_BASE_DOMAIN
    own = [(base, f"{ADMINISTRATOR}@{base}")]
    there = Organization.objects.filter(schema_name__in=("contoso", "fabrikam", northwind.SLUG))
    slugs = there.order_by("schema_name").values_list("schema_name", flat=True)
    return own + [(f"{slug}.{base}", f"{ADMINISTRATOR}@{slug}.example") for slug in slugs]


def _welcome() -> list[dict[str, str]]:
    rows = []
    for host, chief in _administrators():
        key = key_of(chief)
        rows.append(
            {
                "host": host,
                "sign_in_name": chief,
                "password": PASSWORD,
                "note": f"administrator; app key {key}",
            }
        )
        if not chief.endswith((f"@{settings.REKEY_BASE_DOMAIN}", f"@{northwind.SIGN_IN}")):
            domain = chief.partition("@")[2]
            rows += [
                {"host": host, "sign_in_name": f"{local}@{domain}", "password": PASSWORD, "note": "user"}
                for local in ("adele", "bo")
            ]
    return rows
