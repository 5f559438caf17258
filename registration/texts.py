"""The texts of signing in and registering, of mails, text messages and calls that an organization may say in its own words.

What warns people stays whatever an organization writes: that nobody is told a code, how one objects to a change, which
number is never typed, what a call's keys do. It is not declared here, or stands in `stays`.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from registration.wording import ACTIVITIES
from tenants.branding.letters import Letter, register
from tenants.branding.replaceable import (
    HEADING,
    LETTER,
    MESSAGE,
    SPOKEN,
    TEXT,
    Group,
    Replaceable,
    Section,
    Words,
    declare,
)
from tenants.branding.said import leave_out, speak

_HEADING, _LEAD, _BUTTON = _("Heading"), _("Introduction"), _("Button")


def _page(key: str, name: Words, preview: str) -> Section:
    return Section(key, name, Group.PAGES, preview)


def _heading(section: Section, words: Words, *, part: str = "heading", name: Words = _HEADING) -> Replaceable:
    return Replaceable(f"{section.key}.{part}", section, name, (words,), longest=HEADING)


def _text(section: Section, part: str, name: Words, *words: Words, **more: tuple[str, ...]) -> Replaceable:
    known = more.get("known", ())
    return Replaceable(f"{section.key}.{part}", section, name, words, longest=TEXT, lines=True, known=known)


# --- Pages ------------------------------------------------------------------------------------------------------------
SIGN_IN = _page("sign-in", _("Sign-in"), "sign_in")
AGAIN = _page("again", _("Sign-in, once more before something important"), "again")
VERIFY = _page("verify", _("Second proof after sign-in"), "verify")
ACTIVATE = _page("activate", _("Activating an account"), "activate")
REGISTER = _page("register", _("Registration"), "register")
ENROL = _page("enrol", _("Adding a method"), "enrol")
INFO = _page("info", _("Security info"), "info")
RECONFIRM = _page("reconfirm", _("Looking at what is registered again"), "reconfirm")
CHANGE = _page("change", _("Changing the password"), "change")
OBJECTION = _page("objection", _("Objecting to a change"), "objection")
SIGN_OUT = _page("sign-out", _("Signing out"), "sign-out")

declare(
    _heading(SIGN_IN, _("Sign in")),
    _heading(
        SIGN_IN, _("Can't access your account?"), part="reset", name=_("The link to the reset of a password")
    ),
    _heading(AGAIN, _("Confirm it's you")),
    _text(AGAIN, "lead", _LEAD, _("This keeps your account safe when you change something important.")),
    _heading(VERIFY, _("One more proof")),
    _text(
        VERIFY,
        "lead",
        _LEAD,
        _("Your password alone is not enough here. How do you want to prove that it's you?"),
    ),
    _text(
        VERIFY,
        "lost",
        _("Where somebody has lost a method"),
        _("Have you lost what is asked for here? The help desk can remove it, and then you set up another."),
    ),
    _text(
        VERIFY,
        "unusable",
        _("Where no method can be used"),
        _("None of your methods can be used here now. The help desk can help you."),
    ),
    _text(
        VERIFY,
        "none",
        _("Where there is no method yet"),
        _("You have no method yet that could prove it. Add one first."),
    ),
    _heading(ACTIVATE, _("Activate your account")),
    _text(
        ACTIVATE,
        "lead",
        _LEAD,
        _(
            "Welcome. Two minutes, and your account is ready: you choose a password, then a way to get "
            "back in should you forget it."
        ),
    ),
    _heading(
        ACTIVATE,
        _("This link can't be used any more"),
        part="dead-heading",
        name=_("Heading, where the link is too old"),
    ),
    _text(
        ACTIVATE,
        "dead",
        _("Where the link is too old"),
        _("It was used already, or it is too old. Ask your administrator for a new one."),
    ),
    _heading(REGISTER, _("A way back in")),
    Replaceable(
        "register.lead",
        REGISTER,
        _LEAD,
        (
            ngettext_lazy(
                "Register one method to prove that it's you, should you forget your password. It takes a "
                "minute.",
                "Register %(missing)s methods to prove that it's you, should you forget your password. "
                "It takes a few minutes.",
                "missing",
            ),
        ),
        longest=TEXT,
        lines=True,
        known=("missing",),
        counted="missing",
    ),
    _text(
        ENROL,
        "open",
        _("Adding an authenticator app: first step"),
        _("Open an authenticator app on your phone, and choose to add an account."),
    ),
    _text(ENROL, "scan", _("Adding an authenticator app: second step"), _("Scan this picture with it.")),
    _text(
        ENROL, "type", _("Adding an authenticator app: third step"), _("Type the code that the app shows.")
    ),
    _text(
        ENROL,
        "confirm",
        _("Where a code was sent"),
        _("We sent you a code. Type it here, so that we know that we can reach you."),
    ),
    _heading(INFO, _("Security info")),
    _text(INFO, "lead", _LEAD, _("How you prove who you are when you forget your password.")),
    _text(
        INFO,
        "ready",
        _("Where enough is registered"),
        _("You're ready. If you forget your password, you can reset it yourself."),
    ),
    _text(
        INFO,
        "none",
        _("Where nothing is registered"),
        _("You have none yet. Add one below, so that you can get back in by yourself."),
    ),
    _heading(RECONFIRM, _("Is this still right?")),
    _text(
        RECONFIRM,
        "lead",
        _LEAD,
        _(
            "This is how you prove that it's you when you forget your password. Please make sure that "
            "you still have all of it."
        ),
    ),
    _heading(CHANGE, _("Change your password")),
    _heading(OBJECTION, _("Was it you?")),
    _heading(OBJECTION, _("Thank you for telling us"), part="done", name=_("Heading, when it is said")),
    _heading(
        OBJECTION,
        _("This link can't be used any more"),
        part="dead-heading",
        name=_("Heading, where the link is too old"),
    ),
    _text(
        OBJECTION,
        "dead",
        _("Where the link is too old"),
        _("It was used already, or it is too old. If something looks wrong, tell the help desk."),
    ),
    _heading(SIGN_OUT, _("Sign out?")),
    _text(SIGN_OUT, "lead", _LEAD, _("You can sign in again at any time.")),
)

# --- Mails ------------------------------------------------------------------------------------------------------------
_HELLO = _("Hello %(name)s,")
_WAS_IT_YOU = _(
    "Was it you? Then all is well. If it was not, tell the help desk of %(organization)s at once."
)
_OBJECTION = _("The link by which people say that it wasn't them stands below, where a change has one.")


@dataclass(frozen=True)
class Part:
    """What stands for a placeholder of a mail: one of several texts, chosen by a word of the context."""

    by: str
    required: tuple[str, ...]
    cases: dict[str, tuple[Words, Words]]
    #: What one of the cases does without, of what the others need.
    spared: frozenset[tuple[str, str]] = frozenset()


def _mail(  # noqa: PLR0913  # a mail has as much to say
    event: str,
    name: Words,
    subject: Words,
    *body: Words,
    known: tuple[str, ...],
    required: tuple[str, ...],
    stays: tuple[Words, ...] = (),
    button: Words = "",
    counted: str = "",
    parts: dict[str, Part] | None = None,
    part_knows: tuple[str, ...] = (),
    objects: bool = False,
) -> None:
    """Declare a mail: its subject, its body, its button, and parts that are chosen by a word of the "
    "context.
    """
    section = Section(f"mail.{event}", name, Group.MAILS)
    texts = [
        Replaceable(
            f"mail.{event}.subject",
            section,
            _("Subject"),
            (subject,),
            longest=HEADING,
            known=tuple(
                one for one in ("organization", "days", "who", "domain") if one in {"organization", *known}
            ),
            counted=counted,
        ),
        Replaceable(
            f"mail.{event}.body",
            section,
            _("Text"),
            body,
            longest=LETTER,
            lines=True,
            known=("organization", *known),
            required=required,
            stays=(*stays, *((_OBJECTION,) if objects else ())),
            counted=counted,
        ),
    ]
    chosen = {}
    for placeholder, part in (parts or {}).items():
        texts += [
            Replaceable(
                f"mail.{event}.{placeholder}.{case}",
                section,
                label,
                (words,),
                longest=TEXT,
                lines=True,
                known=("organization", *part_knows),
                required=tuple(one for one in part.required if (case, one) not in part.spared),
            )
            for case, (label, words) in part.cases.items()
        ]
        chosen[placeholder] = (part.by, tuple(part.cases))
    if button:
        texts.append(Replaceable(f"mail.{event}.button", section, _BUTTON, (button,), longest=HEADING))
    declare(*texts)
    register(Letter(event, parts=chosen, button=bool(button), stays=stays, objects=objects))


_mail(
    "code",
    _("Mail: verification code"),
    _("Your %(organization)s verification code"),
    _("Your verification code:"),
    "%(code)s",
    _(
        "You did not ask for it? Then somebody typed your address. Without this code they get nowhere. "
        "If it happens again, tell the help desk of %(organization)s."
    ),
    known=("code",),
    required=("code",),
    stays=(_("It lasts 5 minutes. Type it on the page that asked for it, and tell it to nobody."),),
)
_mail(
    "activation",
    _("Mail: activating an account"),
    _("Activate your %(organization)s account"),
    _HELLO,
    _(
        "an account was made for you: %(sign_in_name)s. Open this link to choose your password. It works "
        "once, within 72 hours:"
    ),
    "%(link)s",
    known=("name", "sign_in_name", "link"),
    required=("sign_in_name", "link"),
    button=_("Choose a password"),
)
_mail(
    "reminder",
    _("Mail: reminder to register"),
    _("A way back into your %(organization)s account"),
    _HELLO,
    _(
        "should you forget the password of %(sign_in_name)s, you could not reset it yourself yet. Sign "
        "in and register how you prove that it's you; it takes a minute:"
    ),
    "%(link)s",
    known=("name", "sign_in_name", "link"),
    required=("link",),
    button=_("Security info"),
)
_mail(
    "password_expires",
    _("Mail: the password expires"),
    ngettext_lazy(
        "Your %(organization)s password expires within a day",
        "Your %(organization)s password expires in %(days)s days",
        "days",
    ),
    _HELLO,
    ngettext_lazy(
        "the password of %(sign_in_name)s expires within a day. Sign in and choose a new one, then "
        "nothing changes for you:",
        "the password of %(sign_in_name)s expires in %(days)s days. Sign in and choose a new one, then "
        "nothing changes for you:",
        "days",
    ),
    "%(link)s",
    known=("name", "sign_in_name", "days", "link"),
    required=("days", "link"),
    button=_("Change password"),
    counted="days",
)
_mail(
    "password_reset",
    _("Mail: your password was reset"),
    _("Your %(organization)s password was reset"),
    _HELLO,
    _("the password of %(sign_in_name)s was reset on %(date)s (UTC), from the address %(address)s."),
    _WAS_IT_YOU,
    known=("name", "sign_in_name", "date", "address"),
    required=("sign_in_name", "date", "address"),
    objects=True,
)
_mail(
    "password_changed",
    _("Mail: your password was changed"),
    _("Your %(organization)s password was changed"),
    _HELLO,
    _("the password of %(sign_in_name)s was changed on %(date)s (UTC), from the address %(address)s."),
    _WAS_IT_YOU,
    known=("name", "sign_in_name", "date", "address"),
    required=("sign_in_name", "date", "address"),
    objects=True,
)
_mail(
    "reset_link",
    _("Mail: an administrator started a reset"),
    _("Get back into your %(organization)s account"),
    _HELLO,
    _("%(by)s started a password reset for %(sign_in_name)s. Follow this link to begin it:"),
    "%(link)s",
    _("It works once, until %(date)s (UTC)."),
    _("You did not ask for this? Then do not follow the link, and tell the help desk of %(organization)s."),
    known=("name", "sign_in_name", "by", "link", "date"),
    required=("sign_in_name", "by", "link"),
    stays=(_("You choose the new password yourself: tell it to nobody, not even the help desk."),),
    button=_("Begin the reset"),
)
_mail(
    "reset_started",
    _("Mail: a reset was started for you"),
    _("A reset of your %(organization)s password was started"),
    _HELLO,
    _("on %(date)s (UTC) %(by)s started a password reset for %(sign_in_name)s."),
    _(
        "Did you ask for it? Then all is well. If you did not, tell the help desk of %(organization)s at once."
    ),
    known=("name", "sign_in_name", "by", "date"),
    required=("sign_in_name", "by", "date"),
    objects=True,
)
_mail(
    "security_info",
    _("Mail: security info was changed"),
    _("Your %(organization)s security info was changed"),
    _HELLO,
    "%(what)s",
    _WAS_IT_YOU,
    known=("name", "sign_in_name", "what"),
    required=("what",),
    part_knows=("sign_in_name", "date", "method"),
    parts={
        "what": Part(
            "change",
            ("sign_in_name", "date", "method"),
            {
                "added": (
                    _("What happened: a method was added"),
                    _("a method was added to %(sign_in_name)s on %(date)s (UTC): %(method)s."),
                ),
                "changed": (
                    _("What happened: a method was changed"),
                    _("a method of %(sign_in_name)s was changed on %(date)s (UTC): %(method)s."),
                ),
                "default": (
                    _("What happened: another method is asked for first"),
                    _(
                        "on %(date)s (UTC) the method that %(sign_in_name)s is asked for first was "
                        "changed: %(method)s."
                    ),
                ),
                "anew": (
                    _("What happened: everything is to be registered anew"),
                    _(
                        "on %(date)s (UTC) an administrator removed every method of %(sign_in_name)s. At the "
                        "next sign-in they are to be registered anew."
                    ),
                ),
                "removed": (
                    _("What happened: a method was removed"),
                    _("a method was removed from %(sign_in_name)s on %(date)s (UTC): %(method)s."),
                ),
            },
            frozenset({("anew", "method")}),
        )
    },
    objects=True,
)
_mail(
    "address_changed",
    _("Mail: notices go to another address"),
    _("Notices about your %(organization)s account go to another address"),
    _HELLO,
    _(
        "on %(date)s (UTC) %(by)s changed the primary address of %(sign_in_name)s: notices about the account "
        "go there from now on, and no longer to this address."
    ),
    _WAS_IT_YOU,
    known=("name", "sign_in_name", "date", "by"),
    required=("sign_in_name", "date", "by"),
)
_mail(
    "request_denied",
    _("Mail: a request was denied"),
    _("A request for your %(organization)s account was denied"),
    _HELLO,
    "%(what)s\n%(origin)s",
    "%(advice)s",
    known=("name", "sign_in_name", "what", "origin", "advice"),
    required=("what", "origin"),
    part_knows=("sign_in_name", "date", "address", "browser", "system"),
    parts={
        "what": Part(
            "purpose",
            ("sign_in_name", "date"),
            {
                "reset": (
                    _("What happened: at a reset"),
                    _(
                        "on %(date)s (UTC) somebody wanted to reset the password of %(sign_in_name)s, "
                        "and your phone said no."
                    ),
                ),
                "prove": (
                    _("What happened: after a sign-in"),
                    _(
                        "on %(date)s (UTC) somebody who knows the password of %(sign_in_name)s was to "
                        "prove that they are you, and your phone said no."
                    ),
                ),
            },
        ),
        "origin": Part(
            "seen_by",
            ("address",),
            {
                "browser": (
                    _("Where it came from: with the browser"),
                    _("It came from the address %(address)s, by %(browser)s on %(system)s."),
                ),
                "address": (
                    _("Where it came from: the address alone"),
                    _("It came from the address %(address)s."),
                ),
            },
        ),
        "advice": Part(
            "purpose",
            (),
            {
                "reset": (
                    _("What to do: at a reset"),
                    _(
                        "Your password is what it was, and nobody got in by this request. Whoever tried "
                        "knows your sign-in name. If it was you by mistake, start again; if you did not "
                        "say no yourself, tell the help desk of %(organization)s at once."
                    ),
                ),
                "prove": (
                    _("What to do: after a sign-in"),
                    _(
                        "Nobody got in by this request. If it was not you who signed in, change your "
                        "password now. If you did not say no yourself, tell the help desk of "
                        "%(organization)s at once."
                    ),
                ),
            },
        ),
    },
)
_mail(
    "objection_done",
    _("Mail: somebody said that it wasn't them"),
    _("You told %(organization)s that a change was not yours"),
    _HELLO,
    "%(what)s",
    _(
        "The administrators of %(organization)s are told. Its help desk lets you back in, also if it was "
        "not you who said so."
    ),
    known=("name", "sign_in_name", "what"),
    required=("what",),
    part_knows=("sign_in_name", "date"),
    parts={
        "what": Part(
            "about",
            ("date",),
            {
                "security_info": (
                    _("What happened: security info"),
                    _(
                        "on %(date)s (UTC) somebody said by a link in your mail that a change of your "
                        "security info was not yours. What was added is removed, and you are signed out "
                        "everywhere."
                    ),
                ),
                "reset_started": (
                    _("What happened: a reset that was started for somebody"),
                    _(
                        "on %(date)s (UTC) somebody said by a link in your mail that you had not asked for "
                        "the reset that an administrator started. It has ended, and you are signed out "
                        "everywhere."
                    ),
                ),
                "password": (
                    _("What happened: a password"),
                    _(
                        "on %(date)s (UTC) somebody said by a link in your mail that your new password "
                        "was not yours. It opens nothing any more, you are signed out everywhere, and "
                        "nobody can reset it for 24 hours."
                    ),
                ),
            },
        )
    },
)
_mail(
    "objection",
    _("Mail to administrators: somebody said that it wasn't them"),
    _("A change to %(who)s was not theirs"),
    _HELLO,
    "%(what)s",
    _(
        "They are signed out everywhere. Find out with them what happened, and look into the audit log. "
        "Their page in the administration lets you release a reset, or send a new one-time link."
    ),
    known=("name", "who", "what"),
    required=("what",),
    part_knows=("who", "date", "method"),
    parts={
        "what": Part(
            "about",
            ("who", "date"),
            {
                "password_reset": (
                    _("What happened: a reset"),
                    _(
                        "on %(date)s (UTC) %(who)s said that a reset of their password was not theirs. "
                        "The password opens nothing any more, and nobody can reset it for 24 hours "
                        "unless you release it."
                    ),
                ),
                "password_changed": (
                    _("What happened: a change of the password"),
                    _(
                        "on %(date)s (UTC) %(who)s said that a change of their password was not theirs. "
                        "The password opens nothing any more, and nobody can reset it for 24 hours "
                        "unless you release it."
                    ),
                ),
                "anew": (
                    _("What happened: everything is to be registered anew"),
                    _(
                        "on %(date)s (UTC) %(who)s said that they did not want their security info to be "
                        "registered anew. They are signed out everywhere."
                    ),
                ),
                "reset_started": (
                    _("What happened: a reset that was started for somebody"),
                    _(
                        "on %(date)s (UTC) %(who)s said that they did not ask for the reset that an "
                        "administrator started. It has ended."
                    ),
                ),
                "security_info": (
                    _("What happened: security info"),
                    _(
                        "on %(date)s (UTC) %(who)s said that a change of their security info was not "
                        "theirs: %(method)s. What was added is removed."
                    ),
                ),
            },
        )
    },
)
_mail(
    "administrator_reset",
    _("Mail to administrators: an administrator reset their password"),
    _("An administrator of %(organization)s reset their password"),
    _HELLO,
    _("the administrator %(who)s reset their password on %(date)s (UTC), from the address %(address)s."),
    _(
        "You are told because you are an administrator too. If it looks wrong, ask them, and look into "
        "the audit log."
    ),
    known=("name", "who", "date", "address"),
    required=("who", "date", "address"),
)
_mail(
    "administrator_invited",
    _("Mail to administrators: the provider made somebody an administrator"),
    _("A new administrator of %(organization)s"),
    _HELLO,
    _(
        "your provider (%(by)s) made %(new)s a Global Administrator of %(organization)s. You are told since "
        "you are one."
    ),
    _("If you know nothing of it, ask your provider at once, and disable the account under People."),
    known=("name", "by", "new"),
    required=("by", "new"),
)
_mail(
    "account_unlocked",
    _("Mail: your account was unlocked"),
    _("Your %(organization)s account was unlocked"),
    _HELLO,
    _(
        "the account of %(sign_in_name)s was unlocked on %(date)s (UTC), from the address %(address)s. The password is as it"
        " was."
    ),
    _WAS_IT_YOU,
    known=("name", "sign_in_name", "date", "address"),
    required=("sign_in_name", "date", "address"),
)
_mail(
    "agents_lost",
    _("Mail to administrators: no agent of a domain is heard of"),
    _("Passwords can't be written back to %(domain)s"),
    _HELLO,
    _(
        "since %(date)s (UTC) no agent of the on-premises domain %(domain)s is heard of. Its people cannot reset or change"
        " their passwords until one is back."
    ),
    _(
        "Look whether the agent's machine runs and reaches this site by HTTPS, and into the agent's log. On-premises"
        " integration in the administration says when each was seen last."
    ),
    known=("name", "domain", "date"),
    required=("domain",),
)
_mail(
    "agents_back",
    _("Mail to administrators: an agent of a domain is back"),
    _("Passwords are written back to %(domain)s again"),
    _HELLO,
    _("an agent of the on-premises domain %(domain)s is back since %(date)s (UTC). There is nothing to do."),
    known=("name", "domain", "date"),
    required=("domain",),
)
_mail(
    "telephony_cap",
    _("Mail to administrators: the month's limit is reached"),
    _("No more text messages this month at %(organization)s"),
    _HELLO,
    _(
        "text messages and calls have cost %(cap)s this month, which is the most that a month may cost. "
        "No more are sent until the next month begins, or until you raise the limit in the admin under "
        "“Text messages and calls”."
    ),
    _(
        "If this is more than your people need, look there at which countries the messages went to: "
        "somebody may be causing them for gain."
    ),
    known=("name", "cap"),
    required=("cap",),
)

# --- Text messages and calls ------------------------------------------------------------------------------------------
SMS = Section("sms", _("Text message with a code"), Group.MESSAGES)
CALL = Section("call", _("Calls"), Group.MESSAGES)
_TELL_NOBODY = _("Tell it to nobody.")


def _sms(purpose: str, name: Words, words: Words) -> Replaceable:
    return Replaceable(
        f"sms.{purpose}",
        SMS,
        name,
        (words,),
        longest=MESSAGE,
        known=("code", "organization"),
        required=("code",),
        stays=(_TELL_NOBODY,),
        is_message=True,
    )


def _spoken(part: str, name: Words, words: Words, *known: str) -> Replaceable:
    return Replaceable(f"call.{part}", CALL, name, (words,), longest=SPOKEN, known=known)


declare(
    _sms(
        "reset",
        _("To reset a password"),
        _("%(code)s is your code to reset your password at %(organization)s."),
    ),
    _sms(
        "enrol",
        _("To register a phone"),
        _("%(code)s is your code to register this phone at %(organization)s."),
    ),
    _sms("prove", _("After sign-in"), _("%(code)s is your code for %(organization)s.")),
    _spoken(
        "code",
        _("Before a code is read out"),
        _("Hello, this is %(organization)s. Your code is:"),
        "organization",
    ),
    _spoken("again", _("Before it is read out again"), _("Once more:")),
    _spoken("goodbye", _("At the end"), _("Goodbye.")),
    _spoken("key", _("Before a key is to be pressed"), _("Hello, this is %(organization)s."), "organization"),
    _spoken("thanks", _("When it was confirmed"), _("Thank you. Goodbye.")),
    _spoken("stopped", _("When nothing was confirmed"), _("Thank you. Nothing is confirmed. Goodbye.")),
)

# --- Everything else that this room says to people ----------------------------------------------------------------------
speak(
    _("Sign-in"),
    "templates/account/",
    "registration/signing_in.py",
    "registration/forms.py",
    preview="sign_in",
)
speak(_("Activating an account"), "templates/people/activate.html", preview="activate")
speak(
    _("Registration"),
    "templates/people/register.html",
    "templates/people/status.html",
    "registration/wizard.py",
    "registration/interrupting.py",
    preview="register",
)
speak(_("Adding a method"), "templates/people/enrol.html", "registration/phone_forms.py", preview="enrol")
speak(
    _("Security info"),
    "templates/people/security_info.html",
    "templates/people/remove.html",
    "templates/people/desk.html",
    "registration/security_info.py",
    preview="info",
)
speak(_("Looking at what is registered again"), "templates/people/reconfirm.html", preview="reconfirm")
speak(_("Changing the password"), "templates/people/change_password.html", preview="change")
speak(_("Second proof after sign-in"), "templates/people/verify.html", preview="verify")
speak(
    _("Objecting to a change"),
    "templates/people/objection.html",
    "templates/people/objection_what.html",
    preview="objection",
)
speak(_("Which organization am I?"), "templates/people/find.html", "templates/people/found.html")
speak(
    _("Methods"),
    "registration/methods/",
    "registration/method.py",
    "registration/answer_forms.py",
    "registration/questions.py",
    "registration/calling.py",
)
speak(_("Authenticator app"), "templates/authenticator/", "registration/authenticator/")
speak(_("Answers and refusals"), "registration/wording.py", "registration/views.py")
leave_out(ACTIVITIES.values())
