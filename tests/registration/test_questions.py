"""Security questions: registered by who may, hashed, shown to nobody, and asked as nobody can foresee."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.contrib.auth.hashers import identify_hasher

from registration import configuring, questions, standing
from registration import state as states
from registration.method import Unacceptable, registry
from registration.models import AuditEvent, Challenge, Device, Policy
from tenants.context import entered
from tests.building import ANSWERS, PASSWORD, Browser, Org, give_app, give_email, give_questions
from tests.registration.steps import proved, signed_in

ADD, INFO = "/security-info/add/questions/", "/security-info/"
OWN = "Which number is on your locker?"


@pytest.fixture
def hers(contoso: Org) -> Browser:
    """Return adele's browser, who has an address and may register questions."""
    configuring.configure({"methods": ["email", "questions"], "required": 2}, actor="tests")
    give_email(contoso.user("adele"))
    return proved(contoso, contoso.user("adele"))


def typed(answers: Mapping[str, str] | None = None, **values: str) -> dict[str, str]:
    """Return what is typed on the page."""
    form: dict[str, str] = {}
    for number, (question, text) in enumerate((answers or ANSWERS).items(), 1):
        form |= {f"question_{number}": question, f"answer_{number}": text}
    return form | values


def errors(page: Any) -> dict[str, list[str]]:
    """Return the errors of the page's form."""
    return {field: list(found) for field, found in page.context["form"].errors.items()}


def test_they_are_registered_without_a_code_and_hashed(contoso: Org, hers: Browser) -> None:
    assert hers.post(ADD, typed()).headers["location"] == INFO
    device = Device.objects.get(kind="questions")
    state = states.of(device)
    assert (device.user, device.confirmed, set(state)) == (contoso.user("adele"), True, set(ANSWERS))
    assert all(identify_hasher(hashed) for hashed in state.values())
    assert len(set(state.values())) == len(ANSWERS)
    assert [event.activity for event in AuditEvent.objects.filter(method="questions")] == [
        "security_info_registered",
        "security_info_started",
    ]


def test_neither_questions_nor_answers_are_shown_afterwards(contoso: Org, hers: Browser) -> None:
    hers.post(ADD, typed({**ANSWERS, "pet": "Zaphodius"}))
    chief = contoso.user("chief")
    desk = proved(contoso, chief, give_app(chief))
    device = Device.objects.get(kind="questions")
    pages = [
        *(
            hers.get(path)
            for path in (INFO, f"/security-info/{device.pk}/change/", f"/security-info/{device.pk}/remove/")
        ),
        *(
            desk.get(f"/admin/registration/{path}")
            for path in (
                "device/",
                f"device/{device.pk}/change/",
                f"user/{device.user_id}/change/",
                "auditevent/",
            )
        ),
    ]
    assert [page.status_code for page in pages] == [200] * len(pages)
    for page in pages:
        assert "zaphodius" not in page.content.decode().lower()
        assert not any(hashed in page.content.decode() for hashed in states.of(device).values())
    assert "zaphodius" not in json.dumps(list(AuditEvent.objects.values_list("data", flat=True))).lower()
    assert "5 questions" in pages[0].content.decode()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"answer_1": "ab"}, "answer_1"),
        ({"answer_2": "x" * 41}, "answer_2"),
        ({"answer_3": " REX "}, "answer_3"),
        ({"answer_4": "adele"}, "answer_4"),
        ({"answer_5": PASSWORD}, "answer_5"),
        ({"answer_2": "name"}, "answer_2"),
        ({"question_2": "pet"}, "question_2"),
        ({"question_3": ""}, "question_3"),
        ({"question_3": "mine"}, "question_3"),
        ({"question_3": questions.own_id(OWN)}, "question_3"),
        ({"answer_1": "x" * 10_000}, "answer_1"),
        ({"answer_1": "\x00\x00\x00"}, "answer_1"),
    ],
)
def test_what_is_not_taken_is_named(contoso: Org, hers: Browser, changed: dict[str, str], field: str) -> None:
    with entered(Org("fabrikam").row):
        configuring.configure({"own_questions": [OWN]}, actor="tests")  # theirs is nobody's here
    page = hers.post(ADD, typed(None, **changed))
    assert list(errors(page)) == [field]
    assert not Device.objects.filter(kind="questions").exists()


def test_as_many_as_the_policy_says(contoso: Org, hers: Browser) -> None:
    configuring.configure({"questions_to_register": 3, "questions_to_answer": 3}, actor="tests")
    hers.post(ADD, typed({key: ANSWERS[key] for key in ("pet", "toy", "job")}))
    assert set(states.of(Device.objects.get(kind="questions"))) == {"pet", "toy", "job"}


def test_fewer_than_the_policy_says_are_not_taken(contoso: Org, hers: Browser) -> None:
    page = hers.post(ADD, typed({key: ANSWERS[key] for key in ("pet", "toy", "job")}))
    assert sorted(errors(page)) == ["answer_4", "answer_5", "question_4", "question_5"]


def test_an_own_question_is_asked_in_its_own_words_as_long_as_it_is_offered(
    contoso: Org, hers: Browser
) -> None:
    own = questions.own_id(OWN)
    configuring.configure({"own_questions": [OWN], "questions_to_answer": 4}, actor="tests")
    answers = {key: ANSWERS[key] for key in ("pet", "toy", "job", "street")} | {own: "4711"}
    assert hers.post(ADD, typed(answers)).status_code == 302
    method, state = registry()["questions"], states.of(Device.objects.get(kind="questions"))
    seeds = [str(number) for number in range(20)]
    forms = [method.answer_form(method.draw(state, seed=seed))() for seed in seeds]
    labels = [{str(field.label) for field in form.fields.values()} for form in forms]
    assert sum(OWN in one for one in labels) > 5
    configuring.configure({"own_questions": []}, actor="tests")
    assert {frozenset(method.draw(state, seed=seed)) for seed in seeds} == {frozenset(answers) - {own}}


@pytest.mark.parametrize(
    ("values", "still"),
    [
        ({}, True),
        ({"questions_to_answer": 5}, False),
        ({"questions_to_register": 5, "questions_to_answer": 4}, True),
        ({"predefined_questions": ["pet", "toy", "job", "swim", "song"]}, True),
        ({"predefined_questions": ["pet", "toy", "swim", "song", "lost"]}, False),
    ],
)
def test_who_has_too_few_for_what_is_asked_now_is_not_registered(
    contoso: Org, hers: Browser, values: dict[str, object], still: bool
) -> None:
    """And puts others in their place, by the page that adds them."""
    configuring.configure({"questions_to_register": 4}, actor="tests")
    hers.post(ADD, typed({key: ANSWERS[key] for key in ("pet", "toy", "job", "street")}))
    give_questions(contoso.user("bo"))
    configuring.configure({"questions_to_register": 5, **values}, actor="tests")
    adele = contoso.user("adele")
    assert ("questions" in standing.person(adele).registered) is still
    again = proved(contoso, adele)
    page = again.get(INFO)
    assert page.context["status"]["registered"] is still
    assert ("questions" in {one["kind"] for one in page.context["addable"]}) is not still
    offered = list(Policy.objects.get().predefined_questions)[:5]
    others = {key: f"{key} of mine" for key in offered}
    assert again.post(ADD, typed(others)).headers["location"] == INFO
    assert "questions" in standing.person(contoso.user("adele")).registered
    assert (set(states.of(Device.objects.get(user=adele, kind="questions"))) == set(others)) is not still


def test_the_password_in_another_case_is_no_answer(contoso: Org, hers: Browser) -> None:
    adele = contoso.user("adele")
    for password, answer in (
        ("four words of mine", "FOUR words of Mine"),
        ("Four words of mine", "four WORDS of mine"),
    ):
        adele.set_password(password)
        adele.save()
        data = typed(None, answer_3=answer)
        with pytest.raises(Unacceptable, match="answer_guessable") as refused:
            registry()["questions"].begin(data, user=adele)
        assert refused.value.field == "answer_3"


def test_marks_name_no_question_and_are_their_organizations(contoso: Org, fabrikam: Org) -> None:
    with entered(contoso.row):
        ours = give_questions(contoso.user("adele")).marks
        assert give_email(contoso.user("adele")).marks == []
    theirs = give_questions(fabrikam.user("adele")).marks
    assert (len(ours), set(ours) & set(theirs)) == (len(ANSWERS), set())
    assert not any(key in mark for key in ANSWERS for mark in ours)


def test_another_set_takes_the_place_of_the_first(contoso: Org, hers: Browser) -> None:
    hers.post(ADD, typed())
    first = Device.objects.get(kind="questions")
    hers = proved(contoso, contoso.user("adele"))
    other = {"swim": "River", "song": "Lullaby", "trip": "Lisbon", "boss": "Edith", "lost": "Kite"}
    assert hers.post(f"/security-info/{first.pk}/change/", typed(other)).headers["location"] == INFO
    assert set(states.of(Device.objects.get(kind="questions"))) == set(other)
    hers = proved(contoso, contoso.user("adele"))
    hers.post(ADD, typed())
    assert Device.objects.filter(kind="questions").count() == 1


def test_an_administrator_can_register_none(contoso: Org, hers: Browser) -> None:
    chief = contoso.user("chief")
    give_email(chief)
    browser = proved(contoso, chief)
    assert browser.get(ADD).status_code == 404
    assert browser.post(ADD, typed()).status_code == 404


def test_they_need_a_recent_proof_and_are_none(contoso: Org, hers: Browser) -> None:
    """Answers prove nothing to security info: the address is asked for, and who has answers alone is as who has nothing."""
    give_questions(contoso.user("adele"))
    fresh = signed_in(contoso, contoso.user("adele"))
    assert fresh.post(ADD, typed()).headers["location"].startswith("/verify/")
    options = fresh.get("/verify/?next=/security-info/").context["options"]
    assert [one["kind"] for one in options] == ["email"]


def test_who_has_questions_alone_meets_no_dead_end(contoso: Org, hers: Browser) -> None:
    give_questions(contoso.user("bo"))
    assert signed_in(contoso, contoso.user("bo")).get(INFO).status_code == 200


def test_what_is_drawn_depends_on_the_seed_and_the_installation_alone(contoso: Org, fabrikam: Org) -> None:
    method = registry()["questions"]
    with entered(contoso.row):
        state = states.of(give_questions(contoso.user("adele")))
        draws = [tuple(method.draw(state, seed=seed)) for seed in ("a", "a", *map(str, range(20)))]
        decoys = [tuple(method.draw(method.decoy(), seed=seed)) for seed in ("x", "x", "y")]
    with entered(fabrikam.row):
        theirs = [tuple(method.draw(state, seed=seed)) for seed in ("a", *map(str, range(20)))]
    assert draws[0] == draws[1]
    assert len(set(draws)) > 5
    assert {len(set(draw)) for draw in draws} == {Policy.objects.get().questions_to_answer}
    assert decoys[0] == decoys[1] != decoys[2]
    assert theirs != draws[1:]


def test_every_answer_is_compared_after_a_wrong_one_too(
    contoso: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    method, state = registry()["questions"], states.of(give_questions(contoso.user("adele")))
    compared: list[str] = []

    def count(answer: str, hashed: str) -> bool:
        compared.append(answer)
        return False

    monkeypatch.setattr("registration.methods.questions.check_password", count)
    drawn = method.draw(state, seed="a")
    for text in ("{}", "nonsense", "[]", "3", json.dumps(dict.fromkeys(drawn, "x" * 100_000))):
        assert method.check(state, text, drawn=drawn, seconds=0, last_step=None) is None
    assert method.check(method.decoy(), "{}", drawn=drawn, seconds=0, last_step=None) is None
    assert len(compared) == 6 * len(drawn)
    assert max(len(text) for text in compared) <= 160


def test_nobody_asked_nothing_is_right(contoso: Org) -> None:
    method = registry()["questions"]
    assert method.check({}, "{}", drawn={}, seconds=0, last_step=None) is None


def test_nothing_waits_in_a_challenge_for_them(contoso: Org, hers: Browser) -> None:
    hers.post(ADD, typed())
    assert not Challenge.objects.filter(kind="questions").exists()
