"""Create, rename, suspend, resume and erase organizations: the only writer of them. Their hosts are `tenants.naming`'s.

Each of these is one transaction: a refusal leaves nothing half-made. A schema's name is never used twice, since it stands in
every salt and every derived key: what was signed or sealed for an erased organization opens nothing in a later one.
"""

import re
from collections.abc import Callable

from django.conf import settings
from django.db import connection, transaction
from django.dispatch import Signal
from psycopg import sql

from tenants import hosts, journal, naming, template
from tenants.context import PUBLIC, entered
from tenants.models import JournalEntry, Organization
from tenants.naming import ProvisioningProblem, checked_host

__all__ = ["ProvisioningProblem", "checked_host"]

#: Sent inside a new organization, in the transaction that makes it: rooms write the rows that each organization has.
organization_created = Signal()
#: Sent inside an organization that is suspended, in that transaction.
organization_suspended = Signal()

_SLUG = re.compile(r"[a-z](-?[a-z0-9])*")
_RESERVED = frozenset({"public", "information-schema", "rekey-scratch", "www", "localhost"})


def checked_slug(slug: str) -> str:
    """Return the slug, or raise `ProvisioningProblem`: 2 to 40 letters a to z, digits and single hyphens."""
    if not 2 <= len(slug) <= 40 or not _SLUG.fullmatch(slug) or slug in _RESERVED or slug.startswith("pg-"):
        raise ProvisioningProblem(
            "slug",
            f"“{slug[:60]}” cannot be a slug: take 2 to 40 of a to z, 0 to 9 and single hyphens, beginning with a letter, "
            "and none of the reserved words.",
        )
    return slug


def checked_name(name: str) -> str:
    """Return an organization's name without edges, or raise `ProvisioningProblem`: it stands in mails' headers, too."""
    if not 1 <= len(name.strip()) <= 100 or not name.strip().isprintable():
        raise ProvisioningProblem(
            "name", "The name is empty, longer than 100 characters, or of several lines."
        )
    return name.strip()


def not_told(step: str) -> None:
    """Tell nobody how far it has come."""


def usual_host(slug: str) -> str:
    """Return the host that an organization gets when none is named: its slug below the provider's."""
    return f"{slug}.{settings.REKEY_BASE_DOMAIN}"


def checked_new(slug: str, *, name: str, sign_in_name: str, host: str = "") -> tuple[str, str]:
    """Return the host and the sign-in name of an organization that could be made so.

    Raises `ProvisioningProblem` for a bad or taken slug, host or sign-in name.
    """
    checked_slug(slug)
    host = checked_host("host", host or usual_host(slug))
    suffix = checked_host("sign_in_name", sign_in_name)
    checked_name(name)
    _refuse_taken(slug, host, suffix)
    return host, suffix


@transaction.atomic
def create(
    slug: str,
    *,
    name: str,
    sign_in_name: str,
    actor: str,
    host: str = "",
    tell: Callable[[str], None] = not_told,
) -> Organization:
    """Make an organization with its schema, its host (default: the slug below the provider's) and its sign-in name.

    Both count as verified: by the word of whoever makes it, which the journal keeps. `tell` is told of each step as it
    begins. Raises what `checked_new` raises, and leaves nothing behind then.
    """
    naming.one_at_a_time()
    host, suffix = checked_new(slug, name=name, sign_in_name=sign_in_name, host=host)
    schema = _unused_schema(slug.replace("-", "_"))
    organization: Organization = Organization.objects.create(schema_name=schema, name=name.strip())
    tell("schema")
    template.fill(schema)
    tell("host")
    _name(organization, host, suffix)
    data = {"after": {"name": organization.name, "host": host, "sign_in_name": suffix}}
    journal.record("organization_created", actor=actor, organization=organization, data=data)
    return organization


@transaction.atomic
def create_provider(*, name: str, actor: str) -> Organization:
    """Make the row of the provider's own organization, whose schema is public; the row that is there, when it is."""
    there: Organization | None = Organization.objects.filter(schema_name=PUBLIC).first()
    if there:
        return there
    provider: Organization = Organization.objects.create(schema_name=PUBLIC, name=name)
    _name(provider, settings.REKEY_BASE_DOMAIN, settings.REKEY_BASE_DOMAIN)
    named = {"name": name, "host": settings.REKEY_BASE_DOMAIN, "sign_in_name": settings.REKEY_BASE_DOMAIN}
    journal.record("organization_created", actor=actor, organization=provider, data={"after": named})
    return provider


@transaction.atomic
def rename(organization: Organization, *, name: str, actor: str) -> None:
    """Change the name that people see."""
    checked_name(name)
    before, organization.name = organization.name, name.strip()
    organization.save(update_fields=["name"])
    data = {"before": {"name": before}, "after": {"name": organization.name}}
    journal.record("organization_renamed", actor=actor, organization=organization, data=data)
    transaction.on_commit(hosts.forget)


@transaction.atomic
def suspend(organization: Organization, *, actor: str, reason: str = "") -> None:
    """Stop serving an organization; nothing of it is lost. The provider's own cannot be suspended."""
    _set_state(organization, Organization.State.SUSPENDED, actor, reason)
    with entered(organization):
        organization_suspended.send(sender=Organization, organization=organization)


@transaction.atomic
def resume(organization: Organization, *, actor: str, reason: str = "") -> None:
    """Serve a suspended organization again."""
    _set_state(organization, Organization.State.ACTIVE, actor, reason)


@transaction.atomic
def erase(organization: Organization, *, actor: str) -> None:
    """Delete an organization with everything in its schema, for good. The journal keeps that it was there."""
    if organization.schema_name == PUBLIC:
        raise ProvisioningProblem("slug", "The provider's own organization cannot be erased.")
    data = {
        "before": {
            "name": organization.name,
            "hosts": [*organization.domains.values_list("domain", flat=True)],
            "sign_in_names": [*organization.sign_in_names.values_list("name", flat=True)],
        }
    }
    journal.record("organization_erased", actor=actor, organization=organization, data=data)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(organization.schema_name))
        )
    organization.delete()
    transaction.on_commit(hosts.forget)


def _refuse_taken(slug: str, host: str, suffix: str) -> None:
    if Organization.objects.filter(schema_name=slug.replace("-", "_")).exists():
        raise ProvisioningProblem("slug", f"“{slug}” is taken by another organization.")
    naming.refuse_taken(host, suffix)


def _unused_schema(wanted: str) -> str:
    """Return the wanted name, or one with a number when an erased organization once had it."""
    used = set(JournalEntry.objects.filter(schema__startswith=wanted).values_list("schema", flat=True))
    names = (f"{wanted}_{n}" if n > 1 else wanted for n in range(1, 100_000))
    return next(name for name in names if name not in used)


def _name(organization: Organization, host: str, suffix: str) -> None:
    naming.begin(organization, host, suffix)
    with entered(organization):
        organization_created.send(sender=Organization, organization=organization)
    transaction.on_commit(hosts.forget)


def _set_state(organization: Organization, state: str, actor: str, reason: str) -> None:
    if organization.schema_name == PUBLIC:
        raise ProvisioningProblem("slug", "The provider's own organization is always served.")
    before = Organization.objects.select_for_update().values_list("state", flat=True).get(pk=organization.pk)
    organization.state = state
    organization.save(update_fields=["state"])
    event = "organization_suspended" if state == Organization.State.SUSPENDED else "organization_resumed"
    data = {
        "before": {"state": before},
        "after": {"state": str(state)},
        **({"reason": reason} if reason else {}),
    }
    journal.record(event, actor=actor, organization=organization, data=data)
    transaction.on_commit(hosts.forget)
