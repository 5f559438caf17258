"""What branding does when others act: it joins the hosts' look-up, and gives a new organization its rows."""

from typing import Any

from django.dispatch import receiver

from tenants import hosts
from tenants.branding import facts, own_words, painting
from tenants.provisioning import organization_created

hosts.contribute("brand", facts.load)
own_words.install()


@receiver(organization_created)
def begin(**_kwargs: Any) -> None:
    """Give a new organization the plain look, to be changed."""
    painting.complete()
