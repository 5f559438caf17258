"""The hasher of the tests: Argon2 as it is served with, but quick, since most of a test's time would be its hashes."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickHasher(Argon2PasswordHasher):
    """Argon2 at its lowest cost."""

    time_cost, memory_cost, parallelism = 1, 8, 1
