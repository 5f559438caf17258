"""The desk's page On-premises integration: whether passwords are written back, and accounts unlocked without a reset."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from registration import configuring
from registration.models import OnPremises
from registration.policy_pages.page import PolicyForm, PolicyPage


class OnPremisesForm(PolicyForm):
    """The two switches; the second counts only while the first is on."""

    class Meta:
        model = OnPremises
        fields = configuring.ON_PREMISES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.write_back:
            self.hold("unlock_without_reset", _("Switch writing back on, and save, to change this."))


class OnPremisesAdmin(PolicyPage):
    """What is written to directories. The domains themselves are a page of their own."""

    form = OnPremisesForm
    saves = configuring.ON_PREMISES
    about = _(
        "Where people have their accounts in a directory of your own, their new password is set there, at once. Add your"
        " domains and agents under “On-premises domains” first."
    )
    #: The domains themselves, by the room that knows them.
    change_form_outer_after_template = "desk/on_premises_list.html"
    fieldsets = ((None, {"fields": configuring.ON_PREMISES}),)

    class Media:
        css = {"all": ["customers.css", "on-premises.css"]}
