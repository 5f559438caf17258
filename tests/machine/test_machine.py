"""No order of moves reaches a new password without the gates."""

import pytest

from tests.machine.mutations import ALONE, Mutation
from tests.machine.play import Play, Violation
from tests.machine.searching import EXAMPLES, search
from tests.machine.stage import Stage

#: What a short search finds by itself, in the order of its seeds. A long one is given all of them.
FOUND_SOON = {
    "gates that are left are not asked",
    "any answer is right",
    "everybody proves one",
}


@pytest.mark.parametrize("seed", range(4))
def test_no_order_reaches_a_new_password_without_the_gates(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    proofs: list[int] = []

    def played(play: Play) -> None:
        proofs.append(play.resets + sum(len(one.ever) for one in play.model.attempts.values()))

    search(stage, monkeypatch, seed=seed, played=played)
    assert sum(proofs) > len(proofs) / 2, "the search goes nowhere: hardly a gate was opened"


@pytest.mark.parametrize(
    "mutation", [one for one in ALONE if EXAMPLES or one.name in FOUND_SOON], ids=lambda one: one.name
)
def test_the_search_finds_what_is_missing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, mutation: Mutation
) -> None:
    with mutation.applied(), pytest.raises(Violation):
        search(stage, monkeypatch, seed=1, usual=40)
