"""Messages about a reset: one function for each, each by its switch."""

from registration.models import Policy, User
from registration.notices import addresses, administrators, tell, tell_of_password
from registration.origin import Origin


def password_reset(user: User, policy: Policy, origin: Origin, *, always: bool = False) -> None:
    """Tell the person at every address, and all other administrators when one of them was reset.

    `always` tells the person whatever the switch: an administrator started it.
    """
    if policy.notify_user or always:
        tell_of_password("password_reset", user, address=origin.address)
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
        tell_of_password("password_changed", user, address=origin.address)


def account_unlocked(user: User, policy: Policy, origin: Origin) -> None:
    """Tell the person that their account was unlocked in the directory, and the password left as it was."""
    if policy.notify_user:
        tell("account_unlocked", user, addresses(user), address=origin.address)
