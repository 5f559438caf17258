"""What Windows answers, by its documentation, and no domain controller here does: played byte by byte."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rekey_agent.directories import made
from rekey_agent.directories.active_directory import HINTS
from rekey_agent.directories.directory import Directory, Refused, Unreachable, Unsure
from tests.directory.byte_server import (
    BIND,
    CUT,
    GUID,
    MODIFY,
    SEARCH,
    SILENCE,
    Answer,
    ByteServer,
    Control,
    Request,
    running,
)

NEW = "Second-Passw0rd-2"


class Windows:
    """A domain controller's script: what it knows, and what it answers to a change and to a bind."""

    def __init__(self) -> None:
        self.controls: tuple[str, ...] = HINTS
        self.modify: Answer | str = Answer()
        self.bind: Answer | str = Answer()
        self.binds = 0
        self.search = 0
        self.capabilities: tuple[bytes, ...] = ()
        self.unseen: tuple[str, ...] = ()

    def __call__(self, request: Request) -> Answer | str:
        if request.kind == BIND:
            self.binds += 1
            return Answer() if self.binds == 1 else self.bind
        if request.kind == MODIFY:
            return self.modify
        assert request.kind == SEARCH
        entry = {
            "supportedControl": [one.encode() for one in self.controls],
            "currentTime": [b"20261126120000.0Z"],
            "objectGUID": [uuid.UUID(GUID).bytes_le],
            "userAccountControl": [b"512"],
            "pwdLastSet": [b"133000000000000000"],
            "distinguishedName": [b"CN=adele,DC=corp,DC=example"],
            "supportedCapabilities": list(self.capabilities),
            "tokenGroups": [bytes.fromhex("010500000000000515000000010000000200000003000000" + "01020000")],
        }
        return Answer(
            self.search, entry={name: each for name, each in entry.items() if name not in self.unseen}
        )


@pytest.fixture
def windows() -> Windows:
    """What the domain controller does."""
    return Windows()


@pytest.fixture
def server(tmp_path: Path, windows: Windows) -> Iterator[ByteServer]:
    """The domain controller."""
    with running(tmp_path / "tls", windows) as found:
        yield found


@pytest.fixture
def directory(server: ByteServer) -> Iterator[Directory]:
    """The agent's way to it."""
    found = made(server.settings)
    yield found
    found.close()


@pytest.mark.parametrize(
    ("result", "message", "code"),
    [
        (
            19,
            "0000052D: AtrErr: DSID-03191083, #1:\n\t0: 0000052D: DSID-03191083, problem 1005",
            "policy_violation",
        ),
        (53, "0000052D: SvcErr: DSID-031A126C, problem 5003 (WILL_NOT_PERFORM), data 0", "policy_violation"),
        (19, "00000056: AtrErr: DSID-03191083, #1:", "wrong_current_password"),
        (50, "00002098: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0", "access_denied"),
        (50, "00000005: SecErr: DSID-031A11E6, problem 4003", "access_denied"),
        (32, "00002030: NameErr: DSID-03100245, problem 2001 (NO_OBJECT), data 0", "user_not_found"),
        (12, "", "capability_missing"),
        (10, "0000202B: RefErr: DSID-0310082F, data 0, 1 access points", "capability_missing"),
        (53, "00002035: SvcErr: DSID-031A11E5, problem 5003", "agent_fault"),
        (8, "00002028: LdapErr: DSID-0C0902F6, comment: The server requires binds", "agent_fault"),
        (1, "00000001: something new", "agent_fault"),
    ],
)
def test_each_refusal_is_told_apart(
    directory: Directory, windows: Windows, result: int, message: str, code: str
) -> None:
    windows.modify = Answer(result, message)
    with pytest.raises(Refused) as refused:
        directory.reset(GUID, NEW)
    assert refused.value.code == code


@pytest.mark.parametrize("known", [HINTS, HINTS[1:]])
def test_the_history_is_asked_for_where_the_server_can(
    directory: Directory, server: ByteServer, windows: Windows, known: tuple[str, ...]
) -> None:
    windows.controls = known
    directory.reset(GUID, NEW)
    (request,) = server.modifies()
    assert request.controls == (Control(known[0], critical=True, value=bytes.fromhex("3003020101")),)
    assert directory.capabilities()["history_on_reset"] is True


def test_and_never_where_it_cannot(directory: Directory, server: ByteServer, windows: Windows) -> None:
    windows.controls = ()
    directory.reset(GUID, NEW)
    assert server.modifies()[0].controls == ()
    assert directory.capabilities()["history_on_reset"] is False


def test_a_reset_is_one_modify_of_the_quoted_password_and_the_lock(
    directory: Directory, server: ByteServer
) -> None:
    directory.reset(GUID, NEW)
    (request,) = server.modifies()
    assert f"<GUID={GUID}>".encode() in request.body
    assert f'"{NEW}"'.encode("utf-16-le") in request.body
    assert b"unicodePwd" in request.body and b"lockoutTime" in request.body


def test_a_change_and_an_unlocking_ask_for_no_history(directory: Directory, server: ByteServer) -> None:
    directory.change(GUID, "First-Passw0rd-1", NEW)
    directory.unlock(GUID)
    assert [one.controls for one in server.modifies()] == [(), ()]


@pytest.mark.parametrize("how", [CUT, SILENCE])
def test_a_line_that_is_cut_after_it_was_sent_leaves_it_open(
    directory: Directory, server: ByteServer, windows: Windows, how: str
) -> None:
    directory.read(GUID)
    windows.modify = how
    with pytest.raises(Unsure) as unsure:
        directory.reset(GUID, NEW)
    assert unsure.value.code in ({"dc_timeout"} if how == SILENCE else {"dc_unreachable", "dc_timeout"})
    assert len(server.modifies()) == 1  # it is not sent again


@pytest.mark.parametrize(
    ("data", "opens"),
    [
        ("52e", False),
        ("525", False),
        ("773", True),
        ("532", True),
        ("533", None),
        ("701", None),
        ("775", None),
    ],
)
def test_what_a_bind_says_of_a_password(
    directory: Directory, windows: Windows, data: str, opens: bool | None
) -> None:
    directory.read(GUID)
    text = f"80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data {data}, v3839"
    windows.bind = Answer(49, text)
    assert directory.opens(GUID, NEW) is opens


def test_a_server_that_says_nothing_at_all(tmp_path: Path) -> None:
    with running(tmp_path / "tls", lambda _request: SILENCE) as server:
        directory = made(server.settings)
        with pytest.raises(Unreachable) as away:
            directory.reach()
        assert away.value.code == "dc_timeout"
        directory.close()


# ldap3 tries each address of a name, and leaves open what it refused before the last.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_certificate_of_another_name_is_refused_unless_that_is_said(
    tmp_path: Path, windows: Windows
) -> None:
    with running(tmp_path / "tls", windows) as server:
        settings = server.settings
        by_name = replace(settings, url=settings.url.replace("127.0.0.1", "localhost"))
        directory = made(by_name)
        with pytest.raises(Unreachable) as refused:
            directory.reach()
        assert refused.value.code == "dc_tls"
        said = made(replace(by_name, valid_name="dc1.corp.example"))
        said.reach()
        said.close()


def test_an_account_that_has_expired_is_by_the_directorys_time(
    directory: Directory, windows: Windows
) -> None:
    assert directory.read(GUID).expired is False


@pytest.mark.parametrize("result", [51, 52])
def test_a_server_that_says_later_is_left_to_another_agent(
    directory: Directory, windows: Windows, result: int
) -> None:
    windows.modify = Answer(result, "00002024: SvcErr: DSID-020A0B1C, problem 5002 (UNAVAILABLE)")
    with pytest.raises(Unreachable):
        directory.reset(GUID, NEW)
    windows.search = result
    with pytest.raises(Unreachable):
        directory.read(GUID)


@pytest.mark.parametrize(("result", "code"), [(4, "size_limit"), (10, "capability_missing")])
def test_people_of_whom_only_a_part_came_are_not_everybody(
    directory: Directory, windows: Windows, result: int, code: str
) -> None:
    directory.reach()
    windows.search = result
    with pytest.raises(Refused) as refused:
        list(directory.people({}, full=True))
    assert refused.value.code == code


@pytest.mark.parametrize("unseen", ["userAccountControl", "tokenGroups"])
def test_an_account_that_cannot_be_looked_at_is_not_touched(
    directory: Directory, windows: Windows, unseen: str
) -> None:
    assert directory.read(GUID).protected is False
    windows.unseen = (unseen,)
    with pytest.raises(Refused) as refused:
        directory.read(GUID)
    assert refused.value.code == "access_denied"


@pytest.mark.parametrize("is_read_only", [True, False])
def test_a_domain_controller_that_is_read_only_is_found_out(
    directory: Directory, windows: Windows, is_read_only: bool
) -> None:
    windows.capabilities = (b"1.2.840.113556.1.4.1920",) if is_read_only else (b"1.2.840.113556.1.4.800",)
    assert [one.ok for one in directory.check() if one.code == "writable"] == [not is_read_only]
