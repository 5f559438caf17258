"""What the tests of the shield have in common."""

from hypothesis import settings

# An example may take as long as a busy machine needs for it.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
