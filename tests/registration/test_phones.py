"""Mobile and office phone in the security info and on the desk: registered, changed, used again; and where they are not."""

import re
from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.utils import translation

from licensing import subscribing
from registration import advice_desk, configuring, connecting, people
from registration import state as states
from registration.budgets import ASK, ASK_COSTLY, PHONE_NUMBER
from registration.method import registry
from registration.methods import mobile_phone
from registration.models import AuditEvent, Challenge, Device
from tenants import hosts
from tenants.context import entered
from tenants.shield import throttle
from tests.building import Browser, Org, give_app, give_email, give_mobile, give_office, run_jobs
from tests.registration.steps import proved, put
from tests.telephones import MOBILE, OFFICE, OTHER_MOBILE, Telephones

ADD, CONFIRM, INFO = "/security-info/add/{}/", "/security-info/confirm/", "/security-info/"
MINE = {"country": "DE", "number": "0151 2345 6789", "way": "sms"}
DESK = {"country": "DE", "number": "030 901820"}
METHODS = ["mobile_phone", "office_phone", "email"]
#: edition, last day of its trial: whether calls are included.
EDITIONS = [("p1", None, True), ("p1", date(2100, 1, 1), False), ("free", None, False), ("m365", None, True)]


@pytest.fixture
def here(contoso: Org, phones: Telephones) -> Org:
    """Contoso, whose people may use phones."""
    phones.connect(contoso)
    configuring.configure({"methods": METHODS}, actor="tests")
    return contoso


@pytest.fixture
def hers(here: Org) -> Browser:
    """Adele's browser; she has nothing yet."""
    return proved(here, here.user("adele"))


def errors(page: Any) -> dict[str, list[str]]:
    """Return the codes of the page's errors, by field."""
    return {
        field: [one.code for one in found.as_data()] for field, found in page.context["form"].errors.items()
    }


def bought(org: Org, edition: str, trial_ends: date | None) -> None:
    """Give an organization a subscription."""
    subscribing.assign(org.row, edition=edition, trial_ends=trial_ends, actor="tests")
    hosts.forget()


def open_codes() -> int:
    """Return how many codes were asked for to register something."""
    return Challenge.objects.filter(purpose="enrol").count()


def desk_of(org: Org) -> Browser:
    """Return the administrator's browser, at the desk."""
    chief = org.user("chief")
    return proved(org, chief, give_app(chief))


def set_page(org: Org, name: str) -> str:
    """Return the address where an administrator sets somebody's office number."""
    return f"/admin/registration/user/{org.user(name).pk}/set/office_phone/"


def test_a_mobile_number_counts_once_its_code_is_typed(here: Org, hers: Browser, phones: Telephones) -> None:
    assert hers.post(ADD.format("mobile_phone"), MINE).headers["location"] == CONFIRM
    assert not Device.objects.exists()
    assert hers.post(CONFIRM, {"action": "confirm", "code": phones.code()}).headers["location"] == INFO
    device = Device.objects.get()
    assert (device.user, device.kind, states.of(device)["number"]) == (
        here.user("adele"),
        "mobile_phone",
        MOBILE,
    )
    assert "+49 1512 3456789" in hers.get(INFO).content.decode()


def test_what_a_text_says(here: Org, hers: Browser, phones: Telephones) -> None:
    """Who asks, what for, and last the line by which a browser fills the code in at this host alone."""
    hers.post(ADD.format("mobile_phone"), MINE)
    words = phones.words()
    code = phones.code()
    assert words.splitlines()[-1] == f"@contoso.localhost #{code}"
    assert words.startswith(f"{code} is your code to register this phone at Contoso.")
    assert len(words) <= 160 and words.isascii()  # one message, and no more, is paid for


@pytest.mark.parametrize(("page", "own", "spoken"), [("de", "", "de"), ("de", "ar", "ar"), ("", "", "en")])
def test_a_text_is_in_the_persons_language_else_in_the_pages(
    here: Org, phones: Telephones, monkeypatch: pytest.MonkeyPatch, page: str, own: str, spoken: str
) -> None:
    monkeypatch.setattr(mobile_phone, "gettext", lambda text: f"{translation.get_language()}: {text}")
    adele = here.user("adele")
    adele.language = own
    adele.save()
    proved(here, adele).post(ADD.format("mobile_phone"), MINE, headers={"accept-language": page})
    said = phones.words()
    assert re.findall("(..): ", said) == [spoken]  # what we add to the organization's own sentence
    assert {"en": "is your code", "de": "ist Ihr Code", "ar": "هو رمز"}[spoken] in said


def test_a_call_reads_the_code_out_digit_by_digit(here: Org, hers: Browser, phones: Telephones) -> None:
    hers.post(ADD.format("mobile_phone"), {**MINE, "way": "call"})
    heard = phones.answer()
    assert heard is not None
    code = heard.sentences[1].replace(", ", "").rstrip(".")
    assert len(code) == 6 and code.isdecimal()
    assert hers.post(CONFIRM, {"action": "confirm", "code": code}).headers["location"] == INFO


def test_once_more_goes_the_same_way(here: Org, hers: Browser, phones: Telephones) -> None:
    hers.post(ADD.format("mobile_phone"), {**MINE, "way": "call"})
    phones.all()
    hers.post(CONFIRM, {"action": "resend"})
    assert ["words" in one for one in phones.all(MOBILE)] == [False, False]


@pytest.mark.parametrize(
    ("kind", "typed", "found"),
    [
        ("mobile_phone", {"country": "DE", "number": "030 901820"}, {"number": ["not_mobile"]}),
        ("mobile_phone", {"country": "", "number": "0151 2345 6789"}, {"country": ["no_country"]}),
        ("mobile_phone", {"country": "XX", "number": "0151 2345 6789"}, {"country": ["invalid_choice"]}),
        ("mobile_phone", {"country": "DE", "number": ""}, {"number": ["required"]}),
        ("mobile_phone", {"country": "DE", "number": "0" * 5000}, {"number": ["max_length"]}),
        ("mobile_phone", {"country": "DE", "number": "\x00"}, {"number": ["null_characters_not_allowed"]}),
        ("mobile_phone", {**MINE, "way": "pigeon"}, {"way": ["invalid_choice"]}),
        ("office_phone", {"country": "DE", "number": "0151 2345 6789"}, {"number": ["not_fixed"]}),
        ("office_phone", {"country": "DE", "number": "030 901820 ext. 12"}, {"number": ["extension"]}),
        ("office_phone", {"country": "DE", "number": "0900 1 234567"}, {"number": ["not_fixed"]}),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(
    here: Org,
    hers: Browser,
    phones: Telephones,
    kind: str,
    typed: dict[str, str],
    found: dict[str, list[str]],
) -> None:
    page = hers.post(ADD.format(kind), typed)
    assert (page.status_code, errors(page)) == (200, found)
    assert (phones.all(), open_codes()) == ([], 0)


def test_a_country_that_the_organization_does_not_call_is_said(here: Org, hers: Browser) -> None:
    connecting.connect({"countries": ["AT"]}, actor="tests")
    hosts.forget()
    for kind, typed in (("mobile_phone", MINE), ("office_phone", DESK)):
        page = hers.post(ADD.format(kind), typed)
        assert "Your organization" in page.context["form"].errors["number"][0]


def test_two_mobile_numbers_and_no_third(here: Org, hers: Browser, phones: Telephones) -> None:
    adele = here.user("adele")
    give_mobile(adele)
    page = proved(here, adele).get(INFO)
    assert not next(one for one in page.context["addable"] if one["kind"] == "mobile_phone")[
        "reason_unavailable"
    ]
    give_mobile(adele, OTHER_MOBILE)
    again = proved(here, adele)
    page = again.get(INFO)
    assert next(one for one in page.context["addable"] if one["kind"] == "mobile_phone")["reason_unavailable"]
    again.post(ADD.format("mobile_phone"), {**MINE, "number": "0160 1234567"})
    assert open_codes() == 0


def test_the_same_number_in_another_spelling_is_the_same(here: Org, phones: Telephones) -> None:
    give_mobile(here.user("adele"))
    browser = proved(here, here.user("adele"))
    browser.post(ADD.format("mobile_phone"), {"country": "", "number": "0049-151/23456789"})
    assert (phones.all(), open_codes()) == ([], 0)


def test_an_office_number_counts_once_its_owner_pressed_the_key(
    here: Org, hers: Browser, phones: Telephones
) -> None:
    assert hers.post(ADD.format("office_phone"), DESK).headers["location"] == CONFIRM
    assert hers.get(CONFIRM).status_code == 200
    assert not Device.objects.exists()
    phones.press()
    assert hers.get(CONFIRM).headers["location"] == INFO
    assert states.of(Device.objects.get()) == {"number": OFFICE}


def test_a_script_that_looks_leaves_the_message_to_the_page(
    here: Org, hers: Browser, phones: Telephones
) -> None:
    hers.post(ADD.format("office_phone"), DESK)
    phones.press()
    assert hers.get(CONFIRM, headers={"X-Waiting": "1"}).status_code == 204
    assert "Added: Office phone." in hers.get(CONFIRM, follow=True).content.decode()


@pytest.mark.parametrize("key", ["*", "1", "", "##"])
def test_another_key_registers_nothing(here: Org, hers: Browser, phones: Telephones, key: str) -> None:
    hers.post(ADD.format("office_phone"), DESK)
    phones.press(key=key)
    hers.get(CONFIRM)
    assert not Device.objects.exists()


def test_a_new_number_takes_the_old_ones_place_when_it_is_confirmed(
    here: Org, hers: Browser, phones: Telephones
) -> None:
    adele = here.user("adele")
    old = give_office(adele)
    browser = proved(here, adele)
    browser.post(f"/security-info/{old.pk}/change/", {"country": "DE", "number": "040 123456"})
    assert Device.objects.get() == old
    phones.press("+4940123456")
    browser.get(CONFIRM)
    assert states.of(Device.objects.get())["number"] == "+4940123456"


@pytest.mark.parametrize("way", ["sms", "call"])
def test_it_proves_again_the_way_that_is_chosen(here: Org, phones: Telephones, way: str) -> None:
    device = give_mobile(here.user("adele"))
    browser = proved(here, here.user("adele"))
    put(browser, proved_at=0)
    verify = f"/verify/?next={INFO}"
    page = browser.get(verify).content.decode()
    assert "In a call that reads it out" in page and "+49 ••••• 89" in page and MOBILE not in page
    browser.post(verify, {"action": "choose", "method": str(device.pk), f"{device.pk}-way": way})
    browser.post(verify, {"action": "resend"})
    assert ["words" in one for one in phones.all()] == [way == "sms"]  # the first one was void before it went
    code = phones.code() if way == "sms" else _heard(phones)
    assert browser.post(verify, {"action": "answer", "code": code}).headers["location"] == INFO


def _heard(phones: Telephones) -> str:
    spoken = phones.answer()
    assert spoken is not None
    return spoken.sentences[1].replace(", ", "").rstrip(".")


def test_a_mobile_phone_opens_the_desk_and_an_office_phone_does_not(here: Org) -> None:
    chief = here.user("chief")
    give_office(chief)
    browser = proved(here, chief)
    assert browser.get("/verify/?next=/admin/").context["options"] == []
    give_mobile(chief)
    assert [one["kind"] for one in browser.get("/verify/?next=/admin/").context["options"]] == [
        "mobile_phone"
    ]


def test_an_office_phone_does_not_stand_in_the_way_of_an_address(here: Org) -> None:
    adele = here.user("adele")
    give_office(adele)
    give_email(adele)
    browser = proved(here, adele)
    put(browser, proved_at=0)
    assert {one["kind"] for one in browser.get("/verify/").context["options"]} == {"office_phone", "email"}


# Where it is not there


@pytest.mark.parametrize(("edition", "trial", "calls"), EDITIONS)
def test_calls_are_there_only_where_they_are_included(
    here: Org, phones: Telephones, edition: str, trial: date | None, calls: bool
) -> None:
    """In registration; tests/resets/test_phones_at_gates.py looks at the reset, and below is the desk."""
    bought(here, edition, trial)
    browser = proved(here, here.user("adele"))
    assert browser.get(ADD.format("office_phone")).status_code == (200 if calls else 404)
    page = browser.get(ADD.format("mobile_phone"))
    assert ("way" in page.context["form"].fields) is calls
    browser.post(ADD.format("mobile_phone"), {**MINE, "way": "call"})
    assert ["words" in one for one in phones.all()] == [not calls]


@pytest.mark.parametrize(("edition", "trial", "calls"), EDITIONS)
def test_the_desk_says_why_calls_are_not_there(
    here: Org, edition: str, trial: date | None, calls: bool
) -> None:
    bought(here, edition, trial)
    configuring.configure({"methods": ["email"]}, actor="tests")
    desk = desk_of(here)
    page = desk.get("/admin/registration/authenticationmethods/", follow=True).content.decode()
    beside = {kind: str(one.reason) for kind, one in advice_desk.beside().items()}
    reason = {
        "p1": "This is not included during a trial.",
        "free": "Your organization's edition does not include this.",
    }
    assert beside["office_phone"] == ("" if calls else reason[edition])
    assert beside["mobile_phone"] == ""
    assert calls or reason[edition].replace("'", "&#x27;") in page
    person = desk.get(f"/admin/registration/user/{here.user('bo').pk}/change/").content.decode()
    assert (set_page(here, "bo") in person) is calls
    assert calls or reason[edition].replace("'", "&#x27;") in person
    assert desk.get(set_page(here, "bo")).status_code == (200 if calls else 404)


def test_what_is_not_included_cannot_be_enabled_and_what_was_stays(here: Org) -> None:
    bought(here, "p1", date(2100, 1, 1))
    desk = desk_of(here)
    path = desk.get("/admin/registration/authenticationmethods/").headers["location"]
    form = {"required": "1"}
    assert desk.post(path, {**form, "methods": METHODS}).status_code == 302
    configuring.configure({"methods": ["email"]}, actor="tests")
    page = desk.post(path, {**form, "methods": METHODS})
    (problem,) = page.context["adminform"].form.errors["methods"].as_data()
    assert (problem.code, "Office phone" in str(problem.message)) == ("not_included", True)
    assert "This is not included during a trial." in page.content.decode()


def test_without_a_carrier_there_is_no_phone(contoso: Org, phones: Telephones) -> None:
    configuring.configure({"methods": METHODS}, actor="tests")
    browser = proved(contoso, contoso.user("adele"))
    assert [browser.get(ADD.format(kind)).status_code for kind in METHODS] == [404, 404, 200]
    page = desk_of(contoso).get("/admin/registration/authenticationmethods/", follow=True).content.decode()
    assert "<strong>No carrier for text messages is set up.</strong>" in page
    assert "<strong>No carrier for calls is set up.</strong>" in page


def test_who_has_nothing_else_does_not_get_through_by_a_password(here: Org, phones: Telephones) -> None:
    """What cannot be used proves nothing; but it does not stop being what has to be proved."""
    adele = here.user("adele")
    give_office(adele)
    browser = proved(here, adele)
    put(browser, proved_at=0)
    bought(here, "free", None)
    assert browser.get(INFO).headers["location"].startswith("/verify/")
    page = browser.get("/verify/")
    assert "None of your methods can be used here now." in page.content.decode()
    give_email(adele)
    assert [one["kind"] for one in browser.get("/verify/").context["options"]] == ["email"]


def test_a_device_that_wants_a_call_gets_a_text_where_there_are_none(here: Org, phones: Telephones) -> None:
    adele = here.user("adele")
    device = give_mobile(adele)
    states.keep(device, {"number": MOBILE, "way": "call"})
    device.save()
    bought(here, "free", None)
    browser = proved(here, adele)
    put(browser, proved_at=0)
    browser.post("/verify/", {"action": "choose", "method": str(device.pk), f"{device.pk}-way": "call"})
    assert ["words" in one for one in phones.all()] == [True]


# Set by an administrator


def test_an_administrator_sets_an_office_number(here: Org, phones: Telephones) -> None:
    """It counts at once, its owner is told and can object, and the audit log tells who did it."""
    desk = desk_of(here)
    answered = desk.post(set_page(here, "bo"), DESK)
    assert answered.headers["location"] == f"/admin/registration/user/{here.user('bo').pk}/change/"
    device = Device.objects.get(kind="office_phone")
    assert (device.user, device.confirmed) == (here.user("bo"), True)
    assert states.of(device) == {"number": OFFICE, "by": "administrator"}
    written = AuditEvent.objects.get(method="office_phone")
    assert (written.activity, written.actor, written.subject) == (
        "admin_registered_security_info",
        "chief@contoso.example",
        "bo@contoso.example",
    )
    assert OFFICE not in str(written.data)
    run_jobs()
    (told,) = mail.outbox
    assert told.to == ["bo@post.example"] and "/object/" in str(told.body)
    assert phones.all() == []


def test_it_takes_the_place_of_what_stood_there(here: Org) -> None:
    give_office(here.user("bo"))
    desk = desk_of(here)
    desk.post(set_page(here, "bo"), {"country": "DE", "number": "040 123456"})
    assert [states.of(one)["number"] for one in Device.objects.filter(kind="office_phone")] == ["+4940123456"]
    page = desk.post(set_page(here, "bo"), {"country": "", "number": "0049 40 123456"})
    assert errors(page) == {"__all__": ["already_registered"]}


@pytest.mark.parametrize("allowed", [False, True])
def test_its_owner_changes_or_removes_it_only_where_the_policy_says_so(
    here: Org, phones: Telephones, allowed: bool
) -> None:
    configuring.configure({"users_may_change_office_phone": allowed}, actor="tests")
    device = give_office(here.user("adele"), by="administrator")
    browser = proved(here, here.user("adele"))
    (row,) = browser.get(INFO).context["devices"]
    assert (row["changeable"], row["removable"], bool(row["note"])) == (allowed, allowed, not allowed)
    for what in ("change", "remove"):
        assert browser.get(f"/security-info/{device.pk}/{what}/").status_code == (200 if allowed else 404)
    assert browser.post(f"/security-info/{device.pk}/remove/").status_code == (302 if allowed else 404)
    assert Device.objects.filter(pk=device.pk).exists() is not allowed


def test_a_number_of_ones_own_is_ones_own_to_change(here: Org) -> None:
    device = give_office(here.user("adele"))
    browser = proved(here, here.user("adele"))
    assert browser.post(f"/security-info/{device.pk}/remove/").status_code == 302
    assert not Device.objects.exists()


@pytest.mark.parametrize(
    ("role", "over", "status"),
    [
        ("authentication_administrator", "", 302),
        ("privileged_authentication_administrator", "", 302),
        ("authentication_administrator", "global_administrator", 403),
        ("helpdesk_administrator", "", 403),
        ("user_administrator", "", 403),
        ("reports_reader", "", 403),
    ],
)
def test_who_may_set_it(here: Org, role: str, over: str, status: int) -> None:
    adele, bo = here.user("adele"), here.user("bo")
    adele.roles, bo.roles = [role], [over] if over else []
    adele.save()
    bo.save()
    browser = proved(here, adele, give_app(adele))
    assert browser.post(set_page(here, "bo"), DESK).status_code == status
    assert Device.objects.filter(kind="office_phone").exists() is (status == 302)


def test_nobody_sets_it_from_elsewhere(here: Org, phones: Telephones, fabrikam: Org) -> None:
    phones.connect(fabrikam)
    subscribing.assign(fabrikam.row, edition="p1", trial_ends=None, actor="tests")
    hosts.forget()
    chief = fabrikam.user("chief")
    browser = proved(fabrikam, chief, give_app(chief))
    assert browser.post(set_page(here, "bo"), DESK).status_code == 404
    assert browser.post(set_page(fabrikam, "bo"), DESK).status_code == 302
    with entered(here.row):
        assert not Device.objects.filter(kind="office_phone").exists()
    assert registry()["office_phone"].set_by_administrators


def test_one_person_has_few_messages_sent_to_numbers_of_their_own(
    here: Org, hers: Browser, phones: Telephones
) -> None:
    """One account must not use up what the organization may spend in a month."""
    for number in range(ASK_COSTLY.limit + 3):
        throttle.release(ASK, str(here.user("adele").pk))
        run_jobs()
        hers.post(
            ADD.format("mobile_phone"),
            {"country": "DE", "number": f"0151 2345 {6000 + number}", "way": "sms"},
        )
    assert len(phones.all()) == ASK_COSTLY.limit


def test_an_administrator_releases_a_number_that_was_used_up(here: Org, fabrikam: Org) -> None:
    with entered(here.row):
        adele = here.user("adele")
        give_mobile(adele)
        for _stranger in range(PHONE_NUMBER.limit):
            throttle.spend(PHONE_NUMBER, "+4915123456789")
        assert people.is_waiting(adele)
        people.release_reset(adele, actor="tests")
        assert not people.is_waiting(adele)
        assert throttle.peek(PHONE_NUMBER, "+4915123456789").allowed
