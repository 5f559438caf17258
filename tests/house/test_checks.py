"""What Django, the skin and we ourselves check before anything starts: the worker and every command run it."""

import pytest
from django.core.checks import run_checks


@pytest.mark.django_db
def test_nothing_keeps_a_program_from_starting() -> None:
    found = [one for one in run_checks() if one.is_serious() and not one.is_silenced()]
    assert [str(one) for one in found] == []
