"""People and their passwords: the writers of the rows, what they refuse, and what they write down."""

from typing import Any

import pytest
from django.core import mail

from registration import passwords, people
from registration.audit import Activity
from registration.models import AuditEvent, User
from registration.origin import NOWHERE
from registration.passwords import Refused
from registration.people import PersonProblem
from tests.building import PASSWORD, Org, run_jobs, sign_in
from tests.registration.steps import signed_in

NEW = "Quite-Another-9"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "new",
        "@contoso.example",
        "new@",
        "a b@contoso.example",
        "a\t@contoso.example",
        "new@fabrikam.example",
        "new@mail.contoso.example",
        "a" * 65 + "@contoso.example",
        "a" * 10_000,
        "adele@contoso.example",
        "ADELE@contoso.example",
        "a\x00b@contoso.example",
    ],
)
def test_a_name_that_cannot_be(contoso: Org, name: str) -> None:
    with pytest.raises(PersonProblem) as refused:
        people.add(name, actor="tests")
    assert (refused.value.field, User.objects.count()) == ("sign_in_name", 3)


def test_a_new_person(contoso: Org) -> None:
    user = people.add(
        " New@Contoso.Example ", actor="an administrator", name="New", granted=("reports_reader",)
    )
    assert (user.sign_in_name, user.has_usable_password()) == ("new@contoso.example", False)
    event = AuditEvent.objects.get(activity="user_added", subject_id=user.pk)
    assert (event.actor, event.data) == ("an administrator", {"roles": ["reports_reader"]})


@pytest.mark.parametrize("role", ["owner", "emperor", ""])
def test_a_role_that_means_nothing_here(contoso: Org, role: str) -> None:
    with pytest.raises(PersonProblem) as refused:
        people.add("new@contoso.example", actor="tests", granted=(role,))
    assert refused.value.field == "roles"


def test_the_provider_has_roles_of_its_own(provider: Org) -> None:
    assert people.add("new@localhost", actor="tests", granted=("operator",)).roles == ["operator"]
    with pytest.raises(PersonProblem):
        people.add("other@localhost", actor="tests", granted=("global_administrator",))


def test_a_change_is_written_down_with_before_and_after(contoso: Org) -> None:
    people.change(contoso.user("adele"), {"name": "Adele V", "is_active": True}, actor="tests")
    event = AuditEvent.objects.get(activity="user_changed")
    assert event.data == {"name": {"before": "Adele", "after": "Adele V"}}


def test_no_change_writes_nothing(contoso: Org) -> None:
    people.change(contoso.user("adele"), {"name": "Adele"}, actor="tests")
    assert not AuditEvent.objects.filter(activity="user_changed").exists()


def test_the_trail_outlives_a_person(contoso: Org) -> None:
    people.remove(contoso.user("adele"), actor="tests")
    assert User.objects.count() == 2
    assert AuditEvent.objects.get(activity="user_deleted").subject == "adele@contoso.example"


def test_a_new_password_ends_every_session(contoso: Org) -> None:
    adele = contoso.user("adele")
    first, second = signed_in(contoso, adele), signed_in(contoso, adele)
    form = {"current": PASSWORD, "new_password": NEW, "confirm": NEW}
    assert first.post("/password/", form).status_code == 302
    assert first.get("/password/").status_code == 200
    assert second.get("/password/").headers["location"].startswith("/sign-in/")


def test_a_change_asks_for_the_current_password(contoso: Org) -> None:
    browser = signed_in(contoso, contoso.user("adele"))
    form = {"new_password": NEW, "confirm": NEW}
    pages = [browser.post("/password/", {**form, "current": wrong}) for wrong in ("", "Wrong-Horse-7")]
    assert ["current" in page.context["form"].errors for page in pages] == [True, True]
    assert contoso.user("adele").check_password(PASSWORD)
    event = AuditEvent.objects.get(activity="password_changed")
    assert (event.status, event.reason) == ("failure", "wrong_password")


def test_a_change_is_tried_five_times_an_hour(contoso: Org) -> None:
    browser = signed_in(contoso, contoso.user("adele"))
    form: dict[str, Any] = {"new_password": NEW, "confirm": NEW}
    for _try in range(5):
        browser.post("/password/", {**form, "current": "Wrong-Horse-7"})
    browser.post("/password/", {**form, "current": PASSWORD})
    assert contoso.user("adele").check_password(PASSWORD)


def test_a_refused_password_leaves_everything(contoso: Org) -> None:
    adele = contoso.user("adele")
    before = User.objects.filter(pk=adele.pk).values().get()
    events = AuditEvent.objects.count()
    with pytest.raises(Refused):
        passwords.set_password(adele, "adele", activity=Activity.PASSWORD_RESET, actor=adele, origin=NOWHERE)
    assert User.objects.filter(pk=adele.pk).values().get() == before
    assert AuditEvent.objects.count() == events


def test_a_reset_may_set_the_last_password_and_a_change_not(contoso: Org) -> None:
    adele = contoso.user("adele")
    passwords.set_password(adele, PASSWORD, activity=Activity.PASSWORD_RESET, actor=adele, origin=NOWHERE)
    with pytest.raises(Refused):
        passwords.set_password(
            adele, PASSWORD, activity=Activity.PASSWORD_CHANGED, actor=adele, origin=NOWHERE
        )


def test_who_is_signed_in_elsewhere_stays(contoso: Org, fabrikam: Org) -> None:
    browser = fabrikam.browser()
    sign_in(browser, "adele@fabrikam.example")
    people.change(fabrikam.user("bo"), {"is_active": False}, actor="tests")
    assert browser.get("/password/").status_code == 200


def test_the_former_address_is_told(contoso: Org) -> None:
    adele = contoso.user("adele")
    people.change(adele, {"name": "Adele V."}, actor="chief@contoso.example")
    people.change(adele, {"primary_address": "new@post.example"}, actor="chief@contoso.example")
    run_jobs()
    (told,) = mail.outbox
    assert told.to == ["adele@post.example"]
    assert "chief@contoso.example changed the primary address of adele@contoso.example" in told.body
    assert "new@post.example" not in told.body
    people.change(contoso.user("adele"), {"primary_address": ""}, actor="chief@contoso.example")
    people.change(contoso.user("adele"), {"primary_address": "third@post.example"}, actor="x")
    run_jobs()
    assert [one.to for one in mail.outbox[1:]] == [["new@post.example"]]
