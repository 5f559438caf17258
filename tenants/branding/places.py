"""Where an organization's own words stand. A new place needs a line here and none in the database."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Place(StrEnum):
    """One place; its value is the key of its row."""

    SIGN_IN = "sign_in"
    HELP = "help"
    FOOTER = "footer"


LABELS = {
    Place.SIGN_IN: _("Sign-in page, below the form"),
    Place.HELP: _("Reset pages, beside the link to the help desk"),
    Place.FOOTER: _("Footer of every page"),
}

LONGEST = 1024
