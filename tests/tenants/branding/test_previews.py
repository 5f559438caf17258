"""How pages would look: with what is typed, in either colours, standing still, and framed by nobody else."""

import re

import pytest
from django.test import Client

from tenants import hosts
from tenants.branding import previews
from tenants.branding.models import Brand
from tenants.branding.preview_desk import languages
from tests import building
from tests.building import Org
from tests.registration.steps import proved
from tests.tenants.branding import pictures
from tests.tenants.branding.test_desk import FORM, upload

PREVIEW = "/admin/branding/brand/preview/"
#: What runs, leads, sends, or takes the focus.
RUNS = re.compile(
    r"<script|<iframe|<noscript|<form[^>]* action|\shref=|\son\w+=|type=\"submit\"|http-equiv=\"refresh\"|autofocus"
)


@pytest.fixture
def desk(contoso: Org) -> Client:
    """The browser of Contoso's administrator, second factor passed."""
    chief = contoso.user("chief")
    return proved(contoso, chief, building.give_app(chief))


@pytest.mark.parametrize("page", [key for key, _name in previews.usual()] + ["mail"])
def test_each_page_stands_still_in_every_language_and_both_colours(desk: Client, page: str) -> None:
    for language in languages():
        for scheme in ("light", "dark"):
            asked = {**FORM, "preview_page": page, "preview_scheme": scheme, "preview_language": language}
            shown = desk.post(PREVIEW, asked).content.decode()
            assert f'<html lang="{language}"' in shown
            assert f"color-scheme: {scheme};" in shown
            assert "prefers-color-scheme" not in shown
            assert RUNS.findall(shown) == []


def test_what_is_typed_is_shown_and_nothing_is_saved(desk: Client, contoso: Org) -> None:
    typed = {
        **FORM,
        "fill": "#B91C1C",
        "helpdesk": "https://help.contoso.example/",
        "new_logo": upload(pictures.with_comment("<script>")),
        "logo_alt": 'The "logo"',
    }
    page = desk.post(PREVIEW, typed).content.decode()
    assert "#b91c1c" in page
    assert "Help desk</a>" in page
    assert 'src="data:image/png;base64,' in page
    assert 'alt="The &quot;logo&quot;"' in page
    assert "#b91c1c" not in desk.get(PREVIEW).content.decode()
    assert Brand.objects.get().fill == "#3355d1"
    hosts.forget()
    assert "data:image" not in contoso.browser().get("/sign-in/").content.decode()


def test_a_field_that_is_wrong_stays_as_it_is_saved(desk: Client) -> None:
    wrong = {**FORM, "fill": "red", "helpdesk": "javascript:alert(1)", "new_logo": upload(pictures.SVG)}
    answer = desk.post(PREVIEW, wrong)
    assert answer.status_code == 200
    assert b"javascript:" not in answer.content
    assert b"#3355d1" in answer.content


def test_a_logo_that_is_to_go_is_gone(desk: Client, contoso: Org) -> None:
    path = f"/admin/branding/brand/{Brand.objects.get().pk}/change/"
    desk.post(
        path, {**FORM, "new_logo": upload(pictures.plain()), "new_logo_dark": upload(pictures.plain(9, 9))}
    )
    hosts.forget()
    kept = desk.post(PREVIEW, FORM).content.decode()
    assert len(re.findall(r'(?:src|srcset)="/brand/logo', kept)) == 2
    dark = desk.post(PREVIEW, {**FORM, "preview_scheme": "dark"}).content.decode()
    assert '<source media="all" srcset="/brand/logo-dark/' in dark
    assert '<source media="not all" srcset="/brand/logo-dark/' in kept
    page = contoso.browser().get("/sign-in/").content.decode()
    assert '<source media="(prefers-color-scheme: dark)" srcset="/brand/logo-dark/' in page
    assert "/brand/logo" not in desk.post(PREVIEW, {**FORM, "remove_logo": "on"}).content.decode()


def test_a_preview_is_sandboxed_kept_by_nobody_and_framed_by_nobody(desk: Client) -> None:
    answer = desk.post(PREVIEW, FORM)
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert "sandbox" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self'" in policy
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_what_waits_for_the_administrator_is_not_taken_by_a_preview(desk: Client) -> None:
    desk.post("/admin/branding/brandtext/sign-in.heading/change/", {"text_en": "Hello", "_continue": "1"})
    assert "Saved." not in desk.post(PREVIEW, FORM).content.decode()
    assert "Saved." in desk.get("/admin/").content.decode()
