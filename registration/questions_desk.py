"""The desk's page Security questions: how many, which of ours, and the organization's own."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, override
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from registration import configuring, questions
from registration.answers import normalized
from registration.held_form import HeldForm
from registration.models import SecurityQuestions
from registration.origin import origin
from registration.proof import person
from tenants.desks import SingletonAdmin


class QuestionsForm(HeldForm):
    """What is asked of people who register security questions; nobody can be asked more than is offered."""

    predefined_questions = forms.MultipleChoiceField(
        label=_("Predefined questions"),
        required=False,
        choices=list(questions.PREDEFINED.items()),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Each person sees them in their own language. Default: all."),
    )
    own_questions = forms.CharField(
        label=_("Questions of your own"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8, "dir": "auto"}),
        help_text=_(
            "One a line, 3 to 200 characters each, 20 at most; shown as written, in every language. One that you take away"
            " is asked of nobody any more, and whoever has too few left is asked to register again."
        ),
    )

    class Meta:
        model = SecurityQuestions
        fields = configuring.QUESTIONS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "own_questions" in self.fields:
            self.initial["own_questions"] = "\n".join(self.instance.own_questions)

    def clean_own_questions(self) -> list[str]:
        """Return the questions, each once, or name every line that is none, or is offered already."""
        lines = dict.fromkeys(
            " ".join(line.split()) for line in self.cleaned_data["own_questions"].splitlines()
        )
        found = [line for line in lines if line]
        wrong = [
            _now("“%(line)s” is not 3 to 200 characters long.") % {"line": line[:60]}
            for line in found
            if not questions.SHORTEST_OWN <= len(line) <= questions.LONGEST_OWN
        ]
        wrong += [_now("“%(line)s” is offered already.") % {"line": line[:60]} for line in _repeated(found)]
        if len(found) > questions.MOST_OWN:
            number = len(found) - questions.MOST_OWN
            words = ngettext("Take away %(number)d question.", "Take away %(number)d questions.", number)
            wrong.append(words % {"number": number})
        if wrong:
            raise ValidationError([ValidationError(text, code="own_questions") for text in wrong])
        return found

    def clean(self) -> dict[str, Any]:
        """Refuse to ask for more than is offered or registered."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        offered = questions.offered(cleaned["predefined_questions"], cleaned["own_questions"])
        if len(offered) < cleaned["questions_to_register"]:
            text = _now("Offer as many questions as people have to register, or more.")
            self.add_error("predefined_questions", ValidationError(text, code="too_few_offered"))
        if cleaned["questions_to_answer"] > cleaned["questions_to_register"]:
            text = _now("A reset can't ask more questions than people register.")
            self.add_error("questions_to_answer", ValidationError(text, code="more_than_registered"))
        return cleaned


class QuestionsAdmin(SingletonAdmin):
    """Security questions. Answers are shown to nobody, and set by nobody but the person."""

    form = QuestionsForm
    audited_by_flow = True
    fieldsets = (
        (_("How many"), {"fields": ("questions_to_register", "questions_to_answer")}),
        (_("Which"), {"fields": ("predefined_questions", "own_questions")}),
    )

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Save by the flow, which writes down what changed."""
        values = {field: form.cleaned_data[field] for field in configuring.QUESTIONS}
        configuring.configure(values, actor=person(request), origin=origin(request))


def _repeated(lines: list[str]) -> list[str]:
    """Return the lines that say what another does, or what one of ours does in some language; in whatever case."""
    seen = set()
    for code, _name in settings.LANGUAGES:
        with override(code):
            seen |= {normalized(str(text)) for text in questions.PREDEFINED.values()}
    found = []
    for line in lines:
        if normalized(line) in seen:
            found.append(line)
        seen.add(normalized(line))
    return found
