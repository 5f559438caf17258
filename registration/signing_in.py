"""What Rekey asks of django-allauth, the only door that signs somebody in."""

import time
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from registration import audit, people
from registration.audit import Activity
from registration.budgets import SIGN_IN_NAME, SIGN_IN_NETWORK
from registration.codes import SignIn
from registration.models import User
from registration.origin import origin
from tenants import refusing
from tenants.links import inward
from tenants.shield import throttle
from tenants.shield.client import client_address
from tenants.shield.throttle import Verdict


class PasswordBackend(AuthenticationBackend):
    """Check a password. Somebody who is disabled gets the answer of a wrong password, and no page of their own."""

    @classmethod
    def _stash_user(cls, user: Any) -> None:
        """Keep nobody whose password was right but who may not sign in."""


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by password, and nothing else that allauth offers."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("The sign-in name or the password is not right."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: administrators and imports add people."""
        return False

    def get_login_stages(self) -> list[str]:
        """Ask nothing of allauth's own after the password: second factors are `registration.verifying`'s."""
        return []

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address by the operator's proxy depth, so that the limits count the client and not a proxy."""
        return client_address(request) or "0.0.0.0"  # noqa: S104  # a Unix socket's clients are counted as one

    def is_safe_url(self, url: str) -> bool:
        """Say whether somebody may be sent there after signing in: to a path of this host."""
        return bool(url) and inward(self.request, url, "") == url

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a try, or refuse it unread: in place of allauth's own limit, which one stranger can use up for a name.

        The first that is refused is written down, and not what follows until one passes: nobody fills the audit trail.
        """
        verdict = _counted(_typed(credentials), origin(request).network)
        if verdict.first:
            _write_failure(request, SignIn.TOO_OFTEN, credentials, verdict.reference)
        if not verdict.allowed:
            refusing.show(request, SignIn.TOO_OFTEN, verdict.reference)
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Check the password; a right one gives the name's tries back."""
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            throttle.release(SIGN_IN_NAME, _typed(credentials), origin(request).network)
        return user

    def reauthenticate(self, user: User, password: str) -> bool:
        """Check the password of somebody who is signed in, within the limits of a sign-in."""
        found = self.authenticate(self.request, username=user.sign_in_name, password=password)
        return found is not None and found.pk == user.pk

    def is_reauthentication_required(self, *, app: str = "", **_kwargs: Any) -> bool:
        """Say whether the last password is too old; the sign-in itself counts, which allauth alone does not do."""
        records = get_authentication_records(self.request, self.request.user)
        newest = max((record["at"] for record in records if record["method"] == "password"), default=0.0)
        return time.time() - newest > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write down a wrong name or password; the name as it was typed, whether it exists or not."""
        throttle.spend(SIGN_IN_NETWORK, origin(request).network)
        shown = refusing.show(request, SignIn.WRONG)
        _write_failure(request, SignIn.WRONG, credentials, shown.reference)


def _counted(name: str, network: str) -> Verdict:
    """Count a try of a name, unless too many passwords from its network were wrong, whatever the names."""
    if not throttle.peek(SIGN_IN_NETWORK, network).allowed:
        verdict = throttle.spend(SIGN_IN_NETWORK, network)
        if not verdict.allowed:
            return verdict
    return throttle.spend(SIGN_IN_NAME, name, network)


def _write_failure(request: HttpRequest, reason: SignIn, credentials: dict[str, Any], reference: str) -> None:
    typed, here = people.if_ours(_typed(credentials)), origin(request)
    audit.record(
        Activity.SIGN_IN_FAILED,
        actor=typed,
        subject=typed,
        origin=here,
        method="password",
        reason=reason,
        failed=True,
        reference=reference,
    )


def _typed(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username", "")).strip().lower()[:113]
