"""Directories for the tests of this folder."""

from tests.directory.fixtures import cloud_domain, connect_domain, openldap, own_domain

__all__ = ["cloud_domain", "connect_domain", "openldap", "own_domain"]
