"""Messages about a reset: one function for each, each by its switch."""

from registration.models import Policy, User
from registration.notices import addresses, tell
from registration.origin import Origin


def password_reset(user: User, policy: Policy, origin: Origin) -> None:
    """Tell the person at every address, and all other administrators when one of them was reset."""
    if policy.notify_user:
        tell("password_reset", user, addresses(user), address=origin.address)
    if policy.notify_administrators and user.opens_desk:
        for other in administrators(but=user):
            tell(
                "administrator_reset",
                other,
                [other.primary_address],
                who=user.sign_in_name,
                address=origin.address,
            )


def password_changed(user: User, policy: Policy, origin: Origin) -> None:
    """Tell the person that their password was changed by who was signed in."""
    if policy.notify_user:
        tell("password_changed", user, addresses(user), address=origin.address)


def administrators(*, but: User) -> list[User]:
    """Return every other administrator who can be written to, in one query."""
    with_roles = (
        User.objects.exclude(roles=[]).exclude(primary_address="").filter(is_active=True).exclude(pk=but.pk)
    )
    return [user for user in with_roles if user.opens_desk]
