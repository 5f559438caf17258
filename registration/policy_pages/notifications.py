"""The desk's page Notifications: who is told of a reset."""

from django.utils.translation import gettext_lazy as _

from registration.models import Notifications
from registration.policy_pages.page import PolicyForm, PolicyPage


class NotificationsForm(PolicyForm):
    """Who is told."""

    class Meta:
        model = Notifications
        fields = ("notify_user", "notify_administrators")


class NotificationsAdmin(PolicyPage):
    """Who is told."""

    form = NotificationsForm
    saves = ("notify_user", "notify_administrators")
    about = _(
        "Who gets a mail when a password was reset. Leave both on: a reset that was not theirs is noticed by it."
    )
    fieldsets = ((None, {"fields": saves}),)
