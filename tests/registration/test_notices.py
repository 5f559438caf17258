"""Whatever changes somebody's security info, by whomever, is told at every address, once, with the way to object."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

import pytest
from django.core import mail
from django.utils import timezone

from registration import configuring
from registration.models import Challenge, Device
from tenants.context import entered
from tests.building import Org, give_app, give_email, run_jobs
from tests.isolation.forms import forms
from tests.registration.steps import proved
from tests.registration.test_wizard import set_up_app, set_up_email

POST, HOME, MORE = "adele@post.example", "adele@home.example", "more@home.example"
INFO = "/security-info/"
#: What can happen, and which other addresses than the two that are always told are told, too.
Way = Callable[[Org, Device, Device], object]


def _added(org: Org, app: Device, _email: Device) -> object:
    return set_up_email(proved(org, org.user("adele"), app), MORE)


def _app_added(org: Org, app: Device, _email: Device) -> object:
    return set_up_app(proved(org, org.user("adele"), app))


def _answered(org: Org, app: Device, _email: Device) -> object:
    """Register questions: no code confirms them."""
    browser, path = proved(org, org.user("adele"), app), "/security-info/add/questions/"
    (form,) = (one for one in forms(browser.get(path).content.decode(), path) if "answer_1" in one.values)
    answers = ("Rex", "Lovelace", "Elm Street", "Barli", "Cartographer")
    ids = ("pet", "teacher", "street", "toy", "job")
    typed = {f"answer_{n}": text for n, text in enumerate(answers, 1)}
    return browser.post(
        path, {**form.values, **typed, **{f"question_{n}": key for n, key in enumerate(ids, 1)}}
    )


def _changed(org: Org, app: Device, email: Device) -> object:
    browser = proved(org, org.user("adele"), app)
    browser.post(f"{INFO}{email.pk}/change/", {"address": MORE})
    run_jobs()
    (code,) = re.findall(r"\b\d{6}\b", str(mail.outbox[-1].body))
    return browser.post(f"{INFO}confirm/", {"action": "confirm", "code": code})


def _removed(org: Org, app: Device, email: Device) -> object:
    return proved(org, org.user("adele"), app).post(f"{INFO}{email.pk}/remove/")


def _removed_at_the_desk(org: Org, app: Device, _email: Device) -> object:
    chief = org.user("chief")
    desk = proved(org, chief, give_app(chief))
    return desk.post(f"/admin/registration/device/{app.pk}/delete/", {"post": "yes"})


def _another_asked_first(org: Org, app: Device, email: Device) -> object:
    return proved(org, org.user("adele"), app).post(f"{INFO}{email.pk}/default/")


WAYS: Mapping[str, tuple[Way, list[str], str]] = MappingProxyType(
    {
        "an address added": (_added, [MORE], "a method was added to"),
        "an app added": (_app_added, [], "a method was added to"),
        "questions answered": (_answered, [], "a method was added to"),
        "an address changed": (_changed, [MORE], "was changed on"),
        "removed": (_removed, [], "a method was removed from"),
        "removed by an administrator": (_removed_at_the_desk, [], "a method was removed from"),
        "another asked for first": (_another_asked_first, [], "is asked for first was changed"),
    }
)


@pytest.mark.parametrize("what", WAYS)
def test_it_is_told(contoso: Org, fabrikam: Org, what: str) -> None:
    do, also, words = WAYS[what]
    with entered(fabrikam.row):
        give_email(fabrikam.user("adele"))  # of the same name and address, and told nothing
    with entered(contoso.row):
        configuring.configure({"methods": ["app_code", "email", "questions"], "required": 2}, actor="tests")
        app, email = give_app(contoso.user("adele")), give_email(contoso.user("adele"))
        Device.objects.update(created_at=timezone.now() - timedelta(days=30))
        Challenge.objects.all().delete()
        do(contoso, app, email)
        run_jobs()
        told = [one for one in mail.outbox if words in str(one.body)]
        assert sorted(one.to[0] for one in told) == sorted([POST, HOME, *also])
        assert all("Contoso" in one.from_email for one in told)
        with_link = [one.to[0] for one in told if re.search(r"/object/\S+", str(one.body))]
        assert sorted(with_link) == [HOME, POST]  # not an address that is new
        assert set(
            Challenge.objects.filter(purpose="object").values_list("user__sign_in_name", flat=True)
        ) == {"adele@contoso.example"}
        assert not any("bo@" in one.to[0] or "chief@" in one.to[0] for one in mail.outbox)
