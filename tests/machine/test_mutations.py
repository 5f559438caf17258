"""Each check of the gates does something: without it, the machine finds a way through."""

import pytest

from tests.machine.mutations import ALONE, TOGETHER, Edit, Gone, Mutation
from tests.machine.play import Play, Violation
from tests.machine.scripts import SCRIPTS, Scene
from tests.machine.stage import Stage


@pytest.mark.parametrize("mutation", [*ALONE, *TOGETHER], ids=lambda one: one.name)
def test_without_it_somebody_gets_through(stage: Stage, mutation: Mutation) -> None:
    with mutation.applied(), stage.example() as houses, pytest.raises(Violation):
        mutation.script(Scene(Play(stage, houses)))


@pytest.mark.parametrize(
    ("mutation", "left"),
    [(one, change) for one in TOGETHER for change in one.changes],
    ids=lambda one: getattr(one, "name", getattr(one, "place", "")),
)
def test_each_of_several_is_not_needed_alone(stage: Stage, mutation: Mutation, left: Edit) -> None:
    alone = Mutation(mutation.name, (left,), mutation.script)
    with alone.applied(), stage.example() as houses:
        alone.script(Scene(Play(stage, houses)))


def test_a_text_that_is_gone_is_noticed() -> None:
    gone = Edit("resets.flow:find", "a text that stands nowhere", "")
    with pytest.raises(Gone), Mutation("gone", (gone,), SCRIPTS[0]).applied():
        pass
