"""Web Push: waking a phone whose page is closed. It carries no secret and proves nothing; an open page asks without it.

The endpoint is an address that a browser chose, so each request goes through the guarded door, and it is looked at when it is
given and when it is used.
"""

import json
import logging
from collections.abc import Mapping
from urllib.parse import urlsplit
from uuid import UUID

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from procrastinate import RetryStrategy

from registration import enrolling
from registration import state as states
from registration.authenticator import KIND, encryption, vapid
from registration.authenticator.encryption import Unencryptable
from registration.models import Challenge, Device
from registration.purpose import Purpose
from tenants import speaking
from tenants.branding.context import here
from tenants.context import current
from tenants.jobs import organization_job
from tenants.shield import egress
from tenants.shield.egress import Refused

logger = logging.getLogger(__name__)
#: What of a phone's state is about waking it.
_PARTS = ("endpoint", "p256dh", "auth", "vapid")
_NONE = dict.fromkeys(_PARTS, "")
_LONGEST = 1024  # characters of an endpoint
#: Tries within the minute that a request lives.
_WHILE_IT_LIVES = RetryStrategy(max_attempts=5, wait=8)
_GONE = frozenset({403, 404, 410})  # 403: made for a key that is not ours any more


class Unwoken(Exception):
    """A push service did not take it this time."""


def subscribe(device: Device, parts: Mapping[str, str]) -> bool:
    """Keep where a phone is woken, or forget it where nothing is given; say no to an address that may not be asked."""
    given = {name: parts.get(name, "") for name in _PARTS}
    if not given["endpoint"]:
        enrolling.amend(device, _NONE)
        return True
    try:
        if len(given["endpoint"]) > _LONGEST or given["vapid"] not in vapid.public_keys():
            return False
        encryption.encrypted(b"", p256dh=given["p256dh"], auth=given["auth"])
        egress.refuse(given["endpoint"])
    except (Refused, Unencryptable):
        return False
    enrolling.amend(device, given)
    return True


def wake(challenge: str, *, language: str) -> None:
    """Write a job for each phone that may answer and can be woken."""
    asked = Challenge.objects.get(pk=UUID(challenge))
    mine = Device.objects.filter(user_id=asked.user_id, kind=KIND, confirmed=True)
    for device in mine:
        if asked.device_id in {None, device.pk} and states.of(device).get("endpoint"):
            send.enqueue(challenge=challenge, device=device.pk, language=language)


@organization_job(name="registration.push", retry=_WHILE_IT_LIVES, queue="codes", lanes=3)
def send(*, challenge: str, device: int, language: str) -> None:
    """Wake one phone for a request that still waits; forget where it was woken when that is no more."""
    phone = Device.objects.filter(pk=device, kind=KIND).first()
    asked = Challenge.objects.filter(pk=UUID(challenge), verdict="", failures=0).first()
    if phone is None or asked is None or asked.user_id != phone.user_id or not asked.is_open(timezone.now()):
        return
    state = states.of(phone)
    if not (endpoint := state.get("endpoint", "")):
        return
    left = int((asked.expires_at - timezone.now()).total_seconds())
    try:
        headers = vapid.headers(_origin(endpoint), public=state["vapid"])
        body = encryption.encrypted(
            _payload(asked, language).encode(), p256dh=state["p256dh"], auth=state["auth"]
        )
        sent = {
            **headers,
            "TTL": str(max(left, 1)),
            "Urgency": "high",
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
        }
        answer = egress.request("POST", endpoint, headers=sent, body=body)
    except (Refused, LookupError) as problem:
        logger.info("a phone is woken no more: %s", problem)
        enrolling.amend(phone, _NONE)
        return
    if answer.status in _GONE:
        enrolling.amend(phone, _NONE)
    elif answer.status == 429 or answer.status >= 500:
        raise Unwoken(answer.status)
    elif answer.status >= 300:
        logger.warning("a push service answered %s", answer.status)


def _payload(asked: Challenge, language: str) -> str:
    """Return what a lock screen may show: that something is asked, and by which organization."""
    spoken = speaking.known(language) or speaking.known(here().language)
    with translation.override(spoken or translation.get_language()):
        title = _("Reset your password?") if asked.purpose == Purpose.RESET else _("Is it you who signs in?")
        words = _("Open the authenticator to answer, or to say no.")
        return json.dumps({"title": title, "body": f"{current().name}: {words}", "tag": "request"})


def _origin(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc}"
