"""The texts of a reset's pages that an organization may say in its own words.

The code and the reference on a page that ends a reset stay: the help desk asks for them. So do the rules of a new
password, and what a method asks for.
"""

from collections.abc import Iterator

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from resets import wording
from tenants.branding.replaceable import HEADING, TEXT, Group, Replaceable, Section, Words, declare
from tenants.branding.said import speak

_HEADING, _LEAD = _("Heading"), _("Introduction")
START = Section("reset-start", _("Reset: who it is"), Group.PAGES, "reset_start")
GATE = Section("reset-gate", _("Reset: proof"), Group.PAGES, "reset_gate")
PASSWORD = Section("reset-password", _("Reset: new password"), Group.PAGES, "reset_password")
DONE = Section("reset-done", _("Reset: done"), Group.PAGES, "reset_done")
STOPPED = Section("reset-stopped", _("Reset: ended without a new password"), Group.PAGES, "reset_stopped")
UNAVAILABLE = Section("reset-unavailable", _("Reset: not available"), Group.PAGES, "reset_unavailable")


def _heading(section: Section, words: Words, *, part: str = "heading", name: Words = _HEADING) -> Replaceable:
    return Replaceable(f"{section.key}.{part}", section, name, (words,), longest=HEADING)


def _text(section: Section, part: str, name: Words, words: Words) -> Replaceable:
    return Replaceable(f"{section.key}.{part}", section, name, (words,), longest=TEXT, lines=True)


def _stopped() -> Iterator[Replaceable]:
    """Return title and text of each reason for which a reset ends, named by its title."""
    others = [("outcome_unknown", wording.UNKNOWN), ("on_premises_connectivity", wording.AWAY)]
    for code, words in [*wording.STOPPED.items(), *others]:
        yield _heading(STOPPED, words.title, part=f"{code}.title", name=words.title)
        yield _text(STOPPED, f"{code}.text", format_lazy("{}: {}", words.title, _("text")), words.text)


declare(
    _heading(START, _("Get back into your account")),
    _text(START, "lead", _LEAD, _("First tell us who you are, and that you're a person.")),
    _heading(GATE, _("Prove it's you")),
    _text(
        GATE,
        "choose",
        _("Introduction, with several methods"),
        _("Choose a method that you have registered."),
    ),
    _text(GATE, "only", _("Introduction, with one method"), _("Use this method to prove it.")),
    _heading(GATE, _("Enter your code"), part="code", name=_("Heading, where a code is to be typed")),
    _heading(PASSWORD, _("Choose a new password")),
    _heading(DONE, _("Your password is changed")),
    _text(
        DONE,
        "lead",
        _LEAD,
        _("Sign in with the new one. Wherever you were signed in, you are now signed out."),
    ),
    _text(
        DONE,
        "kiosk",
        _("Introduction, on a screen that others use"),
        _(
            "Close this window and sign in with the new password. Wherever you were signed in, you are "
            "now signed out."
        ),
    ),
    _heading(
        DONE,
        _("Your account is unlocked"),
        part="unlocked",
        name=_("Heading, where the account is only unlocked"),
    ),
    _text(
        DONE,
        "unlocked-lead",
        _("Introduction, where the account is only unlocked"),
        _("Your password is as it was: sign in with it."),
    ),
    *_stopped(),
    _heading(UNAVAILABLE, _("Password reset is not available here")),
    *(
        _text(UNAVAILABLE, code, name, wording.UNAVAILABLE[code])
        for code, name in (
            ("edition_lacks_reset", _("Where the edition does not include it")),
            ("policy_none", _("Where nobody may reset")),
        )
    ),
)

for name, preview, *files in (
    (_("Reset: who it is"), "reset_start", "templates/resets/start.html", "resets/forms.py"),
    (_("Reset: proof"), "reset_gate", "templates/resets/gate.html", "templates/resets/wait.html"),
    (_("Reset: new password"), "reset_password", "templates/resets/password.html"),
    (_("Reset: done"), "reset_done", "templates/resets/done.html"),
    (
        _("Reset: ended without a new password"),
        "reset_stopped",
        "templates/resets/stopped.html",
        "templates/resets/away.html",
    ),
    (_("Reset: not available"), "reset_unavailable", "templates/resets/unavailable.html"),
    (
        _("Reset: everything else"),
        "",
        "templates/resets/",
        "resets/views.py",
        "resets/help_views.py",
        "resets/changing.py",
        "resets/writeback/standing_words.py",
        "templates/people/change_waiting.html",
        "templates/elements/domain_rules.html",
    ),
):
    speak(name, *map(str, files), preview=str(preview))
