"""What every verification method promises. A new file in registration/methods/ is held to it by being there."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.core import mail
from django.template.loader import render_to_string
from django.utils import timezone

from registration import delivery, verification
from registration import state as states
from registration.answer_forms import CodeForm
from registration.method import Method, registry
from registration.models import Challenge, Device, User
from registration.purpose import Purpose
from registration.verification import MOST_FAILURES, Outcome
from tenants.context import current_schema, entered
from tests.building import Org, app_code, run_jobs
from tests.journeys.people import code_in_mail
from tests.registration.authenticator.phone import Phone

OWNER = User(sign_in_name="adele@contoso.example", name="Adele Vance")
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
    "questions": questions_entered(ANSWERS),
}
KINDS = sorted(registry())
CODES = [kind for kind in KINDS if registry()[kind].answer_form({}) is CodeForm]
WAITING = [kind for kind in KINDS if registry()[kind].waits]
SENDING = [kind for kind in KINDS if registry()[kind].sends and kind not in WAITING]
CODES = [kind for kind in CODES if kind not in WAITING]
#: The phones of people, by their person and the organization: what answers elsewhere.
PHONES: dict[str, Phone] = {}


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
    if method.waits:
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
    if method.waits:
        run_jobs()
        PHONES[str(device.user_id)].answer(drawn(challenge)["number"])
        return ""
    return code_in_mail() if method.sends else app_code(states.of(device)["key"])


def judged(challenge: Challenge, text: str, **values: Any) -> Outcome:
    """Answer a challenge."""
    wanted: dict[str, Any] = {"purpose": Purpose.PROVE, "binding": "here", **values}
    return verification.answer(challenge.pk, text, **wanted).outcome


def test_every_method_is_tried_here() -> None:
    assert sorted(ENTERED) == KINDS


def test_what_it_says_of_itself(method: Method) -> None:
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
    assert judged(challenge := asked(device), text) is (Outcome.WAITING if method.waits else Outcome.WRONG)
    if method.waits:
        run_jobs()
        PHONES[str(device.user_id)].answer(text[:100])
        assert [judged(challenge, ""), judged(challenge, "")] == [Outcome.WRONG, Outcome.EXPIRED]


def test_after_five_wrong_ones_the_right_one_is_too_late(contoso: Org, method: Method) -> None:
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
    if method.waits:  # bo's phone answers what adele was asked
        run_jobs()
        assert PHONES[str(theirs.user_id)].answer("10", request=str(challenge.pk)).status_code == 409
        assert judged(challenge, "") is Outcome.WAITING
        return
    assert judged(challenge, right(method, theirs, other)) is Outcome.WRONG
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
    expected = Outcome.WAITING if method.waits else Outcome.WRONG
    assert {judged(decoy, text, purpose=Purpose.RESET) for text in texts} == {expected}
    mail.outbox = []
    run_jobs()
    assert mail.outbox == []


@pytest.mark.parametrize("kind", SENDING)
def test_a_code_is_sent_once_and_then_forgotten(contoso: Org, kind: str) -> None:
    method = registry()[kind]
    device = registered(method, contoso.user("adele"))
    challenge = asked(device)
    mail.outbox = []
    run_jobs()
    delivery.deliver.work(challenge=str(challenge.pk))
    assert len(mail.outbox) == 1
    challenge.refresh_from_db()
    assert (challenge.sealed, challenge.sent_at is not None, len(challenge.digest)) == (None, True, 64)


def test_the_secret_stands_sealed(contoso: Org, method: Method) -> None:
    device = registered(method, contoso.user("adele"))
    challenge = asked(device)
    for value in states.of(device).values():
        assert value.encode() not in bytes(device.sealed)
        assert value.encode() not in bytes(challenge.sealed or b"")
