"""The button above the list of people that reminds those who are not registered: how many first, and then a click."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action

from licensing.editions import Feature
from licensing.guards import decision
from licensing.labels import REASONS
from registration import reminders, reminding, roles
from registration.labels import POLICY
from registration.origin import origin
from registration.proof import person
from tenants.desks import DeskModelAdmin


class RemindingDesk(DeskModelAdmin):
    """The part of the list of people that is about all of them."""

    actions_list = ("remind",)

    @action(
        description=_("Remind those who are not registered"),
        permissions=["remind"],
        url_path="remind",
        icon="mail",
    )
    def remind(self, request: HttpRequest) -> HttpResponse:
        """Say how many would be mailed; a click on the page mails them."""
        if request.method == "POST":
            count = reminding.remind(actor=person(request), origin=origin(request))
            text = ngettext(
                "%(number)d person is reminded by mail.", "%(number)d people are reminded by mail.", count
            )
            messages.success(request, text % {"number": count})
            return redirect("admin:registration_user_changelist")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": _now("Remind those who are not registered"),
            "count": reminding.waiting(),
            "days": reminders.BETWEEN,
            "reason": _reason(),
        }
        return render(request, "desk/remind.html", context)

    def has_remind_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        """Say whether a role allows it. By a method: the skin looks a permission with a dot up in a table that has none."""
        return person(request).has_perm(roles.REMIND)


def _reason() -> Promise | None:
    """Return why nobody is reminded here, if that is so."""
    if not (decided := decision(Feature.RESET_PASSWORD)).allowed:
        return REASONS[decided.reason]
    refused = reminding.refusal()
    return POLICY[refused] if refused else None
