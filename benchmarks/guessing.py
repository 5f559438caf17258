"""A month of guessing against one person: how likely a code is hit, and for how long the owner is kept out.

`tests/guessing/attack.py` plays it on the real counters. How many networks there are changes little: the short answers
are counted for the person from anywhere, and the long ones are not guessed.
"""

from dataclasses import dataclass

from registration.methods.app_code import AppCode
from registration.onboarding import onboard
from tenants.context import entered
from tests.guessing.attack import OWNER, Attack, attack, with_the_password

NETWORKS, DAYS = 2, 30
#: The chance that any code of one person is guessed in the month, from outside and by somebody who has the password.
MOST = 1e-4


@dataclass(frozen=True)
class Month:
    """What a month came to."""

    outside: Attack
    inside: Attack

    @property
    def chance(self) -> float:
        """Return the chance of both together; inside, one app is asked and not all five."""
        return self.outside.chance + self.inside.chance / AppCode.most

    @property
    def holds(self) -> bool:
        """Say whether it is as unlikely as it must be, and the owner never kept out."""
        return self.chance < MOST and not self.outside.longest

    def __str__(self) -> str:
        verdict = "" if self.holds else "  OVER THE LIMIT"
        chance = f"a code of one person guessed in {DAYS} days: 1 in {1 / self.chance:,.0f}; limit 1 in {1 / MOST:,.0f}"
        tried = f"{self.outside.resets:,} resets, {self.outside.short} short and {self.outside.long:,} long answers"
        kept = f"the owner kept out, at home: {self.outside.longest}; beside a stranger: {self.outside.longest_beside}"
        return f"{chance} ({tried}, from {NETWORKS} networks); {kept} at most{verdict}"


def measure() -> Month:
    """Play the month, from outside and with the password."""
    made = onboard(
        "guessed",
        name="Guessed",
        sign_in_name="contoso.example",
        edition="p1",
        administrator=f"chief@{OWNER.partition('@')[2]}",
        address="chief@post.example",
        actor="benchmark",
    )
    with entered(made.organization):
        return Month(attack(NETWORKS, DAYS, knocks=DAYS), with_the_password(DAYS))
