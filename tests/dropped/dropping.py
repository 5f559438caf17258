"""Drop the doorbell beside the methods for one test, and take it away again."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.template import engines

from registration import methods
from registration.method import registry

DROPPED = str(Path(__file__).parent / "beside")


@pytest.fixture
def bell() -> Iterator[Any]:
    """Return the doorbell's module, found by being there."""
    methods.__path__.append(DROPPED)
    _forget()
    yield import_module("registration.methods.doorbell")
    methods.__path__.remove(DROPPED)
    sys.modules.pop("registration.methods.doorbell")
    vars(methods).pop("doorbell")  # importing put it there
    _forget()


def _forget() -> None:
    registry.cache_clear()
    for engine in engines.all():
        for loader in engine.engine.template_loaders:  # type: ignore[attr-defined]
            loader.reset()
