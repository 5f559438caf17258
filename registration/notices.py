"""Messages about a person's security info: one function for each. Jobs, one for each address, so that each gets it once."""

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from registration import state as states
from registration.audit import SYSTEM, Activity, record
from registration.method import registry
from registration.models import Device, User
from tenants import mail
from tenants.jobs import organization_job
from tenants.shield.sealing import seal, unseal

_ADDRESS = "registration.notice.address"


def addresses(user: User) -> list[str]:
    """Return the primary address and each confirmed email method, each once, in their order."""
    found = [user.primary_address] if user.primary_address else []
    found += [
        states.of(device)["address"]
        for device in Device.objects.filter(user=user, kind="email", confirmed=True)
    ]
    once = {address.lower(): address for address in reversed(found)}
    return list(reversed(once.values()))


def tell(event: str, user: User, addressed: list[str], **words: str) -> None:
    """Write a job for each address; the address is sealed, so that the queue holds no one's private mailbox."""
    for address in addressed:
        send_notice.enqueue(
            event=event,
            to=seal(address.encode(), context=_ADDRESS).hex(),
            language=user.language,
            at=timezone.now().isoformat(),
            words={"name": user.get_short_name(), "sign_in_name": user.sign_in_name, **words},
        )


def security_info(user: User, change: str, kind: str, *, also: Device | None = None) -> None:
    """Tell a person, at every address, that security info was added, changed or removed; `also` is one that is going."""
    addressed = addresses(user)
    if also is not None and also.kind == "email":
        going = states.of(also)["address"]
        addressed += [going] if going.lower() not in {address.lower() for address in addressed} else []
    tell("security_info", user, addressed, change=change, kind=kind)


@organization_job(name="registration.notice", queue="notices")
def send_notice(*, event: str, to: str, language: str, at: str, words: dict[str, str]) -> None:
    """Send one notice to one address."""
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
            context={**words, "method": method.name if method else "", "at": parse_datetime(at)},
        )
