"""An administrator brings people in by a file, finds somebody, pre-sets an address, and takes people out as a file."""

import csv
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.looks import keep
from tests.browser.sites import Desktop, administrator
from tests.building import KEY, Org, give_app, run_jobs

PHONE = {"width": 375, "height": 760}


def test_people(desktop: Callable[..., Desktop], contoso: Org, tmp_path: Path) -> None:
    give_app(contoso.user("chief"))
    one = administrator(desktop, "contoso", "chief@contoso.example", KEY).open("/admin/registration/user/")
    _import(one, tmp_path)
    _find(one)
    _pre_set(one)
    _disable(one)
    _export(one, tmp_path)


def _import(one: Desktop, folder: Path) -> None:
    page = one.page
    page.locator(".desk-above").get_by_role("link", name="Import people").click()
    _seen(one, "import-new")
    with page.expect_download() as template:
        one.press("Download the template")
    head = Path(template.value.path()).read_text("utf-8-sig").splitlines()[0]
    assert head.startswith("sign-in name,name,primary address")
    file = folder / "people.csv"
    rest = "," * (head.count(",") - 2)
    lines = [f"nina@contoso.example,Nina Neu,nina@post.example{rest}", f"otto@contoso.example,Otto,{rest}"]
    file.write_text(
        "\n".join([f"{head},Salary", *lines, f"nobody,,{rest}", f"adele@contoso.example,Adele V.,{rest}"])
    )
    page.locator("input[type=file]").set_input_files(file)
    one.press("Check the file")
    page.get_by_text("Checking the file").wait_for()
    _seen(one, "import-checking")
    run_jobs()
    page.get_by_text(
        "The file was checked. Nothing has been written yet."
    ).wait_for()  # the page looks by itself
    expect(page.get_by_text("left out: Salary")).to_be_visible()
    expect(
        page.get_by_role("cell", name="“nobody” is not a sign-in name such as adele@contoso.example.")
    ).to_be_visible()
    _seen(one, "import-checked")
    page.get_by_label("Send each new person").check()
    one.press("Import")
    page.get_by_text("Importing.").wait_for()
    run_jobs()
    page.get_by_text("The import is done.").wait_for()
    _seen(one, "import-done")
    one.press("Back to the people")


def _find(one: Desktop) -> None:
    page = one.page
    page.locator("#searchbar").fill("nina neu")
    page.keyboard.press("Enter")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    one.open("/admin/registration/user/?capable=no&administrator=no")
    expect(page.locator("#result_list tbody tr")).to_have_count(4)
    _seen(one, "people-narrowed")


def _pre_set(one: Desktop) -> None:
    page = one.page
    page.get_by_role("link", name="nina@contoso.example").click()
    page.get_by_role("link", name="Set Email").click()
    page.get_by_label("Email address").fill("nina@home.example")
    _seen(one, "set-email")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Email was set.").wait_for()
    one.open("/admin/registration/user/?capable=yes")
    expect(page.get_by_role("link", name="nina@contoso.example")).to_be_visible()


def _disable(one: Desktop) -> None:
    page = one.open("/admin/registration/user/?q=otto").page
    page.locator("#result_list tbody input.action-select").check()
    page.locator("select[name=action]").select_option("disable")
    page.get_by_role("button", name="Run").click()
    page.get_by_text("They are signed out everywhere").wait_for()
    _seen(one, "people-disable")
    one.press("Disable")
    page.get_by_text("Done for 1 person.").wait_for()
    expect(page.locator("#result_list tbody")).to_contain_text("No")


def _export(one: Desktop, folder: Path) -> None:
    page = one.open("/admin/registration/user/?q=nina").page
    one.press("Export 1 person")
    _seen(one, "export")
    with page.expect_download() as file:
        one.press("Download CSV")
    (line,) = csv.DictReader(Path(file.value.path()).read_text("utf-8-sig").splitlines())
    assert (line["sign-in name"], line["methods"], line["capable of reset"]) == (
        "nina@contoso.example",
        "Email",
        "yes",
    )


def _seen(one: Desktop, name: str) -> None:
    """Keep a picture in both colours and on a phone, where pictures are kept."""
    wide = one.page.viewport_size
    for scheme in ("light", "dark"):
        one.page.emulate_media(color_scheme=scheme)
        one.page.evaluate("() => new Promise(requestAnimationFrame)")
        keep(one.page, f"people-{name}-{scheme}")
    one.page.emulate_media(color_scheme="light")
    one.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a typed dict of its own
    keep(one.page, f"people-{name}-phone")
    one.page.set_viewport_size(wide)  # type: ignore[arg-type]
