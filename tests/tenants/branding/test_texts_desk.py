"""The desk's pages of texts: found, written, refused, brought back, shown before they are saved, and tried."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from registration.models import AuditEvent
from registration.roles import Role
from tenants import hosts
from tenants.branding import painting, replaceable
from tenants.branding.models import BrandText
from tenants.branding.trying_out import TESTS
from tenants.context import entered
from tenants.shield import throttle
from tests import building
from tests.building import Org, run_jobs
from tests.registration.steps import proved
from tests.tenants.branding.queries import asked

LIST = "/admin/branding/brandtext/"
CODE = f"{LIST}mail.code.body/change/"
PREVIEW = f"{LIST}mail.code.body/preview/"


@pytest.fixture
def desk(contoso: Org) -> Iterator[Client]:
    """The browser of Contoso's administrator, second factor passed."""
    chief = contoso.user("chief")
    yield proved(contoso, chief, building.give_app(chief))
    hosts.forget()


def helper(org: Org, role: Role) -> Client:
    """Return the browser of somebody with a role that has nothing to do here."""
    bo = org.user("bo")
    bo.roles = [role]
    bo.save(update_fields=["roles"])
    return proved(org, bo, building.give_app(bo, "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK"))


def text_of(answer: Any) -> str:
    """Return a page in one line."""
    return " ".join(answer.content.decode().split())


def test_the_list_has_every_text_and_asks_one_query_for_them(desk: Client) -> None:
    page = desk.get(LIST).content.decode()
    for text in replaceable.every():
        assert f'href="{LIST}{text.key}/change/"' in page, text.key
    with asked() as queries:
        desk.get(LIST)
    assert len([one for one in queries if "branding_brandtext" in one]) == 1


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("?q=verification+code", 2),
        ("?q=tell+the+help+desk+of&group=mails", 10),
        ("?group=messages", 9),
        ("?changed=1", 0),
    ],
)
def test_the_list_is_searched_and_narrowed(desk: Client, query: str, number: int) -> None:
    assert f"{number} texts" in text_of(desk.get(LIST + query))


def test_own_words_are_found_in_whatever_language(desk: Client) -> None:
    painting.save_text("sign-in.heading", {"de": "Grüß Gott"}, actor="chief")
    page = text_of(desk.get(f"{LIST}?q=GRÜSS+gott"))
    assert "1 text<" in page
    assert "Changed in: Deutsch" in page


def test_a_text_has_its_default_its_placeholders_and_what_stays(desk: Client) -> None:
    page = text_of(desk.get(CODE))
    assert '<code dir="ltr">%(code)s</code>' in page
    assert "the code <strong>(needed)</strong>" in page
    assert "tell it to nobody." in page
    assert "Ihr Prüfcode:" in page


def test_a_text_that_lacks_its_code_is_refused_in_its_field_and_kept_typed(desk: Client) -> None:
    answer = desk.post(CODE, {"text_en": "Here is <it>", "text_de": "Da: %(code)s", "text_ar": ""})
    page = text_of(answer)
    assert answer.status_code == 200
    assert "The text needs %(code)s: without it people can&#x27;t do what it is about." in page
    assert "Here is &lt;it&gt;</textarea>" in page
    assert BrandText.objects.count() == 0


def test_the_default_comes_back_in_one_language_and_both_are_written_down(desk: Client, contoso: Org) -> None:
    desk.post(CODE, {"text_en": "A: %(code)s", "text_de": "B: %(code)s", "text_ar": ""})
    assert BrandText.objects.get().written() == {"en": "A: %(code)s", "de": "B: %(code)s"}
    answer = desk.post(CODE, {"text_en": "typed, but not saved", "_reset": "de"})
    assert answer.status_code == 302
    assert BrandText.objects.get().written() == {"en": "A: %(code)s"}
    first, second = AuditEvent.objects.filter(activity="branding_changed").order_by("at")
    assert first.data["mail.code.body.text_de"] == {"before": "", "after": "B: %(code)s"}
    assert second.data == {"mail.code.body.text_de": {"before": "B: %(code)s", "after": ""}}
    assert second.actor == "chief@contoso.example"


def test_a_message_says_as_how_many_it_is_sent(desk: Client) -> None:
    page = text_of(desk.get(f"{LIST}sms.reset/change/"))
    assert page.count("Sent as 1 message.") == 2
    assert page.count("Sent as 2 messages.") == 1  # in Arabic
    long = "%(code)s " + "x" * 140
    assert "Sent as 2 messages." in text_of(
        desk.post(f"{LIST}sms.reset/change/", {"text_en": long, "_test": "1"})
    )


def test_the_preview_shows_what_is_typed_and_saves_nothing(desk: Client) -> None:
    typed = {"text_en": "Look: <b>%(code)s", "text_de": "", "text_ar": ""}
    page = text_of(desk.post(PREVIEW, typed))
    assert "Look: &lt;b&gt;123456" in page
    plain = text_of(desk.post(PREVIEW, {**typed, "preview_page": "mail_text"}))
    assert "Look: &lt;b&gt;123456" in plain
    german = text_of(desk.post(PREVIEW, {**typed, "preview_language": "de"}))
    assert "Ihr Prüfcode:" in german
    assert "Look" not in german
    wrong = text_of(desk.post(PREVIEW, {**typed, "text_en": "no code"}))
    assert "Your verification code:" in wrong
    assert BrandText.objects.count() == 0
    assert AuditEvent.objects.filter(activity__startswith="branding").count() == 0


@pytest.mark.parametrize(
    "choice", [{"preview_page": "sign_in"}, {"preview_scheme": "red"}, {"preview_language": "xx"}]
)
def test_a_preview_of_what_there_is_not_is_none(desk: Client, choice: dict[str, str]) -> None:
    assert desk.post(PREVIEW, choice).status_code == 404


def test_a_test_goes_to_ones_own_address_marked_and_with_made_up_values(desk: Client, contoso: Org) -> None:
    mail.outbox = []
    typed = {"text_en": "", "text_de": "Da: %(code)s", "text_ar": "", "preview_language": "de", "_test": "1"}
    assert "A test is on its way" in text_of(desk.post(CODE, typed))
    assert BrandText.objects.count() == 0
    assert run_jobs() == ["branding.trial"]
    (sent,) = mail.outbox
    assert sent.to == ["chief@post.example"]
    assert (
        sent.subject == "[Ein Test mit erfundenen Werten] Ihr Prüfcode von Contoso"
    )  # translated with the catalogues
    assert "Da: 123456" in sent.body
    event = AuditEvent.objects.get(activity="branding_tried")
    assert (event.actor, event.data) == (
        "chief@contoso.example",
        {"text": "mail.code.body", "language": "de"},
    )


def test_a_message_is_tried_by_mail(desk: Client) -> None:
    mail.outbox = []
    desk.post(f"{LIST}sms.reset/change/", {"text_en": "Yours: %(code)s", "_test": "1"})
    run_jobs()
    (sent,) = mail.outbox
    assert "Yours: 123456 Tell it to nobody." in sent.body


@pytest.mark.parametrize(("key", "status"), [("sign-in.heading", 404), ("nothing.here", 404)])
def test_a_page_is_not_mailed_nor_is_what_there_is_not(desk: Client, key: str, status: int) -> None:
    assert desk.post(f"{LIST}{key}/change/", {"_test": "1"}).status_code == status
    assert run_jobs() == []


def test_tests_are_few(desk: Client, contoso: Org) -> None:
    for _time in range(TESTS.limit - 1):
        throttle.spend(TESTS, str(contoso.user("chief").pk))
    assert "A test is on its way" in text_of(desk.post(CODE, {"_test": "1"}))
    assert "That was too often." in text_of(desk.post(CODE, {"_test": "1"}))
    assert run_jobs() == ["branding.trial"]


def test_who_has_no_address_is_told(desk: Client, contoso: Org) -> None:
    chief = contoso.user("chief")
    chief.primary_address = ""
    chief.save(update_fields=["primary_address"])
    assert "You have no primary address" in text_of(desk.post(CODE, {"_test": "1"}))
    assert run_jobs() == []


@pytest.mark.parametrize("role", [Role.HELPDESK_ADMINISTRATOR, Role.AUTHENTICATION_POLICY_ADMINISTRATOR])
def test_a_role_that_may_not_is_refused_everywhere(contoso: Org, role: Role) -> None:
    browser = helper(contoso, role)
    for path in (LIST, CODE, PREVIEW, "/admin/branding/brand/preview/"):
        assert browser.get(path).status_code == 403
        assert browser.post(path, {"text_en": "%(code)s", "_test": "1"}).status_code == 403
    assert run_jobs() == []
    assert BrandText.objects.count() == 0


def test_an_outsider_is_sent_to_sign_in(contoso: Org) -> None:
    for path in (LIST, CODE, PREVIEW):
        assert contoso.browser().get(path).headers["location"] == f"/admin/login/?next={path}"


def test_another_organization_is_shown_its_own(desk: Client, contoso: Org, fabrikam: Org) -> None:
    with entered(fabrikam.row):
        painting.save_text("mail.code.body", {"en": "Fabrikam: %(code)s"}, actor="chief")
        painting.save_brand({"fill": "#0f766e"}, actor="chief")
    for path in (LIST, CODE, PREVIEW, "/admin/branding/brand/preview/"):
        page = desk.get(path).content.decode()
        assert "Fabrikam" not in page
        assert "#0f766e" not in page
