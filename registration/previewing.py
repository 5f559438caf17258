"""What a change of the policy, or of an edition, would do to who may reset: as the desks show it before it is saved."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registration import audit, impact_wording, reminding, roles
from registration.audit import Activity
from registration.foreseeing import SHOWN, Change, Person
from registration.impact import Cause, Turn
from registration.models import Policy
from registration.origin import origin
from registration.proof import person
from tenants import downloads
from tenants.previewing import REMIND, Preview, Previewed

TEMPLATE = "desk/impact.html"


class PolicyPreviewed(Previewed):
    """A page that may change who may reset."""

    def foreseen(self, form: Any, row: Policy) -> Change | None:
        """Return what saving this valid form would change, or nothing where it cannot touch who may reset."""
        raise NotImplementedError

    def preview(self, request: HttpRequest, form: Any, obj: Any) -> Preview | None:
        """Say who loses and who gains, with the policy's row held until it is saved."""
        change = self.foreseen(form, Policy.objects.select_for_update().get())
        if change is None:
            return None
        by = person(request)
        names, whole = by.has_perm("registration.view_user"), by.has_perm(roles.EXPORT_PEOPLE)
        return Preview(
            matters=change.impact.matters,
            said=said(change),
            template=TEMPLATE,
            context=lambda: {**shown(change, names=names), **_reminder(request, change)},
            file=(lambda: _taken_away(request, change)) if names and whole else None,
            saved=lambda: _tell(request, change),
        )


def said(change: Change) -> list[Any]:
    """Return both sides and the numbers, as JSON holds them."""
    sums = [(one.turn, one.cause, one.people) for one in change.impact.sums]
    return [change.before.as_values(), change.after.as_values(), sums]


def shown(change: Change, *, names: bool) -> dict[str, Any]:
    """Return what a preview shows of a change: the sums in words, and the first people by name where they may be seen."""
    found = change.impact
    sums = [
        {
            "turn": turn.value,
            "people": found.people(turn),
            "causes": [
                {"words": impact_wording.cause(turn, one.cause), "people": one.people}
                for one in found.causes(turn)
            ],
        }
        for turn in Turn
    ]
    turned = sum(one.people for one in found.sums)
    return {
        "sums": sums,
        "people": [_in_words(one) for one in islice(change.people(), SHOWN)] if names else [],
        "more": max(0, turned - SHOWN),
    }


def people_file(change: Change) -> HttpResponseBase:
    """Return everybody of whom something becomes as CSV, written while it is read."""
    words = {
        (turn, why): (str(impact_wording.TURNS[turn]), str(impact_wording.cause(turn, why)))
        for turn in Turn
        for why in Cause
    }
    return downloads.as_csv(
        f"who-may-reset-{timezone.now():%Y-%m-%d}.csv",
        (_("Sign-in name"), _("Name"), _("What becomes of them"), _("Why"), _("Code")),
        (
            (one.sign_in_name, one.name, *words[one.turned.turn, one.turned.cause], one.turned.cause.value)
            for one in change.people()
        ),
    )


def _taken_away(request: HttpRequest, change: Change) -> HttpResponseBase:
    """Write down that people were exported, as their list's own export does, and answer with the file."""
    data = {"people": sum(one.people for one in change.impact.sums), "filters": ["impact"]}
    audit.record(Activity.PEOPLE_EXPORTED, actor=person(request), origin=origin(request), data=data)
    return people_file(change)


def lines(change: Change) -> tuple[str, ...]:
    """Return a sentence for each turn that somebody takes."""
    found = change.impact
    lost, gained = found.people(Turn.LOSES), found.people(Turn.GAINS)
    losing = ngettext(
        "%(number)d person can no longer reset their password.",
        "%(number)d people can no longer reset their password.",
        lost,
    )
    gaining = ngettext(
        "%(number)d person can reset their password from now on.",
        "%(number)d people can reset their password from now on.",
        gained,
    )
    said = [losing % {"number": lost}] if lost else []
    return (*said, gaining % {"number": gained}) if gained else tuple(said)


def _in_words(one: Person) -> Mapping[str, Any]:
    turn, why = one.turned.turn, one.turned.cause
    return {
        "name": one.name,
        "sign_in_name": one.sign_in_name,
        "turn": impact_wording.TURNS[turn],
        "loses": turn is Turn.LOSES,
        "why": impact_wording.cause(turn, why),
    }


def _reminder(request: HttpRequest, change: Change) -> Mapping[str, Any]:
    """Return whether a reminder is offered, and to how many."""
    offered = bool(change.impact.may_register) and person(request).has_perm(roles.REMIND)
    some = change.impact_on(reminding.reachable(timezone.now())) if offered else None
    return {"may_remind": offered, "reachable": some.may_register if some else 0}


def _tell(request: HttpRequest, change: Change) -> None:
    """Remind those who have to register more, where it was asked for, and else say that there are some."""
    by = person(request)
    if change.impact.matters and REMIND in request.POST and by.has_perm(roles.REMIND):
        count = reminding.remind_changed(change, actor=by, origin=origin(request))
        text = ngettext(
            "%(number)d person is reminded by mail.", "%(number)d people are reminded by mail.", count
        )
        messages.success(request, text % {"number": count})
    elif not change.impact.matters and (count := change.impact.people(Turn.HAS_TO_REGISTER)):
        text = ngettext(
            "%(number)d person can reset once they have registered: the list of people has a reminder.",
            "%(number)d people can reset once they have registered: the list of people has a reminder.",
            count,
        )
        messages.info(request, text % {"number": count})
