"""What every verification method promises. A new file in registration/methods/ is held to it by being there."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.core import mail
from django.template.loader import render_to_string
from django.utils import timezone
from procrastinate import RetryStrategy

from licensing import subscribing
from registration import advice_desk, configuring, delivery, enrolling, verification
from registration import state as states
from registration.answer_forms import CodeForm
from registration.carriers import inbox
from registration.enrolling import EnrolmentProblem
from registration.method import Method, registry
from registration.models import AuditEvent, Challenge, Device, User
from registration.origin import NOWHERE
from registration.purpose import Purpose
from registration.verification import MOST_FAILURES, Outcome
from tenants import hosts
from tenants.context import current_schema, entered
from tenants.shield.sealing import unseal
from tests.building import Org, app_code, run_jobs
from tests.journeys.people import code_in_mail
from tests.registration.authenticator.phone import Phone
from tests.registration.steps import proved, signed_in, text_of
from tests.resets.steps import begun as reset_begun
from tests.telephones import Telephones

ADELE = "adele@contoso.example"
OWNER = User(sign_in_name=ADELE, name="Adele Vance")
ANSWERS = {"pet": "Rex", "teacher": "Lovelace", "street": "Elm Street", "toy": "Bärli", "job": "عمّان"}


def questions_entered(answers: Mapping[str, str]) -> dict[str, object]:
    """Return what is typed to register these answers."""
    return {
        f"{part}_{number}": value
        for number, pair in enumerate(answers.items(), 1)
        for part, value in zip(("question", "answer"), pair, strict=True)
    }


#: What a person types to register each method; a method that is missing here has no proof that it works.
ENTERED: Mapping[str, dict[str, object]] = {
    "app_code": {},
    "app_notification": {},
    "email": {"address": "adele@home.example"},
    "mobile_phone": {"country": "DE", "number": "0151 2345 6789", "way": "sms"},
    "office_phone": {"country": "DE", "number": "030 901820"},
    "questions": questions_entered(ANSWERS),
}
KINDS = sorted(registry())
CODES = [
    kind for kind in KINDS if registry()[kind].answer_form({}) is CodeForm and not registry()[kind].waits
]
SENDING = [kind for kind in KINDS if registry()[kind].sends]
#: Those whose answer is typed: what is typed in place of an answer from elsewhere is none.
TYPED = [kind for kind in KINDS if not registry()[kind].waits]


@pytest.fixture(autouse=True)
def _connected(contoso: Org, phones: Telephones) -> None:
    """Let Contoso text and call."""
    phones.connect(contoso)


#: The phones of people, by their person: what answers elsewhere.
PHONES: dict[str, Phone] = {}
#: The method whose answer is typed elsewhere, where it can be wrong.
NOTIFIED = "app_notification"


@pytest.fixture(params=KINDS)
def method(request: pytest.FixtureRequest) -> Method:
    """Each method."""
    return registry()[request.param]


def begun(method: Method) -> Mapping[str, str]:
    """Return the state of a device that somebody registers."""
    return method.begin(ENTERED[method.kind], user=OWNER)


def drawn(challenge: Challenge) -> Mapping[str, str]:
    """Return what a challenge asks."""
    challenge.refresh_from_db()
    return verification.drawn(challenge)


def registered(method: Method, user: User) -> Device:
    """Return a person's device of this kind."""
    device = Device(user=user, kind=method.kind, confirmed=True, digest=uuid4().hex)
    data = ENTERED[method.kind]
    if method.kind == NOTIFIED:
        PHONES[str(user.pk)] = phone = Phone(Org(current_schema()))
        return phone.given(user)
    if method.kind == "questions" and user.sign_in_name != OWNER.sign_in_name:
        data = questions_entered({key: f"not {text}" for key, text in ANSWERS.items()})
    states.keep(device, method.begin(data, user=user))
    device.save(force_insert=True)
    return device


def asked(device: Device, **values: Any) -> Challenge:
    """Ask for a proof by a device."""
    wanted: dict[str, Any] = {"purpose": Purpose.PROVE, "binding": "here", "device": device, **values}
    return verification.challenge(
        device.kind, user=device.user, state=states.of(device), language="en", **wanted
    )


def right(method: Method, device: Device, challenge: Challenge) -> str:
    """Return the right answer, as its owner would find it."""
    if method.kind == "questions":
        prefix = "" if device.user.sign_in_name == OWNER.sign_in_name else "not "
        return json.dumps({key: f"{prefix}{ANSWERS[key]}" for key in drawn(challenge)})
    if method.kind == NOTIFIED:
        run_jobs()
        PHONES[str(device.user_id)].answer(drawn(challenge)["number"])
        return ""
    if method.waits:
        Telephones(inbox.folder()).press(states.of(device)["number"])
        return ""
    if method.kind == "mobile_phone":
        return Telephones(inbox.folder()).code(states.of(device)["number"])
    return code_in_mail() if method.sends else app_code(states.of(device)["key"])


def no(method: Method) -> Outcome:
    """Return how what is no answer is judged: nothing typed ends the waiting for one from elsewhere."""
    return Outcome.WAITING if method.waits else Outcome.WRONG


def sent() -> int:
    """Run the jobs, and return how many messages of any kind have gone out."""
    return len(Telephones(inbox.folder()).all()) + len(mail.outbox)


def judged(challenge: Challenge, text: str, **values: Any) -> Outcome:
    """Answer a challenge."""
    wanted: dict[str, Any] = {"purpose": Purpose.PROVE, "binding": "here", **values}
    return verification.answer(challenge.pk, text, **wanted).outcome


def test_every_method_is_tried_here() -> None:
    assert sorted(ENTERED) == KINDS


def test_what_it_says_of_itself(contoso: Org, method: Method) -> None:
    assert method.kind == method.traits.kind == type(method).__module__.rpartition(".")[2]
    assert all(str(words) for words in (method.name, method.description, method.prompt, method.icon))
    assert method.strength > 0
    assert method.most >= 1
    assert issubclass(method.enrol_form(), forms.Form)


def test_its_icon_is_drawn(method: Method) -> None:

    assert (
        "<path" in (drawn := render_to_string("elements/icon.html", {"name": method.icon}))
        or "<rect" in drawn
    )


def test_the_strongest_comes_first() -> None:
    strengths = [one.strength for one in registry().values()]
    assert strengths == sorted(set(strengths), reverse=True)


def test_it_takes_what_its_form_takes(contoso: Org, method: Method) -> None:
    form = method.enrol_form()(ENTERED[method.kind])
    assert form.is_valid(), form.errors
    state = method.begin(form.cleaned_data, user=OWNER)
    assert state
    assert all(isinstance(part, str) for pair in state.items() for part in pair)
    assert states.read(states.write(state)) == dict(state)


def test_its_mask_shows_less(contoso: Org, method: Method) -> None:
    state = begun(method)
    label, masked = method.label(state), method.masked(state)
    assert label
    assert masked
    if label != str(method.name) and masked != str(method.name):
        assert masked != label
        assert "•" in masked
    assert not any(secret in masked + label for key, secret in state.items() if key == "key")


def test_two_devices_are_told_apart(contoso: Org, method: Method) -> None:
    state = begun(method)
    assert method.identity(state) == method.identity(dict(state))
    other = {key: f"x{value}" for key, value in state.items()}
    assert method.identity(other) != method.identity(state)


def test_the_right_answer_passes_once(contoso: Org, method: Method) -> None:
    device = registered(method, contoso.user("adele"))
    challenge = asked(device)
    text = right(method, device, challenge)
    assert [judged(challenge, text), judged(challenge, text)] == [Outcome.PASSED, Outcome.EXPIRED]
    if method.answers_at_once:
        assert judged(asked(device), text) is Outcome.WRONG  # its time step is used up


@pytest.mark.parametrize("kind", CODES)
def test_spaces_and_other_scripts_digits_are_read(contoso: Org, kind: str) -> None:
    method = registry()[kind]
    device = registered(method, contoso.user("adele"))
    challenge = asked(device)
    text = right(method, device, challenge).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert judged(challenge, f" {text[:3]} {text[3:]} ") is Outcome.PASSED


@pytest.mark.parametrize("text", ["", " ", "x", "00000x", "0" * 10_000, "-1", "𝟘" * 5, "\x00"])
def test_nonsense_is_wrong(contoso: Org, method: Method, text: str) -> None:
    device = registered(method, contoso.user("adele"))
    assert judged(challenge := asked(device), text) is no(method)
    if method.kind == NOTIFIED:
        run_jobs()
        PHONES[str(device.user_id)].answer(text[:100])
        assert [judged(challenge, ""), judged(challenge, "")] == [Outcome.WRONG, Outcome.EXPIRED]


@pytest.mark.parametrize("kind", [*TYPED, NOTIFIED])
def test_after_five_wrong_ones_the_right_one_is_too_late(contoso: Org, kind: str) -> None:
    method = registry()[kind]
    device = registered(method, contoso.user("adele"))
    challenge = asked(device)
    if method.waits:  # one answer ends a request that is answered elsewhere
        number, phone = drawn(challenge)["number"], PHONES[str(device.user_id)]
        run_jobs()
        phone.answer("00")
        assert phone.answer(number, request=str(challenge.pk)).status_code == 409
        assert [judged(challenge, ""), judged(challenge, "")] == [Outcome.WRONG, Outcome.EXPIRED]
        return
    text = right(method, device, challenge)
    wrong = [judged(challenge, "00000x") for _try in range(MOST_FAILURES)]
    assert wrong == [Outcome.WRONG] * (MOST_FAILURES - 1) + [Outcome.EXHAUSTED]
    assert judged(challenge, text) is Outcome.EXHAUSTED


def test_after_its_time_the_right_one_is_too_late(contoso: Org, method: Method) -> None:
    device = registered(method, contoso.user("adele"))
    challenge = asked(device)
    text = right(method, device, challenge)
    Challenge.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert judged(challenge, text) is Outcome.EXPIRED


@pytest.mark.parametrize(
    "values", [{"purpose": Purpose.RESET}, {"purpose": Purpose.ENROL}, {"binding": "there"}]
)
def test_it_answers_what_it_was_asked_for_alone(contoso: Org, method: Method, values: dict[str, Any]) -> None:
    device = registered(method, contoso.user("adele"))
    challenge = asked(device)
    text = right(method, device, challenge)
    assert judged(challenge, text, **values) is Outcome.EXPIRED
    assert judged(challenge, text) is Outcome.PASSED


def test_another_persons_answer_is_wrong(contoso: Org, method: Method) -> None:
    mine, theirs = registered(method, contoso.user("adele")), registered(method, contoso.user("bo"))
    challenge, other = asked(mine), asked(theirs, binding="there")
    if method.sends:
        Challenge.objects.filter(pk=challenge.pk).update(sent_at=timezone.now())
    if method.kind == NOTIFIED:  # bo's phone answers what adele was asked
        run_jobs()
        assert PHONES[str(theirs.user_id)].answer("10", request=str(challenge.pk)).status_code == 409
        assert judged(challenge, "") is Outcome.WAITING
        return
    assert judged(challenge, right(method, theirs, other)) is no(method)
    assert other.pk != challenge.pk


def test_another_organizations_challenge_is_none(contoso: Org, fabrikam: Org, method: Method) -> None:
    with entered(contoso.row):
        device = registered(method, contoso.user("adele"))
        challenge = asked(device)
        text = right(method, device, challenge)
    assert judged(challenge, text) is Outcome.EXPIRED


def test_a_newer_one_voids_the_older(contoso: Org, method: Method) -> None:
    device = registered(method, contoso.user("adele"))
    older = asked(device)
    text = right(method, device, older)
    asked(device)
    assert judged(older, text) is Outcome.EXPIRED


def test_a_decoy_is_asked_and_never_opens(
    contoso: Org, method: Method, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registration.verification.secrets.choice", lambda digits: "7")
    decoy = verification.challenge(
        method.kind, user=None, state=None, purpose=Purpose.RESET, binding="here", language="en"
    )
    texts = ["777777", json.dumps(dict.fromkeys(drawn(decoy), "77"))]
    if method.answers_at_once:
        texts += [app_code(state["key"]) for state in (method.decoy(), verification.waiting_state(decoy))]
    assert {judged(decoy, text, purpose=Purpose.RESET) for text in texts} == {no(method)}
    mail.outbox = []
    assert sent() == 0


@pytest.mark.parametrize("kind", SENDING)
def test_a_code_is_sent_once_and_then_forgotten(contoso: Org, kind: str) -> None:
    method = registry()[kind]
    device = registered(method, contoso.user("adele"))
    challenge = asked(device)
    mail.outbox = []
    wakes = 0 if kind == NOTIFIED else 1  # a phone that is not subscribed asks by itself
    assert sent() == wakes
    delivery.deliver.work(challenge=str(challenge.pk))
    assert sent() == wakes
    challenge.refresh_from_db()
    assert challenge.sent_at is not None
    if method.waits:
        assert json.loads(unseal(bytes(challenge.sealed or b""), context=challenge.context))["state"] == {}
    else:
        assert (challenge.sealed, len(challenge.digest)) == (None, 64)


def test_the_secret_stands_sealed(contoso: Org, method: Method) -> None:
    device = registered(method, contoso.user("adele"))
    challenge = asked(device)
    for value in states.of(device).values():
        assert value.encode() not in bytes(device.sealed)
        assert value.encode() not in bytes(challenge.sealed or b"")


#: The methods of this house, and one that is only dropped beside them: whatever is found is held to what follows.
FOUND = [*KINDS, "doorbell"]
SECRET = {"key", "address", "number"}


@pytest.fixture(params=FOUND)
def found(request: pytest.FixtureRequest) -> Method:
    """Each method that is found, the doorbell too."""
    if request.param == "doorbell":
        request.getfixturevalue("bell")
    return registry()[request.param]


def entered_for(method: Method) -> dict[str, Any]:
    """Return what its form makes of what a person types."""
    typed = {"bell": "Vance"} if method.kind == "doorbell" else ENTERED[method.kind]
    form = method.enrol_form()(typed)
    assert form.is_valid(), form.errors
    return form.cleaned_data


def owned(method: Method, user: User) -> Device:
    """Return a person's device of this kind."""
    if method.kind != "doorbell":
        return registered(method, user)
    device = Device(user=user, kind=method.kind, confirmed=True, digest=uuid4().hex)
    states.keep(device, method.begin({"bell": user.name}, user=user))
    device.save(force_insert=True)
    return device


def answered(method: Method, device: Device, challenge: Challenge) -> str:
    """Return the right answer; where it comes from elsewhere, let it come, and return what is then typed, which is nothing."""
    if method.kind != "doorbell":
        return right(method, device, challenge)
    run_jobs()
    assert verification.settle(challenge.pk, Challenge.Verdict.APPROVED, device=device)
    return ""


class Deliveries(list[str]):
    """What a method was asked to send, in place of sending it; `down` lets that fail."""

    down = False


@pytest.fixture
def deliveries(found: Method, monkeypatch: pytest.MonkeyPatch) -> Deliveries:
    """Keep what this method would send."""
    kept = Deliveries()

    def deliver(_self: Method, _state: Any, code: str, **_how: Any) -> None:
        if kept.down:
            raise ConnectionError("nobody answers")
        kept.append(code)

    monkeypatch.setattr(type(found), "deliver", deliver)
    return kept


def test_every_found_one_passes_once_and_in_its_time(contoso: Org, found: Method) -> None:
    device = owned(found, contoso.user("adele"))
    challenge = asked(device)
    text = answered(found, device, challenge)
    assert judged(challenge, text, at=challenge.expires_at + timedelta(minutes=5)) is Outcome.EXPIRED
    assert judged(challenge, text, binding="there") is Outcome.EXPIRED
    assert judged(challenge, text, purpose=Purpose.RESET) is Outcome.EXPIRED
    assert [judged(challenge, text), judged(challenge, text)] == [Outcome.PASSED, Outcome.EXPIRED]
    device.refresh_from_db()
    assert device.last_used_at is not None


@pytest.mark.parametrize("text", ["", "000000", "approved", "é" * 6, "{}", "\x00"])
def test_nothing_typed_passes_but_the_answer(contoso: Org, found: Method, text: str) -> None:
    challenge = asked(owned(found, contoso.user("adele")))
    tries = {judged(challenge, text) for _try in range(MOST_FAILURES + 1)}
    assert tries <= {Outcome.WRONG, Outcome.EXHAUSTED, Outcome.WAITING}
    assert (Outcome.WAITING in tries) is found.waits


def test_another_organization_neither_judges_nor_settles(
    contoso: Org, fabrikam: Org, found: Method, phones: Telephones
) -> None:
    with entered(contoso.row):
        device = owned(found, contoso.user("adele"))
        challenge = asked(device)
    subscribing.assign(fabrikam.row, edition="p1", actor="tests")
    phones.connect(fabrikam)
    with entered(fabrikam.row):
        theirs = owned(found, fabrikam.user("adele"))
        for one in (device, theirs, None):
            assert not verification.settle(challenge.pk, Challenge.Verdict.APPROVED, device=one)
        assert judged(challenge, "000000") is Outcome.EXPIRED
    with entered(contoso.row):
        challenge.refresh_from_db()
        assert (challenge.verdict, challenge.failures, challenge.consumed_at) == ("", 0, None)


def test_another_persons_device_settles_nothing(contoso: Org, found: Method) -> None:
    mine, theirs = owned(found, contoso.user("adele")), owned(found, contoso.user("bo"))
    challenge = asked(mine)
    assert not verification.settle(challenge.pk, Challenge.Verdict.APPROVED, device=theirs)
    challenge.refresh_from_db()
    assert challenge.verdict == ""


def test_what_is_not_answered_elsewhere_cannot_be_settled(contoso: Org, found: Method) -> None:
    device = owned(found, contoso.user("adele"))
    challenge = asked(device)
    assert verification.settle(challenge.pk, Challenge.Verdict.DENIED, device=device) is found.waits
    if found.waits:
        assert [judged(challenge, ""), judged(challenge, "")] == [Outcome.DENIED, Outcome.EXPIRED]


def test_a_mask_shows_no_secret(contoso: Org, found: Method) -> None:
    state = found.begin(entered_for(found), user=OWNER)
    shown = {found.label(state), found.masked(state)}
    assert all(shown)
    assert not any(state[name] in found.masked(state) for name in SECRET.intersection(state))


def test_asking_again_voids_what_was_asked_and_sends_one(
    contoso: Org, found: Method, deliveries: Deliveries
) -> None:
    device = owned(found, contoso.user("adele"))
    older, newer = asked(device), asked(device)
    run_jobs()
    for one in (older, newer) if found.sends else ():
        delivery.deliver.work(challenge=str(one.pk))
    assert len(deliveries) == (1 if found.sends else 0)
    assert judged(older, "000000") is Outcome.EXPIRED
    assert not verification.settle(older.pk, Challenge.Verdict.APPROVED, device=device)


def test_what_could_not_be_sent_is_sent_later_once(
    contoso: Org, found: Method, deliveries: Deliveries
) -> None:
    device = owned(found, contoso.user("adele"))
    challenge, deliveries.down = asked(device), found.sends
    for _try in range(3 if found.sends else 0):
        with pytest.raises(ConnectionError):
            delivery.deliver.work(challenge=str(challenge.pk))
    challenge.refresh_from_db()
    assert (challenge.sent_at, challenge.sealed is not None, challenge.failures) == (None, True, 0)
    assert not AuditEvent.objects.filter(activity="code_sent").exists()
    deliveries.down = False
    run_jobs()
    if found.sends:
        delivery.deliver.work(challenge=str(challenge.pk))
    assert (
        len(deliveries)
        == AuditEvent.objects.filter(activity="code_sent").count()
        == (1 if found.sends else 0)
    )
    if found.sends and not found.waits:
        assert judged(challenge, deliveries[0]) is Outcome.PASSED


def test_the_job_that_sends_is_tried_again_while_the_code_lives() -> None:
    strategy = delivery.deliver.task.retry_strategy
    assert isinstance(strategy, RetryStrategy)
    assert strategy.max_attempts is not None
    waits = [strategy.linear_wait * attempt for attempt in range(strategy.max_attempts)]
    assert timedelta(minutes=3) < timedelta(seconds=sum(waits)) <= verification.CODE_LIFE


def test_the_page_is_the_same_whether_it_can_be_sent_or_not(
    contoso: Org, found: Method, deliveries: Deliveries
) -> None:
    """Nothing of it happens before the page is answered: known, unknown and undeliverable are one page."""
    configuring.configure({"methods": [found.kind], "weak_alone_acknowledged": True}, actor="tests")
    owned(found, contoso.user("adele"))
    pages = set()
    for name, down in ((ADELE, False), (ADELE, True), ("nobody@contoso.example", False)):
        deliveries.down = down
        browser = reset_begun(contoso, name)
        fields = found.choice_form()(prefix=found.kind)
        typed = {fields.add_prefix(one): entered_for(found).get(one, "000000") for one in fields.fields}
        browser.post("/reset/verify/", {"action": "choose", "method": found.kind, **typed})
        page = browser.get("/reset/verify/", follow=True)
        numbers = verification.drawn(asked_last()) if found.waits else {}
        pages.add(text_of(page, name, *(f">{number}<" for number in numbers.values())))
    if found.kind != "questions":  # which questions are asked is a person's own
        assert len(pages) == 1


def asked_last() -> Challenge:
    """Return what was asked last."""
    return Challenge.objects.latest("created_at")


def test_what_the_edition_leaves_out_is_nowhere(contoso: Org, found: Method) -> None:
    """In registration, in a reset, in proving again, on the desk; and where it needs nothing, it stays."""
    adele = contoso.user("adele")
    device = owned(found, adele)
    configuring.configure({"methods": [found.kind], "weak_alone_acknowledged": True}, actor="tests")
    subscribing.assign(contoso.row, edition="p1", trial_ends=date(2100, 1, 1), actor="tests")
    hosts.forget()
    there = found.traits.needs is None
    browser = proved(contoso, adele, device if found.second_factor else None)
    assert (browser.get(f"/security-info/add/{found.kind}/").status_code == 200) is there
    if not there:
        with pytest.raises(EnrolmentProblem):
            enrolling.begin(adele, found.kind, entered_for(found), binding="b", language="en", origin=NOWHERE)
    page = signed_in(contoso, adele).get("/verify/")
    chosen, options = page.context.get("chosen"), page.context["options"]
    offered = [chosen["id"]] if chosen else [one["id"] for one in options]
    assert (device.pk in offered) is (there and found.proves_again)
    kinds = [one["kind"] for one in reset_begun(contoso, ADELE).get("/reset/verify/").context["options"]]
    assert (found.kind in kinds) is there
    assert (not advice_desk.beside()[found.kind].reason) is there


def test_each_step_is_written_down_without_its_secret(contoso: Org, found: Method) -> None:
    adele = contoso.user("adele")
    enrolling.begin(adele, found.kind, entered_for(found), binding="b", language="en", origin=NOWHERE)
    Device.objects.filter(user=adele).delete()
    device = owned(found, adele)
    secrets = [states.of(device)[name] for name in SECRET.intersection(states.of(device))]
    if found.proves_again:
        browser = signed_in(contoso, adele)
        browser.get("/verify/")
        browser.post("/verify/", {"action": "choose", "method": str(device.pk)})
        text = answered(found, device, asked_last())
        form = {} if found.waits else {"action": "answer", "code": text}
        answer = browser.post("/verify/", form) if form else browser.get("/verify/")
        assert answer.headers["location"] == "/security-info/"
        event = AuditEvent.objects.get(activity="proved_again")
        assert (event.method, event.status, event.actor) == (found.kind, "success", ADELE)
        secrets += [text] if text else []
    enrolling.remove(adele, device, actor=contoso.user("chief"), origin=NOWHERE)
    run_jobs()
    kinds = {
        event.activity: event.method for event in AuditEvent.objects.exclude(method__in=["", "password"])
    }
    assert {"security_info_started", "security_info_deleted"} <= set(kinds)
    assert set(kinds.values()) == {found.kind}
    assert AuditEvent.objects.get(activity="security_info_deleted").actor == "chief@contoso.example"
    written = json.dumps([str(event) for event in AuditEvent.objects.values()])
    assert not any(secret in written for secret in secrets)
