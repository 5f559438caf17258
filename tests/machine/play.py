"""What can be done on the stage, over HTTP, and what must hold after each of it.

Hypothesis' rules and the written scripts call the same moves. A move never decides what is right: it sends a request, tells
the model what was sent, and `check` compares what the database then says with what the model lets happen.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Literal

from django.core import mail
from django.db import connection

from licensing import subscribing
from registration import configuring, enrolling, people
from registration.models import Challenge, Device, User
from registration.objecting import BLOCKED
from registration.origin import NOWHERE
from registration.roles import Role
from resets import flow, starting
from resets.helping import BARE
from resets.models import Reset
from tenants import hosts
from tenants.context import entered
from tenants.models import Counter
from tenants.shield.sealing import unseal
from tests.building import ANSWERS, Browser, browser_of, run_jobs, sign_in
from tests.machine.model import Attempt, Holder, House, Intent, Model, Somebody, app_code, step_of
from tests.machine.stage import HOME, SCHEMAS, Stage, key_of
from tests.tenants.shield.solving import fetched

VERIFY, PASSWORD_PAGE = "/reset/verify/", "/reset/password/"
_CODE, _LINK = re.compile(r"\b\d{6}\b"), re.compile(r"http://[^/]+(/object/\S+)")
Change = Callable[[], object]
Code = Literal["right", "wrong", "old", "another's", "elsewhere", "guessed", "bo's", "last", "next", "stale"]


class Violation(AssertionError):
    """A promise is broken: a password was set, a gate was opened, somebody was signed in, a secret was shown."""


class Refused(AssertionError):
    """Somebody honest was refused: the model is too lenient, or the source too strict."""


class Play:
    """One example: four browsers, what they do, what happens meanwhile."""

    def __init__(self, stage: Stage, houses: Mapping[str, House]) -> None:
        self.stage, self.model = stage, Model(houses, stage.now)
        self.holders = {
            (schema, label): Holder(schema, label) for schema in SCHEMAS for label in ("owner", "thief")
        }
        self.browsers = {at: browser_of(at[0]) for at in self.holders}
        self.sent: list[tuple[str, dict[str, str]]] = []
        self.links: dict[tuple[str, str], str] = {}
        self.secrets: set[str] = set()
        self.resets = 0  # passwords that were set by a reset
        self._may_change: set[tuple[str, str]] = set()
        self._passwords = self._read_passwords()
        self._numbers = iter(range(1, 1000))

    # Moves of a browser.

    def begin(self, holder: Holder, name: str) -> None:
        """Tell a name and solve the captcha."""
        browser = self._browser(holder)
        self._post(holder, "/reset/", {"sign_in_name": name, "captcha": fetched(browser)})

    def help(self, holder: Holder, person: Somebody) -> None:
        """Let an administrator start a reset for somebody, and whoever is at this browser begin it by what they gave out."""
        with self._inside(person.schema):
            chief = User.objects.get(sign_in_name=f"chief@{person.schema}.example")
            try:
                plan, ticket = starting.start(self._user(person), actor=chief, origin=NOWHERE)
            except starting.NotNow:
                return
            row = Challenge.objects.get(purpose="help", consumed_at=None, user=self._user(person))
            link = json.loads(unseal(bytes(row.sealed or b""), context=row.context)).get("link", "")
            run_jobs()
        browser, given = self._browser(holder), {"code": ticket.code} if ticket.code else {}
        self.secrets.update({one for one in (ticket.code, link.rpartition("/")[0].rpartition("/")[2]) if one})
        if link:
            browser.get(link.partition(":8000")[2])
        else:
            given["sign_in_name"] = person.name
        self.sent.append(("/reset/help/", given))
        page = browser.post("/reset/help/", given)
        assert page.headers.get("location") == VERIFY, "the ticket opened nothing"
        self._has_begun(holder, person.name)
        assert holder.pointer
        holder.pointer.helped, holder.pointer.bare = True, plan.help in BARE
        self.check()

    def ask_email(self, holder: Holder, address: str) -> None:
        """Choose email and type a whole address."""
        self._post(holder, VERIFY, {"action": "choose", "method": "email", "email-address": address})

    def type_code(self, holder: Holder, which: Code, meanwhile: Change | None = None) -> None:
        """Type a code that came, or did not come, by mail."""
        data = {"action": "answer", "code": self._mailed(holder, which)}
        self._post(holder, VERIFY, data, meanwhile)

    def prove_app(self, holder: Holder, which: Code, meanwhile: Change | None = None) -> None:
        """Choose the app and type what one shows, showed or will show."""
        code = self._shown(holder, which)
        self._post(
            holder, VERIFY, {"action": "choose", "method": "app_code", "app_code-code": code}, meanwhile
        )

    def ask_questions(self, holder: Holder) -> None:
        """Choose the questions."""
        self._post(holder, VERIFY, {"action": "choose", "method": "questions"})

    def give_answers(self, holder: Holder, which: Code, meanwhile: Change | None = None) -> None:
        """Answer what is asked: rightly, all but one rightly, or as somebody else would."""
        page = self._browser(holder).get(VERIFY)
        asked = page.context["form"].fields if page.status_code == 200 and page.context["form"] else ()
        keys = [key for key in asked if key in ANSWERS] or ["pet", "toy", "job"]
        given = dict.fromkeys(keys, "of no use")
        whose = self._bystander(holder, which)
        for thing in whose.of_kind("questions") if whose else ():
            given = {key: thing.answers.get(key, "of no use") for key in keys}
        if which == "wrong":
            given[keys[-1]] = "else"
        self._post(holder, VERIFY, {"action": "answer", **given}, meanwhile)

    def prove(self, holder: Holder, kind: str) -> None:
        """Prove a method rightly, by what belongs to who was named."""
        if kind == "app_code":
            self.prove_app(holder, "right")
        elif kind == "email":
            named = holder.pointer.person if holder.pointer else None
            mine = named.of_kind("email") if named else []
            self.ask_email(holder, mine[0].secret if mine else HOME)
            self.type_code(holder, "right")
        else:
            self.ask_questions(holder)
            self.give_answers(holder, "right")

    def press(self, holder: Holder, action: str) -> None:
        """Press another button of the gate: resend, back, abandon."""
        self._post(holder, VERIFY, {"action": action})

    def set_password(self, holder: Holder, meanwhile: Change | None = None) -> None:
        """Send a new password, at whatever step; `meanwhile` happens between the look at the reset and the writing of it."""
        new = f"Fresh-Harbour-{next(self._numbers)}!"
        self.secrets.add(new)
        self._post(holder, PASSWORD_PAGE, {"new_password": new, "confirm": new}, meanwhile)

    def replay(self, holder: Holder, index: int, cookies: Holder | None = None) -> None:
        """Send an earlier form again, in any browser, at any organization, with its own cookies or another browser's."""
        if not self.sent:
            return
        path, data = self.sent[index % len(self.sent)]
        if cookies is None or cookies is holder:
            self._post(holder, path, data)
            return
        browser = browser_of(holder.schema)
        browser.cookies.update(self._browser(cookies).cookies)
        # At its own organization a stolen cookie is that browser's session; at another it is nobody's.
        whose = cookies if cookies.schema == holder.schema else None
        self._send(holder.schema, browser, whose, path, data)

    def sign_in(self, holder: Holder, name: str) -> None:
        """Sign in by the password, when there is one: the session begins anew."""
        person = self.model.houses[holder.schema].found(name)
        if person is None or person.password is None or holder.signed_in:
            return
        page = sign_in(self._browser(holder), name, person.password)
        if page.status_code == 302:
            holder.session += 1
            holder.signed_in = True
        self.check()

    def look(self, holder: Holder, path: str) -> None:
        """Go back, or ahead, to a page."""
        page = self._browser(holder).get(path)
        self._keeps_quiet(page, {})
        self.check()

    # What no page can do, and a mistake elsewhere could.

    def plant(self, holder: Holder, other: Attempt) -> None:
        """Let another reset's id stand in a browser's session."""
        browser = self._browser(holder)
        if browser.cookies.get("session") is None:
            browser.get("/reset/")
        with self._inside(holder.schema):
            session = browser.session
            session["reset"] = other.pk
            session.save()
        holder.pointer = other
        self.check()

    def misplace(self, attempt: Attempt, other: Attempt) -> None:
        """Let a reset point to the proof that another one asked for, or that it asked for before."""
        mine = other is attempt
        asked = other.asked if other.asked and not mine else next(reversed(other.earlier), None)
        if asked is None or not asked.pk or attempt.house is not other.house:
            return
        with self._inside(attempt.house.schema):
            if Challenge.objects.filter(pk=asked.pk).exists():
                Reset.objects.filter(pk=attempt.pk).update(challenge_id=asked.pk)
                attempt.asked = asked
        self.check()

    # What happens meanwhile.

    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.stage.now += timedelta(seconds=seconds)
        self.model.now = self.stage.now

    def configure(self, schema: str, **values: Any) -> None:
        """Let an administrator change the policy."""
        house = self.model.houses[schema]
        with self._inside(schema):
            configuring.configure(values, actor="tests")
        names = {"weak_alone_acknowledged": "weak_alone", "administrators_may_reset": "administrators"}
        for field, value in values.items():
            setattr(house, names.get(field, field), frozenset(value) if field == "methods" else value)
        hosts.forget()

    def subscribe(self, schema: str, on: bool) -> None:
        """Let the edition that includes resets end, or begin again."""
        row = self.stage.orgs[schema].row
        if on:
            subscribing.assign(row, edition="p1", actor="tests")
        else:
            subscribing.end(row, actor="tests")
        self.model.houses[schema].edition = on
        hosts.forget()

    def change(self, person: Somebody, **values: Any) -> None:
        """Let an administrator grant or take a role, disable or enable somebody, put them into the selected group or out."""
        with self._inside(person.schema):
            user = self._user(person)
            if "administrator" in values:
                person.administrator = values["administrator"]
                roles = [Role.HELPDESK_ADMINISTRATOR] if person.administrator else []
                people.change(user, {"roles": roles}, actor="tests")
            if "active" in values:
                person.active = values["active"]
                people.change(user, {"is_active": person.active}, actor="tests")
            if "selected" in values:
                person.selected = values["selected"]
                groups = list(self._user(person).groups.model.objects.filter(may_reset=True))
                people.put_into_only(user, groups if person.selected else [], actor="tests")

    def remove(self, person: Somebody, kind: str) -> None:
        """Let somebody remove the first method of a kind that they have."""
        thing = next(iter(person.of_kind(kind)), None)
        if thing is None:
            return
        with self._inside(person.schema):
            user = self._user(person)
            enrolling.remove(user, Device.objects.get(pk=thing.pk), actor=user, origin=NOWHERE)
        self.model.removed(person, thing)

    def own_change(self, person: Somebody) -> None:
        """Let somebody sign in at home and change the password that they know."""
        if person.password is None:
            return
        browser, new = browser_of(person.schema), f"Quiet-Orchard-{next(self._numbers)}!"
        sign_in(browser, person.name, person.password)
        self.secrets.add(new)
        form = {"current": person.password, "new_password": new, "confirm": new}
        self._keeps_quiet(browser.post("/password/", form), {})
        with self._inside(person.schema):
            if self._user(person).check_password(new):
                self._is_set(person, new)
        self._read_mail(person.schema)
        self.check()

    def object_to(self, person: Somebody) -> None:
        """Let somebody say that the last change of their password was not theirs, by the link that they were sent."""
        link = self.links.pop(person.who, None)
        if link is None:
            return
        browser = browser_of(person.schema)
        browser.get(link)
        if browser.post("/object/").status_code == 200:
            self._may_change.add(person.who)
            person.password, person.blocked_until = None, self.stage.now + BLOCKED
            self.model.ends_all(person)
        self._read_mail(person.schema)
        self.check()

    # What must hold.

    def check(self) -> None:
        """Compare the database with what the model lets happen; and lift all limits of how often."""
        Counter.objects.all().delete()
        now = self._read_passwords()
        changed = {who for who, text in now.items() if self._passwords.get(who) != text}
        if stray := changed - self._may_change:
            raise Violation(f"the password of {sorted(stray)} was set")
        self._passwords, self._may_change = now, set()
        for pk, passed, challenge in self._read_resets():
            attempt = self.model.attempts.get(pk)
            if stray_gates := set(passed) - (attempt.ever if attempt else set()):
                raise Violation(f"{sorted(stray_gates)} counts as proved in a reset that did not prove it")
            if attempt and attempt.asked and not attempt.asked.pk:
                attempt.asked.pk = challenge or ""
        told = self._read_audit()
        if shown := [secret for secret in self.secrets if re.search(rf"\b{re.escape(secret)}\b", told)]:
            raise Violation(f"the audit trail shows {shown}")

    def _post(self, holder: Holder, path: str, data: dict[str, str], meanwhile: Change | None = None) -> None:
        self.sent.append((path, data))
        self._send(holder.schema, self._browser(holder), holder, path, data, meanwhile)

    def _send(
        self,
        schema: str,
        browser: Browser,
        holder: Holder | None,
        path: str,
        data: dict[str, str],
        meanwhile: Change | None = None,
    ) -> None:
        """Send a form, tell the model, and see what came of it."""
        intent = self.model.arrives(holder, path, data) if holder else None
        acted: list[Somebody | None] = []

        def act() -> None:
            if meanwhile:
                meanwhile()
            if intent:
                acted.append(self._acts(intent))

        if intent and intent.action == "app_code":
            self.model.asks(intent.attempt, "app_code")
        if meanwhile is None:
            act()
        with _between(act if meanwhile else None):
            page = browser.post(path, data)
        self._keeps_quiet(page, data)
        codes = self._read_mail(schema)
        location = page.headers.get("location", "")
        if holder and path == "/reset/" and location == VERIFY:
            self._has_begun(holder, data["sign_in_name"])
        if intent and intent.action in {"email", "questions"} and location == VERIFY:
            self._was_asked(browser, intent, codes)
            codes = {}
        if codes:
            raise Violation(f"a code was sent to {sorted(codes)}")
        self._is_finished(browser, holder, acted, data)

    def _acts(self, intent: Intent) -> Somebody | None:
        """Tell the model what a request does now; return whose password it may set."""
        attempt = intent.attempt
        if intent.action == "password" and attempt.step(self.model.now) == "password":
            return attempt.person
        if intent.action in {"answer", "app_code"}:
            self.model.judges(attempt, intent.data)
        if intent.action == "abandon":
            attempt.over = True
        return None

    def _was_asked(self, browser: Browser, intent: Intent, codes: dict[str, str]) -> None:
        attempt, address = intent.attempt, intent.data.get("email-address", "").strip().lower()
        drawn: tuple[str, ...] = ()
        if intent.action == "questions":
            page = browser.get(VERIFY)
            drawn = tuple(page.context["form"].fields) if page.status_code == 200 else ()
        thing = self.model.aimed(attempt, intent.action, address)
        wanted = {thing.secret} if thing and intent.action == "email" else set()
        if set(codes) - wanted:
            raise Violation(f"a code was sent to {sorted(codes)} though {address} was typed")
        asked = self.model.asks(
            attempt, intent.action, address=address, code=codes.get(address, ""), drawn=drawn
        )
        assert bool(asked.code) == bool(wanted), "no code came"

    def _is_finished(
        self, browser: Browser, holder: Holder | None, acted: list[Somebody | None], data: Mapping[str, str]
    ) -> None:
        """See whether a password was set, and that nobody is signed in by it."""
        person = next((one for one in acted if one), None)
        if person and holder and holder.pointer:
            attempt = holder.pointer
            self._may_change.add(person.who)
            before = self._passwords[person.who]
            if self._read_passwords()[person.who] == before:
                raise Refused(f"{person.name} proved everything, and the password was not set")
            self._is_set(person, data["new_password"])
            attempt.over = True
            self.resets += 1
            browser.get("/reset/done/")
            if holder.signed_in:
                holder.session, holder.signed_in = holder.session + 1, False
        if holder:
            with self._inside(holder.schema):
                inside = "_auth_user_id" in browser.session if "session" in browser.cookies else False
            if inside and not holder.signed_in:
                raise Violation("somebody is signed in")
        self.check()

    def _is_set(self, person: Somebody, password: str) -> None:
        self._may_change.add(person.who)
        person.password = password
        self.model.ends_all(person)

    def _has_begun(self, holder: Holder, typed: str) -> None:
        with self._inside(holder.schema):
            pk = str(self._browser(holder).session["reset"])
        self.model.begun(holder, pk, typed)

    # What is known.

    def person(self, holder: Holder, name: str) -> Somebody:
        """Return one of the people where a browser is: adele, bo, chief."""
        return self.model.houses[holder.schema].people[f"{name}@{holder.schema}.example"]

    def attempts(self, schema: str) -> list[Attempt]:
        """Return the resets of an organization, the newest last."""
        return [one for one in self.model.attempts.values() if one.house.schema == schema]

    def _mailed(self, holder: Holder, which: Code) -> str:
        attempt = holder.pointer
        everywhere = [one.asked for one in self.model.attempts.values() if one.asked and one.asked.code]
        asked = {
            "right": [attempt.asked] if attempt and attempt.asked else [],
            "old": [one for each in self.model.attempts.values() for one in each.earlier if one.code],
            "another's": [one for one in everywhere if one.attempt.house.schema == holder.schema],
            "elsewhere": [one for one in everywhere if one.attempt.house.schema != holder.schema],
        }.get(which, [])
        if which == "another's" and attempt:
            asked = [one for one in asked if one.attempt is not attempt]
        if which == "guessed" and attempt:
            return self._guessed(attempt)
        return asked[-1].code if asked and asked[-1].code else "000000"

    def _guessed(self, attempt: Attempt) -> str:
        """Return the code of a decoy, which was sent to nobody: one guess of a million is right."""
        with self._inside(attempt.house.schema):
            reset = Reset.objects.select_related("challenge").filter(pk=attempt.pk).first()
            row = reset.challenge if reset else None
            if row is None or row.sealed is None:
                return "000000"
            content = json.loads(unseal(bytes(row.sealed), context=row.context))
        return str(content.get("code", "000000"))

    def _shown(self, holder: Holder, which: Code) -> str:
        ahead = {"last": -1, "next": 1, "stale": -3}.get(which, 0)
        whose = self._bystander(holder, which)
        key = key_of(*(whose.schema, whose.name.partition("@")[0])) if whose else key_of("nowhere", "nobody")
        return "000000" if which == "wrong" else app_code(key, step_of(self.stage.now) + ahead)

    def _bystander(self, holder: Holder, which: Code) -> Somebody | None:
        """Return whose things are used: those of who is named, or somebody else's."""
        named = holder.pointer.person if holder.pointer else None
        if which == "bo's":
            return self.person(holder, "bo")
        if which == "another's":
            return self.person(holder, "chief")
        if which == "elsewhere" and named:
            other = next(schema for schema in SCHEMAS if schema != named.schema)
            return self.model.houses[other].people[f"{named.name.partition('@')[0]}@{other}.example"]
        return named

    def _keeps_quiet(self, page: Any, data: Mapping[str, str]) -> None:
        """See that a page shows no password and no code but what was typed on it."""
        text = page.content.decode()
        typed = set(data.values())
        if shown := [one for one in self.secrets if one in text and one not in typed]:
            raise Violation(f"a page shows {shown}")

    def _read_mail(self, schema: str) -> dict[str, str]:
        """Let the mail be delivered: return the codes by address, and keep the newest link to object of each person."""
        mail.outbox = []
        with self._inside(schema):
            run_jobs()
        codes: dict[str, str] = {}
        for one in mail.outbox:
            body = str(one.body)
            if link := _LINK.search(body):
                about = next((name for name in self.model.houses[schema].people if name in body), "")
                self.links[schema, about or self._addressed(schema, one.to[0])] = link[1]
            elif found := _CODE.findall(body):
                codes[one.to[0]] = str(found[0])
        self.secrets.update(codes.values())
        return codes

    def _addressed(self, schema: str, address: str) -> str:
        return f"{address.partition('@')[0]}@{schema}.example"

    def _browser(self, holder: Holder) -> Browser:
        return self.browsers[holder.schema, holder.label]

    def _user(self, person: Somebody) -> User:
        return User.objects.get(sign_in_name=person.name)

    @contextmanager
    def _inside(self, schema: str) -> Iterator[None]:
        with entered(self.stage.orgs[schema].row):
            yield

    def _read_passwords(self) -> dict[tuple[str, str], str]:
        """Return everybody's hash, of both organizations and of the provider's people."""
        rows = _rows("select '{schema}', sign_in_name, password from {schema}.registration_user", "public")
        return {(schema, name): password for schema, name, password in rows}

    def _read_resets(self) -> list[tuple[str, list[str], str]]:
        return _rows("select id::text, passed, challenge_id::text from {schema}.resets_reset")

    def _read_audit(self) -> str:
        rows = _rows(
            "select concat_ws(' ', activity, reason, actor, subject, method, data) from {schema}.registration_auditevent"
        )
        return "\n".join(text for (text,) in rows)


def _rows(each: str, *more: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(each.format(schema=schema) for schema in (*SCHEMAS, *more)))
        found: list[Any] = cursor.fetchall()
    return found


@contextmanager
def _between(act: Change | None) -> Iterator[None]:
    """Let something happen after a page has looked where a reset stands, and before anything is written."""
    if act is None:
        yield
        return
    real = {name: getattr(flow, name) for name in ("set_password", "answer")}

    def delayed(name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            act()
            return real[name](*args, **kwargs)

        return call

    for name in real:
        setattr(flow, name, delayed(name))
    try:
        yield
    finally:
        for name, function in real.items():
            setattr(flow, name, function)
