"""The words for what a change does to who may reset."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registration.impact import Cause, Turn

TURNS: Mapping[Turn, Promise] = MappingProxyType(
    {
        Turn.LOSES: _("can no longer reset"),
        Turn.GAINS: _("can reset from now on"),
        Turn.HAS_TO_REGISTER: _("can reset once they have registered"),
    }
)

#: Why somebody loses the ability to reset.
LOST: Mapping[Cause, Promise] = MappingProxyType(
    {
        Cause.EDITION: _("The edition does not include password reset."),
        Cause.SCOPE_NONE: _("Password reset is enabled for nobody."),
        Cause.SCOPE: _("They are in none of the selected groups."),
        Cause.ADMINISTRATORS: _("Administrators may not reset."),
        Cause.UNSATISFIABLE: _("More methods are asked for than can be registered."),
        Cause.NUMBER: _("More methods are asked for than they have registered."),
        Cause.METHODS: _("What they have registered no longer counts."),
    }
)

#: What kept somebody from resetting, and does so no more.
GONE: Mapping[Cause, Promise] = MappingProxyType(
    {
        Cause.EDITION: _("The edition now includes password reset."),
        Cause.SCOPE_NONE: _("Password reset was enabled for nobody."),
        Cause.SCOPE: _("They were in none of the selected groups."),
        Cause.ADMINISTRATORS: _("Administrators may reset from now on."),
        Cause.UNSATISFIABLE: _("More methods were asked for than could be registered."),
        Cause.NUMBER: _("Fewer methods are asked for."),
        Cause.METHODS: _("What they have registered counts from now on."),
    }
)


def cause(turn: Turn, why: Cause) -> Promise:
    """Return the sentence for a cause, as it stands where somebody loses or where somebody gains."""
    return (LOST if turn is Turn.LOSES else GONE)[why]
