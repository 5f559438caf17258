"""The words for what is wrong with an organization's own text."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenants.branding.placeholders import Flaw, Found

_SENTENCES = {
    Flaw.TOO_LONG: _("The text is too long: %(number)d characters at most."),
    Flaw.NOT_ONE_LINE: _("This is one line. Take out the line breaks."),
    Flaw.INVISIBLE: _(
        "There are characters in it that can't be seen. Type the text anew instead of pasting it."
    ),
    Flaw.LINK: _(
        "Leave out the address of a page: the only link here is ours. Your help desk's link is set under Company branding."
    ),
    Flaw.UNKNOWN: _("There is no placeholder %(about)s here. Those that there are stand beside the field."),
    Flaw.MISSING: _("The text needs %(about)s: without it people can't do what it is about."),
    Flaw.HALF: _(
        "%(about)s is not a whole placeholder. Write it as it stands beside the field, such as %(sample)s."
    ),
    Flaw.MARKUP: _("Leave out %(about)s: on a page they mean something else."),
    Flaw.TOO_MANY_MESSAGES: _(
        "It would be sent as %(number)d text messages, and each costs. Make it shorter."
    ),
}


def sentence(found: Found) -> ValidationError:
    """Return the sentence for a flaw, under its code."""
    is_name = found.flaw in {Flaw.UNKNOWN, Flaw.MISSING}
    about = ", ".join(f"%({one})s" if is_name else one for one in found.about)
    params = {"about": about, "number": found.number, "sample": "%(code)s"}
    return ValidationError(_SENTENCES[found.flaw], code=found.flaw, params=params)


def refuse(found: Iterable[Found]) -> None:
    """Raise ValidationError with every flaw, where there is one."""
    if errors := [sentence(one) for one in found]:
        raise ValidationError(errors)
