"""What this room adds to a person's page on the desk: where their account lives, how it is there, and tying them to it."""

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registration import caring
from registration.caring import Care, Panel
from registration.models import User
from registration.origin import origin
from registration.proof import person
from resets.writeback import accounts, desk_words
from resets.writeback.brought_rows import RowFlaw
from resets.writeback.models import Job, OnPremisesDomain

_LAST = 3
_STATES: tuple[tuple[str, str | Promise], ...] = (
    ("disabled", _("disabled")),
    ("locked", _("locked out")),
    ("must_change", _("must change the password")),
    ("expired", _("expired")),
    ("protected", _("privileged: agents do not touch it")),
)
Rows = list[tuple[str | Promise, str | Promise]]


def _rows(user: User) -> Rows:
    account = accounts.of(user)
    if account is None:
        return []
    states = [str(words) for name, words in _STATES if account.facts.get(name)]
    rows: Rows = [
        (_("Domain"), account.domain.name),
        (_("Place"), account.place or "–"),
        (_("State there"), ", ".join(states) or gettext("nothing special")),
        (_("Last brought"), _at(account.seen_at)),
    ]
    if account.gone_at:
        rows.append((_("Gone since"), _at(account.gone_at)))
    if numbers := [number for number in account.contact.values() if number]:
        rows.append((_("Numbers that nobody has proved"), ", ".join(numbers)))
    for job in Job.objects.filter(account=account).order_by("-created_at")[:_LAST]:
        answer = str(desk_words.answer(job.state, job.code))
        said = f"{job.get_operation_display()}: {job.get_state_display()}"
        rows.append((_at(job.created_at), f"{said}. {answer}" if answer else said))
    return rows


def _all(user: User) -> str:
    return f"{reverse('admin:writeback_job_changelist')}?q={user.sign_in_name}"


def _at(moment: object) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")  # type: ignore[arg-type]  # a moment


def _conflict(user: User) -> tuple[OnPremisesDomain, str] | None:
    """Return the account in a domain that has this person's sign-in name, and is tied to nobody for that reason."""
    if user.source != User.Source.CLOUD:
        return None
    wanted = {"sign_in_name": user.sign_in_name, "code": RowFlaw.NAME_TAKEN.value}
    domain = OnPremisesDomain.objects.filter(facts__conflicts__contains=[wanted]).first()
    if domain is None:
        return None
    found = next(one for one in domain.facts["conflicts"] if wanted.items() <= one.items())
    return domain, str(found["guid"])


def _does(_request: HttpRequest, user: User) -> list[str | Promise]:
    found = _conflict(user)
    domain = found[0].name if found else ""
    return [
        gettext("An account of %(domain)s has this person's sign-in name.") % {"domain": domain},
        _(
            "Tied to it, their next reset or change sets the password there, and the directory keeps their name and mail"
            " current."
        ),
        _("Make sure that it is the same person: whoever has the account there is let in here."),
    ]


def _tie(request: HttpRequest, user: User) -> None:
    found = _conflict(user)
    if found is None:
        messages.error(request, gettext("There is no such account any more."))
        return
    domain, guid = found
    try:
        accounts.tie(user, domain, guid, actor=person(request), origin=origin(request))
    except accounts.Taken:
        messages.error(request, gettext("The account is somebody else's already."))


caring.offer(
    Care(
        name="tie-to-directory",
        action="writeback.change_onpremisesdomain",
        title=_("Tie to the account in the directory"),
        does=_does,
        perform=_tie,
        applies=lambda user: _conflict(user) is not None,
        grave=True,
    )
)
caring.show(Panel(action="writeback.view_job", title=_("Account in a directory"), rows=_rows, link=_all))
