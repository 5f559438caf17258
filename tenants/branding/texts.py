"""The texts of every page that an organization may say in its own words: the three without a default, and the help desk's."""

from django.utils.translation import gettext_lazy as _

from tenants.branding.places import LABELS, LONGEST, Place
from tenants.branding.replaceable import HEADING, Group, Replaceable, Section, declare

EVERYWHERE = Section("everywhere", _("Every page"), Group.PAGES, preview="sign_in")

declare(
    *(
        Replaceable(
            place.value,
            EVERYWHERE,
            LABELS[place],
            (),
            longest=LONGEST,
            lines=True,
            preview="reset_start" if place is Place.HELP else "",
        )
        for place in Place
    ),
    Replaceable(
        "help.nobody",
        EVERYWHERE,
        _("Footer, where no link to the help desk is set"),
        (_("Need a hand? Ask your organization's help desk."),),
    ),
    Replaceable(
        "help.lead",
        EVERYWHERE,
        _("Before the link to the help desk"),
        (_("Need a hand?"),),
        longest=HEADING,
        preview="reset_start",
    ),
    Replaceable(
        "help.link",
        EVERYWHERE,
        _("The link to the help desk, on reset pages"),
        (_("Contact the help desk"),),
        longest=HEADING,
        preview="reset_start",
    ),
    Replaceable(
        "footer.helpdesk",
        EVERYWHERE,
        _("The link to the help desk, in the footer"),
        (_("Help desk"),),
        longest=HEADING,
    ),
    Replaceable(
        "footer.privacy",
        EVERYWHERE,
        _("The link to the privacy statement"),
        (_("Privacy"),),
        longest=HEADING,
    ),
    Replaceable(
        "footer.terms",
        EVERYWHERE,
        _("The link to the terms of use"),
        (_("Terms of use"),),
        longest=HEADING,
    ),
)
