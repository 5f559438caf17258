"""The words for what is wrong with a file, and with a line of it."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from registration.importing.judging import Flaw, Problem
from registration.importing.parsing import MOST_ROWS, Column, Fault, Unreadable

#: What stands below each heading, for who fills the template in.
COLUMNS: dict[Column, Promise] = {
    Column.SIGN_IN_NAME: _("Required. Whoever has it already is changed, everybody else is added."),
    Column.NAME: _("The name that pages and mails greet with."),
    Column.PRIMARY_ADDRESS: _("Where notices go. It is never a method. “none” empties it."),
    Column.LANGUAGE: _("en, de or ar: the language of mails. “none” empties it."),
    Column.GROUPS: _("Separated by |. They are in these groups then, and in no others. “none”: in no group."),
    Column.ENABLED: _("yes or no. New people are enabled."),
    Column.MUST_CHANGE: _("yes or no: whether they change their password at the next sign-in."),
    Column.MOBILE_PHONE: _("With + and the country's code. It counts at once, as a method."),
    Column.OFFICE_PHONE: _(
        "With + and the country's code, without an extension. It counts at once, as a method."
    ),
    Column.EMAIL: _("A private address outside your organization. It counts at once, as a method."),
    Column.ROLES: _(
        "Separated by |, such as helpdesk_administrator. Only who may grant them. “none” takes all."
    ),
}

_FAULTS: dict[Fault, Promise] = {
    Fault.EMPTY: _("The file is empty. Begin with the template."),
    Fault.TOO_LARGE: _("The file is larger than %(megabytes)d MB. Divide it, and import the parts."),
    Fault.NOT_TEXT: _(
        "Line %(line)d is not text that can be read. In Excel, save as “CSV UTF-8” and choose that file."
    ),
    Fault.NO_SIGN_IN_NAME: _(
        "The column “sign-in name” is missing. The first line names the columns, as in the template."
    ),
    Fault.COLUMN_TWICE: _("The column “%(detail)s” is there twice. Take one of them out."),
    Fault.BROKEN: _(
        "Line %(line)d has a quotation mark that is not closed, or text after one. Mend that line."
    ),
    Fault.NO_ROWS: _("The file has headings and nobody below them."),
    Fault.UNFINISHED: _(
        "There are as many unfinished imports as there may be. Import or cancel one of them, then this file."
    ),
    Fault.TOO_MANY_ROWS: _("The file has more than %(most)d people. Divide it, and import the parts."),
}

_FLAWS: dict[Flaw, Promise] = {
    Flaw.NO_SIGN_IN_NAME: _("The sign-in name is missing."),
    Flaw.NOT_A_SIGN_IN_NAME: _("“%(value)s” is not a sign-in name such as adele@contoso.example."),
    Flaw.NOT_OURS: _("“%(value)s” is not a sign-in name of this organization: it has to stand after the @."),
    Flaw.DUPLICATE: _("Line %(value)s has the same sign-in name. Only that one is imported."),
    Flaw.TOO_MANY_CELLS: _(
        "There are more cells than headings. A cell that has a separator in it needs quotation marks."
    ),
    Flaw.UNPRINTABLE: _("A character that cannot be seen, such as a line break, stands in this cell."),
    Flaw.TOO_LONG: _("At most %(value)s characters."),
    Flaw.NOT_AN_ADDRESS: _("“%(value)s” is not an email address."),
    Flaw.NOT_A_LANGUAGE: _("“%(value)s” is not a language here. Use en, de or ar."),
    Flaw.NOT_YES_OR_NO: _("“%(value)s” is neither yes nor no."),
    Flaw.NO_SUCH_GROUP: _("There is no group “%(value)s”. Add it first, or correct its name."),
    Flaw.NO_SUCH_ROLE: _("There is no role “%(value)s”."),
    Flaw.MAY_NOT_GRANT: _("You may not grant or take these roles."),
    Flaw.MAY_NOT_CHANGE: _("You may not change this person: their role is over yours."),
    Flaw.MAY_NOT_REGISTER: _("You may not register security info for this person."),
    Flaw.ONESELF: _("Another administrator has to change this for you."),
    Flaw.LAST_ADMINISTRATOR: _(
        "Somebody has to be left who can grant roles: give the highest role to another first."
    ),
    Flaw.UNAVAILABLE: _("Your organization cannot use this method now."),
    Flaw.TOO_MANY: _(
        "They have registered as many themselves as they may. Nothing of theirs gives way to a file."
    ),
}


def unreadable(problem: Unreadable, most_bytes: int) -> str:
    """Return the sentence for a file that cannot be read."""
    values = {"line": problem.line, "detail": problem.detail, "most": MOST_ROWS}
    return str(_FAULTS[problem.fault]) % {**values, "megabytes": most_bytes // 1024**2}


def flaw(problem: Problem) -> str:
    """Return the sentence for what is wrong with a line."""
    if problem.flaw is Flaw.NOT_ACCEPTED:
        return problem.value or _now("This is not accepted.")
    return str(_FLAWS[problem.flaw]) % {"value": problem.value}
