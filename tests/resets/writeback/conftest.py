"""What the tests of writing back share."""

from tests.resets.writeback.portal import hybrid

__all__ = ["hybrid"]
