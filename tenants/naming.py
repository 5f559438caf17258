"""What an organization is called: the only writer of hosts and sign-in names.

A host is served, and a sign-in name lets people be added, once it is verified: by a text beside the name that only its owner
can write, by being the provider's own to give (a host below the provider's), or by the word of an operator, whose reason the
journal keeps. What is verified never becomes unverified; it is removed.
"""

import re
from collections.abc import Callable
from typing import TypeAlias

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenants import hosts, journal
from tenants.models import Domain, Organization, SignInName
from tenants.shield import dns
from tenants.shield.sealing import macs

Named: TypeAlias = Domain | SignInName
#: Says how many people's names end in a sign-in name; a higher room knows.
InUse = Callable[[Organization, str], int]

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
#: Where the text stands, below the name: a host is often an alias of the provider's, beside which nothing else may stand.
BELOW, PREFIX = "_rekey", "rekey-verification="
_in_use: list[InUse] = []


class ProvisioningProblem(Exception):
    """An organization cannot be made or changed as asked: `field` is what to change, the text says to what."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def contribute(in_use: InUse) -> None:
    """Let a higher room say how many people use a sign-in name."""
    _in_use.append(in_use)


def checked_host(field: str, name: str) -> str:
    """Return a host name in lower case, or raise `ProvisioningProblem` naming the field."""
    lowered = name.strip().rstrip(".").lower()
    if not 1 <= len(lowered) <= 253 or not all(_LABEL.fullmatch(label) for label in lowered.split(".")):
        raise ProvisioningProblem(field, f"“{name[:60]}” is not a host name such as contoso.example.")
    return lowered


def one_at_a_time() -> None:
    """Let a second writer wait for the first, so that both cannot find the same name free."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('rekey.provisioning'))")


def refuse_taken(host: str = "", suffix: str = "") -> None:
    """Raise `ProvisioningProblem` for a host or a sign-in name that somebody has."""
    if host and Domain.objects.filter(domain=host).exists():
        raise ProvisioningProblem("host", f"The host {host} is taken by another organization.")
    if suffix and SignInName.objects.filter(name=suffix).exists():
        raise ProvisioningProblem(
            "sign_in_name", f"The sign-in name {suffix} is taken by another organization."
        )


def begin(organization: Organization, host: str, suffix: str) -> None:
    """Give a new organization its first host and sign-in name, which count as verified; its maker writes it down."""
    now = timezone.now()
    Domain.objects.create(domain=host, tenant=organization, is_primary=True, verified_at=now)
    SignInName.objects.create(name=suffix, organization=organization, verified_at=now)


def text_of(organization: Organization, name: str) -> str:
    """Return the text by which an organization shows that a name is its own: no other organization's is the same.

    It is derived, so nothing is kept; the provider's desk and the command line, which run in its schema, ask for it.
    """
    return _texts(organization, name)[0]


def place_of(name: str) -> str:
    """Return where that text is looked for.

    >>> place_of("contoso.example")
    '_rekey.contoso.example'
    """
    return f"{BELOW}.{name}"


def is_ours_to_give(host: str) -> bool:
    """Say whether a host is one label below the provider's, so that nobody else can have it."""
    _label, _dot, rest = host.partition(".")
    return rest == settings.REKEY_BASE_DOMAIN


@transaction.atomic
def add_host(organization: Organization, host: str, *, actor: str) -> Domain:
    """Write down a further host; it is served once it is verified, which is at once below the provider's own."""
    one_at_a_time()
    host = checked_host("host", host)
    refuse_taken(host=host)
    verified = timezone.now() if is_ours_to_give(host) else None
    added: Domain = Domain(domain=host, tenant=organization, is_primary=False, verified_at=verified)
    _save_host(added)
    _write("host_added", organization, actor, after={"host": host, "verified": bool(verified)})
    return added


@transaction.atomic
def add_sign_in_name(organization: Organization, name: str, *, actor: str) -> SignInName:
    """Write down a further sign-in name; people are added under it once it is verified."""
    one_at_a_time()
    name = checked_host("sign_in_name", name)
    refuse_taken(suffix=name)
    added: SignInName = SignInName.objects.create(name=name, organization=organization)
    _write("sign_in_name_added", organization, actor, after={"sign_in_name": name, "verified": False})
    return added


def verify(named: Named, *, actor: str) -> None:
    """Look for the text beside a name, and keep that it was there.

    Raises `ProvisioningProblem` that says what was looked for and where. No transaction waits for a name server.
    """
    place, wanted = place_of(str(named)), _texts(owner(named), str(named))
    try:
        found = dns.lookup(place)
    except dns.Unanswered as problem:
        text = _("No name server has answered about %(place)s (%(code)s). Try again in a minute.")
        raise ProvisioningProblem("name", text % {"place": place, "code": problem.code}) from problem
    if not {one.strip() for one in found}.intersection(wanted):
        text = _(
            "There is no TXT record “%(text)s” at %(place)s yet. A new record can take an hour to be seen: then try again."
        )
        raise ProvisioningProblem("name", text % {"text": wanted[0], "place": place})
    _verified(named, actor, {"by": "dns"})


def vouch(named: Named, *, actor: str, reason: str) -> None:
    """Let an operator's word stand in for the text; the journal keeps the reason."""
    if not reason.strip():
        raise ProvisioningProblem("reason", _("Say how you know that the name is theirs."))
    _verified(named, actor, {"by": "operator", "reason": reason.strip()})


@transaction.atomic
def make_primary(host: Domain, *, actor: str) -> None:
    """Let links that are mailed lead to this host."""
    locked = Domain.objects.select_for_update().filter(tenant=host.tenant)
    before = next((one.domain for one in locked if one.is_primary), "")
    chosen = next((one for one in locked if one.pk == host.pk), None)
    if chosen is None or chosen.verified_at is None:
        raise ProvisioningProblem(
            "host", _("Verify the host first: links that are mailed would lead nowhere.")
        )
    if chosen.is_primary:
        return
    Domain.objects.filter(tenant=host.tenant).update(is_primary=False)
    Domain.objects.filter(pk=host.pk).update(is_primary=True)
    _write("host_made_primary", host.tenant, actor, before={"host": before}, after={"host": chosen.domain})


@transaction.atomic
def remove_host(host: Domain, *, actor: str) -> None:
    """Serve an organization on this host no longer; the primary one cannot be removed."""
    locked = Domain.objects.select_for_update().get(pk=host.pk)
    if locked.is_primary:
        raise ProvisioningProblem("host", _("Make another host the primary one first."))
    organization, name = locked.tenant, locked.domain
    Domain.objects.filter(pk=host.pk).delete()
    _write("host_removed", organization, actor, before={"host": name})


@transaction.atomic
def remove_sign_in_name(named: SignInName, *, actor: str) -> None:
    """Take a sign-in name away, which neither people nor the whole organization may be left without."""
    locked = SignInName.objects.select_for_update().get(pk=named.pk)
    organization = Organization.objects.select_for_update().get(pk=locked.organization_id)
    others = organization.sign_in_names.exclude(pk=named.pk).filter(verified_at__isnull=False)
    if not others.exists():
        raise ProvisioningProblem(
            "sign_in_name", _("It is the only one that is verified. Verify another first.")
        )
    if count := sum(each(organization, locked.name) for each in _in_use):
        text = ngettext(
            "%(number)d person's sign-in name ends in it. Delete that account first.",
            "%(number)d people's sign-in names end in it. Delete those accounts first.",
            count,
        )
        raise ProvisioningProblem("sign_in_name", text % {"number": count})
    locked.delete()
    _write("sign_in_name_removed", organization, actor, before={"sign_in_name": locked.name})


def owner(named: Named) -> Organization:
    """Return whose name it is."""
    found: Organization = named.tenant if isinstance(named, Domain) else named.organization
    return found


def _texts(organization: Organization, name: str) -> list[str]:
    """Return the text under each master key, so that one that was published before a rotation still counts."""
    return [f"{PREFIX}{one[:32]}" for one in macs("tenants.naming", str(organization.pk), name)]


@transaction.atomic
def _verified(named: Named, actor: str, how: dict[str, str]) -> None:
    kind = type(named)
    fresh = kind._default_manager.filter(pk=named.pk, verified_at=None)
    if fresh.update(verified_at=timezone.now()):
        event = "host_verified" if isinstance(named, Domain) else "sign_in_name_verified"
        what = "host" if isinstance(named, Domain) else "sign_in_name"
        _write(
            event,
            owner(named),
            actor,
            before={what: str(named), "verified": False},
            after={what: str(named), "verified": True, **how},
        )


def _save_host(host: Domain) -> None:
    """Insert it as it is: django-tenants would make a first host the primary one, and it makes itself the only one."""
    Domain.objects.bulk_create([host])


def _write(
    event: str,
    organization: Organization,
    actor: str,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    data = {"before": before or {}, "after": after or {}}
    journal.record(event, actor=actor, organization=organization, data=data)
    transaction.on_commit(hosts.forget)
