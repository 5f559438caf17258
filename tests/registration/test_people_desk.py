"""The desk's pages of people: nobody acts on a stronger role, on themselves, or on what is not shown."""

import pytest
from django.core import mail

from registration import people
from registration.models import AuditEvent, Device, Group, User
from registration.roles import Role
from tests.building import Browser, Org, give_app, give_email, run_jobs
from tests.registration.steps import proved

PEOPLE = "/admin/registration/user/"


def desk(org: Org, name: str, *granted: str) -> Browser:
    """Return the browser of somebody with these roles who has passed a second factor."""
    user = org.user(name)
    if granted:
        people.change(user, {"roles": list(granted)}, actor="tests")
    user.refresh_from_db()
    return proved(org, user, give_app(user))


def form(user: User, **changed: object) -> dict[str, object]:
    """Return what the person's page would post."""
    fields = {"name": user.name, "primary_address": user.primary_address, "is_active": "on", "groups": []}
    return {**fields, "roles": user.roles, **changed}


@pytest.mark.parametrize("lookup", ["password__startswith=argon2", "sessions_since=0", "devices__kind=email"])
def test_no_hidden_column_is_guessed(contoso: Org, lookup: str) -> None:
    reader = desk(contoso, "bo", Role.REPORTS_READER)
    assert reader.get(f"{PEOPLE}?{lookup}").status_code == 400
    assert reader.get(f"{PEOPLE}?is_active__exact=1").status_code == 200


def test_a_nul_in_the_address_is_a_bad_request(contoso: Org) -> None:
    chief = desk(contoso, "chief")
    assert chief.get("/admin/registration/auditevent/?activity=%00").status_code == 400


def test_one_neither_demotes_nor_disables_oneself(contoso: Org) -> None:
    chief, user = desk(contoso, "chief"), contoso.user("chief")
    page = chief.post(f"{PEOPLE}{user.pk}/change/", form(user, roles=[], is_active=""))
    errors = page.context["adminform"].form.errors.as_data()
    assert {field: found[0].code for field, found in errors.items()} == {
        "roles": "own_roles",
        "is_active": "own_account",
    }
    assert contoso.user("chief").is_active


def test_a_user_administrator_edits_a_helper_and_keeps_the_roles(contoso: Org) -> None:
    people.change(contoso.user("adele"), {"roles": [Role.HELPDESK_ADMINISTRATOR]}, actor="tests")
    helper, adele = desk(contoso, "bo", Role.USER_ADMINISTRATOR), contoso.user("adele")
    saved = helper.post(f"{PEOPLE}{adele.pk}/change/", form(adele, name="Adele V.", roles=["owner"]))
    assert saved.status_code == 302
    adele.refresh_from_db()
    assert (adele.name, adele.roles) == ("Adele V.", [Role.HELPDESK_ADMINISTRATOR])


def test_membership_is_written_down(contoso: Org) -> None:
    chief, bo, pilot = desk(contoso, "chief"), contoso.user("bo"), Group.objects.get(name="Pilot")
    chief.post(f"{PEOPLE}{bo.pk}/change/", form(bo, groups=[str(pilot.pk)]))
    event = AuditEvent.objects.filter(activity="user_changed", subject_id=bo.pk).latest("at")
    assert event.data == {"groups": {"before": [], "after": ["Pilot"]}}
    assert list(bo.groups.all()) == [pilot]


def test_a_group_is_written_down(contoso: Org) -> None:
    chief, pilot = desk(contoso, "chief"), Group.objects.get(name="Pilot")
    chief.post(f"/admin/registration/group/{pilot.pk}/change/", {"name": "Pilot", "groups": []})
    event = AuditEvent.objects.get(activity="group_changed")
    assert event.data == {"group": "Pilot", "may_reset": {"before": True, "after": False}}


def test_an_administrator_takes_a_lost_method_away(contoso: Org) -> None:
    adele = contoso.user("adele")
    device = give_email(adele)
    chief = desk(contoso, "chief")
    gone = chief.post(f"/admin/registration/device/{device.pk}/delete/", {"post": "yes"})
    assert (gone.status_code, Device.objects.filter(user=adele).exists()) == (302, False)
    run_jobs()
    assert "adele@home.example" in {one.to[0] for one in mail.outbox}
    event = AuditEvent.objects.get(activity="security_info_deleted")
    assert (event.actor, event.subject) == ("chief@contoso.example", adele.sign_in_name)


def test_not_one_of_a_stronger_role_nor_ones_own(contoso: Org) -> None:
    chief = contoso.user("chief")
    theirs = give_email(chief)
    helper = desk(contoso, "bo", Role.AUTHENTICATION_ADMINISTRATOR)
    own = Device.objects.get(user=contoso.user("bo"))
    for device in (theirs, own):
        answer = helper.post(f"/admin/registration/device/{device.pk}/delete/", {"post": "yes"})
        assert answer.status_code == 403
    assert Device.objects.filter(pk__in=[theirs.pk, own.pk]).count() == 2
