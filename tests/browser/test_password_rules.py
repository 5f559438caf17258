"""Rules and meter while a password is typed: by keyboard, by pasting, without a script, and with nothing sent anywhere."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from registration import configuring
from registration.models import Policy
from tests.browser.looks import axe, keep
from tests.browser.sites import Desktop, administrator
from tests.building import KEY, Org, give_app

Open = Callable[..., Desktop]
Look = Callable[[Desktop, str], None]


def typing(one: Desktop) -> tuple[Desktop, Locator]:
    """Return a browser at the page of the change, and its field."""
    one.sign_in("adele@contoso.example").open("/password/").at("Change your password")
    return one, one.page.get_by_label("New password", exact=True)


def state(one: Desktop) -> dict[str, str]:
    """Return how each rule is marked."""
    return dict(
        one.page.locator("[data-rule]").evaluate_all(
            "(rules) => rules.filter((it) => it.dataset.state).map((it) => [it.dataset.rule, it.dataset.state])"
        )
    )


KEPT = dict.fromkeys(("too_short", "too_long", "not_ascii", "too_few_classes", "contains_name"), "kept")


def test_rules_and_meter(desktop: Open, look: Look, contoso: Org) -> None:
    one, field = typing(desktop("contoso"))
    meter, word = one.page.get_by_role("meter"), one.page.locator("[data-word]")
    assert state(one) == {}
    expect(meter).to_be_hidden()
    field.press_sequentially("Ab1")
    assert state(one) == dict.fromkeys(("too_long", "not_ascii", "contains_name", "too_few_classes"), "kept")
    for odd in ("é", "\N{NO-BREAK SPACE}", "\N{GRINNING FACE}"):
        field.fill(f"Ab1{odd}")
        assert state(one)["not_ascii"] == "broken"
    field.fill("Ab1")
    expect(word).to_have_text("very easy to guess")
    field.fill("4dele-@delE")
    expect(one.page.locator("[data-rule=contains_name]")).to_have_attribute("data-state", "broken")
    look(one, "password-broken")
    field.fill("Xk7mq2pv-Lamp-Tree")
    assert state(one) == KEPT
    expect(word).to_have_text("very hard to guess")
    expect(meter).to_have_attribute("aria-valuenow", "4")
    expect(one.page.get_by_role("status").last).to_have_text("Kept: 5/5. Strength: very hard to guess.")
    look(one, "password-strong")
    field.fill("")
    expect(meter).to_be_hidden()
    assert state(one) == {}


def test_nothing_is_sent_while_typing(desktop: Open, contoso: Org) -> None:
    one, field = typing(desktop("contoso"))
    asked: list[Any] = []
    one.page.on("request", lambda request: asked.append(request))  # noqa: PLW0108  # it cannot wrap a built-in
    field.focus()
    field.press_sequentially("Quaint-Sample-77")
    expect(one.page.get_by_role("meter")).to_be_visible()
    assert {request.method for request in asked} <= {"GET"}
    assert all("/static/vendor/" in request.url and "?" not in request.url for request in asked)
    assert (
        len(asked) == 3
    )  # the list, the keyboards, the estimator: once, and not before the field has the focus


def test_paste(desktop: Open, contoso: Org) -> None:
    one, field = typing(desktop("contoso"))
    current = one.page.get_by_label("Current password", exact=True)
    current.fill("Xk7mq2pv-Lamp-Tree")
    current.press("Control+A")
    one.page.get_by_role("button", name="Show password").first.click()
    current.press("Control+A")
    current.press("Control+C")
    field.press("Control+V")
    assert field.input_value() == "Xk7mq2pv-Lamp-Tree"
    assert state(one) == KEPT


@pytest.mark.parametrize("profile", ["nist"])
def test_the_other_profile(desktop: Open, contoso: Org, profile: str) -> None:
    configuring.configure({"profile": profile}, actor="tests")
    one, field = typing(desktop("contoso"))
    field.fill("four words of min")
    assert state(one) == {"too_short": "kept", "too_long": "kept", "invisible": "kept"}
    field.fill("a\N{GRINNING FACE}" * 7)
    assert state(one) == {
        "too_long": "kept",
        "invisible": "kept",
    }  # characters are counted, not halves of them
    field.fill("a\N{ZERO WIDTH SPACE}b")
    assert state(one) == {"too_long": "kept", "invisible": "broken"}


def test_without_a_meter_the_rules_still_work(desktop: Open, contoso: Org) -> None:
    one, field = typing(desktop("contoso"))
    one.page.route("**/vendor/**", lambda route: route.fulfill(status=204, body=""))
    field.fill("Xk7mq2pv-Lamp-Tree")
    assert state(one) == KEPT
    expect(one.page.get_by_role("meter")).to_be_hidden()


def test_without_a_script_the_rules_are_told(desktop: Open, contoso: Org) -> None:
    one, field = typing(desktop("contoso", java_script_enabled=False))
    field.fill("adele")
    expect(one.page.locator("[data-rule]")).to_have_count(7)
    expect(one.page.get_by_role("meter")).to_be_hidden()


def test_a_sample_is_tried_on_the_desk(desktop: Open, contoso: Org) -> None:
    give_app(contoso.user("chief"))
    one = administrator(desktop, "contoso", "chief@contoso.example", KEY)
    one.open("/admin/registration/passwordprotection/")
    one.page.get_by_label("Banned words of your own").fill("wingtip\nblank")
    one.page.get_by_label("Sample").fill("WingtipBl@nk12")
    one.page.get_by_role("button", name="Try it").click()
    verdict = one.page.locator(".desk-verdict")
    expect(verdict).to_contain_text("This would be refused.")
    expect(verdict).to_contain_text("4 points; 5 are needed.")
    expect(verdict.locator("mark")).to_have_text(["wingtip", "blank"])
    for scheme in ("light", "dark"):
        one.page.emulate_media(color_scheme=scheme)
        keep(one.page, f"desk-protection-{scheme}")
        assert axe(one.page)["violations"] == []
    one.page.get_by_label("Sample").fill("")
    one.page.get_by_label("Former passwords that are refused").fill("5")
    one.page.get_by_label("Former passwords that are refused").press("Enter")
    one.page.wait_for_load_state()
    policy = Policy.objects.get()
    assert (policy.history, policy.banned_words) == (5, ["wingtip", "blank"])
