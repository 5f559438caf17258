"""The words for how a visit ended: one place, so that a code never grows two sentences."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registration.visits import End

ENDS: Mapping[End, Promise] = MappingProxyType(
    {
        End.LEFT: _(
            "The visit is ended, and written down in the organization's audit log and in your journal."
        ),
        End.EXPIRED: _("Its time is up. If you need more, enter again with a reason."),
        End.OPERATOR: _("You signed out at the provider, or your sessions or your role there were ended."),
        End.FORBIDDEN: _("The organization does not let its provider enter any more."),
        End.SUSPENDED: _("The organization was suspended."),
        End.SIGNED_IN: _("Somebody signed in in this browser."),
    }
)

#: The same for whoever reads it later.
ENDED: Mapping[End, Promise] = MappingProxyType(
    {
        End.LEFT: _("They left."),
        End.EXPIRED: _("Its time was up."),
        End.OPERATOR: _("They signed out at the provider, or their sessions or their role there were ended."),
        End.FORBIDDEN: _("The organization forbade visits."),
        End.SUSPENDED: _("The organization was suspended."),
        End.SIGNED_IN: _("Somebody signed in in the same browser."),
    }
)
