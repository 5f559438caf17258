"""The desk's page Registration: whether people are asked to register, and when to look at it again."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from registration import configuring
from registration.models import Registration
from registration.policy_pages.page import PolicyForm, PolicyPage


class RegistrationForm(PolicyForm):
    """When people are asked; how soon again counts only where they are asked at all."""

    class Meta:
        model = Registration
        fields = configuring.AT_SIGN_IN

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.require_registration:
            self.hold("reconfirm_days", _("Require registration, and save, to change this."))


class RegistrationAdmin(PolicyPage):
    """Who is asked to register, and when."""

    form = RegistrationForm
    saves = configuring.AT_SIGN_IN
    about = _(
        "Whether people are asked to register their methods when they sign in, and reminded by mail until they have."
    )
    fieldsets = ((None, {"fields": configuring.AT_SIGN_IN}),)
