"""Messages about a person's security info: one function for each. Jobs, one for each address, so that each gets it once."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from registration import objection_links
from registration.addresses import known
from registration.audit import SYSTEM, Activity, record
from registration.method import registry
from registration.models import Device, User
from registration.objection_links import Change
from tenants import mail, speaking
from tenants.jobs import organization_job
from tenants.shield.sealing import seal, unseal

_ADDRESS = "registration.notice.address"


def addresses(user: User) -> list[str]:
    """Return the primary address and each confirmed email method, each once, in their order."""
    return [address.text for address in known(user)]


def administrators(*, but: User | None = None) -> list[User]:
    """Return every other administrator who can be written to, in one query."""
    with_roles = User.objects.exclude(roles=[]).exclude(primary_address="").filter(is_active=True)
    if but is not None:
        with_roles = with_roles.exclude(pk=but.pk)
    return [user for user in with_roles if user.opens_desk]


def tell(
    event: str, user: User, addressed: list[str], *, objections: Mapping[str, str] | None = None, **words: str
) -> None:
    """Write a job for each address; the address is sealed, so that the queue holds no one's private mailbox.

    `objections` are the rows of the links to object, by address.
    """
    for address in addressed:
        send_notice.enqueue(
            event=event,
            to=seal(address.encode(), context=_ADDRESS).hex(),
            language=user.language or speaking.of_page(),
            at=timezone.now().isoformat(),
            words={"name": user.get_short_name(), "sign_in_name": user.sign_in_name, **words},
            objection=(objections or {}).get(address, ""),
        )


def tell_of_password(event: str, user: User, **words: str) -> None:
    """Tell a person, at every address, that their password was set, with the way to object."""
    told = known(user)
    links = objection_links.offer(user, Change(event, at=timezone.now().isoformat()), told)
    tell(event, user, [address.text for address in told], objections=links, **words)


def security_info(
    user: User, change: str, kind: str, *, also: Device | None = None, new: Device | None = None
) -> None:
    """Tell a person, at every address, that security info was added, changed or removed, with the way to object.

    `also` is a device that is going, `new` one that has come: an objection takes it away again.
    """
    told = known(user, also=also)
    what = Change("security_info", change, kind, str(new.pk) if new else "", timezone.now().isoformat())
    links = objection_links.offer(user, what, told)
    addressed = [address.text for address in told]
    tell("security_info", user, addressed, objections=links, change=change, kind=kind)


def registered_anew(user: User) -> None:
    """Tell a person, at every address, that all their security info is taken away; before it is, so that each is told."""
    told = known(user)
    change = Change("security_info", "anew", at=timezone.now().isoformat())
    links = objection_links.offer(user, change, told)
    tell("security_info", user, [address.text for address in told], objections=links, change="anew", kind="")


def reset_started(user: User, by: str) -> None:
    """Tell a person, at every address, that an administrator started a reset for them, with the way to object."""
    told = known(user)
    links = objection_links.offer(user, Change("reset_started", at=timezone.now().isoformat()), told)
    tell("reset_started", user, [address.text for address in told], objections=links, by=by)


def address_changed(user: User, changed: Mapping[str, Any], by: object) -> None:
    """Tell the address that notices went to that they go to another: whoever changed it must not be the only one to know.

    `changed` has the fields of a person that were changed, each with before and after.
    """
    former = changed.get("primary_address", {}).get("before", "")
    if former:
        tell("address_changed", user, [former], by=str(by))


@organization_job(name="registration.notice", queue="notices")
def send_notice(
    *, event: str, to: str, language: str, at: str, words: dict[str, str], objection: str = ""
) -> None:
    """Send one notice to one address, with the link that is waiting for it."""
    method = registry().get(words.get("kind", ""))
    address = unseal(bytes.fromhex(to), context=_ADDRESS).decode()
    with (
        transaction.atomic()
    ):  # written first: what cannot be written down is not sent, and sent again with it
        record(Activity.NOTICE_SENT, actor=SYSTEM, subject=words["sign_in_name"], data={"notice": event})
        mail.send(
            event,
            to=address,
            language=language,
            context={
                **words,
                "method": method.name if method else "",
                "at": parse_datetime(at),
                "objection": objection_links.to_mail(objection) if objection else "",
            },
        )
        if objection:
            objection_links.mailed(objection)
