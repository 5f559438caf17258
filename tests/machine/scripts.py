"""Known attacks, written down as moves: each is harmless, and each stops being so when its check is taken away.

They are played through the same moves and the same `check` as Hypothesis' orders.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.machine.model import Attempt, Holder, Somebody
from tests.machine.play import Change, Code, Play
from tests.machine.stage import HOME, WORK

ALL = ["app_code", "email", "questions"]


@dataclass
class Scene:
    """Contoso, a thief's browser and adele, who is attacked."""

    play: Play

    @property
    def thief(self) -> Holder:
        """The thief's browser."""
        return self.play.holders["contoso", "thief"]

    @property
    def owner(self) -> Holder:
        """The owner's browser."""
        return self.play.holders["contoso", "owner"]

    @property
    def adele(self) -> Somebody:
        """Who is attacked."""
        return self.play.person(self.thief, "adele")

    @property
    def attempt(self) -> Attempt:
        """The thief's reset."""
        assert self.thief.pointer
        return self.thief.pointer

    def policy(self, **values: Any) -> None:
        """Change Contoso's policy."""
        self.play.configure("contoso", **values)

    def begin(self, name: str = "adele", at: Holder | None = None) -> Attempt:
        """Begin a reset, the thief's unless said otherwise."""
        holder = at or self.thief
        self.play.begin(holder, f"{name}@contoso.example")
        assert holder.pointer
        return holder.pointer

    def prove(self, *kinds: str) -> None:
        """Prove methods rightly in the thief's browser."""
        for kind in kinds:
            self.play.prove(self.thief, kind)

    def app(self, which: Code, times: int = 1) -> None:
        """Type what an app shows, in the thief's browser."""
        for _time in range(times):
            self.play.prove_app(self.thief, which)

    def end(self, meanwhile: Change | None = None) -> None:
        """Send a new password from the thief's browser."""
        self.play.set_password(self.thief, meanwhile)


Script = Callable[[Scene], None]


def walks_in(scene: Scene) -> None:
    """Set a password without any proof."""
    scene.begin()
    scene.end()


def guesses(scene: Scene) -> None:
    """Type wrong codes and answers."""
    scene.begin()
    scene.play.ask_email(scene.thief, HOME)
    scene.play.type_code(scene.thief, "wrong")
    scene.app("wrong")
    scene.end()


def guesses_often(scene: Scene) -> None:
    """Be wrong five times, each time of a new proof, and then be right."""
    scene.begin()
    scene.app("wrong", 5)
    scene.app("right")
    scene.end()


def guesses_one_code(scene: Scene) -> None:
    """Be wrong about one code five times, and then be right."""
    scene.begin()
    scene.play.ask_email(scene.thief, HOME)
    for _time in range(5):
        scene.play.type_code(scene.thief, "wrong")
    scene.play.type_code(scene.thief, "right")
    scene.end()


def gives_up_and_goes_on(scene: Scene) -> None:
    """Abandon a reset at its second gate, and go on."""
    scene.policy(required=2)
    scene.begin()
    scene.prove("email")
    scene.play.press(scene.thief, "abandon")
    scene.prove("app_code")
    scene.end()


def comes_late(scene: Scene) -> None:
    """Set the password after the reset's time."""
    scene.begin()
    scene.prove("app_code")
    scene.play.wait(901)
    scene.end()


def types_an_old_code_late(scene: Scene) -> None:
    """Type the right code after its time."""
    scene.begin()
    scene.play.ask_email(scene.thief, HOME)
    scene.play.wait(301)
    scene.play.type_code(scene.thief, "right")
    scene.end()


def one_for_two(scene: Scene) -> None:
    """Prove one method where two are asked."""
    scene.policy(required=2)
    scene.begin()
    scene.prove("email")
    scene.end()


def as_an_administrator(scene: Scene) -> None:
    """Prove one method as an administrator, or questions beside it."""
    scene.policy(methods=ALL, required=1)
    scene.begin("chief")
    scene.prove("email")
    scene.end()
    scene.prove("questions")
    scene.end()


def a_role_in_the_middle(scene: Scene) -> None:
    """Prove an email and questions before a role is granted."""
    scene.policy(methods=ALL, required=2)
    scene.begin()
    scene.prove("email", "questions")
    scene.play.change(scene.adele, administrator=True)
    scene.end()


def a_method_switched_off(scene: Scene) -> None:
    """Prove by a method that is switched off before the end."""
    scene.begin()
    scene.prove("email")
    scene.policy(methods=["app_code"])
    scene.end()


def asked_before_it_was_switched_off(scene: Scene) -> None:
    """Ask for a code, answer while its method is off, and wait until it is on again."""
    scene.begin()
    scene.play.ask_email(scene.thief, HOME)
    scene.policy(methods=["app_code"])
    scene.play.type_code(scene.thief, "right")
    scene.policy(methods=["app_code", "email"])
    scene.end()


def questions_first(scene: Scene) -> None:
    """Answer questions first, where two methods are asked."""
    scene.policy(methods=ALL, required=2)
    scene.begin()
    scene.prove("questions", "email")
    scene.end()


def questions_alone(scene: Scene) -> None:
    """Answer questions alone, where nobody took the risk on."""
    scene.policy(methods=["email", "questions"], required=1)
    scene.begin()
    scene.prove("questions")
    scene.end()


def wrong_answers(scene: Scene) -> None:
    """Answer all questions rightly but one."""
    scene.policy(methods=ALL, required=2)
    scene.begin()
    scene.prove("email")
    scene.play.ask_questions(scene.thief)
    scene.play.give_answers(scene.thief, "wrong")
    scene.end()


def one_kind_twice(scene: Scene) -> None:
    """Prove two mailboxes where two methods are asked."""
    scene.policy(required=2)
    scene.begin()
    scene.prove("email")
    scene.play.ask_email(scene.thief, WORK)
    scene.play.type_code(scene.thief, "right")
    scene.end()


def one_app_twice(scene: Scene) -> None:
    """Prove an app twice, by two of its codes, where two methods are asked."""
    scene.policy(required=2)
    scene.begin()
    scene.app("right")
    scene.app("next")
    scene.end()


def a_code_of_before(scene: Scene) -> None:
    """Answer, in another reset of the same person, the proof that the owner has just given, by the same code."""
    its = scene.begin(at=scene.owner)
    scene.play.prove(scene.owner, "email")
    mine = scene.begin()
    scene.play.ask_email(scene.thief, HOME)
    scene.play.misplace(mine, its)
    scene.play.type_code(scene.thief, "old")
    scene.end()


def somebody_elses_app(scene: Scene) -> None:
    """Type what other people's apps show, of this organization and another."""
    scene.begin()
    scene.app("bo's")
    scene.app("elsewhere")
    scene.end()


def app_code_twice(scene: Scene) -> None:
    """Type a code of the app that its owner has just used, in another browser."""
    scene.begin(at=scene.owner)
    scene.play.prove_app(scene.owner, "right")
    scene.begin()
    scene.app("right")
    scene.end()


def a_stale_app_code(scene: Scene) -> None:
    """Type a code that an app showed a minute and a half ago."""
    scene.begin()
    scene.app("stale")
    scene.end()


def the_wrong_address(scene: Scene) -> None:
    """Type an address that is not the person's, and guess the code that was sent to nobody."""
    scene.begin()
    scene.play.ask_email(scene.thief, "x@home.example")
    scene.play.type_code(scene.thief, "guessed")
    scene.end()


def nobody_at_all(scene: Scene) -> None:
    """Guess the code of a decoy, for a name that nobody has."""
    scene.begin("nobody")
    scene.play.ask_email(scene.thief, HOME)
    scene.play.type_code(scene.thief, "guessed")
    scene.end()


def a_removed_mailbox(scene: Scene) -> None:
    """Prove a mailbox that is then removed; another one stays."""
    scene.begin()
    scene.prove("email")
    scene.play.remove(scene.adele, "email")
    scene.end()


def a_removed_app(scene: Scene) -> None:
    """Prove an app that is then removed."""
    scene.begin()
    scene.prove("app_code")
    scene.play.remove(scene.adele, "app_code")
    scene.end()


def an_app_removed_meanwhile(scene: Scene) -> None:
    """Type an app's code while its owner removes the app, between the asking and the judgement."""
    scene.begin()
    scene.play.prove_app(scene.thief, "right", lambda: scene.play.remove(scene.adele, "app_code"))
    scene.end()


def disabled(scene: Scene) -> None:
    """Prove everything for somebody who is disabled before the end."""
    scene.begin()
    scene.prove("app_code")
    scene.play.change(scene.adele, active=False)
    scene.end()


def objected_to(scene: Scene) -> None:
    """Prove everything for somebody who has objected to a change."""
    scene.play.own_change(scene.adele)
    scene.begin()
    scene.prove("app_code")
    scene.play.object_to(scene.adele)
    scene.end()
    scene.begin()
    scene.prove("email")
    scene.end()


def out_of_scope(scene: Scene) -> None:
    """Prove everything for somebody who is in none of the selected groups."""
    scene.begin("bo")
    scene.prove("app_code")
    scene.policy(scope="selected")
    scene.end()


def for_nobody(scene: Scene) -> None:
    """Prove everything where resets are then switched off."""
    scene.begin()
    scene.prove("app_code")
    scene.policy(scope="none")
    scene.end()


def administrators_excluded(scene: Scene) -> None:
    """Prove everything as an administrator, who may then not reset."""
    scene.begin("chief")
    scene.prove("app_code", "email")
    scene.policy(administrators_may_reset=False)
    scene.end()


def no_longer_paid(scene: Scene) -> None:
    """Prove everything where the edition then ends."""
    scene.begin()
    scene.prove("app_code")
    scene.play.subscribe("contoso", on=False)
    scene.end()


def twice(scene: Scene) -> None:
    """Set the password by one reset twice."""
    scene.begin()
    scene.prove("app_code")
    scene.end()
    scene.end()


def after_the_owner(scene: Scene) -> None:
    """Set the password after its owner has."""
    scene.begin()
    scene.prove("app_code")
    scene.play.own_change(scene.adele)
    scene.end()


def meanwhile(scene: Scene) -> None:
    """Set the password, or answer, while something changes between a page's look and its writing."""
    for happening in (
        lambda: scene.play.wait(901),
        lambda: scene.play.change(scene.adele, administrator=True),
    ):
        scene.begin()
        scene.prove("app_code")
        scene.end(happening)
        scene.play.wait(60)


def answered_too_late(scene: Scene) -> None:
    """Answer while the reset's time runs out between the page's look and the judgement."""
    scene.begin()
    scene.play.wait(880)
    scene.play.ask_email(scene.thief, HOME)
    scene.play.type_code(scene.thief, "right", lambda: scene.play.wait(30))


def anothers_browser(scene: Scene) -> None:
    """Use the reset that the owner has proved, from another browser."""
    scene.begin(at=scene.owner)
    scene.play.prove(scene.owner, "app_code")
    scene.begin("bo")
    assert scene.owner.pointer
    scene.play.plant(scene.thief, scene.owner.pointer)
    scene.end()


def a_new_session(scene: Scene) -> None:
    """Go on with a reset after somebody has signed in, which begins the session anew."""
    scene.begin()
    scene.prove("app_code")
    scene.play.sign_in(scene.thief, "bo@contoso.example")
    scene.end()


def anothers_proof(scene: Scene) -> None:
    """Answer, in adele's reset, the code that bo's reset asked for."""
    its = scene.begin("bo", at=scene.owner)
    scene.play.ask_email(scene.owner, "bo@home.example")
    mine = scene.begin()
    scene.play.ask_email(scene.thief, HOME)
    scene.play.misplace(mine, its)
    scene.play.type_code(scene.thief, "another's")
    scene.end()


def the_one_before(scene: Scene) -> None:
    """Answer a code after another was asked for, where the earlier proof is put back."""
    mine = scene.begin()
    scene.play.ask_email(scene.thief, HOME)
    scene.play.press(scene.thief, "resend")
    scene.play.misplace(mine, mine)
    scene.play.type_code(scene.thief, "right")
    scene.end()


def begun_again(scene: Scene) -> None:
    """Go on with a reset after this browser has begun another."""
    first = scene.begin()
    scene.prove("app_code")
    scene.begin("bo")
    scene.play.plant(scene.thief, first)
    scene.end()


def signed_in_before(scene: Scene) -> None:
    """Reset somebody's password in a browser where somebody else is signed in."""
    scene.play.sign_in(scene.thief, "bo@contoso.example")
    scene.begin()
    scene.prove("app_code")
    scene.end()


def replayed(scene: Scene) -> None:
    """Send every form of a whole reset again: in the other browser, with stolen cookies, and at the other organization."""
    scene.begin(at=scene.owner)
    scene.play.prove(scene.owner, "email")
    scene.play.set_password(scene.owner)
    for index in range(len(scene.play.sent)):
        scene.play.replay(scene.thief, index)
        scene.play.replay(scene.thief, index, scene.owner)
        scene.play.replay(scene.play.holders["fabrikam", "thief"], index, scene.owner)


def helped(scene: Scene) -> None:
    """Set a password by what an administrator gave out, and nothing that its owner has."""
    scene.policy(required=2)
    scene.play.help(scene.thief, scene.adele)
    scene.end()
    scene.prove("app_code")
    scene.end()


def helped_until_nothing_is_left(scene: Scene) -> None:
    """The same, while every method is taken away: for somebody who had some, it is never enough alone."""
    scene.play.help(scene.thief, scene.adele)
    for kind in ("email", "email", "app_code", "questions"):
        scene.play.remove(scene.adele, kind)
    scene.end()


def helped_as_an_administrator(scene: Scene) -> None:
    """One proof and an administrator's help, for somebody who is an administrator by now."""
    scene.play.help(scene.thief, scene.adele)
    scene.play.change(scene.adele, administrator=True)
    scene.prove("app_code")
    scene.end()


def helped_honestly(scene: Scene) -> None:
    """Be helped out of scope, without an edition, and with fewer methods than the policy asks for."""
    scene.policy(scope="none", methods=["email"], required=2)
    scene.play.subscribe("contoso", False)
    scene.play.help(scene.thief, scene.adele)
    scene.prove("app_code", "email")
    scene.end()
    for kind in ("email", "email", "app_code"):
        scene.play.remove(scene.adele, kind)
    scene.play.help(scene.thief, scene.adele)
    scene.prove("questions")
    scene.end()
    scene.play.remove(scene.adele, "questions")
    scene.play.help(scene.thief, scene.adele)
    scene.end()
    assert scene.play.resets == 3


def honestly(scene: Scene) -> None:
    """Reset passwords as their owners do, by every policy."""
    scene.begin()
    scene.prove("app_code")
    scene.end()
    scene.policy(methods=["email", "questions"], required=2)
    scene.begin()
    scene.prove("email", "questions")
    scene.end()
    scene.begin("chief")
    scene.prove("app_code", "email")
    scene.end()
    scene.policy(methods=["questions"], required=1, weak_alone_acknowledged=True)
    scene.begin()
    scene.prove("questions")
    scene.end()
    assert scene.play.resets == 4


SCRIPTS: tuple[Script, ...] = tuple(
    one
    for one in list(globals().values())
    if getattr(one, "__module__", "") == __name__ and callable(one) and not isinstance(one, type)
)
