"""The desk of an import: chosen, shown, begun, cancelled, by whoever may, of one organization."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registration import people as flows
from registration.importing import desk as importing_desk
from registration.importing import flow
from registration.models import AuditEvent, PeopleImport, User
from registration.roles import Role
from tenants.context import entered
from tests.building import HOSTS, Browser, Org, give_app, run_jobs
from tests.registration.importing.files import checked, file, people
from tests.registration.steps import proved

IMPORTS = "/admin/registration/peopleimport/"


def desk(org: Org, name: str, *granted: Role) -> Browser:
    """Return the browser of somebody with these roles who has passed a second factor."""
    if granted:
        flows.change(org.user(name), {"roles": list(granted)}, actor="tests")
    user = org.user(name)
    return proved(org, user, give_app(user))


def sent(browser: Browser, content: bytes, name: str = "people.csv") -> Any:
    """Send a file."""
    return browser.post(f"{IMPORTS}add/", {"file": SimpleUploadedFile(name, content)})


def downloaded(browser: Browser, path: str) -> bytes:
    """Return a file that the desk hands out."""
    answer: Any = browser.get(f"{IMPORTS}{path}")
    return b"".join(answer.streaming_content)


def test_from_a_file_to_people(contoso: Org) -> None:
    chief = desk(contoso, "chief")
    assert chief.get(f"{IMPORTS}add/").status_code == 200
    taken = sent(chief, file(*people(range(3)), "nobody,,,,").getvalue())
    whole = PeopleImport.objects.get(whole=None)
    address = f"{IMPORTS}{whole.pk}/change/"
    assert taken.headers["location"] == address
    assert "Checking the file" in chief.get(address).content.decode()
    run_jobs()
    page = chief.get(address)
    assert page.context["counts"] == {"parts": 1, "added": 3, "changed": 0, "unchanged": 0, "wrong": 1}
    assert page.context["problems"] == [
        (5, "nobody", "sign-in name", "“nobody” is not a sign-in name such as adele@contoso.example.")
    ]
    assert chief.post(f"{IMPORTS}{whole.pk}/begin/").headers["location"] == address
    run_jobs()
    assert "The import is done." in chief.get(address).content.decode()
    assert User.objects.filter(sign_in_name__startswith="p").count() == 3
    assert chief.get(IMPORTS).status_code == 200


def test_all_that_is_wrong_as_a_file(contoso: Org) -> None:
    chief = desk(contoso, "chief")
    whole = checked(contoso.user("chief"), '"=cmd|x",,,,', *[f"{number},,,," for number in range(150)])
    page = chief.get(f"{IMPORTS}{whole.pk}/change/")
    assert len(page.context["problems"]) == 100
    lines = downloaded(chief, f"{whole.pk}/problems/").decode("utf-8-sig").splitlines()
    assert (len(lines), lines[0]) == (152, "line,sign-in name,column,problem")
    assert lines[1].startswith("2,'=cmd|x,sign-in name,")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The submitted file is empty."),
        (b"name\nAdele\n", "The column “sign-in name” is missing."),
        (b"sign-in name\nJ\xfcrgen@contoso.example\n", "Line 2 is not text that can be read."),
        (b'sign-in name\n"a@contoso.example\n', "Line 2 has a quotation mark that is not closed"),
    ],
)
def test_what_cannot_be_read_is_told(contoso: Org, content: bytes, words: str) -> None:
    page = sent(desk(contoso, "chief"), content)
    assert words in page.content.decode()
    assert not PeopleImport.objects.exists()


def test_a_file_that_is_too_long(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing_desk, "MOST_BYTES", 100_000)
    page = sent(desk(contoso, "chief"), file(*people(range(9000))).getvalue())
    assert "The file is larger than" in page.content.decode()
    assert not PeopleImport.objects.exists()


def test_longer_than_other_pages_take_and_from_nobody_else(contoso: Org) -> None:
    long = b"sign-in name,name\n" + b"a@contoso.example,Adele\n" + b"\n" * 4_000_000
    stranger = contoso.browser()
    assert sent(stranger, long).headers["location"].startswith("/admin/login/")
    assert sent(desk(contoso, "adele"), long).status_code == 302
    assert sent(desk(contoso, "bo", Role.REPORTS_READER), long).status_code == 403
    assert not PeopleImport.objects.exists()
    chief = desk(contoso, "chief")
    assert sent(chief, long).status_code == 302
    assert PeopleImport.objects.filter(whole=None).count() == 1
    other = SimpleUploadedFile("a.png", long)
    assert chief.post("/admin/branding/brand/", {"file": other}).status_code == 413


def test_a_forged_form_is_refused(contoso: Org) -> None:
    chief = desk(contoso, "chief")
    forged = Client(enforce_csrf_checks=True, headers={"host": HOSTS["contoso"]})
    forged.cookies = chief.cookies
    answer = forged.post(f"{IMPORTS}add/", {"file": io.BytesIO(b"sign-in name\na@contoso.example\n")})
    assert answer.status_code == 403
    assert not PeopleImport.objects.exists()


@pytest.mark.parametrize(
    "role", [Role.REPORTS_READER, Role.HELPDESK_ADMINISTRATOR, Role.AUTHENTICATION_ADMINISTRATOR]
)
def test_who_may_not(contoso: Org, role: Role) -> None:
    whole = checked(contoso.user("chief"), *people(range(2)))
    weak = desk(contoso, "bo", role)
    for path in ("", "add/", "template/", f"{whole.pk}/change/", f"{whole.pk}/problems/"):
        assert weak.get(f"{IMPORTS}{path}").status_code == 403, path
    for path in ("begin/", "cancel/"):
        assert weak.post(f"{IMPORTS}{whole.pk}/{path}").status_code == 403
    whole.refresh_from_db()
    assert whole.state == "checked"


def test_another_administrator_sees_it_and_cancels_it_and_does_not_begin_it(contoso: Org) -> None:
    whole = checked(contoso.user("chief"), *people(range(2)))
    other = desk(contoso, "bo", Role.USER_ADMINISTRATOR)
    assert not other.get(f"{IMPORTS}{whole.pk}/change/").context["may_begin"]
    other.post(f"{IMPORTS}{whole.pk}/begin/")
    whole.refresh_from_db()
    assert whole.state == "checked"
    assert other.get(f"{IMPORTS}{whole.pk}/cancel/").status_code == 403
    other.post(f"{IMPORTS}{whole.pk}/cancel/")
    whole.refresh_from_db()
    assert whole.state == "cancelled"


def test_nothing_of_another_organization(contoso: Org, fabrikam: Org) -> None:
    with entered(contoso.row):
        whole = checked(contoso.user("chief"), *people(range(2)))
    chief = desk(fabrikam, "chief")
    for path in ("change/", "problems/"):
        assert chief.get(f"{IMPORTS}{whole.pk}/{path}").status_code == 404
    for path in ("begin/", "cancel/"):
        assert chief.post(f"{IMPORTS}{whole.pk}/{path}").status_code == 404
    flow.work.task.func(schema="fabrikam", pk=str(whole.pk))
    with entered(contoso.row):
        whole.refresh_from_db()
        assert whole.state == "checked"
        assert not AuditEvent.objects.filter(activity="user_added").exists()


def test_the_template_can_be_imported(contoso: Org) -> None:
    chief = desk(contoso, "chief")
    template = downloaded(chief, "template/")
    sent(chief, template.replace(b"adele@", b"template@"))
    run_jobs()
    whole = PeopleImport.objects.get(whole=None)
    assert whole.data["checked"] == {"parts": 1, "added": 1, "changed": 0, "unchanged": 0, "wrong": 0}
    assert whole.data["unknown"] == []
