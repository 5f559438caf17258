"""docs/security.md names a test for each promise: one that is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))


def promises() -> list[tuple[str, str]]:
    """Return each row's promise and what it names as its proof."""
    lines = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").splitlines()
    cells = [line.split("|") for line in lines if line.startswith("|") and line.endswith("| holds |")]
    return [(cell[1].strip(), cell[2]) for cell in cells]


def test_every_named_test_is_there() -> None:
    known = set(re.findall(r"def test_(\w+)", TESTS))
    named = {
        (promise, name) for promise, proof in promises() for name in re.findall(r"`([a-z0-9_]+)`", proof)
    }
    assert len(named) > 50
    assert sorted((promise, name) for promise, name in named if name not in known) == []


def test_every_named_file_is_there() -> None:
    named = {path for _promise, proof in promises() for path in re.findall(r"`(tests/[\w/.]+)`", proof)}
    assert sorted(path for path in named if not (ROOT / path).exists()) == []
