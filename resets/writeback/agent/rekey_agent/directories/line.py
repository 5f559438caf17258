"""One connection to a directory that stays open, and what its failures mean: nothing was sent, or nobody knows."""

import contextlib
import ssl
from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from ldap3 import NONE, SIMPLE, Connection, Server, Tls
from ldap3.core.exceptions import (
    LDAPCommunicationError,
    LDAPException,
    LDAPExtensionError,
    LDAPInvalidCredentialsResult,
    LDAPOperationResult,
    LDAPResponseTimeoutError,
    LDAPSSLConfigurationError,
    LDAPStartTLSError,
)

from rekey_agent.directories.directory import DirectorySettings, Unreachable, Unsure

T = TypeVar("T")
_SIZE_LIMIT = 4
#: Results by which a server says that it cannot now (RFC 4511, A.2): out of time for a search, busy, unavailable.
_LATER = {3: "dc_timeout", 51: "dc_unreachable", 52: "dc_unreachable"}


class Line:
    """A connection as the bind account, opened when it is first needed, and again after it was lost."""

    def __init__(self, settings: DirectorySettings) -> None:
        self._settings = settings
        self._open: Connection | None = None

    def ask(self, act: Callable[[Connection], T], *, may_be_cut: bool = False) -> T:
        """Do what changes nothing; once more on a new connection where the old one was lost. Raises `Unreachable`.

        What the directory itself answers comes as `LDAPOperationResult`; so does a search that was cut short, unless that is
        what was asked for.
        """
        fresh = self._open is None
        try:
            return _whole(self._connection(), act, may_be_cut)
        except LDAPOperationResult as answer:
            _refuse_later(answer)
            raise
        except LDAPException as lost:
            self.close()
            if fresh or isinstance(lost, LDAPResponseTimeoutError):
                raise Unreachable(_code(lost)) from None
        try:
            return _whole(self._connection(), act, may_be_cut)
        except LDAPOperationResult as answer:
            _refuse_later(answer)
            raise
        except LDAPException as lost:
            self.close()
            raise Unreachable(_code(lost)) from None

    def change(self, act: Callable[[Connection], T]) -> T:
        """Do what changes something, once. Raises `Unreachable` before it was sent, `Unsure` after.

        What was asked just before on the same connection has shown that it is alive.
        """
        connection = self._connection()
        try:
            return _whole(connection, act, may_be_cut=False)
        except LDAPOperationResult as answer:
            _refuse_later(answer)
            raise
        except LDAPException as lost:
            self.close()
            raise Unsure(_code(lost)) from None

    def bind(self, user: str, password: str) -> tuple[int, str, dict[str, Any]]:
        """Try a password on a connection of its own: the result, its text and its controls. Raises `Unreachable`."""
        connection = _unbound(self._settings, user, password, raises=False)
        try:
            _opened(connection, self._settings)
            connection.bind()
            result = connection.result
        except LDAPException as lost:
            raise Unreachable(_code(lost)) from None
        finally:
            _closed(connection)
        return int(result["result"]), str(result["message"]), dict(result.get("controls") or {})

    def close(self) -> None:
        """Let go of the connection."""
        if self._open is not None:
            _closed(self._open)
            self._open = None

    def _connection(self) -> Connection:
        if self._open is not None and not self._open.closed:
            return self._open
        settings = self._settings
        connection = _unbound(settings, settings.bind_dn, settings.password, raises=True)
        try:
            _opened(connection, settings)
            connection.bind()
        except LDAPInvalidCredentialsResult:
            _closed(connection)
            raise Unreachable("access_denied") from None
        except LDAPException as lost:
            _closed(connection)
            raise Unreachable(_code(lost)) from None
        self._open = connection
        return connection


def _whole(connection: Connection, act: Callable[[Connection], T], may_be_cut: bool) -> T:
    """Do something, and raise what ldap3 takes for no error: a referral, or an answer of which only a part came."""
    found: Any = None
    try:
        found = act(connection)
    except LDAPExtensionError:  # which an answer is, too, where it says something else than ldap3 expects
        if not (connection.result or {}).get("result"):
            raise
    said = connection.result or {}
    number = int(said.get("result", 0))
    if number != 0 and not (may_be_cut and number == _SIZE_LIMIT):
        raise LDAPOperationResult(
            result=number, description=said.get("description"), message=said.get("message")
        )
    return cast(T, found)


def _refuse_later(answer: LDAPOperationResult) -> None:
    """Raise `Unreachable` for a directory that says that it cannot now, and has done nothing."""
    if int(answer.result) in _LATER:
        raise Unreachable(_LATER[int(answer.result)]) from None


def _unbound(settings: DirectorySettings, user: str, password: str, *, raises: bool) -> Connection:
    parts = urlsplit(settings.url)
    secure = parts.scheme == "ldaps"
    tls = Tls(
        validate=ssl.CERT_REQUIRED,
        version=ssl.PROTOCOL_TLS_CLIENT,
        ca_certs_file=settings.ca_file or None,
        valid_names=[settings.valid_name] if settings.valid_name else None,
    )
    server = Server(
        parts.hostname,
        port=parts.port or (636 if secure else 389),
        use_ssl=secure,
        tls=tls,
        get_info=NONE,
        connect_timeout=settings.connect_timeout,
    )
    return Connection(
        server,
        user=user,
        password=password,
        authentication=SIMPLE,
        raise_exceptions=raises,
        receive_timeout=int(settings.receive_timeout),  # whole seconds: it is packed for the kernel
        auto_referrals=False,
    )


def _opened(connection: Connection, settings: DirectorySettings) -> None:
    connection.open(read_server_info=False)
    if urlsplit(settings.url).scheme == "ldap" and not connection.start_tls(read_server_info=False):
        raise LDAPStartTLSError("StartTLS refused")


def _closed(connection: Connection) -> None:
    with contextlib.suppress(LDAPException, OSError):
        connection.unbind()
    if connection.socket is not None:  # which it leaves open where the certificate was refused
        with contextlib.suppress(OSError):
            connection.socket.close()


def _code(lost: LDAPException) -> str:
    """Return what to say of a failure; ldap3 keeps the reason in its text alone."""
    text = str(lost).lower()
    if isinstance(lost, LDAPResponseTimeoutError) or "timed out" in text or "timeout" in text:
        return "dc_timeout"
    if isinstance(lost, LDAPStartTLSError | LDAPSSLConfigurationError) or any(
        word in text for word in ("certificate", "ssl", "tls", "hostname")
    ):
        return "dc_tls"
    if isinstance(lost, LDAPCommunicationError):
        return "dc_unreachable"
    return "agent_fault"
