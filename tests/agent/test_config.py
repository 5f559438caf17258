"""The agent's configuration: whatever cannot be used is refused by its name, with what to do."""

from pathlib import Path

import pytest

from rekey_agent import config
from rekey_agent.config import ConfigProblem

WHOLE = """
portal = "https://sspr.contoso.example"
name = "dc1"
state = "{folder}/state"

[directory]
kind = "active_directory"
url = "ldaps://dc1.corp.contoso.example:636"
bind_dn = "CN=svc,DC=corp,DC=contoso,DC=example"
password_file = "{folder}/password"
base = "DC=corp,DC=contoso,DC=example"
ous = ["OU=People,DC=corp,DC=contoso,DC=example"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    password = tmp_path / "password"
    password.write_text("Bind-Secret-ä \n")
    password.chmod(0o600)
    return tmp_path


def read(folder: Path, *changes: tuple[str, str]) -> config.Config:
    text = WHOLE.format(folder=folder)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = folder / "agent.toml"
    file.write_text(text)
    return config.read(file)


def problem(folder: Path, *changes: tuple[str, str]) -> str:
    with pytest.raises(ConfigProblem) as found:
        read(folder, *changes)
    return str(found.value)


def test_a_whole_one_is_read(folder: Path) -> None:
    found = read(folder)
    assert (found.portal, found.name, found.state) == (
        "https://sspr.contoso.example",
        "dc1",
        folder / "state",
    )
    assert found.directory.ous == ("OU=People,DC=corp,DC=contoso,DC=example",)
    assert (found.directory.connect_timeout, found.directory.receive_timeout) == (2.0, 3.0)


def test_a_proxy_is_named_with_its_port(folder: Path) -> None:
    assert read(folder).proxy == ""
    assert (
        read(folder, ('portal = "', 'proxy = "http://10.0.0.8:3128/"\nportal = "')).proxy
        == "http://10.0.0.8:3128"
    )


def test_the_password_is_the_files_first_line_with_the_blanks_that_belong_to_it(folder: Path) -> None:
    assert read(folder).directory.password == "Bind-Secret-ä "


def test_the_password_is_in_no_text_of_the_settings(folder: Path) -> None:
    assert "Bind-Secret" not in repr(read(folder))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_password_that_others_can_read_is_refused(folder: Path, mode: int) -> None:
    (folder / "password").chmod(mode)
    said = problem(folder)
    assert (
        said
        == f"directory.password_file: others can read {folder}/password. Take that away: chmod 600 {folder}/password"
    )


def test_an_empty_password_is_refused_since_it_would_bind_as_nobody(folder: Path) -> None:
    (folder / "password").write_text("\n")
    assert "is empty" in problem(folder)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (('name = "dc1"', 'nmae = "dc1"'), "nmae is no setting. The settings here are"),
        (('base = "DC', 'bass = "DC'), "directory.bass is no setting."),
        (("[directory]", "[direktory]"), "direktory is no setting."),
        (('portal = "https://sspr.contoso.example"', ""), "portal is missing."),
        (('kind = "active_directory"', ""), "directory.kind is missing."),
        (('kind = "active_directory"', "kind = 3"), "directory.kind has to be a text on one line"),
        (('name = "dc1"', 'name = "dc\\n1"'), "name has to be a text on one line"),
        (('ous = ["OU=People,DC=corp,DC=contoso,DC=example"]', "ous = []"), "directory.ous is a list"),
        (
            ('ous = ["OU=People,DC=corp,DC=contoso,DC=example"]', 'ous = "OU=People"'),
            "directory.ous is a list",
        ),
        (("ldaps://dc1.corp.contoso.example:636", "dc1.corp.contoso.example"), "directory.url is ldaps://"),
        (("ldaps://dc1.corp.contoso.example:636", "ldaps://dc1:nine"), "directory.url is ldaps://"),
        (("/state", "/../state"), ""),
        (('state = "', 'state = "./'), "state is the whole path of a folder"),
        (
            ('portal = "', 'portal_ca_file = "/nowhere/ca.pem"\nportal = "'),
            "portal_ca_file: there is no file /nowhere/ca.pem",
        ),
        (
            ('portal = "', 'proxy = "proxy.corp.example:3128"\nportal = "'),
            "proxy is the address of an HTTP proxy",
        ),
        (
            ('portal = "', 'proxy = "http://proxy.corp.example"\nportal = "'),
            "proxy is the address of an HTTP proxy",
        ),
        (
            ('portal = "', 'proxy = "http://a:b@proxy.corp.example:3128"\nportal = "'),
            "proxy is the address of",
        ),
        (('portal = "', 'proxy = "https://proxy.corp.example:3128"\nportal = "'), "proxy is the address of"),
        (('base = "', 'ca_file = "/nowhere/ca.pem"\nbase = "'), "directory.ca_file: there is no file"),
        (("/password", "/nothing"), "directory.password_file: "),
        (("[directory]", "[directory"), "is not TOML"),
    ],
)
def test_what_is_wrong_is_named(folder: Path, change: tuple[str, str], named: str) -> None:
    if named:
        assert named in problem(folder, change)
    else:
        read(folder, change)


@pytest.mark.parametrize(
    "url",
    ["https://sspr.contoso.example", "https://sspr.contoso.example:8443/", "http://localhost:8000", "http://127.0.0.2:8000",
     "http://[::1]:8000", "http://northwind.localhost:8000"],
)  # fmt: skip
def test_a_portal_is_asked_by_tls_or_on_this_machine(folder: Path, url: str) -> None:
    assert read(folder, ("https://sspr.contoso.example", url)).portal == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    ["http://sspr.contoso.example", "http://localhost.contoso.example", "http://10.0.0.1", "http://notlocalhost",
     "ftp://localhost", "sspr.contoso.example", "https://", "https://a:b@sspr.contoso.example", "https://sspr.contoso.example/de/",
     "https://sspr.contoso.example?a=b", "https://sspr.contoso.example#a", "https://[::1", "https://sspr.contoso.example:port"],
)  # fmt: skip
def test_any_other_is_refused(folder: Path, url: str) -> None:
    assert problem(folder, ("https://sspr.contoso.example", url)).startswith("portal ")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblem, match=r"agent\.toml cannot be read: No such file"):
        config.read(tmp_path / "agent.toml")
