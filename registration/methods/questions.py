"""Security questions: the weakest proof, second only, and never an administrator's (shared rules of `registration.policy`).

Which of a person's questions are asked stays the same until they are answered right, so that nobody shops for easy ones by
starting again (SQ5, reference/security.md; Entra draws anew). Somebody unknown is asked, too: drawn by the typed name.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from django import forms
from django.contrib.auth.hashers import check_password, make_password
from django.db.models import Func, IntegerField, Q, Value
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.crypto import get_random_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from registration import questions
from registration.answers import LONGEST, Flaw, flaws, normalized
from registration.method import Enough, Method, State, Unacceptable
from registration.models import Device, Policy, User
from registration.policy import MethodTraits
from tenants.shield.sealing import mac, macs

_FLAWS: Mapping[Flaw, Promise] = {
    Flaw.TOO_SHORT: _("Give a longer answer: three characters at least."),
    Flaw.TOO_LONG: _("Give a shorter answer: forty characters at most."),
    Flaw.TWICE: _("Give each question an answer of its own."),
    Flaw.GUESSABLE: _("That answer is too easy to guess."),
    Flaw.ASKED_TWICE: _("Choose each question once."),
    Flaw.IN_QUESTION: _("The answer stands in the question."),
}
_MOST = (
    4 * LONGEST
)  # characters that a browser may send: spaces and decomposed letters shrink when they are normalized


class _InBoth(Func):
    """How many of one array's texts stand in another."""

    template = "(select count(*) from unnest(%(expressions)s))"
    arg_joiner = ") as one where one = any("
    output_field = IntegerField()


class Questions(Method):
    """Answers that a person gave before."""

    kind = "questions"
    name = _("Security questions")
    description = _("Questions that only you can answer. They count only beside another method.")
    prompt = _("Answer them as you did when you chose them. Capitals and spaces don't matter.")
    icon = "question"
    strength = 10
    traits = MethodTraits(
        kind="questions", gates=frozenset({2}), for_administrators=False, sole_gate=False, needs=None
    )
    second_factor = False
    sends = False
    confirms = False
    proves_again = False
    lengthens = False
    changeable = True
    wrong = _("At least one of the answers is not right.")

    def enrol_form(self) -> type[forms.Form]:
        """Ask for as many questions and answers as the policy says."""
        policy = Policy.objects.get()
        choices = [("", _("Choose a question")), *_offered(policy).items()]
        fields: dict[str, forms.Field] = {}
        for number in range(1, policy.questions_to_register + 1):
            fields[f"question_{number}"] = forms.ChoiceField(
                label=_("Question %(number)d") % {"number": number}, choices=choices
            )
            fields[f"answer_{number}"] = _answer_field(_("Answer %(number)d") % {"number": number})
        return type("QuestionsForm", (forms.Form,), fields)

    def begin(self, data: Mapping[str, object], *, user: User) -> State:
        """Hash the answers. Raises `Unacceptable` with the first thing that is wrong (SQ1, SQ3, reference/security.md)."""
        count = sum(1 for field in data if field.startswith("question_"))
        given = [(str(data[f"question_{n}"]), str(data[f"answer_{n}"])) for n in range(1, count + 1)]
        texts = {key: str(text) for key, text in _offered(Policy.objects.get()).items()}
        known = [user.sign_in_name, user.primary_address, user.name, *user.name.split()]
        for found in flaws(given, texts, known):
            field = "question" if found.flaw is Flaw.ASKED_TWICE else "answer"
            raise Unacceptable(found.flaw, _FLAWS[found.flaw], field=f"{field}_{found.at + 1}")
        for number, (_question, answer) in enumerate(given, 1):
            # Case does not count in an answer: the password in another would still be one. No hash tells all cases; these do.
            if any(map(user.check_password, {answer, answer.lower(), answer.capitalize()})):
                raise Unacceptable(Flaw.GUESSABLE, _FLAWS[Flaw.GUESSABLE], field=f"answer_{number}")
        return {key: make_password(normalized(answer)) for key, answer in given}

    def identity(self, state: State) -> str:
        """Tell sets apart by their hashes, each of which has a salt of its own."""
        return " ".join(state[key] for key in sorted(state))

    def label(self, state: State) -> str:
        """Say how many there are: neither questions nor answers are shown to anybody."""
        number = len(state)
        return ngettext("%(number)d question", "%(number)d questions", number) % {"number": number}

    def masked(self, state: State) -> str:
        """Tell nothing of them."""
        return str(self.name)

    def marks(self, state: State) -> list[str]:
        """Return a digest of each question's id."""
        return [_marks_of(key)[0] for key in sorted(state)]

    def enough(self, policy: Policy) -> Enough:
        """Count those that are still offered: a question that was taken off the list is asked of nobody."""
        still = [set(_marks_of(key)) for key in _offered(policy)]
        return lambda marks: sum(not one.isdisjoint(marks) for one in still) >= policy.questions_to_answer

    def enough_of(self, policy: Policy) -> Q:
        """Count in the database; a device has one mark for each of its questions."""
        still = [mark for key in _offered(policy) for mark in _marks_of(key)]
        listed = Value(still, output_field=Device._meta.get_field("marks"))
        return Q(GreaterThanOrEqual(_InBoth("marks", listed), policy.questions_to_answer))

    def draw(self, state: State, *, seed: str) -> State:
        """Draw as many as a reset asks, in an order that only this installation can foresee, with their words.

        Only of those that are offered now, so that a question that is taken off the list is gone for whoever has registered it
        as for whoever is unknown. Who has too few is asked others, too, which nothing answers: `enough` says so beforehand.
        """
        policy = Policy.objects.get()
        listed = _offered(policy)
        order = sorted(listed, key=lambda key: (key not in state, mac("registration.questions", seed, key)))
        return {
            key: "" if key in questions.PREDEFINED else str(listed[key])
            for key in order[: policy.questions_to_answer]
        }

    def answer_form(self, drawn: State) -> type[forms.Form]:
        """Ask those questions, in the language of the page."""
        fields = {key: _answer_field(questions.PREDEFINED.get(key, text)) for key, text in drawn.items()}
        return type("AnswersForm", (forms.Form,), fields)

    def typed(self, cleaned: Mapping[str, Any]) -> str:
        """Return the answers as JSON."""
        return json.dumps({str(key): str(value) for key, value in cleaned.items()})

    def tidy(self, text: str) -> str:
        """Leave the text as it is: each answer is normalized by itself."""
        return text

    def check(
        self, state: State, text: str, *, drawn: State, seconds: float, last_step: int | None
    ) -> int | None:
        """Compare every answer, also after a wrong one, so that time does not tell which it was."""
        given = _parsed(text)
        right = [
            check_password(normalized(given.get(key, "")[:_MOST]), state.get(key, _nobodys()))
            for key in drawn
        ]
        return 0 if right and all(right) else None

    def decoy(self) -> State:
        """Return all questions of the organization, with an answer that nobody gives."""
        return dict.fromkeys(_offered(Policy.objects.get()), _nobodys())


def _offered(policy: Policy) -> Mapping[str, str | Promise]:
    return questions.offered(policy.predefined_questions, policy.own_questions)


def _answer_field(label: str | Promise) -> forms.CharField:
    attrs = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none", "maxlength": str(_MOST)}
    return forms.CharField(label=cast(str, label), max_length=_MOST, widget=forms.TextInput(attrs=attrs))


def _marks_of(key: str) -> list[str]:
    return macs("registration.questions.mark", key)


def _parsed(text: str) -> dict[str, str]:
    try:
        given = json.loads(text)
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in given.items()} if isinstance(given, dict) else {}


@cache
def _nobodys() -> str:
    """Return a hash, made once a process, that no answer has."""
    return make_password(get_random_string(40))
