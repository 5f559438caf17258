"""Known attacks, each by itself."""

import pytest

from tests.machine.play import Play
from tests.machine.scripts import SCRIPTS, Scene, Script
from tests.machine.stage import Stage


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_no_known_attack_succeeds(stage: Stage, script: Script) -> None:
    with stage.example() as houses:
        script(Scene(Play(stage, houses)))
