"""Create, rename, suspend, resume and erase organizations: the only writer of them, their hosts and their sign-in names.

Each of these is one transaction: a refusal leaves nothing half-made. A schema's name is never used twice, since it stands in
every salt and every derived key: what was signed or sealed for an erased organization opens nothing in a later one.
"""

import re

from django.conf import settings
from django.db import connection, transaction
from django.dispatch import Signal
from django.utils import timezone
from psycopg import sql

from tenants import hosts, journal, template
from tenants.context import PUBLIC, entered
from tenants.models import Domain, JournalEntry, Organization, SignInName

#: Sent inside a new organization, in the transaction that makes it: rooms write the rows that each organization has.
organization_created = Signal()
#: Sent inside an organization that is suspended, in that transaction.
organization_suspended = Signal()

_SLUG = re.compile(r"[a-z](-?[a-z0-9])*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_RESERVED = frozenset({"public", "information-schema", "rekey-scratch", "www", "localhost"})


class ProvisioningProblem(Exception):
    """An organization cannot be made or changed as asked: `field` is what to change, the text says to what."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def checked_slug(slug: str) -> str:
    """Return the slug, or raise `ProvisioningProblem`: 2 to 40 letters a to z, digits and single hyphens."""
    if not 2 <= len(slug) <= 40 or not _SLUG.fullmatch(slug) or slug in _RESERVED or slug.startswith("pg-"):
        raise ProvisioningProblem(
            "slug",
            f"“{slug[:60]}” cannot be a slug: take 2 to 40 of a to z, 0 to 9 and single hyphens, beginning with a letter, "
            "and none of the reserved words.",
        )
    return slug


def checked_host(field: str, name: str) -> str:
    """Return a host name in lower case, or raise `ProvisioningProblem` naming the field."""
    lowered = name.strip().rstrip(".").lower()
    if not 1 <= len(lowered) <= 253 or not all(_LABEL.fullmatch(label) for label in lowered.split(".")):
        raise ProvisioningProblem(field, f"“{name[:60]}” is not a host name such as contoso.example.")
    return lowered


def checked_name(name: str) -> str:
    """Return an organization's name without edges, or raise `ProvisioningProblem`: it stands in mails' headers, too."""
    if not 1 <= len(name.strip()) <= 100 or not name.strip().isprintable():
        raise ProvisioningProblem(
            "name", "The name is empty, longer than 100 characters, or of several lines."
        )
    return name.strip()


@transaction.atomic
def create(slug: str, *, name: str, sign_in_name: str, actor: str, host: str = "") -> Organization:
    """Make an organization with its schema, its host (default: the slug below the provider's) and its sign-in name.

    Raises `ProvisioningProblem` for a bad or taken slug, host or sign-in name, and leaves nothing behind then.
    """
    _one_at_a_time()
    checked_slug(slug)
    host = checked_host("host", host or f"{slug}.{settings.REKEY_BASE_DOMAIN}")
    suffix = checked_host("sign_in_name", sign_in_name)
    checked_name(name)
    _refuse_taken(slug, host, suffix)
    schema = _unused_schema(slug.replace("-", "_"))
    organization: Organization = Organization.objects.create(schema_name=schema, name=name.strip())
    template.fill(schema)
    _name(organization, host, suffix)
    journal.record("organization_created", actor=actor, organization=organization, data={"host": host})
    return organization


@transaction.atomic
def create_provider(*, name: str, actor: str) -> Organization:
    """Make the row of the provider's own organization, whose schema is public; the row that is there, when it is."""
    there: Organization | None = Organization.objects.filter(schema_name=PUBLIC).first()
    if there:
        return there
    provider: Organization = Organization.objects.create(schema_name=PUBLIC, name=name)
    _name(provider, settings.REKEY_BASE_DOMAIN, settings.REKEY_BASE_DOMAIN)
    journal.record(
        "organization_created", actor=actor, organization=provider, data={"host": settings.REKEY_BASE_DOMAIN}
    )
    return provider


@transaction.atomic
def rename(organization: Organization, *, name: str, actor: str) -> None:
    """Change the name that people see."""
    checked_name(name)
    before, organization.name = organization.name, name.strip()
    organization.save(update_fields=["name"])
    journal.record("organization_renamed", actor=actor, organization=organization, data={"before": before})
    transaction.on_commit(hosts.forget)


@transaction.atomic
def suspend(organization: Organization, *, actor: str) -> None:
    """Stop serving an organization; nothing of it is lost. The provider's own cannot be suspended."""
    _set_state(organization, Organization.State.SUSPENDED, actor)
    with entered(organization):
        organization_suspended.send(sender=Organization, organization=organization)


@transaction.atomic
def resume(organization: Organization, *, actor: str) -> None:
    """Serve a suspended organization again."""
    _set_state(organization, Organization.State.ACTIVE, actor)


@transaction.atomic
def erase(organization: Organization, *, actor: str) -> None:
    """Delete an organization with everything in its schema, for good. The journal keeps that it was there."""
    if organization.schema_name == PUBLIC:
        raise ProvisioningProblem("slug", "The provider's own organization cannot be erased.")
    journal.record("organization_erased", actor=actor, organization=organization)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(organization.schema_name))
        )
    organization.delete()
    transaction.on_commit(hosts.forget)


def _one_at_a_time() -> None:
    """Let a second creation wait for the first, so that both cannot find the same name free."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('rekey.provisioning'))")


def _refuse_taken(slug: str, host: str, suffix: str) -> None:
    if Organization.objects.filter(schema_name=slug.replace("-", "_")).exists():
        raise ProvisioningProblem("slug", f"“{slug}” is taken by another organization.")
    if Domain.objects.filter(domain=host).exists():
        raise ProvisioningProblem("host", f"The host {host} is taken by another organization.")
    if SignInName.objects.filter(name=suffix).exists():
        raise ProvisioningProblem(
            "sign_in_name", f"The sign-in name {suffix} is taken by another organization."
        )


def _unused_schema(wanted: str) -> str:
    """Return the wanted name, or one with a number when an erased organization once had it."""
    used = set(JournalEntry.objects.filter(schema__startswith=wanted).values_list("schema", flat=True))
    names = (f"{wanted}_{n}" if n > 1 else wanted for n in range(1, 100_000))
    return next(name for name in names if name not in used)


def _name(organization: Organization, host: str, suffix: str) -> None:
    Domain.objects.create(domain=host, tenant=organization, is_primary=True)
    SignInName.objects.create(name=suffix, organization=organization, verified_at=timezone.now())
    with entered(organization):
        organization_created.send(sender=Organization, organization=organization)
    transaction.on_commit(hosts.forget)


def _set_state(organization: Organization, state: str, actor: str) -> None:
    if organization.schema_name == PUBLIC:
        raise ProvisioningProblem("slug", "The provider's own organization is always served.")
    organization.state = state
    organization.save(update_fields=["state"])
    event = "organization_suspended" if state == Organization.State.SUSPENDED else "organization_resumed"
    journal.record(event, actor=actor, organization=organization)
    transaction.on_commit(hosts.forget)
