"""The benchmark of an import, with few people."""

from benchmarks import importing


def test_it_measures_and_keeps_to_its_ceiling(db: None) -> None:
    found = importing.measure(1100)
    assert (found.people, found.peak_mb <= importing.CEILING_MB) == (1100, True)
    assert min(found.taken, found.checked, found.imported, found.copied) > 0
    assert "times COPY of the same rows" in str(found)
